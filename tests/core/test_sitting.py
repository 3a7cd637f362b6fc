from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core import sitting as machine
from trainer.core.sitting import FeedbackWhen, Outcome, Phase, Rules, SittingError

T0 = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


PRACTICE = Rules(case_s=60, sitting_s=300, pausable=True, grace_s=3)
EXAM = Rules(feedback=FeedbackWhen.AT_END, case_s=60, sitting_s=100, grace_s=3)


def test_a_practice_sitting_from_start_to_finish():
    s = machine.show(machine.start(PRACTICE, 2), at(0))
    s, outcome = machine.answer(s, 0, at(20))
    assert (s.phase, outcome) == (Phase.FEEDBACK, Outcome.IN_TIME)
    s = machine.show(machine.advance(s, 0, at(500)), at(500))  # feedback costs no time
    assert machine.sitting_left(s, at(500)) == 280
    s, _ = machine.answer(s, 1, at(510))
    s = machine.advance(s, 1, at(511))
    assert s.phase is Phase.FINISHED
    assert s.outcomes == (Outcome.IN_TIME, Outcome.IN_TIME)


def test_an_exam_shows_no_feedback_and_its_clock_goes_on_between_cases():
    s = machine.show(machine.start(EXAM, 3), at(0))
    s, _ = machine.answer(s, 0, at(10))
    assert (s.phase, s.position) == (Phase.READY, 1)
    assert machine.sitting_left(s, at(60)) == 40
    assert machine.tick(s, at(104)).phase is Phase.EXPIRED


def test_extra_time_multiplies_both_limits():
    s = machine.show(machine.start(PRACTICE, 1, 1.5), at(0))
    assert machine.case_left(s, at(0)) == 90
    assert machine.sitting_left(s, at(0)) == 450
    assert machine.deadline(s, at(0)) == at(90)


@pytest.mark.parametrize(
    ("when", "outcome"), [(60, Outcome.IN_TIME), (63, Outcome.IN_TIME), (63.1, Outcome.LATE)]
)
def test_an_answer_after_the_limit_and_its_grace_is_kept_and_marked_late(when, outcome):
    s = machine.show(machine.start(PRACTICE, 2), at(0))
    s, got = machine.answer(s, 0, at(when))
    assert got is outcome
    assert s.outcomes[0] is outcome


def test_a_late_answer_to_an_earlier_case_is_kept_and_moves_nothing():
    s = machine.show(machine.start(EXAM, 3), at(0))
    s = machine.tick(s, at(64))
    assert (s.position, s.outcomes[0]) == (1, Outcome.TIMED_OUT)
    s = machine.show(s, at(65))
    after, outcome = machine.answer(s, 0, at(66))
    assert outcome is Outcome.LATE
    assert (after.phase, after.position) == (Phase.SHOWING, 1)


def test_an_expired_sitting_keeps_the_answer_that_was_on_its_way():
    s = machine.show(machine.start(replace(PRACTICE, case_s=None, sitting_s=30), 2), at(0))
    s, outcome = machine.answer(s, 0, at(40))
    assert (s.phase, outcome) == (Phase.EXPIRED, Outcome.LATE)


def test_a_call_is_final():
    s = machine.show(machine.start(PRACTICE, 2), at(0))
    s, _ = machine.answer(s, 0, at(1))
    with pytest.raises(SittingError, match="final"):
        machine.answer(s, 0, at(2))


def test_a_case_that_was_not_shown_takes_no_answer():
    s = machine.show(machine.start(PRACTICE, 2), at(0))
    with pytest.raises(SittingError, match="not been shown"):
        machine.answer(s, 1, at(1))
    with pytest.raises(SittingError, match="no case 3"):
        machine.answer(s, 2, at(1))


def test_a_pause_stops_both_clocks_and_goes_on_where_it_was():
    s = machine.show(machine.start(PRACTICE, 1), at(0))
    s = machine.pause(s, at(10))
    assert machine.tick(s, at(9_999)).phase is Phase.PAUSED
    s = machine.resume(s, at(10_000))
    assert s.phase is Phase.SHOWING
    assert machine.case_left(s, at(10_000)) == 50


def test_a_quiz_that_allows_no_pause_says_so():
    s = machine.show(machine.start(EXAM, 1), at(0))
    with pytest.raises(SittingError, match="does not allow a pause"):
        machine.pause(s, at(1))


def test_showing_and_advancing_twice_change_nothing():
    s = machine.show(machine.start(PRACTICE, 2), at(0))
    assert machine.show(s, at(5)) == s
    s, _ = machine.answer(s, 0, at(6))
    s = machine.advance(s, 0, at(7))
    assert machine.advance(s, 0, at(8)) == s


def test_a_clock_set_back_takes_no_time_and_gives_none():
    s = machine.show(machine.start(PRACTICE, 1), at(100))
    assert machine.case_left(s, at(0)) == 60


@pytest.mark.parametrize("rules", [PRACTICE, EXAM])
def test_a_dropped_case_takes_no_answer_and_the_next_has_its_own_time(rules):
    s = machine.show(machine.start(rules, 3), at(0))
    s = machine.drop(s, at(10))
    assert (s.phase, s.position, s.outcomes[0]) == (Phase.READY, 1, Outcome.DROPPED)
    with pytest.raises(SittingError, match="out of play"):
        machine.answer(s, 0, at(11))
    s = machine.show(s, at(20))
    assert machine.case_left(s, at(20)) in (None, rules.case_s)
    s, _ = machine.answer(s, 1, at(21))
    s = machine.tick(s, at(22)) if rules is EXAM else machine.advance(s, 1, at(22))
    s = machine.drop(s, at(23))
    assert s.phase is Phase.FINISHED
    assert s.outcomes == (Outcome.DROPPED, Outcome.IN_TIME, Outcome.DROPPED)
    with pytest.raises(SittingError, match="finished"):
        machine.drop(s, at(24))


@pytest.mark.parametrize("factor", [0, 0.5, 1.1, 3])
def test_extra_time_is_one_of_four(factor):
    with pytest.raises(ValueError, match="extra time"):
        machine.start(PRACTICE, 1, factor)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "show",
                "answer",
                "answer_old",
                "advance",
                "pause",
                "resume",
                "drop",
                "tick",
                "abandon",
            ]
        ),
        st.floats(0, 40),
    ),
    max_size=60,
)


@given(EVENTS, st.sampled_from([PRACTICE, EXAM, Rules()]), st.sampled_from(machine.TIME_FACTORS))
def test_no_order_of_events_loses_an_answer_or_goes_back(events, rules, factor):
    s = machine.start(rules, 4, factor)
    now = T0
    kept: dict[int, Outcome] = {}
    for event, wait in events:
        now += timedelta(seconds=wait)
        before = s
        try:
            if event.startswith("answer"):
                position = s.position if event == "answer" else max(s.position - 1, 0)
                s, outcome = machine.answer(s, position, now)
                assert position not in kept
                kept[position] = outcome
            elif event == "advance":
                s = machine.advance(s, s.position, now)
            else:
                s = getattr(machine, event)(s, now)
        except SittingError:
            pass
        assert s.position >= before.position
        assert not (before.phase.is_over and not s.phase.is_over)
        for position, outcome in kept.items():
            assert s.outcomes[position] is outcome
        for was, is_now in zip(before.outcomes, s.outcomes, strict=True):
            assert was is not Outcome.DROPPED or is_now is Outcome.DROPPED
        if s.phase is Phase.FINISHED and "abandon" not in dict(events):
            assert None not in s.outcomes
