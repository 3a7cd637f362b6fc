"""Making an account of one's own, with the invite code of a cohort."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.words import Role
from trainer.data.cohorts import Cohort, CohortMember
from trainer.data.people import Institution, Membership
from trainer.services import accounts, audit
from trainer.services.actor import Actor
from trainer.services.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invite code leads to."""

    code: str
    cohort: str
    institution: str
    institution_id: uuid.UUID


def invitation(session: Session, code: str) -> Invitation:
    """Return what a code leads to. Case, spaces and hyphens do not matter.

    Raises
    ------
    NotFoundError
        When no open cohort has this code.
    """
    row = session.execute(
        select(Cohort.invite_code, Cohort.name, Institution.name, Institution.id)
        .join(Institution, Institution.id == Cohort.institution_id)
        .where(Cohort.invite_code == tidy(code), Cohort.archived_at.is_(None))
    ).first()
    if row is None:
        raise NotFoundError(
            "No cohort has this code. Codes change at times: ask your director for today's."
        )
    return Invitation(*row)


def tidy(code: str) -> str:
    """Return a code as it is kept: capitals, without what people put in to read it aloud."""
    return code.strip().upper().replace(" ", "").replace("-", "")


def register(
    session: Session, code: str, *, email: str, name: str, password: str, now: datetime
) -> Actor:
    """Make a learner's account in the cohort's institution and return the person.

    Raises
    ------
    NotFoundError
        When no open cohort has this code.
    InvalidError, ConflictError
        As :func:`trainer.services.accounts.create_user`.
    """
    found = invitation(session, code)
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
    return accounts.actor_by_id(session, user_id)


def join(session: Session, actor: Actor, code: str, *, now: datetime) -> Invitation:
    """Put a person into the cohort of a code, as a learner there; joining twice is joining once.

    Raises
    ------
    NotFoundError
        When no open cohort has this code.
    """
    found = invitation(session, code)
    cohort_id = session.scalars(select(Cohort.id).where(Cohort.invite_code == found.code)).one()
    if session.get(CohortMember, (cohort_id, actor.id)) is None:
        session.add(CohortMember(cohort_id=cohort_id, user_id=actor.id, joined_at=now))
        audit.note(session, actor, "cohort.join", cohort_id, now)
    if all(where != found.institution_id for where, _ in actor.roles):
        session.add(
            Membership(user_id=actor.id, institution_id=found.institution_id, role=Role.LEARNER)
        )
    session.flush()
    return found
