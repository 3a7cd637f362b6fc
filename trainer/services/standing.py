"""Where a person stands with each quiz, from the sittings they had. Reads, writes nothing."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.progress import Attempt
from trainer.core.sitting import FeedbackWhen
from trainer.core.stats.intervals import Interval
from trainer.data.catalogue import ItemRevision
from trainer.data.learning import Sitting
from trainer.services import results
from trainer.services.actor import Actor
from trainer.services.results import Run


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One answer whose truth was told, in the order in which the films were shown."""

    shown_at: datetime
    position: int
    attempt: Attempt = field(compare=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has done with one quiz, in any of its revisions.

    Parameters
    ----------
    running : UUID or None
        The newest sitting that goes on.
    taken : int
        Sittings that are over.
    last, last_score
        The newest of those, and its score; None where a class of film is missing.
    attempts : tuple of Told
        Answers, oldest first. An exam that goes on tells nothing yet.
    """

    running: uuid.UUID | None
    taken: int
    last: uuid.UUID | None
    last_score: Interval | None
    attempts: tuple[Told, ...]


def by_item(session: Session, actor: Actor, *, now: datetime) -> dict[uuid.UUID, Standing]:
    """Return where this person stands, by item; no entry for a quiz never begun."""
    runs = results.runs(session, Sitting.user_id == actor.id, now=now)
    item_of = {
        revision: (item, str(body.get("feedback")))
        for revision, item, body in session.execute(
            select(ItemRevision.id, ItemRevision.item_id, ItemRevision.body).where(
                ItemRevision.id.in_({run.item_revision_id for run in runs})
            )
        )
    }
    grouped: dict[uuid.UUID, list[tuple[Run, bool]]] = defaultdict(list)
    for run in runs:
        item, feedback = item_of[run.item_revision_id]
        grouped[item].append((run, feedback == FeedbackWhen.AT_END))
    return {item: _standing(of_item) for item, of_item in grouped.items()}


def _standing(runs: Sequence[tuple[Run, bool]]) -> Standing:
    over = [run for run, _ in runs if run.is_over]
    going = [run for run, _ in runs if not run.is_over and run.assignment_id is None]
    return Standing(
        running=going[-1].id if going else None,
        taken=len(over),
        last=over[-1].id if over else None,
        last_score=over[-1].interval if over else None,
        attempts=tuple(
            sorted(told for run, exam in runs if run.is_over or not exam for told in _told(run))
        ),
    )


def _told(run: Run) -> list[Told]:
    return [
        Told(
            shown_at=shown.shown_at or run.started_at,
            position=position,
            attempt=Attempt(shown.authentic, False if shown.late else shown.verdict.right),
        )
        for position, shown in enumerate(run.shown)
        if shown.verdict is not None
    ]
