"""What people change about themselves, and what administrators change about people."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.words import Role
from trainer.data.people import Institution, Membership, User
from trainer.services import accounts, audit
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

#: ``auto`` follows the device.
THEMES = ("dark", "light", "auto")
TIME_FACTORS = (1.0, 1.25, 1.5, 2.0)
PAGE = 50


@dataclass(frozen=True, slots=True)
class Person:
    """A person as an administrator of one institution sees them."""

    id: uuid.UUID
    name: str
    email: str
    roles: tuple[Role, ...]
    time_factor: float
    active: bool
    created_at: datetime
    #: Whether the account can be closed from here: all its roles lie where the actor administers.
    wholly_here: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of people."""

    people: tuple[Person, ...]
    total: int
    page: int
    pages: int


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


def keep_keys(session: Session, actor: Actor, keys: dict[str, Any]) -> None:
    """Keep the shortcuts a person gave other keys; an empty mapping is all back to their own.

    Raises
    ------
    InvalidError
        For anything but short names with short lists of keys.
    """
    good = len(keys) <= 200 and all(
        len(name) <= 60
        and isinstance(given, list)
        and len(given) <= 5
        and all(isinstance(key, str) and len(key) <= 40 for key in given)
        for name, given in keys.items()
    )
    if not good:
        raise InvalidError("These shortcuts cannot be read; nothing was changed.")
    user = session.get_one(User, actor.id)
    user.preferences = {**user.preferences, "keys": keys}


def rename(session: Session, actor: Actor, name: str, *, now: datetime) -> None:
    """Change the name by which others see a person.

    Raises
    ------
    InvalidError
        For an empty name or one of more than 120 characters.
    """
    name = accounts.check_name(name)
    user = session.get_one(User, actor.id)
    if user.name != name:
        user.name = name
        audit.note(session, actor, "user.rename", user.id, now)


def administered(session: Session, actor: Actor) -> tuple[tuple[uuid.UUID, str], ...]:
    """Return the institutions a person administers: ``(id, name)``, by name."""
    actor.require(Permission.PEOPLE)
    rows = session.execute(
        select(Institution.id, Institution.name)
        .where(Institution.id.in_(actor.institutions(Role.ADMINISTRATOR)))
        .order_by(Institution.name)
    )
    return tuple((row[0], row[1]) for row in rows)


