"""Who may open what. Each view names its permission; one hook checks it, before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts
from trainer.services.actor import Actor
from trainer.web.db import session

View = TypeVar("View", bound=Callable[..., Any])


def audience(permission: Permission) -> Callable[[View], View]:
    """Name the permission that a view needs. A view without one cannot be reached."""

    def mark(view: View) -> View:
        view.audience = permission  # type: ignore[attr-defined]
        return view

    return mark


class SignedIn(UserMixin):
    """The signed-in person of this request, known to Flask-Login by the session's token."""

    def __init__(self, actor: Actor, token: str) -> None:
        self.actor = actor
        self.token = token

    def get_id(self) -> str:
        """Return what the cookie holds."""
        return self.token


def actor() -> Actor:
    """Return who is signed in; only for views whose audience is not public."""
    if not current_user.is_authenticated:
        abort(401)
    who: Actor = current_user.actor
    return who


def init_app(app: Flask) -> None:
    """Hook sign-in and the check of permissions into the app."""
    # Templates ask shell() who is signed in: the page for a lost database must not look anyone up.
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.session_protection = None  # the token itself is checked against the database

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> SignedIn | None:
        who = accounts.actor_of(session(), token, now=clock.now())
        return SignedIn(who, token) if who else None

    @app.before_request
    def check() -> Any:
        if request.endpoint is None:
            return None  # no such page: 404 says so
        view = current_app.view_functions[request.endpoint]
        permission: Permission | None = getattr(view, "audience", None)
        if permission is Permission.PUBLIC:
            return None
        if permission is None:
            raise RuntimeError(f"view {request.endpoint} names no audience")
        if not current_user.is_authenticated:
            if request.headers.get("X-Requested-With") == "fetch":
                abort(401)  # a script cannot use the page it would be sent to
            target = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("auth.sign_in", next=target))
        if not current_user.actor.may(permission):
            abort(403)
        return None
