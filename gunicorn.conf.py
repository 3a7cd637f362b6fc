"""What gunicorn reads when it serves ``wsgi:app`` from this folder."""

from typing import Any


def post_worker_init(worker: Any) -> None:
    """Begin long work as soon as a worker serves: what a stop interrupted goes on at once."""
    worker.wsgi.extensions["telltale_queue"].start()
