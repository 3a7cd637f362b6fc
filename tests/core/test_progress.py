from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.progress import (
    WINDOW,
    Attempt,
    LessonState,
    completion,
    lesson_progress,
    window,
)

attempts = st.lists(
    st.builds(Attempt, st.booleans(), st.sampled_from([True, False, None])), max_size=70
)


def run(fakes: int, hits: int, reals: int, kept: int) -> list[Attempt]:
    return [Attempt(False, i < hits) for i in range(fakes)] + [
        Attempt(True, i < kept) for i in range(reals)
    ]


def test_a_lesson_goes_from_unread_to_mastered() -> None:
    assert lesson_progress([], opened=False).state is LessonState.NOT_STARTED
    assert lesson_progress([], opened=True).state is LessonState.READING
    practising = lesson_progress(run(5, 5, 5, 5), opened=True)
    assert (practising.state, practising.window.n) == (LessonState.PRACTISING, 10)
    done = lesson_progress(run(12, 10, 13, 11), opened=True)
    assert (done.state, done.passed_after) == (LessonState.MASTERED, 25)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (run(12, 12, 12, 12), "24 answers are not 25"),
        (run(20, 20, 5, 3), "specificity .60"),
        (run(5, 3, 20, 20), "sensitivity .60"),
        (run(13, 10, 12, 9), "accuracy .76"),
        (run(25, 25, 0, 0), "no authentic film was seen"),
        (run(0, 0, 25, 25), "no other film was seen"),
    ],
)
def test_mastery_asks_for_all_three(rows: list[Attempt], why: str) -> None:
    assert lesson_progress(rows, opened=True).state is LessonState.PRACTISING, why


def test_accusing_everything_never_masters() -> None:
    rows = [Attempt(i % 2 == 0, i % 2 == 1) for i in range(200)]
    assert lesson_progress(rows, opened=True).state is LessonState.PRACTISING


def test_cannot_tell_is_right_about_nothing() -> None:
    rows = [Attempt(i % 2 == 0, True) for i in range(19)]
    rows += [Attempt(i % 2 == 0, None) for i in range(6)]
    assert window(rows).right == 19
    assert lesson_progress(rows, opened=True).state is LessonState.PRACTISING


def test_the_window_rolls() -> None:
    bad = [Attempt(i % 2 == 0, False) for i in range(40)]
    good = [Attempt(i % 2 == 0, True) for i in range(25)]
    assert lesson_progress(bad + good, opened=True).passed_after is not None
    assert lesson_progress(bad + good[:10], opened=True).state is LessonState.PRACTISING


@given(attempts, attempts)
def test_what_was_mastered_stays_so(first: list[Attempt], more: list[Attempt]) -> None:
    before = lesson_progress(first, opened=True)
    after = lesson_progress(first + more, opened=True)
    if before.state is LessonState.MASTERED:
        assert after.passed_after == before.passed_after
    assert after.window.n == min(len(first) + len(more), WINDOW)
    assert 0 <= after.share <= 1


def test_completion_is_the_mean_over_lessons() -> None:
    lessons = [
        lesson_progress([], opened=False),
        lesson_progress(run(12, 12, 13, 13), opened=True),
    ]
    assert completion(lessons) == 0.5
    assert completion([]) == 0.0
