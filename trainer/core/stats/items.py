"""What the answers to one film say about the film: classical item analysis.

Only first exposures count: who has seen a film (or its twin) before answers from memory. Each
number is given from the count on which it says something, and is ``None`` below it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.core.stats.intervals import Interval, wilson, z_of

#: From how many first exposures a number is given: a share right has a standard error of 0.09 at
#: 30, a correlation of about 0.10 at 100.
FEWEST_FOR_DIFFICULTY = 30
FEWEST_FOR_CORRELATION = 100
#: An extreme group of 27 % is the best trade between its size and how far apart the groups are:
#: Kelley TL (1939) J Educ Psychol 30:17-24.
KELLEY = 0.27
#: Below this a key does not sort good readers from poor ones: it may be wrong.
LEAST_CORRELATION = 0.10
#: An authentic film that so few call authentic may not be authentic.
LEAST_RIGHT = 0.40
#: A film's median time further than this many robust standard deviations from its fellows'.
TIME_OUTLIER = 3.0


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation with its 95 % interval by Fisher's transformation."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Thirds:
    """How often one answer was chosen by the lower, middle and upper third of the readers."""

    lower: float
    middle: float
    upper: float


def share_right(credits: Sequence[float]) -> Interval | None:
    """Return the share right with Wilson's interval; ``None`` below 30 first exposures.

    Parameters
    ----------
    credits : sequence of float
        1 for right, 0 for wrong, 0.5 for *cannot tell*.
    """
    if len(credits) < FEWEST_FOR_DIFFICULTY:
        return None
    return wilson(float(sum(credits)), len(credits))


def corrected_point_biserial(credits: Sequence[float], rest: Sequence[float]) -> Correlation | None:
    r"""Return how right answers to a film go with the readers' score on *other* films.

    .. math:: r = \mathrm{cor}(x_i, \; T_i - x_i)

    The film itself is left out of the score, or it would go with itself.

    Parameters
    ----------
    credits : sequence of float
        One reader's credit for the film each.
    rest : sequence of float
        The same readers' score on the other films they saw.

    Returns
    -------
    Correlation or None
        ``None`` below 100 readers, and where either does not vary.

    Raises
    ------
    ValueError
        When the two are not of one length.

    References
    ----------
    Henrysson S (1963) Psychometrika 28:211-218; Fisher RA (1921) Metron 1:3-32 for the interval.
    """
    x, y = np.asarray(credits, float), np.asarray(rest, float)
    if x.shape != y.shape:
        raise ValueError(f"{x.size} answers and {y.size} scores: one of each for every reader")
    if x.size < FEWEST_FOR_CORRELATION:
        return None
    # rounding leaves a constant with a standard deviation of about 1e-17
    if min(float(x.std()), float(y.std())) < 1e-12:
        return None
    r = float(np.corrcoef(x, y)[0, 1])
    if abs(r) >= 1 - 1e-12:
        return Correlation(
            math.copysign(1.0, r), math.copysign(1.0, r), math.copysign(1.0, r), x.size
        )
    middle, reach = math.atanh(r), z_of(0.95) / math.sqrt(x.size - 3)
    return Correlation(r, math.tanh(middle - reach), math.tanh(middle + reach), int(x.size))


def _weights(score: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """Return each reader's part in the slice ``first`` to ``last`` (shares) of the ranking.

    Readers of one score share what falls to them evenly, so that no order among them matters.
    """
    n = score.size
    low, high = first * n, last * n
    weights = np.zeros(n)
    for value in np.unique(score):
        tied = score == value
        below = int(np.count_nonzero(score < value))
        count = int(np.count_nonzero(tied))
        inside = max(0.0, min(high, below + count) - max(low, float(below)))
        weights[tied] = inside / count
    return weights


def upper_lower(
    credits: Sequence[float], rest: Sequence[float], share: float = KELLEY
) -> float | None:
    """Return the share right of the best 27 % minus that of the poorest 27 % of the readers.

    Parameters
    ----------
    credits, rest : sequence of float
        As for :func:`corrected_point_biserial`.
    share : float
        Size of each group, above 0 and at most 0.5.

    Returns
    -------
    float or None
        -1 to 1; ``None`` below 100 readers.

    References
    ----------
    Kelley TL (1939) J Educ Psychol 30:17-24. Ties at the border are shared out evenly.
    """
    if not 0 < share <= 0.5:
        raise ValueError(f"a group is up to half of the readers, not {share}")
    x, y = np.asarray(credits, float), np.asarray(rest, float)
    if x.shape != y.shape:
        raise ValueError(f"{x.size} answers and {y.size} scores: one of each for every reader")
    if x.size < FEWEST_FOR_CORRELATION:
        return None
    top, bottom = _weights(y, 1 - share, 1), _weights(y, 0, share)
    return float((top @ x) / top.sum() - (bottom @ x) / bottom.sum())


def by_thirds(chosen: Sequence[bool], rest: Sequence[float]) -> Thirds | None:
    """Return how often an answer was chosen in each third of the readers, by their other films.

    Parameters
    ----------
    chosen : sequence of bool
        Whether each reader chose it.
    rest : sequence of float
        Their score on other films.

    Returns
    -------
    Thirds or None
        ``None`` below 100 readers.
    """
    x, y = np.asarray(chosen, float), np.asarray(rest, float)
    if x.shape != y.shape:
        raise ValueError(f"{x.size} answers and {y.size} scores: one of each for every reader")
    if x.size < FEWEST_FOR_CORRELATION:
        return None
    shares = []
    for third in range(3):
        weights = _weights(y, third / 3, (third + 1) / 3)
        shares.append(float((weights @ x) / weights.sum()))
    return Thirds(*shares)


def time_is_odd(median_s: float, fellows_s: Sequence[float]) -> bool | None:
    """Return whether a film's median time lies far from that of its fellows.

    Parameters
    ----------
    median_s : float
        The film's median time to the call, in seconds, above 0.
    fellows_s : sequence of float
        The medians of the other films of its set, each from 30 calls or more.

    Returns
    -------
    bool or None
        ``None`` with fewer than ten fellows, or where they do not differ.

    References
    ----------
    Median absolute deviation of log times, times 1.4826: Leys C et al. (2013) J Exp Soc Psychol
    49:764-766.
    """
    if len(fellows_s) < 10 or median_s <= 0:
        return None
    logs = np.log([s for s in fellows_s if s > 0])
    if logs.size < 10:
        return None
    middle = float(np.median(logs))
    spread = 1.4826 * float(np.median(np.abs(logs - middle)))
    if spread < 1e-9:
        return None
    return abs(math.log(median_s) - middle) / spread > TIME_OUTLIER


def flags(
    *,
    right: Interval | None,
    authentic: bool,
    discrimination: Correlation | None,
    key_by_thirds: Mapping[str, Thirds],
    distractors_by_thirds: Mapping[str, Thirds],
    distractor_correlations: Mapping[str, Correlation],
    odd_time: bool | None,
) -> tuple[str, ...]:
    """Return what a curator should look at, in words, the gravest first.

    Parameters
    ----------
    right : Interval or None
        :func:`share_right`.
    authentic : bool
        What the key says of the film.
    discrimination : Correlation or None
        :func:`corrected_point_biserial`.
    key_by_thirds, distractors_by_thirds : mapping of str to Thirds
        For each hallmark of the key, and for each other one that was chosen.
    distractor_correlations : mapping of str to Correlation
        How choosing each other hallmark goes with the score on other films.
    odd_time : bool or None
        :func:`time_is_odd`.
    """
    found = []
    if right is not None and authentic and right.value < LEAST_RIGHT:
        found.append("fewer than 40 % call this authentic film authentic: is its label right?")
    if discrimination is not None and discrimination.value < LEAST_CORRELATION:
        found.append("good readers are hardly more often right than poor ones: is the key right?")
    top_key = max((t.upper for t in key_by_thirds.values()), default=None)
    if top_key is not None:
        for name, thirds in distractors_by_thirds.items():
            if thirds.upper > top_key:
                found.append(f"the best third name {name} more often than a hallmark of the key")
    for name, r in distractor_correlations.items():
        if r.low > 0:
            found.append(f"better readers tend to name {name}, which is not in the key")
    if odd_time:
        found.append("readers take much longer or shorter than on other films of the set")
    return tuple(found)
