"""Whether anyone answers for a key.

A film whose truth is known by construction needs nobody: a simulated one, and one that this
program's forgery engine altered (its key holds the recipe).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from trainer.core.words import Provenance
from trainer.data.images import Case, CaseKey, Dataset
from trainer.data.review import KeyAgreement
from trainer.services.errors import ConflictError, NotFoundError


def by_construction(body: Mapping[str, Any]) -> bool:
    """Whether a key's truth is known because this program made or altered the film."""
    return bool(body.get("engine") and body.get("recipe"))


def answered_for() -> ColumnElement[bool]:
    """Return the condition, on ``Case`` and ``Dataset``, that someone answers for the key."""
    return or_(
        Dataset.provenance == Provenance.SIMULATED,
        exists().where(KeyAgreement.case_key_id == Case.key_id),
    )


def gate(session: Session, dataset: Dataset) -> None:
    """Refuse to let a set be published while nobody answers for some of its labels.

    Raises
    ------
    ConflictError
        Says how many wait, and the two ways to agree.
    """
    mine = (
        select(func.count(Case.id))
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.dataset_id == dataset.id, Case.key_id.is_not(None))
    )
    waiting = session.scalar(mine.where(~answered_for())) or 0
    if waiting:
        raise ConflictError(
            f"{dataset.slug}: nobody has agreed to the labels of {waiting} of its "
            f"{session.scalar(mine)} cases. An owner's label is one voice; a person must be "
            "another. Agree to each case on its page, or to the set as a whole, if you have "
            "checked its labels against the owner's publication.",
            "labels",
        )


def note_made(session: Session, key: CaseKey, *, now: datetime) -> None:
    """Note of a fresh key that its truth is known by construction, where it is."""
    if not by_construction(key.body):
        return
    dataset = session.scalar(
        select(Dataset).join(Case, Case.dataset_id == Dataset.id).where(Case.id == key.case_id)
    )
    if dataset is None:
        raise NotFoundError("The case of this key is gone.")
    if dataset.provenance is Provenance.CLINICAL:
        session.add(
            KeyAgreement(
                case_key_id=key.id,
                name=f"the forgery engine {key.body['engine']}"[:120],
                part="made",
                agreed_at=now,
            )
        )
        session.flush()
