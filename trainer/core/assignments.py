"""Where a learner stands with an assignment, from its dates and what they reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: From this long before its due date an open assignment is called due.
DUE_SOON = timedelta(days=3)


class AssignmentState(StrEnum):
    """What the learner sees beside an assignment."""

    NOT_OPEN = "not_open"
    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"  # finished, below the pass mark
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Run:
    """One sitting of the assigned quiz that is over.

    Parameters
    ----------
    ended_at : datetime
        When it was finished or its time ran out.
    score : float or None
        Balanced score, 0 to 1; ``None`` where a class of films is missing.
    """

    ended_at: datetime
    score: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a learner's sittings of one assignment come to.

    Parameters
    ----------
    state : AssignmentState
        In one word.
    best : int or None
        Index of the sitting that counts: the best score, the earliest among equals.
    in_time : bool or None
        Whether what was reached (the pass, or without one the end) was reached by the due date;
        ``None`` while nothing is finished.
    """

    state: AssignmentState
    best: int | None
    in_time: bool | None


def standing(
    runs: Sequence[Run], *, opens: datetime, due: datetime, pass_mark: float, now: datetime
) -> Standing:
    """Return where a learner stands.

    Parameters
    ----------
    runs : sequence of Run
        Sittings begun for this assignment that are over, in any order.
    opens, due, now : datetime
        Aware times.
    pass_mark : float
        Score that passes, 0 to 1.
    """
    if not runs:
        if now < opens:
            state = AssignmentState.NOT_OPEN
        elif now > due:
            state = AssignmentState.OVERDUE
        else:
            state = AssignmentState.DUE if due - now <= DUE_SOON else AssignmentState.OPEN
        return Standing(state, None, None)
    best = max(
        range(len(runs)),
        key=lambda i: (_value(runs[i]), -runs[i].ended_at.timestamp()),
    )
    passing = [run for run in runs if run.score is not None and run.score >= pass_mark]
    in_time = any(run.ended_at <= due for run in passing or runs)
    state = AssignmentState.PASSED if passing else AssignmentState.DONE
    return Standing(state, best, in_time)


def _value(run: Run) -> float:
    return -1.0 if run.score is None else run.score
