"""Cohorts: who learns together, invited by a code, seen only by their own institution."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.words import Role
from trainer.data.cohorts import Assignment, Cohort, CohortMember
from trainer.data.people import Institution, Membership, User
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

#: Letters and digits that no one takes for another: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
CODE_LENGTH = 8
LONGEST_NAME = 120
MANAGERS = (Role.DIRECTOR, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort in the list."""

    id: uuid.UUID
    name: str
    institution: str
    members: int
    assignments: int
    created_at: datetime
    archived: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A learner in a cohort."""

    id: uuid.UUID
    name: str
    email: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class CohortView:
    """One cohort as its director sees it."""

    id: uuid.UUID
    name: str
    institution: str
    code: str
    created_at: datetime
    archived: bool
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invite code leads to."""

    code: str
    cohort_id: uuid.UUID
    cohort: str
    institution: str
    institution_id: uuid.UUID


def tidy(code: str) -> str:
    """Return a code as it is kept: capitals, without spaces and hyphens."""
    return "".join(code.upper().replace("-", " ").split())


def spoken(code: str) -> str:
    """Return a code as it is read aloud: ``ACDE-3467``."""
    return f"{code[:4]}-{code[4:]}"


def places(session: Session, actor: Actor) -> tuple[tuple[uuid.UUID, str], ...]:
    """Return id and name of the institutions whose cohorts the person manages."""
    rows = session.execute(
        select(Institution.id, Institution.name)
        .where(Institution.id.in_(actor.institutions(*MANAGERS)))
        .order_by(Institution.name)
    )
    return tuple((row.id, row.name) for row in rows)


def owned(session: Session, actor: Actor, cohort_id: uuid.UUID) -> Cohort:
    """Return a cohort of an institution the person directs.

    Raises
    ------
    NotFoundError
        For any other: one of another institution looks like none.
    """
    actor.require(Permission.COHORT)
    found = session.scalar(
        select(Cohort).where(
            Cohort.id == cohort_id, Cohort.institution_id.in_(actor.institutions(*MANAGERS))
        )
    )
    if found is None:
        raise NotFoundError("There is no such cohort in your institution.")
    return found


def listing(session: Session, actor: Actor) -> tuple[CohortLine, ...]:
    """Return the cohorts of the person's institutions, open ones first, by name."""
    actor.require(Permission.COHORT)
    members = (
        select(func.count())
        .where(CohortMember.cohort_id == Cohort.id)
        .correlate(Cohort)
        .scalar_subquery()
    )
    assigned = (
        select(func.count())
        .where(Assignment.cohort_id == Cohort.id, Assignment.withdrawn_at.is_(None))
        .correlate(Cohort)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Cohort, Institution.name, members, assigned)
        .join(Institution, Institution.id == Cohort.institution_id)
        .where(Cohort.institution_id.in_(actor.institutions(*MANAGERS)))
        .order_by(Cohort.archived_at.is_not(None), func.lower(Cohort.name))
    )
    return tuple(
        CohortLine(
            id=cohort.id,
            name=cohort.name,
            institution=institution,
            members=n_members,
            assignments=n_assigned,
            created_at=cohort.created_at,
            archived=cohort.archived_at is not None,
        )
        for cohort, institution, n_members, n_assigned in rows
    )


def view(session: Session, actor: Actor, cohort_id: uuid.UUID) -> CohortView:
    """Return one cohort with its members by name."""
    cohort = owned(session, actor, cohort_id)
    rows = session.execute(
        select(User.id, User.name, User.email, CohortMember.joined_at)
        .join(CohortMember, CohortMember.user_id == User.id)
        .where(CohortMember.cohort_id == cohort.id)
        .order_by(func.lower(User.name), User.email)
    )
    return CohortView(
        id=cohort.id,
        name=cohort.name,
        institution=session.get_one(Institution, cohort.institution_id).name,
        code=spoken(cohort.invite_code),
        created_at=cohort.created_at,
        archived=cohort.archived_at is not None,
        members=tuple(Member(*row) for row in rows),
    )


