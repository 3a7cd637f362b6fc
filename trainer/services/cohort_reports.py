"""Who has finished an assignment and how each did; the same as CSV."""

from __future__ import annotations

import csv
import io
import statistics
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.assignments import AssignmentState
from trainer.core.stats.intervals import Interval, mean_of_people, wilson
from trainer.data.catalogue import ItemRevision
from trainer.data.cohorts import Assignment, Cohort, CohortMember
from trainer.data.people import User
from trainer.services import assignments, results
from trainer.services.actor import Actor
from trainer.services.overrides import Override

#: People who finished before anything is said of the cohort as a whole.
SUMMARY_FROM = 5
#: People before the mean carries an interval that reaches beyond these very people.
INFER_FROM = 8

#: What a spreadsheet would take for a formula when a cell begins with it.
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class LearnerLine:
    """One learner's line of an assignment's report.

    Parameters
    ----------
    user_id, name, email
        Who.
    state : AssignmentState
        In one word.
    in_time : bool or None
        Whether what was reached was reached by the due date; ``None`` while nothing is finished.
    attempts : int
        Sittings that are over.
    finished_at : datetime or None
        End of the sitting that counts.
    score, sensitivity, specificity : Interval or None
        Of the sitting that counts, with 95 % intervals. Sensitivity is the share of not authentic
        films that were called so, specificity that of authentic ones left alone; *cannot tell*,
        late and missing answers are neither.
    false_alarms, verify, late, unanswered, cases : int
        Counts of that sitting.
    overrides : tuple of Override
        Sets of that sitting that were published in spite of their audit.
    """

    user_id: uuid.UUID
    name: str
    email: str
    state: AssignmentState
    in_time: bool | None
    attempts: int
    finished_at: datetime | None = None
    score: Interval | None = None
    sensitivity: Interval | None = None
    specificity: Interval | None = None
    false_alarms: int = 0
    verify: int = 0
    late: int = 0
    unanswered: int = 0
    cases: int = 0
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The cohort as a whole; made from :data:`SUMMARY_FROM` people on.

    Parameters
    ----------
    people : int
        Who finished with a score.
    mean : float
        Mean score.
    interval : Interval or None
        Of the mean over people, from :data:`INFER_FROM` people on.
    lowest, highest : float
        Lowest and highest score.
    passed, in_time : int
        How many.
    """

    people: int
    mean: float
    interval: Interval | None
    lowest: float
    highest: float
    passed: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Report:
    """An assignment's report at a moment."""

    assignment_id: uuid.UUID
    cohort_id: uuid.UUID
    cohort: str
    title: str
    opens_at: datetime
    due_at: datetime
    pass_mark: float
    withdrawn_at: datetime | None
    lines: tuple[LearnerLine, ...]
    summary: Summary | None
    made_at: datetime

    @property
    def overrides(self) -> tuple[Override, ...]:
        """What any line carries, each once."""
        return tuple(dict.fromkeys(o for line in self.lines for o in line.overrides))

    @property
    def finished(self) -> int:
        """How many have finished."""
        return sum(line.attempts > 0 for line in self.lines)


def report(session: Session, actor: Actor, assignment_id: uuid.UUID, *, now: datetime) -> Report:
    """Return who has finished an assignment and how each did.

    Raises
    ------
    NotFoundError
        For an assignment of another institution.
    """
    assignment = assignments.owned(session, actor, assignment_id)
    revision = session.get_one(ItemRevision, assignment.item_revision_id)
    people = session.execute(
        select(User.id, User.name, User.email)
        .join(CohortMember, CohortMember.user_id == User.id)
        .where(CohortMember.cohort_id == assignment.cohort_id)
        .order_by(func.lower(User.name), User.email)
    ).all()
    runs = assignments.runs_by_person(session, [assignment.id], now)
    lines = tuple(
        _line(assignment, row.id, row.name, row.email, runs.get((assignment.id, row.id), []), now)
        for row in people
    )
    return Report(
        assignment_id=assignment.id,
        cohort_id=assignment.cohort_id,
        cohort=session.get_one(Cohort, assignment.cohort_id).name,
        title=str(revision.body["title"]),
        opens_at=assignment.opens_at,
        due_at=assignment.due_at,
        pass_mark=assignment.pass_mark,
        withdrawn_at=assignment.withdrawn_at,
        lines=lines,
        summary=summary(lines),
        made_at=now,
    )


