"""A timed quiz as a state machine: state in, new state out, the time as an argument.

::

    READY --show--> SHOWING --answer or time-out--> FEEDBACK --advance--> READY ... FINISHED
      any of the three --pause--> PAUSED --resume--> where it was
      any of them, when the sitting's time is used up --> EXPIRED
      READY or SHOWING --drop--> READY ... FINISHED

In an exam (feedback at the end) there is no FEEDBACK: an answer leads on to READY at once.

Two clocks run on the server's time. The *case clock* runs while a case is shown. The *sitting
clock* runs with it in practice, so that reading the feedback costs nothing; in an exam it runs
from the first case to the last answer. Both stand still in a pause. Extra time multiplies both
limits.

An answer that arrives within ``grace_s`` after a limit counts as in time. One that arrives later
is kept and marked late, as long as its case was shown and has no answer yet.

A case whose film may not be shown any more, and for which there is no other, is *dropped*: it
counts for nothing, and the sitting goes on with the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

TIME_FACTORS = (1.0, 1.25, 1.5, 2.0)


class FeedbackWhen(StrEnum):
    """When the reader is told the truth."""

    AFTER_EACH = "after_each"
    AT_END = "at_end"


class Phase(StrEnum):
    """Where a sitting stands."""

    READY = "ready"
    SHOWING = "showing"
    FEEDBACK = "feedback"
    PAUSED = "paused"
    FINISHED = "finished"
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be shown."""
        return self in (Phase.FINISHED, Phase.EXPIRED)


class Outcome(StrEnum):
    """How a case ended in the sitting."""

    IN_TIME = "in_time"
    LATE = "late"
    TIMED_OUT = "timed_out"
    DROPPED = "dropped"


class SittingError(Exception):
    """An event that the sitting's state does not allow; the message says why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules a sitting is played by.

    Parameters
    ----------
    feedback : FeedbackWhen
        After each case (practice) or at the end (exam).
    case_s, sitting_s : float or None
        Limits in seconds before extra time; ``None`` is untimed.
    pausable : bool
        Whether the quiz allows a pause.
    grace_s : float
        How long after a limit an answer still counts as in time, in seconds.
    """

    feedback: FeedbackWhen = FeedbackWhen.AFTER_EACH
    case_s: float | None = None
    sitting_s: float | None = None
    pausable: bool = False
    grace_s: float = 3.0

    def __post_init__(self) -> None:
        """Refuse limits that no one could meet."""
        for name in ("case_s", "sitting_s"):
            limit = getattr(self, name)
            if limit is not None and limit <= 0:
                raise ValueError(f"{name} must be above 0 seconds or none, it is {limit}")
        if self.grace_s < 0:
            raise ValueError(f"grace_s must not be below 0 seconds, it is {self.grace_s}")


@dataclass(frozen=True, slots=True)
class Sitting:
    """The state of one sitting. Made by :func:`start`; changed only by the functions below.

    Parameters
    ----------
    rules : Rules
        What the quiz allows.
    factor : float
        Extra time: 1, 1.25, 1.5 or 2.
    outcomes : tuple
        One entry a case, ``None`` while it is open.
    phase : Phase
        Where it stands.
    position : int
        The case at hand, from 0.
    used_s, running_since : float, datetime or None
        Sitting clock: seconds used up to ``running_since``, and since when it runs.
    case_used_s, case_since : float, datetime or None
        The same for the case clock.
    paused_phase : Phase or None
        Where it goes on after a pause.
    """

    rules: Rules
    factor: float
    outcomes: tuple[Outcome | None, ...]
    phase: Phase = Phase.READY
    position: int = 0
    used_s: float = 0.0
    running_since: datetime | None = None
    case_used_s: float = 0.0
    case_since: datetime | None = None
    paused_phase: Phase | None = None

    @property
    def is_last(self) -> bool:
        """Whether the case at hand is the last."""
        return self.position == len(self.outcomes) - 1


def start(rules: Rules, cases: int, factor: float = 1.0) -> Sitting:
    """Return a fresh sitting over ``cases`` cases (1 or more), not yet shown.

    Raises
    ------
    ValueError
        When there are no cases or the extra time is not one of :data:`TIME_FACTORS`.
    """
    if cases < 1:
        raise ValueError("a sitting has at least one case")
    if factor not in TIME_FACTORS:
        raise ValueError(f"extra time is one of {TIME_FACTORS}, not {factor}")
    return Sitting(rules=rules, factor=factor, outcomes=(None,) * cases)


