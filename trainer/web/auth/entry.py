"""Opening and ending a browser's session: shared by every way in."""

from __future__ import annotations

from flask import session as cookie
from flask_login import current_user, login_user, logout_user

from trainer import clock
from trainer.services import accounts
from trainer.web import db
from trainer.web.access import SignedIn


def enter(token: str) -> None:
    """Make this browser the holder of a fresh session; nothing from before lives on."""
    now = clock.now()
    if current_user.is_authenticated:
        accounts.sign_out(db.session(), current_user.token, now=now)
    who = accounts.actor_of(db.session(), token, now=now)
    assert who is not None
    cookie.clear()
    cookie.permanent = True
    login_user(SignedIn(who, token))


def leave() -> None:
    """End this browser's session."""
    accounts.sign_out(db.session(), current_user.token, now=clock.now())
    logout_user()
    cookie.clear()
