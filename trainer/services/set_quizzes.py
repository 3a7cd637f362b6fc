"""Practice on any published image set: a quiz that nobody had to write.

Authors write quizzes as files; a curator who has just brought a set in wants to play it at once.
Each published set that no authored quiz draws from has a quiz of its own: ten films, the truth
after each call, no limit of time. It is an item of its own kind, so that publishing the curricula
leaves it alone.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.plural import counted
from trainer.data.catalogue import Item, ItemRevision, Track
from trainer.data.images import Case, CaseKey, Dataset
from trainer.services.errors import ConflictError, NotFoundError, NotReadyError
from trainer.services.vouching import answered_for

KIND = "set"
FILMS = 10
_IDENTITY = uuid.UUID("5b0b5f8e-3d0f-4b39-9a0d-7d1f0c5f6a11")


@dataclass(frozen=True, slots=True)
class SetCard:
    """A set that can be practised on."""

    slug: str
    title: str
    provenance: str
    licence: str
    citation: str
    cases: int


def offered(session: Session) -> tuple[SetCard, ...]:
    """Return the published sets that no authored quiz draws from, by title."""
    authored = set()
    bodies = session.scalars(
        select(ItemRevision.body)
        .join(Item, Item.revision_id == ItemRevision.id)
        .where(Item.live, Item.kind == "quiz")
    )
    for body in bodies:
        authored |= set(body["pool"]["datasets"])
    rows = session.execute(
        select(Dataset, func.count(Case.id))
        .join(Case, Case.dataset_id == Dataset.id)
        .where(
            Dataset.published_at.is_not(None),
            Case.live,
            answered_for(),
            Case.split == "practice",
        )
        .group_by(Dataset.id)
        .order_by(Dataset.title)
    )
    return tuple(
        SetCard(d.slug, d.title, d.provenance.value, d.licence, d.citation, n)
        for d, n in rows
        if d.slug not in authored
    )


def item_of(session: Session, slug: str, *, now: datetime) -> uuid.UUID:
    """Return the item of a set's own quiz, written anew where the set has changed.

    Raises
    ------
    NotFoundError
        When no published set has this name.
    ConflictError
        When no track is published (its concepts are the words of the feedback).
    NotReadyError
        When the set has too few films of a class.
    """
    found = session.scalar(
        select(Dataset).where(Dataset.slug == slug, Dataset.published_at.is_not(None))
    )
    if found is None:
        raise NotFoundError("There is no such image set to practise on.")
    track = session.scalar(select(Track).order_by(Track.status, Track.slug))
    if track is None:
        raise ConflictError("No lessons are published yet: `flask --app wsgi content publish`.")
    body = _body(found, _smaller_class(session, found.id))
    item_id = uuid.uuid5(_IDENTITY, str(found.id))
    item = session.get(Item, item_id)
    if item is None:
        item = Item(id=item_id, track_id=track.id, slug=f"set-{slug}"[:80], kind=KIND, position=0)
        session.add(item)
        session.flush()
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    revision = session.scalar(
        select(ItemRevision).where(
            ItemRevision.item_id == item_id, ItemRevision.content_hash == digest
        )
    )
    if revision is None:
        revision = ItemRevision(
            item_id=item_id, content_hash=digest, body=body, publication_id=track.publication_id
        )
        session.add(revision)
        session.flush()
    item.revision_id, item.live = revision.id, True
    session.flush()
    return item_id


def _smaller_class(session: Session, dataset_id: uuid.UUID) -> int:
    rows = session.execute(
        select(CaseKey.truth, func.count(func.distinct(Case.kin)))
        .join(Case, Case.key_id == CaseKey.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.dataset_id == dataset_id, Case.live, answered_for(), Case.split == "practice")
        .group_by(CaseKey.truth)
    )
    counts = {True: 0, False: 0}
    for truth, n in rows:
        counts[truth.is_authentic] += n
    return min(counts.values())


def _body(found: Dataset, smaller: int) -> dict[str, Any]:
    """Return the quiz as a file would say it; any draw of classes can be met from the set."""
    cases = min(FILMS, smaller)
    if cases < 2:
        raise NotReadyError(
            f"{found.title} has too few films of one class for a quiz: it takes two of each."
        )
    return {
        "title": f"{found.title}: {counted(cases, 'film')}",
        "summary": "Practice on one image set, the truth after each call.",
        "cases": cases,
        "feedback": "after_each",
        "pausable": True,
        "lenses": None,
        "pass_mark": None,
        "pool": {
            "provenance": found.provenance.value,
            "datasets": [found.slug],
            "regions": [],
            "hallmarks": [],
            "split": "practice",
        },
    }