def make(
    session: Session,
    actor: Actor,
    name: str,
    *,
    now: datetime,
    institution_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Make a cohort and return its id.

    Parameters
    ----------
    session, actor, now
        As for every service.
    name : str
        1 to 120 characters, not used by another cohort of the institution.
    institution_id : UUID, optional
        Where; may be left out by someone who directs one institution only.

    Raises
    ------
    InvalidError
        For an empty or too long name, or where it is not said which institution.
    ConflictError
        When the name is taken.
    """
    actor.require(Permission.COHORT)
    mine = actor.institutions(*MANAGERS)
    if institution_id is None and len(mine) != 1:
        raise InvalidError("Say for which of your institutions the cohort is.", "institution")
    where = institution_id or mine[0]
    if where not in mine:
        raise NotFoundError("You direct no such institution.")
    cohort = Cohort(
        institution_id=where,
        name=_free_name(session, where, name),
        invite_code=_fresh_code(session),
        created_by=actor.id,
        created_at=now,
    )
    session.add(cohort)
    session.flush()
    audit.note(session, actor, "cohort.make", cohort.id, now)
    return cohort.id


def rename(
    session: Session, actor: Actor, cohort_id: uuid.UUID, name: str, *, now: datetime
) -> None:
    """Give a cohort another name."""
    cohort = owned(session, actor, cohort_id)
    if name.strip() == cohort.name:
        return
    cohort.name = _free_name(session, cohort.institution_id, name, but=cohort.id)
    audit.note(session, actor, "cohort.rename", cohort.id, now)


def archive(
    session: Session, actor: Actor, cohort_id: uuid.UUID, *, now: datetime, archived: bool = True
) -> None:
    """Close a cohort: its code is void, its assignments end; nothing is lost. Or open it again."""
    cohort = owned(session, actor, cohort_id)
    if archived == (cohort.archived_at is not None):
        return
    cohort.archived_at = now if archived else None
    audit.note(session, actor, "cohort.archive" if archived else "cohort.reopen", cohort.id, now)


def renew_code(session: Session, actor: Actor, cohort_id: uuid.UUID, *, now: datetime) -> str:
    """Give a cohort a fresh invite code; the old one is void at once."""
    cohort = owned(session, actor, cohort_id)
    cohort.invite_code = _fresh_code(session)
    audit.note(session, actor, "cohort.renew_code", cohort.id, now)
    return spoken(cohort.invite_code)


def remove_member(
    session: Session, actor: Actor, cohort_id: uuid.UUID, user_id: uuid.UUID, *, now: datetime
) -> None:
    """Take a person out of a cohort. What they answered stays theirs."""
    cohort = owned(session, actor, cohort_id)
    member = session.get(CohortMember, (cohort.id, user_id))
    if member is None:
        raise NotFoundError("This person is not in the cohort.")
    session.delete(member)
    session.flush()
    audit.note(session, actor, "cohort.remove_member", cohort.id, now, user=str(user_id))


def invitation(session: Session, code: str) -> Invitation:
    """Return what a code leads to. Capitals, spaces and hyphens do not matter.

    Raises
    ------
    NotFoundError
        When no open cohort has this code.
    """
    row = session.execute(
        select(Cohort, Institution)
        .join(Institution, Institution.id == Cohort.institution_id)
        .where(Cohort.invite_code == tidy(code), Cohort.archived_at.is_(None))
    ).first()
    if row is None:
        raise NotFoundError(
            "No cohort has this code. Codes change at times: ask your director for today's."
        )
    cohort, institution = row
    return Invitation(
        code=spoken(cohort.invite_code),
        cohort_id=cohort.id,
        cohort=cohort.name,
        institution=institution.name,
        institution_id=institution.id,
    )


def join_by_code(session: Session, actor: Actor, code: str, *, now: datetime) -> Invitation:
    """Put a person into the cohort of a code; again is no change.

    Who has no role in the cohort's institution becomes a learner there.
    """
    found = invitation(session, code)
    if session.get(CohortMember, (found.cohort_id, actor.id)) is not None:
        return found
    session.add(CohortMember(cohort_id=found.cohort_id, user_id=actor.id, joined_at=now))
    if found.institution_id not in {where for where, _ in actor.roles}:
        session.add(
            Membership(user_id=actor.id, institution_id=found.institution_id, role=Role.LEARNER)
        )
    session.flush()
    audit.note(session, actor, "cohort.join", found.cohort_id, now)
    return found


def _free_name(
    session: Session, institution_id: uuid.UUID, name: str, but: uuid.UUID | None = None
) -> str:
    """Return the name as it is kept, if it can be used in the institution."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidError(f"A cohort's name has between 1 and {LONGEST_NAME} characters.", "name")
    taken = session.scalar(
        select(Cohort.id).where(
            Cohort.institution_id == institution_id,
            func.lower(Cohort.name) == name.lower(),
            Cohort.id != but if but else Cohort.id.is_not(None),
        )
    )
    if taken:
        raise ConflictError(f"There is a cohort “{name}” already. Choose another name.", "name")
    return name


def _fresh_code(session: Session) -> str:
    """Return a code that no cohort has; 23^8 of them make guessing one hopeless."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if not session.scalar(select(Cohort.id).where(Cohort.invite_code == code)):
            return code
