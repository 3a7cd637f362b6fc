"""From what a learner did to where they stand with a lesson.

Mastery is not a good day: it is a rolling window of the last 25 answers with accuracy, sensitivity
AND specificity at .80 or above, so that it cannot be had by accusing everything or nothing. The
rule and its dose (median 76 cases) are those of ImageSim's trial with 37 fellows (CJEM 2019, LO41).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WINDOW = 25
MASTERY = 0.80


class LessonState(StrEnum):
    """Where a learner stands with a lesson."""

    NOT_STARTED = "not_started"
    READING = "reading"
    PRACTISING = "practising"
    MASTERED = "mastered"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answered case of a lesson, in the order of answering.

    Parameters
    ----------
    authentic : bool
        What the film was.
    right : bool or None
        ``None`` for *cannot tell*, which is right about nothing here: mastery is being able to
        tell. A late answer is passed as not right.
    """

    authentic: bool
    right: bool | None


@dataclass(frozen=True, slots=True)
class Window:
    """The last answers of a lesson, up to :data:`WINDOW`.

    Parameters
    ----------
    n : int
        How many there are.
    right : int
        Right ones of all.
    hits, fakes : int
        Found, of the films that were not authentic.
    kept, reals : int
        Left alone, of the authentic ones.
    """

    n: int
    right: int
    hits: int
    fakes: int
    kept: int
    reals: int

    @property
    def masters(self) -> bool:
        """Whether the window is full and good in all three ways."""
        return self.n >= WINDOW and all(
            whole > 0 and part / whole >= MASTERY
            for part, whole in (
                (self.right, self.n),
                (self.hits, self.fakes),
                (self.kept, self.reals),
            )
        )


@dataclass(frozen=True, slots=True)
class LessonProgress:
    """Where a learner stands with one lesson.

    Parameters
    ----------
    state : LessonState
        Once mastered it stays so; forgetting is the business of review, not of this word.
    answered : int
        Answers ever given.
    window : Window
        The last 25.
    passed_after : int or None
        After how many answers the window first showed mastery.
    """

    state: LessonState
    answered: int
    window: Window
    passed_after: int | None

    @property
    def share(self) -> float:
        """Completion, 0 to 1: reading is a tenth, a full window all but mastery."""
        if self.state is LessonState.MASTERED:
            return 1.0
        if self.state is LessonState.NOT_STARTED:
            return 0.0
        return 0.1 + 0.8 * self.window.n / WINDOW


def window(attempts: Sequence[Attempt]) -> Window:
    """Return the last :data:`WINDOW` of the attempts, counted."""
    last = attempts[-WINDOW:]
    fakes = [a for a in last if not a.authentic]
    reals = [a for a in last if a.authentic]
    return Window(
        n=len(last),
        right=sum(a.right is True for a in last),
        hits=sum(a.right is True for a in fakes),
        fakes=len(fakes),
        kept=sum(a.right is True for a in reals),
        reals=len(reals),
    )


def lesson_progress(attempts: Sequence[Attempt], *, opened: bool) -> LessonProgress:
    """Return where a learner stands with a lesson.

    Parameters
    ----------
    attempts : sequence of Attempt
        Every answer to the lesson's quizzes, oldest first.
    opened : bool
        Whether the lesson's page was opened or read.
    """
    passed = next(
        (i for i in range(WINDOW, len(attempts) + 1) if window(attempts[:i]).masters), None
    )
    if passed is not None:
        state = LessonState.MASTERED
    elif attempts:
        state = LessonState.PRACTISING
    else:
        state = LessonState.READING if opened else LessonState.NOT_STARTED
    return LessonProgress(state, len(attempts), window(attempts), passed)


def completion(lessons: Sequence[LessonProgress]) -> float:
    """Return how much of a track is done, 0 to 1: the mean over its lessons; 0 for none."""
    return sum(lesson.share for lesson in lessons) / len(lessons) if lessons else 0.0