def _elapsed(used: float, since: datetime | None, now: datetime) -> float:
    # A clock that was set back must not give time away, nor take it.
    return used if since is None else used + max((now - since).total_seconds(), 0.0)


def _left(limit: float | None, factor: float, elapsed: float) -> float | None:
    return None if limit is None else limit * factor - elapsed


def case_left(s: Sitting, now: datetime) -> float | None:
    """Return the seconds left for the case at hand (below 0 when over), ``None`` if untimed."""
    return _left(s.rules.case_s, s.factor, _elapsed(s.case_used_s, s.case_since, now))


def sitting_left(s: Sitting, now: datetime) -> float | None:
    """Return the seconds left for the whole sitting (below 0 when over), ``None`` if untimed."""
    return _left(s.rules.sitting_s, s.factor, _elapsed(s.used_s, s.running_since, now))


def left(s: Sitting, now: datetime) -> float | None:
    """Return the seconds until the nearer of the two limits, ``None`` if untimed."""
    limits = [x for x in (case_left(s, now), sitting_left(s, now)) if x is not None]
    return min(limits) if limits else None


def _stop(s: Sitting, now: datetime, *, case_only: bool = False) -> Sitting:
    """Stop the case clock, and the sitting's unless ``case_only``."""
    s = replace(s, case_used_s=_elapsed(s.case_used_s, s.case_since, now), case_since=None)
    if case_only:
        return s
    return replace(s, used_s=_elapsed(s.used_s, s.running_since, now), running_since=None)


def tick(s: Sitting, now: datetime) -> Sitting:
    """Let time do its work: a case may time out, the sitting may expire.

    Called before every other event and before a page is drawn; without a limit, or before it, the
    state comes back unchanged.
    """
    if s.phase.is_over or s.phase is Phase.PAUSED:
        return s
    whole = sitting_left(s, now)
    if whole is not None and whole < -s.rules.grace_s:
        s = _stop(s, now)
        return replace(_close_case(s, Outcome.TIMED_OUT), phase=Phase.EXPIRED)
    one = case_left(s, now)
    if s.phase is Phase.SHOWING and one is not None and one < -s.rules.grace_s:
        return _after_case(s, Outcome.TIMED_OUT, now)
    return s


def show(s: Sitting, now: datetime) -> Sitting:
    """Put the case at hand before the reader and start the clocks. Again is no change.

    Raises
    ------
    SittingError
        In a pause, on feedback, or when the sitting is over.
    """
    s = tick(s, now)
    if s.phase is Phase.SHOWING:
        return s
    if s.phase is not Phase.READY:
        raise SittingError(_WHY_NOT[s.phase])
    return replace(
        s,
        phase=Phase.SHOWING,
        case_since=now,
        running_since=s.running_since or now,
    )


def answer(s: Sitting, position: int, now: datetime) -> tuple[Sitting, Outcome]:
    """Take an answer to the case at ``position``.

    Parameters
    ----------
    s : Sitting
        The state before.
    position : int
        Which case, from 0; it must have been shown.
    now : datetime
        When the answer reached the server.

    Returns
    -------
    Sitting, Outcome
        The state after, and whether the answer was in time or late.

    Raises
    ------
    SittingError
        When the case has an answer, was not shown yet, or the sitting is paused.
    """
    before = s
    s = tick(s, now)
    if not 0 <= position < len(s.outcomes):
        raise SittingError(f"there is no case {position + 1} in this sitting")
    outcome = s.outcomes[position]
    if outcome in (Outcome.IN_TIME, Outcome.LATE):
        raise SittingError("this case has its answer; a call is final")
    if outcome is Outcome.DROPPED:
        raise SittingError("this film was taken out of play; the case does not count")
    if outcome is Outcome.TIMED_OUT:
        outcomes = (*s.outcomes[:position], Outcome.LATE, *s.outcomes[position + 1 :])
        return replace(s, outcomes=outcomes), Outcome.LATE
    if s.phase is Phase.PAUSED:
        raise SittingError("the sitting is paused: resume it, then answer")
    if s.phase is not Phase.SHOWING or before.position != position:
        raise SittingError("this case has not been shown yet")
    return _after_case(s, Outcome.IN_TIME, now), Outcome.IN_TIME


