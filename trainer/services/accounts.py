"""People and their sessions: making an account, signing in and out."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from trainer.core.permissions import granted
from trainer.core.words import Role
from trainer.data.people import Institution, Membership, SignIn, User
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotAllowedError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
SESSION_LIFE = timedelta(days=14)
FREE_TRIES = 5
LONGEST_LOCK = timedelta(hours=1)

_hasher = PasswordHasher()
# Checked when there is no such person, so that the answer takes as long as for any other.
_NOBODY = _hasher.hash("no one has this password")
_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")


def hash_token(token: str) -> str:
    """Return what is kept of a token: its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_password(password: str) -> None:
    """Raise :class:`InvalidError` for a password that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidError(
            f"A password has between {SHORTEST_PASSWORD} and {LONGEST_PASSWORD} characters. "
            "Several words are easier to remember than one odd one."
        )


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password that passes :func:`check_password`."""
    check_password(password)
    return _hasher.hash(password)


def institution(session: Session, name: str, now: datetime) -> uuid.UUID:
    """Return the institution of this name; make it where there is none."""
    found = session.scalar(select(Institution.id).where(Institution.name == name))
    if found:
        return found
    made = Institution(name=name, created_at=now)
    session.add(made)
    session.flush()
    return made.id


def create_user(
    session: Session,
    actor: Actor | None,
    *,
    email: str,
    name: str,
    password: str,
    roles: Iterable[Role],
    institution_id: uuid.UUID,
    now: datetime,
) -> uuid.UUID:
    """Make an account.

    Raises
    ------
    InvalidError
        For an address that is no mailbox, an empty name or a weak password.
    ConflictError
        When the address already has an account.
    """
    email = email.strip().casefold()
    if len(email) > 254 or not _MAILBOX.fullmatch(email):
        raise InvalidError(f"{email!r} is not a mail address.")
    if not name.strip() or len(name) > 120:
        raise InvalidError("A name has between 1 and 120 characters.")
    if session.scalar(select(User.id).where(User.email == email)):
        raise ConflictError(f"{email} already has an account. Sign in, or reset the password.")
    user = User(
        email=email, name=name.strip(), password_hash=hash_password(password), created_at=now
    )
    user.memberships = [Membership(institution_id=institution_id, role=role) for role in roles]
    session.add(user)
    session.flush()
    audit.note(session, actor, "user.create", user.id, now, roles=[r.value for r in roles])
    return user.id


def sign_in(session: Session, email: str, password: str, *, now: datetime) -> str:
    """Check a password and open a session.

    Returns
    -------
    str
        The token for the cookie; only its hash is kept.

    Raises
    ------
    NotAllowedError
        For a wrong address or password (not said which), or while the account is locked.
    """
    user = session.scalar(select(User).where(User.email == email.strip().casefold()))
    if user is not None and user.locked_until is not None and user.locked_until > now:
        wait = max(1, round((user.locked_until - now).total_seconds()))
        raise NotAllowedError(
            f"Too many wrong passwords. Try again in {wait} seconds, or reset the password."
        )
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password)
        good = user is not None and user.active
    except VerificationError:
        good = False
    if user is None or not good:
        if user is not None:
            _count_failure(user, now)
        raise NotAllowedError("That address and password do not go together.")
    user.failed_sign_ins, user.locked_until = 0, None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return open_session(session, user.id, now)


def _count_failure(user: User, now: datetime) -> None:
    """Lock the account for longer with each failure past the free ones: 2, 4, 8 ... seconds."""
    user.failed_sign_ins += 1
    over = user.failed_sign_ins - FREE_TRIES
    if over >= 0:
        user.locked_until = now + min(timedelta(seconds=2 ** min(over + 1, 12)), LONGEST_LOCK)


def open_session(session: Session, user_id: uuid.UUID, now: datetime) -> str:
    """Open a session for a person whose password was just checked; return its token."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=hash_token(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    session.flush()
    return token


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End one session; the token is void from now on."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == hash_token(token), SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def sign_out_everywhere(session: Session, user_id: uuid.UUID, *, now: datetime) -> None:
    """End every session of a person: after a change of password."""
    session.execute(
        update(SignIn)
        .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def actor_of(session: Session, token: str, *, now: datetime) -> Actor | None:
    """Return who holds a session's token, ``None`` when it is void."""
    user = session.scalar(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.token_hash == hash_token(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            User.active,
        )
    )
    return as_actor(user) if user else None


def as_actor(user: User) -> Actor:
    """Return a person as services see them."""
    roles = tuple((m.institution_id, m.role) for m in user.memberships)
    return Actor(
        id=user.id,
        name=user.name,
        email=user.email,
        roles=roles,
        permissions=granted(role for _, role in roles),
        time_factor=user.time_factor,
        preferences=dict(user.preferences),
    )
