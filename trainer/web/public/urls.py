"""Pages for anyone."""

from trainer.web.public import views
from trainer.web.routes import blueprint

routes = blueprint(
    "public",
    [
        ("GET", "/", views.front),
        ("GET", "/healthz", views.health),
    ],
)
