"""The learner's pages."""

from trainer.web.learner import lessons, progress, reporting, starting
from trainer.web.routes import blueprint

routes = blueprint(
    "learner",
    [
        ("GET", "/learn", lessons.home),
        ("GET", "/learn/ready", starting.ready),
        ("GET", "/learn/tracks/<slug>", lessons.track),
        ("GET", "/learn/lessons/<slug>", lessons.lesson),
        ("POST", "/learn/lessons/<slug>/read", lessons.read),
        ("GET", "/learn/lessons/<slug>/figures/<int:number>/<part>.png", lessons.figure),
        ("GET", "/progress", progress.progress),
        ("GET", "/progress/reports", reporting.reported),
        ("GET", "/measures", progress.measures),
    ],
)
