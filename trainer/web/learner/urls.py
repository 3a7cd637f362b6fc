"""The learner's pages."""

from trainer.web.learner import views
from trainer.web.routes import blueprint

routes = blueprint(
    "learner",
    [
        ("GET", "/learn", views.home),
    ],
)
