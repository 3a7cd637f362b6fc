"""How often one address, or one person, may ask."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user


def _who() -> str:
    """Signed-in people are told apart by their own limit, not by a shared hospital address."""
    if current_user and current_user.is_authenticated:
        return f"person:{current_user.actor.id}"
    return f"address:{get_remote_address()}"


limiter = Limiter(key_func=_who, default_limits=["1200 per minute"])


def init_app(app: Flask) -> None:
    """Attach the limiter to the app."""
    limiter.init_app(app)
