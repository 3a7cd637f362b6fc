"""Intervals for shares, means of shares, differences and means of people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its interval.

    Parameters
    ----------
    value : float
        The estimate.
    low, high : float
        The interval's ends; ``low <= value <= high``.
    n : int
        How many answers (or people) it rests on.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Half of the interval's length."""
        return (self.high - self.low) / 2


def z_of(confidence: float) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for 0.95.

    Raises
    ------
    ValueError
        When ``confidence`` is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {confidence}")
    return float(ndtri((1 + confidence) / 2))


def wilson(part: float, n: int, confidence: float = CONFIDENCE) -> Interval:
    r"""Return a share with Wilson's score interval.

    .. math:: \frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n}

    Parameters
    ----------
    part : float
        How many of ``n``; 0 to ``n``. May hold halves (*cannot tell* is worth a half): a share
        of credits varies less than one of right and wrong with the same mean, so the interval
        is then a little too wide, never too narrow.
    n : int
        Out of how many, 1 or more.
    confidence : float
        0.95 gives a 95 % interval.

    Raises
    ------
    ValueError
        When ``n`` is below 1 or ``part`` is not between 0 and ``n``.

    References
    ----------
    Wilson EB (1927) J Am Stat Assoc 22:209-212; method 3 of Newcombe RG (1998) Stat Med
    17:857-872.
    """
    if n < 1 or not 0 <= part <= n:
        raise ValueError(f"a share is part of a whole: {part} of {n} is none")
    z2 = z_of(confidence) ** 2
    p = part / n
    middle = p + z2 / (2 * n)
    reach = math.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    low, high = (middle - reach) / (1 + z2 / n), (middle + reach) / (1 + z2 / n)
    # At 0 and n the ends are exact; floating point is not.
    return Interval(p, 0.0 if part == 0 else min(low, p), 1.0 if part == n else max(high, p), n)


def mean_of(first: Interval, second: Interval) -> Interval:
    r"""Return the mean of two independent shares (balanced accuracy) with MOVER's interval.

    .. math:: L = \hat\theta - \tfrac12\sqrt{(\hat p_1-l_1)^2 + (\hat p_2-l_2)^2}

    and the upper end likewise, from the two shares' own intervals.

    References
    ----------
    Zou GY, Donner A (2008) Stat Med 27:1693-1702 (method of variance estimates recovery).
    """
    value = (first.value + second.value) / 2
    down = math.hypot(first.value - first.low, second.value - second.low) / 2
    up = math.hypot(first.high - first.value, second.high - second.value) / 2
    return Interval(value, max(value - down, 0.0), min(value + up, 1.0), first.n + second.n)


def difference(first: Interval, second: Interval) -> Interval:
    r"""Return ``first - second`` of two independent shares with Newcombe's hybrid score interval.

    .. math:: L = \hat d - \sqrt{(\hat p_1-l_1)^2 + (u_2-\hat p_2)^2}

    References
    ----------
    Method 10 of Newcombe RG (1998) Stat Med 17:873-890, when both intervals are Wilson's.
    """
    value = first.value - second.value
    down = math.hypot(first.value - first.low, second.high - second.value)
    up = math.hypot(first.high - first.value, second.value - second.low)
    return Interval(value, max(value - down, -1.0), min(value + up, 1.0), first.n + second.n)


def shrunk(
    part: float, n: int, centre: float, weight: float = 8.0, confidence: float = CONFIDENCE
) -> Interval:
    r"""Return a share drawn towards ``centre`` with the interval of its Beta posterior.

    .. math:: (s + w m) / (n + w), \quad \mathrm{Beta}(s + w m,\; n - s + w(1 - m))

    Parameters
    ----------
    part, n : float, int
        Right answers of all answers in one family of films; ``n`` may be 0.
    centre : float
        The learner's own mean over all families, strictly between 0 and 1.
    weight : float
        How many answers the centre is worth.

    Raises
    ------
    ValueError
        When ``part`` is not between 0 and ``n`` or ``centre`` is not inside (0, 1).
    """
    if not 0 <= part <= n or not 0 < centre < 1:
        raise ValueError(f"{part} of {n} cannot be drawn towards {centre}")
    a, b = part + weight * centre, n - part + weight * (1 - centre)
    tail = (1 - confidence) / 2
    return Interval(
        a / (a + b), float(betaincinv(a, b, tail)), float(betaincinv(a, b, 1 - tail)), n
    )


def mean_of_people(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    r"""Return the mean over people with Student's interval: people are the sample, not answers.

    .. math:: \bar x \pm t_{n-1} s / \sqrt n

    Parameters
    ----------
    values : sequence of float
        One number a person, 2 or more people.

    Raises
    ------
    ValueError
        For fewer than two people: one person has no spread.
    """
    x = np.asarray(values, float)
    if x.size < 2:
        raise ValueError("an interval over people needs two of them or more")
    reach = float(stdtrit(x.size - 1, (1 + confidence) / 2)) * float(x.std(ddof=1))
    reach /= math.sqrt(x.size)
    middle = float(x.mean())
    return Interval(middle, middle - reach, middle + reach, int(x.size))
