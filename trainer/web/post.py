"""The post room of the running app, and the links its letters hold."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, url_for

from trainer.jobs.post import PostRoom
from trainer.settings import Settings

PLACE = "TOKEN"


def post_room() -> PostRoom:
    """Return what sends mail."""
    room: PostRoom = current_app.extensions["telltale_post"]
    return room


def link_to_choose() -> Callable[[str], str]:
    """Return a maker of links to choose a password.

    The host is the operator's ``TRAINER_BASE_URL``, never what the request claims: otherwise a
    forged Host header would put a stranger's address into our mail.
    """
    settings: Settings = current_app.extensions["telltale_settings"]
    pattern = settings.base_url.rstrip("/") + url_for("auth.choose", token=PLACE)
    return lambda token: pattern.replace(PLACE, token)
