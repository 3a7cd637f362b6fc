"""One database session a request, opened when it is first needed.

A GET reads. Any other method writes, and is committed here and nowhere else, before the response
leaves: what was acknowledged is on disk.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from trainer.services.blobs import BlobStore
from trainer.services.database import Database

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def database() -> Database:
    """Return the open database of the running app."""
    opened: Database = current_app.extensions["telltale_database"]
    return opened


def blobs() -> BlobStore:
    """Return the blob store of the running app."""
    store: BlobStore = current_app.extensions["telltale_blobs"]
    return store


def session() -> Session:
    """Return the session of this request."""
    if "session" not in g:
        opened = database()
        g.session = opened.reading() if request.method in READING else opened.writing()
        g.session.begin()
    current: Session = g.session
    return current


def keep() -> None:
    """Ask that what was written is kept although the response is an error (a failed sign-in)."""
    g.keep = True


def release() -> None:
    """Commit, and hold no session while the request waits for something slow.

    For a body that comes over a slow line, or another server: on SQLite a writing session keeps
    every other writer out. The next :func:`session` opens a new one.
    """
    opened = g.pop("session", None)
    if opened is not None:
        opened.commit()
        opened.close()


def init_app(app: Flask) -> None:
    """Commit after a good response, roll back after any other."""

    @app.after_request
    def commit(response: Response) -> Response:
        if "session" in g and request.method not in READING:
            if response.status_code < 400 or g.get("keep", False):
                g.session.commit()
            else:
                g.session.rollback()
        return response

    @app.teardown_request
    def close(_fault: BaseException | None) -> None:
        opened = g.pop("session", None)
        if opened is not None:
            opened.close()
