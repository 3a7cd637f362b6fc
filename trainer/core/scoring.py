"""From verdicts to the score of a sitting.

The score is balanced: the mean of the credit on authentic films and the credit on the others,
each with its own interval. A false accusation weighs as much as a miss, whatever the mix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.core.grading.authenticity import Cell, Verdict


@dataclass(frozen=True, slots=True)
class Scored:
    """One case of a sitting as the score sees it.

    Parameters
    ----------
    authentic : bool
        What the film is.
    verdict : Verdict or None
        ``None`` when it was not answered.
    late : bool
        Answered after the limit: kept, worth nothing.
    """

    authentic: bool
    verdict: Verdict | None
    late: bool = False

    @property
    def credit(self) -> float:
        """What the case adds: 0 when late or not answered."""
        return 0.0 if self.verdict is None or self.late else self.verdict.credit


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome of a sitting.

    Parameters
    ----------
    cases, answered, late, verify : int
        How many there were, were answered, were late, were *cannot tell*.
    hits, fakes : int
        Not-authentic films called so, of how many.
    kept, reals : int
        Authentic films left alone, of how many.
    false_alarms : int
        Authentic films that were accused; unanswered and *cannot tell* ones are not.
    value : float or None
        Balanced score, 0 to 1; ``None`` where a class is missing altogether.
    """

    cases: int
    answered: int
    late: int
    verify: int
    hits: int
    fakes: int
    kept: int
    reals: int
    false_alarms: int
    value: float | None


def score(cases: Sequence[Scored]) -> Score:
    """Return the score of a sitting's cases (0 or more, in any order)."""
    fakes = [c for c in cases if not c.authentic]
    reals = [c for c in cases if c.authentic]
    in_time = [c.verdict.cell for c in cases if c.verdict and not c.late]
    value = None
    if fakes and reals:
        value = (
            sum(c.credit for c in fakes) / len(fakes) + sum(c.credit for c in reals) / len(reals)
        ) / 2
    return Score(
        cases=len(cases),
        answered=sum(c.verdict is not None for c in cases),
        late=sum(c.late for c in cases),
        verify=in_time.count(Cell.VERIFY),
        hits=in_time.count(Cell.HIT),
        fakes=len(fakes),
        kept=in_time.count(Cell.CORRECT_REJECTION),
        reals=len(reals),
        false_alarms=in_time.count(Cell.FALSE_ALARM),
        value=value,
    )
