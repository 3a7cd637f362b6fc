"""What a sitting came to, once it is over."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from trainer.core import sitting as machine
from trainer.core.grading.authenticity import Verdict
from trainer.core.scoring import Score, Scored, score
from trainer.core.sitting import Outcome, Phase
from trainer.core.words import Choice
from trainer.data.catalogue import ItemRevision
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.learning import Response, Showing
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError
from trainer.services.overrides import Override
from trainer.services.results import overrides_of
from trainer.services.room import film_label
from trainer.services.sittings import load, state_of


@dataclass(frozen=True, slots=True)
class SummaryCase:
    """One line of a sitting's summary."""

    position: int
    token: str
    label: str
    choice: Choice | None
    confidence: int | None
    authentic: bool
    right: bool | None
    late: bool
    call_s: float | None
    hallmarks: tuple[str, ...]
    named: bool | None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A sitting that is over."""

    sitting_id: uuid.UUID
    item_id: uuid.UUID
    assignment_id: uuid.UUID | None
    title: str
    phase: Phase
    started_at: datetime
    ended_at: datetime | None
    score: Score
    pass_mark: float | None
    cases: tuple[SummaryCase, ...]
    overrides: tuple[Override, ...] = ()
    #: Cases, from 1, whose films were taken out of play: they count for nothing.
    dropped: tuple[int, ...] = ()


def summary(session: Session, actor: Actor, sitting_id: uuid.UUID, *, now: datetime) -> Summary:
    """Return the summary of a person's own sitting that is over.

    Raises
    ------
    ConflictError
        While it goes on.
    """
    sitting = load(session, actor, sitting_id)
    state = machine.tick(state_of(sitting), now)
    if not state.phase.is_over:
        raise ConflictError("The sitting is not over yet.")
    revision = session.get_one(ItemRevision, sitting.item_revision_id)
    rows = session.execute(
        select(Showing, CaseKey, Image, Dataset.provenance)
        .join(CaseKey, Showing.case_key_id == CaseKey.id)
        .join(Case, Showing.case_id == Case.id)
        .join(Image, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Showing.sitting_id == sitting.id)
        .order_by(Showing.position)
        .options(joinedload(Showing.response).selectinload(Response.grades))
    ).all()
    scored, lines, dropped = [], [], []
    for showing, key, image, provenance in rows:
        if showing.outcome is Outcome.DROPPED:
            dropped.append(showing.position + 1)
            continue
        response = showing.response
        verdict = Verdict.from_json(response.grades[-1].verdict) if response else None
        corrected = bool(response and response.grades[-1].case_key_id != key.id)
        if response and corrected:  # a corrected key counts
            key = session.get_one(CaseKey, response.grades[-1].case_key_id)
        late = bool(response and response.late)
        scored.append(Scored(key.truth.is_authentic, verdict, late))
        lines.append(
            SummaryCase(
                position=showing.position,
                token=showing.token,
                label=film_label(image.region, image.view, provenance),
                choice=response.choice if response else None,
                confidence=response.confidence if response else None,
                authentic=key.truth.is_authentic,
                right=verdict.right if verdict else None,
                late=late,
                call_s=response.call_ms / 1000 if response else None,
                hallmarks=tuple(key.hallmarks),
                named=verdict.named if verdict else None,
                corrected=corrected,
            )
        )
    return Summary(
        sitting_id=sitting.id,
        item_id=revision.item_id,
        assignment_id=sitting.assignment_id,
        title=str(revision.body["title"]),
        phase=state.phase,
        started_at=sitting.started_at,
        ended_at=sitting.ended_at,
        score=score(scored),
        pass_mark=revision.body.get("pass_mark"),
        cases=tuple(lines),
        overrides=overrides_of(session, sitting.id, sitting.started_at),
        dropped=tuple(dropped),
    )
