"""The cases that a quiz may draw from."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.assembly import Blueprint, Candidate
from trainer.core.words import Hallmark, Provenance
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.learning import Showing, Sitting
from trainer.services.vouching import answered_for


def blueprint(body: Mapping[str, Any]) -> Blueprint:
    """Return what the sittings of a quiz are made of, from its revision's body."""
    return Blueprint(
        cases=body["cases"],
        hallmarks=frozenset(Hallmark(h) for h in body["pool"].get("hallmarks", ())),
    )


def candidates(
    session: Session, user_id: uuid.UUID | None, pool: Mapping[str, Any]
) -> list[Candidate]:
    """Return the live cases of published sets that a quiz's ``pool`` names.

    A clinical case whose label nobody has agreed to is not among them.

    Parameters
    ----------
    session : Session
        An open session.
    user_id : UUID, optional
        Whose earlier showings count as seen; nobody's where none is given.
    pool : mapping
        ``provenance``, ``datasets``, ``regions`` (empty: all), ``split``.
    """
    query = (
        select(Case.id, Case.kin, CaseKey.truth, CaseKey.hallmarks, CaseKey.mimic_of)
        .join(CaseKey, Case.key_id == CaseKey.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .join(Image, Case.image_id == Image.id)
        .where(
            Case.live,
            answered_for(),
            Case.split == pool["split"],
            Dataset.published_at.is_not(None),
            Dataset.slug.in_(pool["datasets"]),
            Dataset.provenance == Provenance(pool["provenance"]),
        )
    )
    if pool.get("regions"):
        query = query.where(Image.region.in_(pool["regions"]))
    seen = _seen(session, user_id) if user_id else {}
    return [
        Candidate(
            id=str(case_id),
            truth=truth,
            provenance=Provenance(pool["provenance"]),
            kin=kin,
            hallmarks=tuple(Hallmark(h) for h in hallmarks),
            mimic_of=Hallmark(mimic_of) if mimic_of else None,
            seen=seen.get(kin, 0),
        )
        for case_id, kin, truth, hallmarks, mimic_of in session.execute(query)
    ]


def _seen(session: Session, user_id: uuid.UUID) -> dict[str, int]:
    """Count by kin what this person has been shown: a twin counts as the same film."""
    query = (
        select(Case.kin, func.count())
        .join(Showing, Showing.case_id == Case.id)
        .join(Sitting, Showing.sitting_id == Sitting.id)
        .where(Sitting.user_id == user_id, Showing.shown_at.is_not(None))
        .group_by(Case.kin)
    )
    return {kin: count for kin, count in session.execute(query)}


def largest_block(session: Session, case_ids: Sequence[uuid.UUID]) -> int:
    """Return the length that every block of a sitting with these cases is padded to, in bytes."""
    longest = session.scalar(
        select(func.max(Image.block_bytes))
        .join(Case, Case.image_id == Image.id)
        .where(Case.id.in_(case_ids))
    )
    return int(longest or 0)