def _line(
    assignment: Assignment,
    user_id: uuid.UUID,
    name: str,
    email: str,
    runs: list[results.Run],
    now: datetime,
) -> LearnerLine:
    stand, best = assignments.standing_of(assignment, runs, now)
    attempts = sum(run.is_over for run in runs)
    if best is None:
        return LearnerLine(user_id, name, email, stand.state, stand.in_time, attempts)
    s = best.score
    return LearnerLine(
        user_id=user_id,
        name=name,
        email=email,
        state=stand.state,
        in_time=stand.in_time,
        attempts=attempts,
        finished_at=best.ended_at,
        score=best.interval,
        sensitivity=wilson(s.hits, s.fakes) if s.fakes else None,
        specificity=wilson(s.kept, s.reals) if s.reals else None,
        false_alarms=s.false_alarms,
        verify=s.verify,
        late=s.late,
        unanswered=s.cases - s.answered,
        cases=s.cases,
        overrides=best.overrides,
    )


def summary(lines: Sequence[LearnerLine]) -> Summary | None:
    """Return the cohort as a whole, ``None`` for fewer than five people who finished."""
    scores = [line.score.value for line in lines if line.score]
    if len(scores) < SUMMARY_FROM:
        return None
    interval = None
    if len(scores) >= INFER_FROM:
        found = mean_of_people(
            scores
        )  # Student's interval does not know that scores end at 0 and 1
        interval = replace(found, low=max(found.low, 0.0), high=min(found.high, 1.0))
    return Summary(
        people=len(scores),
        mean=statistics.fmean(scores),
        interval=interval,
        lowest=min(scores),
        highest=max(scores),
        passed=sum(line.state is AssignmentState.PASSED for line in lines),
        in_time=sum(line.in_time is True for line in lines),
    )


COLUMNS = (
    "name", "email", "state", "finished in time", "sittings finished", "finished at (UTC)",
    "score", "score 95% low", "score 95% high",
    "sensitivity", "sensitivity 95% low", "sensitivity 95% high",
    "specificity", "specificity 95% low", "specificity 95% high",
    "false accusations", "cannot tell", "late answers", "unanswered", "cases",
    "published in spite of its audit",
)  # fmt: skip


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: a risky beginning gets an apostrophe.

    References
    ----------
    OWASP, CSV Injection.
    """
    return f"'{text}" if text.lstrip().startswith(_RISKY) or text.startswith(_RISKY) else text


def as_csv(found: Report) -> bytes:
    """Return a report as CSV in UTF-8 with a byte order mark, so that spreadsheets read it right.

    Shares are numbers from 0 to 1 with four decimals; what is not there is an empty cell.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for line in found.lines:
        rows.writerow(
            [
                safe_cell(line.name),
                safe_cell(line.email),
                line.state.value,
                {True: "yes", False: "no", None: ""}[line.in_time],
                line.attempts,
                f"{line.finished_at:%Y-%m-%d %H:%M}" if line.finished_at else "",
                *_three(line.score),
                *_three(line.sensitivity),
                *_three(line.specificity),
                *(
                    (line.false_alarms, line.verify, line.late, line.unanswered, line.cases)
                    if line.attempts
                    else ("",) * 5
                ),
                safe_cell("; ".join(f"{o.slug} (by {o.by})" for o in line.overrides)),
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def _three(interval: Interval | None) -> tuple[str, str, str]:
    if interval is None:
        return ("", "", "")
    return (f"{interval.value:.4f}", f"{interval.low:.4f}", f"{interval.high:.4f}")
