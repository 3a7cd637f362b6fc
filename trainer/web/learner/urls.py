"""The learner's pages."""

from trainer.web.learner import progress, views
from trainer.web.routes import blueprint

routes = blueprint(
    "learner",
    [
        ("GET", "/learn", views.home),
        ("GET", "/progress", progress.progress),
        ("GET", "/measures", progress.measures),
    ],
)
