"""People and their sessions: making an account, signing in and out."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from trainer.core.permissions import granted
from trainer.core.words import Role
from trainer.data.people import Institution, Membership, PasswordReset, SignIn, User
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import (
    ConflictError,
    Gathered,
    InvalidError,
    NotAllowedError,
    NotFoundError,
)

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
SESSION_LIFE = timedelta(days=14)
FREE_TRIES = 5
LONGEST_LOCK = timedelta(hours=1)

WRONG = (
    "That address and password do not go together. After several wrong passwords an account "
    "rests for a while: wait a little, or reset the password."
)

_hasher = PasswordHasher()

_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|[^@\s]+@localhost")


def hash_token(token: str) -> str:
    """Return what is kept of a token: its hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_password(password: str) -> None:
    """Raise :class:`InvalidError` for a password that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidError(
            f"A password has between {SHORTEST_PASSWORD} and {LONGEST_PASSWORD} characters. "
            "Several words are easier to remember than one odd one.",
            "password",
        )


def check_name(name: str) -> str:
    """Return a name without spaces round it; refuse an empty, a long or an unprintable one."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise InvalidError(
            "A name has between 1 and 120 characters, all of them printable.", "name"
        )
    return name


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


def institution_named(session: Session, name: str) -> uuid.UUID:
    """Return the institution of this name; :class:`NotFoundError` names those there are."""
    known = {row.name: row.id for row in session.scalars(select(Institution))}
    if name not in known:
        raise NotFoundError(f"There is no institution {name!r}; there are: {', '.join(known)}.")
    return known[name]


def _check_email(session: Session, email: str) -> None:
    if len(email) > 254 or not _MAILBOX.fullmatch(email):
        raise InvalidError(f"{email!r} is not a mail address.")
    if session.scalar(select(User.id).where(User.email == email)):
        raise ConflictError(f"{email} already has an account. Sign in, or reset the password.")


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
    faults = Gathered()
    with faults.of("name"):
        name = check_name(name)
    with faults.of("email"):
        _check_email(session, email)
    with faults.of("password"):
        check_password(password)
    faults.tell()
    user = User(email=email, name=name, password_hash=hash_password(password), created_at=now)
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
        For a wrong address or password, and while the account rests after too many wrong ones.
        Always in the same words and after the same work: who has an account is not said.
    """
    user = session.scalar(select(User).where(User.email == email.strip().casefold()))
    rests = user is not None and user.locked_until is not None and user.locked_until > now
    right = _matches(user.password_hash if user and not rests else _nobody(), password)
    if user is None or rests or not right or not user.active:
        if user is not None and not rests:
            _count_failure(user, now)
        raise NotAllowedError(WRONG, "password")
    user.failed_sign_ins, user.locked_until = 0, None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return open_session(session, user.id, now)


@cache
def _nobody() -> str:
    """Return a hash to check when there is no such person, so that the answer takes as long."""
    return _hasher.hash(secrets.token_urlsafe(32))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False


def _count_failure(user: User, now: datetime) -> None:
    """Let the account rest for longer with each failure past the free ones: 2, 4, 8 ... seconds."""
    user.failed_sign_ins += 1
    over = user.failed_sign_ins - FREE_TRIES
    if over >= 0:
        user.locked_until = now + min(timedelta(seconds=2 ** min(over + 1, 12)), LONGEST_LOCK)


def change_password(session: Session, actor: Actor, *, old: str, new: str, now: datetime) -> str:
    """Change a person's own password, end every session of theirs, and open a fresh one.

    Returns
    -------
    str
        The token of the fresh session.

    Raises
    ------
    NotAllowedError
        When the old password is wrong; that counts as a failed sign-in.
    InvalidError
        For a new password that is too short or too long.
    """
    user = session.get_one(User, actor.id)
    rests = user.locked_until is not None and user.locked_until > now
    if rests or not _matches(user.password_hash, old):
        if not rests:
            _count_failure(user, now)
        raise NotAllowedError(
            "The present password is not right. After several wrong ones, wait a little.", "old"
        )
    set_password(session, actor, user.id, new, now=now)
    return open_session(session, user.id, now)


def set_password(
    session: Session, actor: Actor | None, user_id: uuid.UUID, password: str, *, now: datetime
) -> None:
    """Give a person a new password; end their sessions, open links and any rest.

    Raises
    ------
    InvalidError
        For a password that is too short or too long.
    """
    user = session.get_one(User, user_id)
    user.password_hash = hash_password(password)
    user.failed_sign_ins, user.locked_until = 0, None
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=now)
    )
    sign_out_everywhere(session, user_id, now=now)
    audit.note(session, actor, "user.password", user_id, now)


def open_session(session: Session, user_id: uuid.UUID, now: datetime) -> str:
    """Open a session for a person whose password was just checked; return its token."""
    session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at <= now))
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
    found = session.scalars(
        select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.token_hash == hash_token(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            User.active,
        )
        .options(joinedload(User.memberships))
    )
    user = found.unique().one_or_none()
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


def actor_by_id(session: Session, user_id: uuid.UUID) -> Actor:
    """Return a person as services see them."""
    return as_actor(session.get_one(User, user_id))


def actor_by_email(session: Session, email: str) -> Actor:
    """Return a person by their mail address; raise :class:`NotFoundError` where there is none."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotFoundError(f"Nobody has an account with {email}.")
    return as_actor(user)


def acting(session: Session, user_id: uuid.UUID) -> Actor:
    """Return the person for whom work goes on after their request.

    Raises
    ------
    NotAllowedError
        When the account was closed since.
    """
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise NotAllowedError("The account that asked for this was closed.")
    return as_actor(user)


def user_id_of(session: Session, email: str) -> uuid.UUID:
    """Return the person with this address; :class:`NotFoundError` when there is none."""
    found = session.scalar(select(User.id).where(User.email == email.strip().casefold()))
    if found is None:
        raise NotFoundError(f"{email} has no account. `flask user list` shows who has one.")
    return found