def listing(
    session: Session, actor: Actor, institution_id: uuid.UUID, *, search: str = "", page: int = 1
) -> Listing:
    """Return one page of an institution's people, by name.

    Parameters
    ----------
    search : str
        Part of a name or a mail address; case does not matter.
    page : int
        From 1; beyond the last is the last.
    """
    _administers(actor, institution_id)
    here = _found(institution_id, search)
    total = session.scalar(select(func.count()).select_from(User).where(here)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    users = session.scalars(
        select(User)
        .where(here)
        .order_by(func.lower(User.name), User.email)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    people = tuple(_person(user, actor, institution_id) for user in users)
    return Listing(people, total, page, pages)


def _found(institution_id: uuid.UUID, search: str) -> ColumnElement[bool]:
    here = User.memberships.any(Membership.institution_id == institution_id)
    if not search.strip():
        return here
    like = {"other": search.strip(), "autoescape": True}
    return and_(here, or_(User.name.icontains(**like), User.email.icontains(**like)))


def one(session: Session, actor: Actor, institution_id: uuid.UUID, user_id: uuid.UUID) -> Person:
    """Return one person of an institution; :class:`NotFoundError` when there is no such person."""
    return _person(_user(session, actor, institution_id, user_id), actor, institution_id)


def set_roles(
    session: Session,
    actor: Actor,
    institution_id: uuid.UUID,
    user_id: uuid.UUID,
    roles: Iterable[Role],
    *,
    now: datetime,
) -> None:
    """Give a person exactly these roles in an institution.

    Raises
    ------
    ConflictError
        When the institution would be left without an administrator.
    InvalidError
        For no role at all: closing an account is another act.
    """
    user = _user(session, actor, institution_id, user_id)
    wanted = set(roles)
    if not wanted:
        raise InvalidError(
            "A person has at least one role. To shut someone out, close the account.", "roles"
        )
    is_one = any(
        m.role is Role.ADMINISTRATOR and m.institution_id == institution_id
        for m in user.memberships
    )
    if is_one and Role.ADMINISTRATOR not in wanted:
        _another_administrator(session, institution_id, user_id)
    assign_roles(session, actor, user_id, institution_id, wanted, now=now)


def grant_extra_time(
    session: Session,
    actor: Actor,
    institution_id: uuid.UUID,
    user_id: uuid.UUID,
    factor: float,
    *,
    now: datetime,
) -> None:
    """Give a person extra time in timed sittings that start from now on.

    Raises
    ------
    InvalidError
        For a factor other than 1, 1.25, 1.5 and 2.
    """
    user = _user(session, actor, institution_id, user_id)
    set_time_factor(session, actor, user.id, factor, now=now)


def set_time_factor(
    session: Session, actor: Actor | None, user_id: uuid.UUID, factor: float, *, now: datetime
) -> None:
    """Set extra time without asking where the person belongs: for the command line."""
    if factor not in TIME_FACTORS:
        raise InvalidError("Extra time is one of 1, 1.25, 1.5 and 2.", "factor")
    session.get_one(User, user_id).time_factor = factor
    audit.note(session, actor, "user.time", user_id, now, factor=factor)


def close(
    session: Session,
    actor: Actor,
    institution_id: uuid.UUID,
    user_id: uuid.UUID,
    *,
    now: datetime,
) -> None:
    """Close an account: no more signing in, every session ends; what was answered stays.

    Raises
    ------
    ConflictError
        For one's own account, for the last administrator, and for a person who also belongs to an
        institution that the actor does not administer.
    """
    user = _user(session, actor, institution_id, user_id)
    if user.id == actor.id:
        raise ConflictError("You cannot close your own account: ask another administrator.")
    if not _wholly(user, actor):
        raise ConflictError("This person also belongs to an institution that you do not run.")
    if any(m.role is Role.ADMINISTRATOR for m in user.memberships):
        _another_administrator(session, institution_id, user_id)
    user.active = False
    accounts.sign_out_everywhere(session, user.id, now=now)
    audit.note(session, actor, "user.close", user.id, now)


def reopen(
    session: Session,
    actor: Actor,
    institution_id: uuid.UUID,
    user_id: uuid.UUID,
    *,
    now: datetime,
) -> None:
    """Open a closed account again."""
    user = _user(session, actor, institution_id, user_id)
    if not _wholly(user, actor):
        raise ConflictError("This person also belongs to an institution that you do not run.")
    user.active = True
    audit.note(session, actor, "user.reopen", user.id, now)


def everyone(session: Session) -> list[tuple[str, str, tuple[str, ...], float, bool]]:
    """Return everyone for the operator: address, name, roles, extra time, whether open."""
    users = session.scalars(select(User).order_by(User.email))
    return [
        (
            u.email,
            u.name,
            tuple(sorted({m.role.value for m in u.memberships})),
            u.time_factor,
            u.active,
        )
        for u in users
    ]


def assign_roles(
    session: Session,
    actor: Actor | None,
    user_id: uuid.UUID,
    institution_id: uuid.UUID,
    roles: Iterable[Role],
    *,
    now: datetime,
) -> None:
    """Give a person exactly these roles in an institution, and ask nobody: for the command line."""
    user, wanted = session.get_one(User, user_id), set(roles)
    have = {m.role: m for m in user.memberships if m.institution_id == institution_id}
    for role in have.keys() - wanted:
        user.memberships.remove(have[role])
    for role in sorted(wanted - have.keys()):
        user.memberships.append(Membership(institution_id=institution_id, role=role))
    session.flush()
    audit.note(session, actor, "user.roles", user_id, now, roles=sorted(r.value for r in wanted))


def _administers(actor: Actor, institution_id: uuid.UUID) -> None:
    actor.require(Permission.PEOPLE)
    if institution_id not in actor.institutions(Role.ADMINISTRATOR):
        raise NotFoundError("There is no such institution among those you administer.")


def _user(session: Session, actor: Actor, institution_id: uuid.UUID, user_id: uuid.UUID) -> User:
    _administers(actor, institution_id)
    user = session.get(User, user_id)
    if user is None or all(m.institution_id != institution_id for m in user.memberships):
        raise NotFoundError("There is no such person in this institution.")
    return user


def _another_administrator(session: Session, institution_id: uuid.UUID, user_id: uuid.UUID) -> None:
    others = session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.institution_id == institution_id,
            Membership.role == Role.ADMINISTRATOR,
            Membership.user_id != user_id,
            User.active,
        )
    )
    if not others:
        raise ConflictError(
            "This is the last administrator of the institution. Make someone else one first.",
            "roles",
        )


def _wholly(user: User, actor: Actor) -> bool:
    mine = set(actor.institutions(Role.ADMINISTRATOR))
    return all(m.institution_id in mine for m in user.memberships)


def _person(user: User, actor: Actor, institution_id: uuid.UUID) -> Person:
    return Person(
        id=user.id,
        name=user.name,
        email=user.email,
        roles=tuple(sorted(m.role for m in user.memberships if m.institution_id == institution_id)),
        time_factor=user.time_factor,
        active=user.active,
        created_at=user.created_at,
        wholly_here=_wholly(user, actor),
    )
