"""Flask: parse, check the permission, call one service, render."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from trainer.settings import Settings


def init_app(app: Flask) -> None:
    """Hook every part of the web into the app."""
    from trainer.web import (
        access,
        assets,
        db,
        errors,
        faults,
        limits,
        logs,
        long_work,
        security,
        sent,
        shell,
        words,
    )
    from trainer.web.admin.urls import routes as admin
    from trainer.web.auth.urls import routes as auth
    from trainer.web.curator.review_urls import routes as review
    from trainer.web.curator.urls import routes as curator
    from trainer.web.director.urls import routes as director
    from trainer.web.jobs.urls import routes as jobs
    from trainer.web.learner.sitting_urls import routes as sittings
    from trainer.web.learner.urls import routes as learner
    from trainer.web.public.urls import routes as public

    settings: Settings = app.extensions["telltale_settings"]
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    for part in (
        logs,
        db,
        security,
        limits,
        access,
        sent,
        assets,
        shell,
        words,
        errors,
        faults,
        long_work,
    ):
        part.init_app(app)
    for routes in (public, auth, learner, sittings, admin, director, curator, review, jobs):
        app.register_blueprint(routes)
