"""What was shown, what was said of it, what it was worth: the rows that every measure reads."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from trainer.core import sitting as machine
from trainer.core.grading.authenticity import Verdict
from trainer.core.scoring import Score, Scored, score
from trainer.core.sitting import FeedbackWhen, Outcome, Phase
from trainer.core.stats.balanced import score_interval
from trainer.core.stats.intervals import Interval
from trainer.core.words import Choice, Provenance
from trainer.data.images import Case, CaseKey, Dataset
from trainer.data.learning import Grade, Response, Showing, Sitting
from trainer.services.overrides import Override, carried, overrides
from trainer.services.sittings import state_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One case of one sitting.

    Parameters
    ----------
    case_id, kin : UUID, str
        The case; twins share their kin.
    provenance : Provenance
        Class of its pool.
    authentic : bool
        What the film is, by the key of the newest grade.
    hallmarks : tuple of str
        What gives it away.
    mimic_of : str
        For an authentic film: the hallmark it imitates, or empty.
    shown_at : datetime or None
        ``None`` when the sitting ended before its turn.
    verdict : Verdict or None
        The newest; ``None`` without an answer.
    choice, confidence : Choice, int or None
        What was said.
    late : bool
        After the limit: kept, worth nothing.
    call_s : float or None
        Seconds from showing to call on the server's clock.
    """

    case_id: uuid.UUID
    kin: str
    provenance: Provenance
    authentic: bool
    hallmarks: tuple[str, ...]
    mimic_of: str
    shown_at: datetime | None
    verdict: Verdict | None
    choice: Choice | None
    confidence: int | None
    late: bool
    call_s: float | None

    @property
    def scored(self) -> Scored:
        """The case as the score sees it."""
        return Scored(self.authentic, self.verdict, self.late)


