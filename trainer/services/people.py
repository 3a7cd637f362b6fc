"""What people change about themselves, and what administrators change about people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from trainer.data.people import User
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import InvalidError

#: ``auto`` follows the device.
THEMES = ("dark", "light", "auto")


def choose_theme(session: Session, actor: Actor | None, theme: str) -> None:
    """Keep the look a person chose; someone who is not signed in has it kept by the browser alone.

    Raises
    ------
    InvalidError
        For a theme there is not.
    """
    if theme not in THEMES:
        raise InvalidError(f"The themes are {', '.join(THEMES)}.")
    if actor is None:
        return
    user = session.get_one(User, actor.id)
    user.preferences = {**user.preferences, "theme": theme}


def rename(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """Change the name by which others see a person.

    Raises
    ------
    InvalidError
        For an empty name or one of more than 120 characters.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise InvalidError("A name has between 1 and 120 characters.")
    user = session.get_one(User, actor.id)
    if user.name != name:
        user.name = name
        audit.note(session, actor, "user.rename", user.id, now)
