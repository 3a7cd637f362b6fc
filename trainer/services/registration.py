"""Making an account of one's own, with the invite code of a cohort."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from trainer.core.words import Role
from trainer.services import accounts, cohorts
from trainer.services.actor import Actor


def register(
    session: Session, code: str, *, email: str, name: str, password: str, now: datetime
) -> Actor:
    """Make a learner's account in the cohort's institution, put it into the cohort, return it.

    Raises
    ------
    NotFoundError
        When no open cohort has this code.
    InvalidError, ConflictError
        As :func:`trainer.services.accounts.create_user`.
    """
    found = cohorts.invitation(session, code)
    user_id = accounts.create_user(
        session,
        None,
        email=email,
        name=name,
        password=password,
        roles=[Role.LEARNER],
        institution_id=found.institution_id,
        now=now,
    )
    who = accounts.actor_by_id(session, user_id)
    cohorts.join_by_code(session, who, code, now=now)
    return who
