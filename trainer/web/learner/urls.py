"""The learner's pages."""

from trainer.web.learner import lessons, progress
from trainer.web.routes import blueprint

routes = blueprint(
    "learner",
    [
        ("GET", "/learn", lessons.home),
        ("GET", "/learn/tracks/<slug>", lessons.track),
        ("GET", "/learn/lessons/<slug>", lessons.lesson),
        ("POST", "/learn/lessons/<slug>/read", lessons.read),
        ("GET", "/learn/lessons/<slug>/figures/<int:number>/<part>.png", lessons.figure),
        ("GET", "/progress", progress.progress),
        ("GET", "/measures", progress.measures),
    ],
)
