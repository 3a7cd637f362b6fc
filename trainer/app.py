"""The app: settings, database, audiences, command line, errors, in that order."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from trainer import cli, web
from trainer.jobs.post import PostRoom
from trainer.jobs.queue import open_queue
from trainer.jobs.run import Office
from trainer.services.blobs import open_store
from trainer.services.database import open_database
from trainer.services.mail import open_mailer
from trainer.services.thumbnails import Thumbnails
from trainer.settings import Settings


def create_app(settings: Settings) -> Flask:
    """Return the app for these settings. It opens no connection until it is asked something."""
    app = Flask("trainer.web", template_folder="templates", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.key(),
        MAX_CONTENT_LENGTH=settings.upload_mb * 1024 * 1024,
        SESSION_COOKIE_NAME="telltale",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: a quiz can be long
        WTF_CSRF_SSL_STRICT=settings.cookie_secure,
        RATELIMIT_STORAGE_URI=settings.limit_storage,
    )
    app.extensions["telltale_settings"] = settings
    app.extensions["telltale_database"] = open_database(settings.database)
    app.extensions["telltale_blobs"] = open_store(settings.blobs)
    app.extensions["telltale_post"] = PostRoom(
        app.extensions["telltale_database"], open_mailer(settings.mail_url, settings.mail_from)
    )
    app.extensions["telltale_queue"] = open_queue(
        Office(settings, app.extensions["telltale_database"], app.extensions["telltale_blobs"])
    )
    app.extensions["telltale_thumbnails"] = Thumbnails(settings.home / "thumbnails")
    CSRFProtect(app)
    web.init_app(app)
    cli.init_app(app)
    return app
