"""The score of a sitting with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.core.scoring import Scored
from trainer.core.stats.intervals import Interval, mean_of, wilson


def score_interval(cases: Sequence[Scored]) -> Interval | None:
    """Return the balanced score of cases with its 95 % interval, ``None`` where a class is missing.

    The mean of the credit on films that were not authentic and of that on authentic ones, each
    with Wilson's interval, joined by MOVER (:func:`trainer.core.stats.intervals.mean_of`). The
    interval speaks of this reader on films like these; with 10 cases it is some 45 points wide.

    Parameters
    ----------
    cases : sequence of Scored
        One or more sittings' cases. Late and unanswered ones earn nothing and count.
    """
    fakes = [case.credit for case in cases if not case.authentic]
    reals = [case.credit for case in cases if case.authentic]
    if not fakes or not reals:
        return None
    return mean_of(wilson(sum(fakes), len(fakes)), wilson(sum(reals), len(reals)))
