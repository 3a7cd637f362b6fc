"""Sets that were played in spite of their audit, and the results that carry it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.images import Dataset
from trainer.data.sets import SetPublication


@dataclass(frozen=True, slots=True)
class Override:
    """That a set was played in spite of its audit: who answers for it, why, and despite what."""

    slug: str
    title: str
    by: str
    reason: str
    despite: tuple[str, ...]
    since: datetime
    until: datetime | None


def overrides(session: Session) -> dict[uuid.UUID, tuple[Override, ...]]:
    """Return the overridden publications of every set that had any, oldest first."""
    rows = session.execute(
        select(SetPublication, Dataset.slug, Dataset.title)
        .join(Dataset, Dataset.id == SetPublication.dataset_id)
        .where(SetPublication.override != "")
        .order_by(SetPublication.published_at)
    )
    found: dict[uuid.UUID, list[Override]] = {}
    for one, slug, title in rows:
        found.setdefault(one.dataset_id, []).append(
            Override(
                slug,
                title,
                one.by,
                one.override,
                tuple(one.despite),
                one.published_at,
                one.ended_at,
            )
        )
    return {where: tuple(all_) for where, all_ in found.items()}


def carried(
    known: Mapping[uuid.UUID, Sequence[Override]], datasets: Iterable[uuid.UUID], at: datetime
) -> tuple[Override, ...]:
    """Return the overrides that a sitting carries which began at ``at`` on these sets.

    It carries them for good: mending the set later does not mend what was played before.
    """
    return tuple(
        one
        for where in dict.fromkeys(datasets)
        for one in known.get(where, ())
        if one.since <= at and (one.until is None or at < one.until)
    )
