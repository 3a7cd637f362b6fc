"""Links to choose a password: for who forgot it, and for who is invited. Used once."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.words import Role
from trainer.data.people import PasswordReset, User
from trainer.services import accounts, audit
from trainer.services.actor import Actor
from trainer.services.errors import NotFoundError

RESET_LIFE = timedelta(hours=1)
INVITATION_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Link:
    """Who may choose a password, and the token that says so; only the token's hash is kept."""

    name: str
    email: str
    token: str


def ask(session: Session, email: str, *, now: datetime) -> Link | None:
    """Make a link for the person with this address; ``None`` when there is nobody to send it to.

    An earlier link that was not used is void from now on.
    """
    user = session.scalar(select(User).where(User.email == email.strip().casefold(), User.active))
    return _link(session, user, RESET_LIFE, now) if user else None


def invite(
    session: Session,
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    institution_id: uuid.UUID,
    now: datetime,
) -> Link:
    """Make an account that nobody can sign in to yet, and the link to choose its password.

    Raises
    ------
    NotAllowedError
        Unless the actor administers that institution.
    InvalidError, ConflictError
        As :func:`trainer.services.accounts.create_user`.
    """
    actor.require(Permission.PEOPLE)
    if institution_id not in actor.institutions(Role.ADMINISTRATOR):
        raise NotFoundError("There is no such institution among those you administer.")
    user_id = accounts.create_user(
        session,
        actor,
        email=email,
        name=name,
        password=secrets.token_urlsafe(32),
        roles=roles,
        institution_id=institution_id,
        now=now,
    )
    return _link(session, session.get_one(User, user_id), INVITATION_LIFE, now)


def _link(session: Session, user: User, life: timedelta, now: datetime) -> Link:
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordReset(token_hash=accounts.hash_token(token), user_id=user.id, expires_at=now + life)
    )
    session.flush()
    return Link(user.name, user.email, token)


def holder(session: Session, token: str, *, now: datetime) -> uuid.UUID:
    """Return whose password a link may set.

    Raises
    ------
    NotFoundError
        When the link was used, has run out or never was: the three look alike.
    """
    found = session.scalar(
        select(PasswordReset.user_id)
        .join(User, User.id == PasswordReset.user_id)
        .where(
            PasswordReset.token_hash == accounts.hash_token(token),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > now,
            User.active,
        )
    )
    if found is None:
        raise NotFoundError(
            "This link was used already or has run out. Ask for a new one: it is sent at once."
        )
    return found


def use(session: Session, token: str, password: str, *, now: datetime) -> None:
    """Set the password a link was made for. The link is void afterwards, and every session ends.

    Raises
    ------
    NotFoundError
        As :func:`holder`.
    InvalidError
        For a password that is too short or too long; the link stays good.
    """
    user_id = holder(session, token, now=now)
    accounts.set_password(session, None, user_id, password, now=now)
    audit.note(session, None, "user.reset", user_id, now)
