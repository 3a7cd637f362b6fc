"""What every page has round it: the theme, who is signed in, where they may go."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from trainer.core.permissions import Permission
from trainer.services.actor import Actor
from trainer.services.people import THEMES

COOKIE = "theme"
A_YEAR = 365 * 24 * 3600

#: Label, endpoint, and the permission it takes: in the order in which they are shown.
ROOMS = (
    ("Learn", "learner.home", Permission.LEARN),
    ("Progress", "learner.progress", Permission.LEARN),
    ("Cohorts", "director.cohorts", Permission.COHORT),
    ("Bank", "curator.bank", Permission.BANK),
    ("Review", "review.waiting", Permission.BANK),
    ("People", "admin.people", Permission.PEOPLE),
)


@dataclass(frozen=True, slots=True)
class Room:
    """An entry of the navigation."""

    label: str
    url: str
    here: bool


@dataclass(frozen=True, slots=True)
class Shell:
    """What ``base.html`` draws round a page."""

    theme: str
    person: Actor | None
    rooms: tuple[Room, ...]
    #: Whether the person may ask for long work.
    works: bool = False


def inside(target: str | None) -> str | None:
    """Return the target if it leads to a page of ours, ``None`` if it leads anywhere else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < 32 for letter in target):  # browsers drop these: "/\t/host" is "//host"
        return None
    return None if urlsplit(target).netloc or urlsplit(target).scheme else target


def bare() -> None:
    """Ask for a page that needs no database: for the page that says the database is gone."""
    g.bare = True


def chosen_theme(person: Actor | None) -> str:
    """Return ``dark``, ``light`` or ``auto``; what the person chose goes before the cookie."""
    kept = (person.preferences or {}).get("theme") if person else None
    theme = str(kept or request.cookies.get(COOKIE, ""))
    return theme if theme in THEMES else "dark"  # reading rooms are; light is there on request


def remember_theme(response: Response, theme: str) -> None:
    """Keep a theme in the browser, for the pages before signing in."""
    response.set_cookie(
        COOKIE,
        theme,
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def _rooms(person: Actor) -> tuple[Room, ...]:
    return tuple(
        Room(label, url, request.path == url or request.path.startswith(f"{url}/"))
        for label, url in (
            (label, url_for(endpoint))
            for label, endpoint, permission in ROOMS
            if person.may(permission)
        )
    )


def init_app(app: Flask) -> None:
    """Give templates ``shell()``."""

    @app.template_global()
    def shell() -> Shell:
        signed_in = not g.get("bare", False) and current_user.is_authenticated
        person: Actor | None = current_user.actor if signed_in else None
        if person is None:
            return Shell(chosen_theme(None), None, ())
        works = person.may(Permission.BANK)
        return Shell(chosen_theme(person), person, _rooms(person), works)
