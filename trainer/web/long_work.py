"""The queue of the running app: it begins to work when the app begins to serve."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app

from trainer.jobs.queue import Queue


def queue() -> Queue:
    """Return the queue of the running app."""
    opened: Queue = current_app.extensions["telltale_queue"]
    return opened


def init_app(app: Flask) -> None:
    """Start the queue with the first request; under gunicorn ``gunicorn.conf.py`` is earlier.

    Not when the app is made: a command line makes one too, and a server may fork after it.
    """

    @app.before_request
    def begin() -> Any:
        if not current_app.testing:
            queue().start()
