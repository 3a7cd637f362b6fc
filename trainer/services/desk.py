"""What waits for a curator: proposals to read, readings to settle, films that were reported."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.review import AnnotationState, ReportState
from trainer.core.words import Provenance
from trainer.data.images import Case, Dataset, Image
from trainer.data.review import Annotation, FilmReport
from trainer.services import labels
from trainer.services.actor import Actor
from trainer.services.casebook import label_of
from trainer.services.vouching import answered_for


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in a list of things to do."""

    case_id: uuid.UUID
    label: str
    name: str
    since: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Desk:
    """What there is to do.

    Parameters
    ----------
    read : tuple of Waiting
        A colleague proposes a key: read the film and say what you see.
    settle : tuple of Waiting
        Two readings, one of them yours: compare and settle.
    mine : tuple of Waiting
        Proposals of yours that wait for a colleague.
    drafts : tuple of Waiting
        What you have begun.
    reports : int
        Films with an open report.
    sets : tuple of Standing
        Clinical sets with labels that nobody has agreed to.
    """

    read: tuple[Waiting, ...]
    settle: tuple[Waiting, ...]
    mine: tuple[Waiting, ...]
    drafts: tuple[Waiting, ...]
    reports: int
    sets: tuple[labels.Standing, ...]

    @property
    def yours(self) -> int:
        """How much of it waits for this person."""
        return len(self.read) + len(self.settle) + self.reports


def desk(session: Session, actor: Actor) -> Desk:
    """Return what waits for a curator, the oldest first."""
    actor.require(Permission.BANK)
    rows = session.execute(
        select(Annotation, Image, Dataset)
        .join(Case, Annotation.case_id == Case.id)
        .join(Image, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Annotation.state.in_((AnnotationState.PROPOSED.value, AnnotationState.DRAFT.value)))
        .order_by(Annotation.saved_at)
    ).all()
    proposed: dict[uuid.UUID, list[Annotation]] = defaultdict(list)
    cards: dict[uuid.UUID, tuple[str, str]] = {}
    drafts = []
    for found, image, dataset in rows:
        cards[found.case_id] = (label_of(image, dataset), str(image.facts.get("name", "")))
        if found.state is AnnotationState.PROPOSED:
            proposed[found.case_id].append(found)
        elif found.author_id == actor.id:
            drafts.append(Waiting(found.case_id, *cards[found.case_id], found.saved_at))
    read: list[Waiting] = []
    settle: list[Waiting] = []
    mine: list[Waiting] = []
    for case_id, all_of in proposed.items():
        own = [p for p in all_of if p.author_id == actor.id]
        others = [p for p in all_of if p.author_id != actor.id]
        since = min(p.proposed_at or p.saved_at for p in all_of)
        card = Waiting(case_id, *cards[case_id], since, len(all_of))
        (settle if own and others else read if others else mine).append(card)
    return Desk(
        tuple(read),
        tuple(settle),
        tuple(mine),
        tuple(drafts),
        open_reports(session),
        _sets(session),
    )


def open_reports(session: Session) -> int:
    """Count the films with an open report."""
    return (
        session.scalar(
            select(func.count(FilmReport.case_id.distinct())).where(
                FilmReport.state == ReportState.OPEN
            )
        )
        or 0
    )


def _sets(session: Session) -> tuple[labels.Standing, ...]:
    slugs = session.scalars(
        select(Dataset.slug)
        .join(Case, Case.dataset_id == Dataset.id)
        .where(
            Dataset.provenance == Provenance.CLINICAL,
            Case.key_id.is_not(None),
            ~answered_for(),
        )
        .distinct()
        .order_by(Dataset.slug)
    )
    return tuple(labels.standing(session, slug) for slug in slugs)
