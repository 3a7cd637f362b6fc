"""Whether a reader is as right as they are sure.

Confidence steps 1 to 5 of a two-way call stand for a chance of .55, .65, .75, .85 and .95 of being
right: the middles of five equal parts between guessing and certainty. *Cannot tell, would verify*
makes no claim that could be right or wrong, so those answers are left out here; counting them as
.5 would make every cautious reader look well calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.core.stats.intervals import CONFIDENCE, Interval, wilson

Floats = NDArray[np.float64]

SURENESS = {1: 0.55, 2: 0.65, 3: 0.75, 4: 0.85, 5: 0.95}

#: Two-way calls before over- or under-confidence and the three-bin diagram are shown.
SHOW_FROM = 50

#: Two-way calls before the expected calibration error is shown, beside its value under no error.
ECE_FROM = 200

#: The three bins of the diagram: a guess or little more, fairly sure, sure.
BINS = ((1, 2), (3,), (4, 5))

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Murphy:
    """Brier score and its parts: ``brier = reliability - resolution + uncertainty``.

    Parameters
    ----------
    brier : float
        Mean squared distance of chance and truth, 0 (best) to 1.
    skill : float
        ``1 - brier / uncertainty``: 0 is no better than the base rate, 1 is perfect; ``nan``
        where only one class was seen.
    reliability, resolution, uncertainty : float
        Murphy's parts over the distinct chances given.
    """

    brier: float
    skill: float
    reliability: float
    resolution: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the diagram: how sure on the mean, how often right, with Wilson's interval."""

    sureness: float
    right: Interval


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure and how right one reader is.

    Parameters
    ----------
    n : int
        Two-way calls.
    over : Interval
        Mean sureness minus share right: above 0 is over-confident.
    brier : Interval
        Brier score of the chance of *not authentic*.
    murphy : Murphy
        Its parts.
    bins : tuple of Bin
        The diagram, empty bins left out.
    ece, ece_null : float
        Expected calibration error over the five steps, and its mean for a reader whose
        confidence is exact: with few answers that is far from 0.
    """

    n: int
    over: Interval
    brier: Interval
    murphy: Murphy
    bins: tuple[Bin, ...]
    ece: float
    ece_null: float

    @property
    def enough(self) -> bool:
        """Whether there are calls enough to be shown."""
        return self.n >= SHOW_FROM

    @property
    def word(self) -> str:
        """``over-confident``, ``under-confident`` or ``neither``, as the interval allows."""
        if self.over.low > 0:
            return "over-confident"
        return "under-confident" if self.over.high < 0 else "neither"


def murphy(p: Sequence[float] | Floats, y: Sequence[int] | Floats) -> Murphy:
    r"""Return the Brier score of chances ``p`` for outcomes ``y`` and Murphy's split.

    .. math:: \overline{(p-y)^2} = \frac1N\sum n_k(p_k-\bar y_k)^2
              - \frac1N\sum n_k(\bar y_k-\bar y)^2 + \bar y(1-\bar y)

    over the distinct values :math:`p_k`, so that the parts add up exactly.

    Parameters
    ----------
    p : array of N
        Chances, 0 to 1.
    y : array of N
        What came of each, 0 or 1; one or more.

    References
    ----------
    Murphy AH (1973) J Appl Meteorol 12:595-600.
    """
    p, y = np.asarray(p, float), np.asarray(y, float)
    if not p.size or p.shape != y.shape:
        raise ValueError("a Brier score needs one outcome for each chance, and one or more")
    base = float(y.mean())
    _, at = np.unique(p, return_inverse=True)
    n = np.bincount(at)
    pk, yk = np.bincount(at, p) / n, np.bincount(at, y) / n
    brier, uncertainty = float(((p - y) ** 2).mean()), base * (1 - base)
    return Murphy(
        brier=brier,
        skill=1 - brier / uncertainty if uncertainty else float("nan"),
        reliability=float((n * (pk - yk) ** 2).sum() / p.size),
        resolution=float((n * (yk - base) ** 2).sum() / p.size),
        uncertainty=uncertainty,
    )


def expected_error(p: Floats, y: Floats) -> float:
    r"""Return the expected calibration error over distinct chances.

    .. math:: \frac1N\sum n_k|\bar y_k - p_k|
    """
    _, at = np.unique(p, return_inverse=True)
    n = np.bincount(at)
    return float(np.abs(np.bincount(at, y) - n * np.unique(p)).sum() / p.size)


def gaps(p: Floats, y: Floats) -> Floats:
    """Return for each call how sure it was minus whether it was right: over-confidence.

    Parameters
    ----------
    p, y : array of N
        Chance of an outcome and whether it came, 0 or 1. A chance of .5 is half right.
    """
    right = np.where(p == 0.5, 0.5, (p > 0.5) == (y > 0.5))
    sure: Floats = np.maximum(p, 1 - p) - right
    return sure


def calibrate(
    steps: Sequence[int],
    says_fake: Sequence[bool],
    fake: Sequence[bool],
    rng: np.random.Generator,
    confidence: float = CONFIDENCE,
) -> Calibration:
    """Return how sure and how right a reader is.

    Parameters
    ----------
    steps : sequence of int
        Confidence 1 to 5 of each two-way call.
    says_fake, fake : sequence of bool
        What was called, and what the film was.
    rng : numpy.random.Generator
        Draws the bootstrap over answers (percentile interval, 2,000 draws).

    Raises
    ------
    ValueError
        When there is no call.
    """
    q = np.array([SURENESS[s] for s in steps], float)
    said, truth = np.asarray(says_fake, bool), np.asarray(fake, bool)
    right = (said == truth).astype(float)
    p = np.where(said, q, 1 - q)
    split = murphy(p, truth.astype(float))
    gap, squares = gaps(p, truth.astype(float)), (p - truth) ** 2
    drawn = rng.integers(0, q.size, (DRAWS, q.size))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    over = np.quantile(gap[drawn].mean(axis=1), tails)
    brier = np.quantile(squares[drawn].mean(axis=1), tails)
    perfect = (rng.random((DRAWS // 10, q.size)) < q).astype(float)
    return Calibration(
        n=int(q.size),
        over=_interval(float(gap.mean()), over, q.size),
        brier=_interval(split.brier, brier, q.size),
        murphy=split,
        bins=_bins(np.asarray(steps), q, right),
        ece=expected_error(q, right),
        ece_null=float(np.mean([expected_error(q, row) for row in perfect])),
    )


def _interval(value: float, ends: Floats, n: int) -> Interval:
    return Interval(value, min(float(ends[0]), value), max(float(ends[1]), value), n)


def _bins(steps: NDArray[np.int64], q: Floats, right: Floats) -> tuple[Bin, ...]:
    made = []
    for levels in BINS:
        inside = np.isin(steps, levels)
        n = int(inside.sum())
        if n:
            made.append(Bin(float(q[inside].mean()), wilson(float(right[inside].sum()), n)))
    return tuple(made)