def _close_case(s: Sitting, outcome: Outcome) -> Sitting:
    """Write how the case at hand ended, if it was open and on show."""
    if s.phase is not Phase.SHOWING or s.outcomes[s.position] is not None:
        return s
    return replace(s, outcomes=(*s.outcomes[: s.position], outcome, *s.outcomes[s.position + 1 :]))


def _after_case(s: Sitting, outcome: Outcome, now: datetime) -> Sitting:
    """Close the case at hand and go on as the rules say."""
    s = _close_case(s, outcome)
    if s.rules.feedback is FeedbackWhen.AFTER_EACH:
        return replace(_stop(s, now), phase=Phase.FEEDBACK)
    return _advance(_stop(s, now, case_only=True), now)


def _advance(s: Sitting, now: datetime) -> Sitting:
    if s.is_last:
        return replace(_stop(s, now), phase=Phase.FINISHED)
    return replace(s, phase=Phase.READY, position=s.position + 1, case_used_s=0.0, case_since=None)


def advance(s: Sitting, position: int, now: datetime) -> Sitting:
    """Leave the feedback on the case at ``position``: on to the next, or to the end.

    Leaving the same feedback twice (a second tab, a double click) is no change.

    Raises
    ------
    SittingError
        When the case at ``position`` is still open.
    """
    s = tick(s, now)
    if s.phase.is_over or position < s.position:
        return s
    if s.phase is not Phase.FEEDBACK or position != s.position:
        raise SittingError("make your call first")
    return _advance(s, now)


def drop(s: Sitting, now: datetime) -> Sitting:
    """Take the case at hand out of the sitting: its film may not be shown, and there is no other.

    The time that was spent on it stays spent; the next case has its own.

    Raises
    ------
    SittingError
        When no case is open: in a pause, on feedback, or when the sitting is over.
    """
    s = tick(s, now)
    if s.phase not in (Phase.READY, Phase.SHOWING):
        raise SittingError(_WHY_NOT[s.phase])
    s = replace(
        s, outcomes=(*s.outcomes[: s.position], Outcome.DROPPED, *s.outcomes[s.position + 1 :])
    )
    return _advance(_stop(s, now, case_only=s.rules.feedback is FeedbackWhen.AT_END), now)


def pause(s: Sitting, now: datetime) -> Sitting:
    """Stop both clocks and hide the film.

    Raises
    ------
    SittingError
        When the quiz allows no pause or the sitting is over.
    """
    s = tick(s, now)
    if s.phase is Phase.PAUSED:
        return s
    if not s.rules.pausable:
        raise SittingError("this quiz does not allow a pause")
    if s.phase.is_over:
        raise SittingError(_WHY_NOT[s.phase])
    return replace(_stop(s, now), phase=Phase.PAUSED, paused_phase=s.phase)


def resume(s: Sitting, now: datetime) -> Sitting:
    """Go on after a pause. Again is no change."""
    if s.phase is not Phase.PAUSED or s.paused_phase is None:
        return tick(s, now)
    s = replace(s, phase=s.paused_phase, paused_phase=None)
    exam_on = s.rules.feedback is FeedbackWhen.AT_END and s.used_s > 0
    if s.phase is Phase.SHOWING:
        return replace(s, case_since=now, running_since=now)
    return replace(s, running_since=now) if exam_on else s


def abandon(s: Sitting, now: datetime) -> Sitting:
    """End a sitting before its last case; open cases stay without an answer."""
    if s.phase.is_over:
        return s
    return replace(_stop(s, now), phase=Phase.FINISHED, paused_phase=None)


def deadline(s: Sitting, now: datetime) -> datetime | None:
    """Return when the nearer limit is reached, ``None`` if untimed or while no clock runs."""
    remaining = left(s, now)
    if remaining is None or s.phase is not Phase.SHOWING:
        return None
    return now + timedelta(seconds=remaining)


_WHY_NOT = {
    Phase.FEEDBACK: "read the feedback and go on first",
    Phase.PAUSED: "the sitting is paused: resume it first",
    Phase.FINISHED: "the sitting is finished",
    Phase.EXPIRED: "the sitting's time is over",
}