@dataclass(frozen=True)
class Run:
    """One sitting as it stands at a moment.

    Parameters
    ----------
    id, user_id, item_revision_id, assignment_id
        What it is and whose.
    started_at, ended_at : datetime
        ``ended_at`` is ``None`` while it goes on. A sitting whose time ran out while no one
        looked ended when its time did.
    phase : Phase
        FINISHED, EXPIRED, or where it stands.
    shown : tuple of Shown
        Its cases in order.
    told : bool
        Whether its truths may be told: in an exam not before its end, not even as a number.
    overrides : tuple of Override
        Sets it was played on that were published in spite of their audit.
    """

    id: uuid.UUID
    user_id: uuid.UUID
    item_revision_id: uuid.UUID
    assignment_id: uuid.UUID | None
    started_at: datetime
    ended_at: datetime | None
    phase: Phase
    shown: tuple[Shown, ...]
    told: bool
    overrides: tuple[Override, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it is finished or its time ran out."""
        return self.phase.is_over

    @cached_property
    def score(self) -> Score:
        """Its score in counts."""
        return score([s.scored for s in self.shown])

    @cached_property
    def interval(self) -> Interval | None:
        """Its score with the 95 % interval; ``None`` where a class is missing."""
        return score_interval([s.scored for s in self.shown])


def runs(session: Session, *where: ColumnElement[bool], now: datetime) -> tuple[Run, ...]:
    """Return the sittings that match, oldest first, as they stand now. Nothing is written.

    Parameters
    ----------
    session : Session
        An open session.
    where : column elements
        Conditions on :class:`trainer.data.learning.Sitting`.
    now : datetime
        Time does its work: a sitting whose limit has passed counts as over.
    """
    found = session.scalars(
        select(Sitting).where(*where).order_by(Sitting.started_at, Sitting.id)
    ).all()
    ids = [sitting.id for sitting in found]
    shown = _shown(session, ids)
    known = overrides(session)
    sets = _sets(session, ids) if known else {}
    return tuple(
        _run(
            sitting,
            tuple(shown[sitting.id]),
            carried(known, sets.get(sitting.id, ()), sitting.started_at),
            now,
        )
        for sitting in found
    )


def _sets(session: Session, sitting_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Return the sets that sittings drew their films from."""
    rows = session.execute(
        select(Showing.sitting_id, Case.dataset_id)
        .join(Case, Showing.case_id == Case.id)
        .where(Showing.sitting_id.in_(sitting_ids))
        .distinct()
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {}
    for sitting, dataset in rows:
        found.setdefault(sitting, []).append(dataset)
    return found


def overrides_of(
    session: Session, sitting_id: uuid.UUID, started_at: datetime
) -> tuple[Override, ...]:
    """Return the overrides that one sitting carries."""
    known = overrides(session)
    if not known:
        return ()
    sets = _sets(session, [sitting_id]).get(sitting_id, ())
    return carried(known, sets, started_at)


def _run(
    sitting: Sitting, shown: tuple[Shown, ...], carries: tuple[Override, ...], now: datetime
) -> Run:
    phase, ended = sitting.phase, sitting.ended_at
    if not phase.is_over:  # only then its showings are loaded as well: most sittings are over
        before = state_of(sitting)
        phase = machine.tick(before, now).phase
        if phase.is_over:
            left = machine.sitting_left(before, now)
            ended = now + timedelta(seconds=left) if left is not None else now
    return Run(
        id=sitting.id,
        user_id=sitting.user_id,
        item_revision_id=sitting.item_revision_id,
        assignment_id=sitting.assignment_id,
        started_at=sitting.started_at,
        ended_at=ended,
        phase=phase,
        shown=shown,
        told=phase.is_over or sitting.rules["feedback"] == FeedbackWhen.AFTER_EACH,
        overrides=carries,
    )


def _shown(session: Session, sitting_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Shown]]:
    """Return the cases of sittings in order, each with its newest verdict.

    A case that was dropped from its sitting is none of them: its film left play, and nobody's score
    rests on it. Columns, not rows as objects: a year of practice is thousands of them.
    """
    mine = Showing.sitting_id.in_(sitting_ids)
    newest = {
        response: (key, Verdict.from_json(verdict))
        for response, key, verdict in session.execute(
            select(Grade.response_id, Grade.case_key_id, Grade.verdict)
            .join(Response, Grade.response_id == Response.id)
            .join(Showing, Response.showing_id == Showing.id)
            .where(mine)
            .order_by(Grade.graded_at)
        )
    }
    rows = session.execute(
        select(
            Showing.sitting_id,
            Showing.case_id,
            Showing.case_key_id,
            Showing.shown_at,
            Case.kin,
            Dataset.provenance,
            Response.id.label("response_id"),
            Response.choice,
            Response.confidence,
            Response.late,
            Response.call_ms,
        )
        .join(Case, Showing.case_id == Case.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .outerjoin(Response, Response.showing_id == Showing.id)
        .where(mine, Showing.outcome.is_distinct_from(Outcome.DROPPED))
        .order_by(Showing.position)
    ).all()
    # What a film is goes by the key of the newest grade; without an answer, by the one of the
    # showing.
    graded = [(row, *newest.get(row.response_id, (row.case_key_id, None))) for row in rows]
    keys = {
        key: (truth, tuple(hallmarks), mimic_of)
        for key, truth, hallmarks, mimic_of in session.execute(
            select(CaseKey.id, CaseKey.truth, CaseKey.hallmarks, CaseKey.mimic_of).where(
                CaseKey.id.in_({key for _, key, _ in graded})
            )
        )
    }
    shown = defaultdict(list)
    for row, key, verdict in graded:
        truth, hallmarks, mimic_of = keys[key]
        shown[row.sitting_id].append(
            Shown(
                case_id=row.case_id,
                kin=row.kin,
                provenance=row.provenance,
                authentic=truth.is_authentic,
                hallmarks=hallmarks,
                mimic_of=mimic_of,
                shown_at=row.shown_at,
                verdict=verdict,
                choice=row.choice,
                confidence=row.confidence,
                late=bool(row.late),
                call_s=None if row.call_ms is None else row.call_ms / 1000,
            )
        )
    return shown
