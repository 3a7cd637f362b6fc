"""What a report of a film, and the answer to it, must say."""

from __future__ import annotations

from collections.abc import Collection

from trainer.core.review import ReportReason
from trainer.services.errors import Gathered, InvalidError
from trainer.services.stops import SHORTEST_REASON

LONGEST_WORDS = 2000


def filed(reason: str, words: str) -> tuple[ReportReason, str]:
    """Return why a film is reported and in what words; refuse what says too little.

    Raises
    ------
    InvalidError
        About ``reason`` and ``words``.
    """
    faults, why, said = Gathered(), None, words.strip()
    with faults.of("reason"):
        why = _reason(reason)
    with faults.of("words"):
        if why in (ReportReason.OTHER, ReportReason.KEY) and len(said) < 5:
            raise InvalidError("Say in a few words what you see: it helps whoever looks at it.")
        _not_too_long(said, "A report")
    faults.tell()
    assert why is not None
    return why, said


def answered(outcome: str, answer: str, outcomes: Collection[str]) -> str:
    """Return the words of an answer; refuse an outcome that is none, and a silent refusal.

    Raises
    ------
    InvalidError
        About ``outcome`` and ``answer``.
    """
    faults, said = Gathered(), answer.strip()
    with faults.of("outcome"):
        if outcome not in outcomes:
            raise InvalidError("Choose what is to be done about it.")
    with faults.of("answer"):
        if outcome == "declined" and len(said) < SHORTEST_REASON:
            raise InvalidError(
                "Say in words why nothing is changed: whoever reported it reads them."
            )
        _not_too_long(said, "An answer")
    faults.tell()
    return said


def _reason(text: str) -> ReportReason:
    try:
        return ReportReason(text)
    except ValueError as fault:
        raise InvalidError("Choose what is wrong with the film.") from fault


def _not_too_long(said: str, what: str) -> None:
    if len(said) > LONGEST_WORDS:
        raise InvalidError(f"{what} has up to {LONGEST_WORDS:,} letters.")
