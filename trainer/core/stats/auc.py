"""Area under the ROC curve of confidence ratings, with an interval fit for small samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq
from scipy.stats import rankdata

from trainer.core.stats.intervals import CONFIDENCE, Interval, z_of

#: Answers of each class before an area is shown; its interval is good from 50.
SHOW_FROM = 20


class Method(StrEnum):
    """How an interval was made."""

    LOGIT_DELONG = "logit_delong"
    NEWCOMBE_5 = "newcombe_5"


@dataclass(frozen=True, slots=True)
class Area:
    """An area under the ROC curve.

    Parameters
    ----------
    area : Interval
        0.5 is guessing.
    se : float
        DeLong's standard error.
    method : Method
        How the interval was made.
    fakes, reals : int
        Ratings of each class.
    """

    area: Interval
    se: float
    method: Method
    fakes: int
    reals: int

    @property
    def enough(self) -> bool:
        """Whether both classes have ratings enough to be shown."""
        return min(self.fakes, self.reals) >= SHOW_FROM


def rating(says_fake: bool | None, step: int) -> int:
    """Return a call as one number from -5 (certainly authentic) to 5 (certainly not).

    *Cannot tell* (``None``) is 0: between the two, as the reader said.
    """
    return 0 if says_fake is None else (2 * int(says_fake) - 1) * step


def area_under(
    fakes: Sequence[float], reals: Sequence[float], confidence: float = CONFIDENCE
) -> Area:
    r"""Return the area under the curve of ratings.

    The area is the mean placement (a tie counts half); its variance is DeLong's, from the
    variances of the placements of both classes. The interval is taken on the logit scale

    .. math:: \mathrm{logit}(A) \pm z\,\mathrm{se}(A) / \{A(1-A)\}

    and by Newcombe's method 5 where that fails: for A above .9, A = 0, or a class below 20.
    Coverage at 10 to 50 a class: plain DeLong .75 to .94, logit .90 to .96, Newcombe .957 to .975.

    Parameters
    ----------
    fakes, reals : sequence of float
        Ratings of films that were not authentic, and of authentic ones; higher means less
        authentic. One or more of each.

    Raises
    ------
    ValueError
        When a class is empty.

    References
    ----------
    DeLong ER et al. (1988) Biometrics 44:837-845; Newcombe RG (2006) Stat Med 25:559-573.
    """
    x, y = np.asarray(fakes, float), np.asarray(reals, float)
    if not x.size or not y.size:
        raise ValueError("an area needs ratings of both classes")
    above = (rankdata(np.concatenate([x, y]))[: x.size] - rankdata(x)) / y.size
    below = 1 - (rankdata(np.concatenate([y, x]))[: y.size] - rankdata(y)) / x.size
    value = float(above.mean())
    se = math.sqrt(sum(float(v.var(ddof=1)) / v.size for v in (above, below) if v.size > 1))
    small = min(x.size, y.size) < SHOW_FROM
    if small or not 0 < value <= 0.9 or se == 0:
        low, high = newcombe_5(value, x.size, y.size, confidence)
        method = Method.NEWCOMBE_5
    else:
        centre, reach = math.log(value / (1 - value)), z_of(confidence) * se / value / (1 - value)
        low, high = (1 / (1 + math.exp(-centre - s * reach)) for s in (-1, 1))
        method = Method.LOGIT_DELONG
    area = Interval(value, min(low, value), max(high, value), int(x.size + y.size))
    return Area(area, se, method, int(x.size), int(y.size))


def newcombe_5(area: float, m: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    r"""Return Newcombe's method 5 interval of an area, good near 0 and 1.

    The ends are the :math:`\theta` with :math:`|\theta - A| = z\sqrt{V(\theta)}` where, with
    :math:`N^* = (m + n)/2 - 1`,

    .. math:: V(\theta) = \frac{\theta(1-\theta)}{mn}
              \left[1 + N^*\frac{1-\theta}{2-\theta} + N^*\frac{\theta}{1+\theta}\right]

    Parameters
    ----------
    area : float
        0 to 1.
    m, n : int
        Ratings of each class, 1 or more.

    References
    ----------
    Newcombe RG (2006) Stat Med 25:559-573.
    """
    z, star = z_of(confidence), (m + n) / 2 - 1

    def off(t: float) -> float:
        spread = 1 + star * (1 - t) / (2 - t) + star * t / (1 + t)
        return (t - area) ** 2 - z * z * t * (1 - t) * spread / (m * n)

    # At 0 and 1 the estimate itself is a root of the squared equation; the other one is wanted.
    inner = min(max(area, 1e-9), 1 - 1e-9)
    low = 0.0 if area <= 0 else float(brentq(off, 0.0, inner))
    high = 1.0 if area >= 1 else float(brentq(off, inner, 1.0))
    return low, high
