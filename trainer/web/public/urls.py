"""Pages for anyone."""

from trainer.web.public import views
from trainer.web.routes import blueprint

routes = blueprint(
    "public",
    [
        ("GET", "/", views.front),
        ("GET", "/healthz", views.health),
        ("GET", "/robots.txt", views.robots),
        ("GET", "/favicon.ico", views.favicon),
    ],
)
