"""Who answers for the labels of a set: an owner's label is one voice, a person must be another."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.words import Provenance
from trainer.data.images import Case, Dataset
from trainer.data.review import KeyAgreement
from trainer.services import audit, shelf
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError
from trainer.services.stops import locked_case, reason
from trainer.services.vouching import answered_for

PARTS = {
    "proposed": "proposed it",
    "agreed": "agreed to it",
    "case": "agreed to the owner's label of this film",
    "set": "checked the labels of the whole set",
    "made": "its truth is known by construction",
    "before": "the set was published before a person had to agree",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Someone who answers for a key."""

    name: str
    part: str
    words: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Who answers for the labels of a set.

    Parameters
    ----------
    exempt : bool
        A simulated set: every truth is known by construction.
    cases, agreed, made, waiting : int
        All cases with a key; how many of these a person agreed to, are known by construction, and
        wait for someone.
    voices : tuple of Voice
        Who checked the set as a whole, the newest first.
    """

    slug: str
    title: str
    exempt: bool
    cases: int
    agreed: int
    made: int
    waiting: int
    voices: tuple[Voice, ...]


def standing(session: Session, slug: str) -> Standing:
    """Return who answers for the labels of a set."""
    dataset = shelf.find(session, slug)
    parts = select(KeyAgreement.part).where(KeyAgreement.case_key_id == Case.key_id)
    person, made = (
        parts.where(KeyAgreement.part != "made"),
        parts.where(KeyAgreement.part == "made"),
    )
    mine = select(func.count(Case.id)).where(
        Case.dataset_id == dataset.id, Case.key_id.is_not(None)
    )
    cases = session.scalar(mine) or 0
    agreed = session.scalar(mine.where(person.exists())) or 0
    built = session.scalar(mine.where(made.exists(), ~person.exists())) or 0
    exempt = dataset.provenance is Provenance.SIMULATED
    rows = session.execute(
        select(KeyAgreement.name, KeyAgreement.why, KeyAgreement.part, KeyAgreement.agreed_at)
        .join(Case, Case.key_id == KeyAgreement.case_key_id)
        .where(Case.dataset_id == dataset.id, KeyAgreement.part.in_(("set", "before")))
        .distinct()
        .order_by(KeyAgreement.agreed_at.desc())
        .limit(20)
    )
    return Standing(
        slug=dataset.slug,
        title=dataset.title,
        exempt=exempt,
        cases=cases,
        agreed=agreed,
        made=cases - agreed if exempt else built,
        waiting=0 if exempt else cases - agreed - built,
        voices=tuple(Voice(name, part, PARTS[part], why, at) for name, why, part, at in rows),
    )


def agree_set(
    session: Session, actor: Actor | None, slug: str, *, by: str, why: str, now: datetime
) -> int:
    """Note that a named person has checked the labels of a set; return how many were waiting.

    Parameters
    ----------
    actor : Actor or None
        ``None`` is the command line.
    by : str
        Who answers for it.
    why : str
        What was checked, and against what.

    Raises
    ------
    InvalidError
        Without a name, or without words.
    ConflictError
        When no case of the set waits for anyone.
    """
    if actor is not None:
        actor.require(Permission.BANK)
    name = " ".join(by.split())
    if not 2 <= len(name) <= 120:
        raise InvalidError("It takes the name of who has checked the labels.", "by")
    words = reason(why)
    dataset = shelf.find(session, slug)
    keys = session.scalars(
        select(Case.key_id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.dataset_id == dataset.id, Case.key_id.is_not(None), ~answered_for())
        .with_for_update(of=Case)
    ).all()
    if not keys:
        raise ConflictError(f"No label of {slug} waits for anyone's agreement.")
    session.add_all(
        KeyAgreement(
            case_key_id=key,
            user_id=actor.id if actor else None,
            name=name,
            part="set",
            why=words,
            agreed_at=now,
        )
        for key in keys
    )
    audit.note(session, actor, "labels.agree-set", slug, now, by=name, why=words, cases=len(keys))
    session.flush()
    return len(keys)


def agree_case(
    session: Session, actor: Actor, case_id: uuid.UUID, key_id: uuid.UUID, *, now: datetime
) -> None:
    """Agree to an owner's label of one case as it stands.

    Parameters
    ----------
    key_id : UUID
        The key that was on the page: one that has changed since is not agreed to by accident.
    """
    actor.require(Permission.BANK)
    case = locked_case(session, case_id)
    if case.key_id != key_id:
        raise ConflictError("The key of this film has changed since the page was drawn: reload it.")
    if session.scalar(select(KeyAgreement.id).where(KeyAgreement.case_key_id == key_id).limit(1)):
        return
    session.add(
        KeyAgreement(
            case_key_id=key_id, user_id=actor.id, name=actor.name, part="case", agreed_at=now
        )
    )
    audit.note(session, actor, "labels.agree", case_id, now, key=str(key_id))
    session.flush()


def voices(session: Session, key_id: uuid.UUID | None) -> tuple[Voice, ...]:
    """Return who answers for a key."""
    rows = session.scalars(
        select(KeyAgreement)
        .where(KeyAgreement.case_key_id == key_id)
        .order_by(KeyAgreement.agreed_at, KeyAgreement.part.desc())
    )
    return tuple(Voice(r.name, r.part, PARTS[r.part], r.why, r.agreed_at) for r in rows)
