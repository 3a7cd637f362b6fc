from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trainer.core.assignments import AssignmentState, Run, Standing, standing

OPENS = datetime(2026, 11, 1, tzinfo=UTC)
DUE = datetime(2026, 11, 20, tzinfo=UTC)


def day(n: float) -> datetime:
    return OPENS + timedelta(days=n)


def at(now: datetime, *runs: Run, mark: float = 0.7) -> Standing:
    return standing(runs, opens=OPENS, due=DUE, pass_mark=mark, now=now)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (day(-1), AssignmentState.NOT_OPEN),
        (day(0), AssignmentState.OPEN),
        (day(15.9), AssignmentState.OPEN),
        (day(16), AssignmentState.DUE),
        (DUE, AssignmentState.DUE),
        (day(19.01), AssignmentState.OVERDUE),
    ],
)
def test_by_its_dates_while_nothing_is_done(now: datetime, state: AssignmentState) -> None:
    assert at(now) == Standing(state, None, None)


def test_the_best_counts_and_the_earliest_among_equals() -> None:
    runs = (Run(day(2), 0.6), Run(day(4), 0.9), Run(day(3), 0.9), Run(day(5), 0.5))
    found = at(day(6), *runs)
    assert (found.state, found.best, found.in_time) == (AssignmentState.PASSED, 2, True)


def test_done_below_the_mark() -> None:
    assert at(day(30), Run(day(2), 0.69)).state is AssignmentState.DONE
    assert at(day(30), Run(day(2), 0.70)).state is AssignmentState.PASSED


def test_in_time_is_about_what_counts() -> None:
    early_fail, late_pass = Run(day(2), 0.4), Run(day(25), 0.8)
    assert at(day(30), early_fail).in_time is True
    assert at(day(30), early_fail, late_pass).in_time is False
    better_late = Run(day(25), 1.0)
    assert at(day(30), Run(day(2), 0.8), better_late).in_time is True


def test_a_sitting_without_one_class_has_no_score_and_passes_nothing() -> None:
    found = at(day(5), Run(day(2), None), mark=0.0)
    assert (found.state, found.best) == (AssignmentState.DONE, 0)
