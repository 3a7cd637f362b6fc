"""Where a person stands with each quiz, from the sittings they had. Reads, writes nothing."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.stats.intervals import Interval
from trainer.data.catalogue import ItemRevision
from trainer.services.results import Run


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
    """

    running: uuid.UUID | None
    taken: int
    last: uuid.UUID | None
    last_score: Interval | None


def by_item(session: Session, runs: Sequence[Run]) -> dict[uuid.UUID, Standing]:
    """Return where the person whose runs these are stands, by item; none for a quiz not begun.

    Parameters
    ----------
    session : Session
        An open session.
    runs : sequence of Run
        All sittings of one person, oldest first.
    """
    item_of = dict(
        session.execute(
            select(ItemRevision.id, ItemRevision.item_id).where(
                ItemRevision.id.in_({run.item_revision_id for run in runs})
            )
        ).all()
    )
    grouped: dict[uuid.UUID, list[Run]] = defaultdict(list)
    for run in runs:
        grouped[item_of[run.item_revision_id]].append(run)
    return {item: _standing(of_item) for item, of_item in grouped.items()}


def _standing(runs: Sequence[Run]) -> Standing:
    over = [run for run in runs if run.is_over]
    # one that was begun for an assignment goes on from there
    going = [run for run in runs if not run.is_over and run.assignment_id is None]
    return Standing(
        running=going[-1].id if going else None,
        taken=len(over),
        last=over[-1].id if over else None,
        last_score=over[-1].interval if over else None,
    )
