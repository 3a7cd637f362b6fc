"""The spine of a frontal trunk film: a slow curve, believed only where the film shows it."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Legendre
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, map_coordinates
from scipy.optimize import minimize

from trainer.imaging.forgery.anatomy import Columns
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.finding.small import fit, shrink
from trainer.imaging.forgery.texture import blur

_SIDE = 256
# What is looked for lies within this share of the film's width of the midline.
_REACH = 0.08
# What an offset, a tilt and a bend of one and of two bows cost: a curve without evidence is a line.
_COST = np.array([0.1, 0.3, 0.8, 1.5])
# Half widths of a vertebral body, as shares of the film's width.
_HALVES = (0.030, 0.036, 0.043, 0.050)


def find_spine(level: Level, midline: Columns | None) -> tuple[Columns, float]:
    """Return the column of the spine's middle at each row, and how sure it is.

    A curve of at most two bows about the midline on which the film shows a vertebra's two edges
    and is its own mirror image. Bends cost, so what the film does not show is taken as straight:
    on simulated films with known spines a free path missed them by nearly twice their own bend.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.
    midline : ndarray of float32, optional
        Where to look; the middle of the image where unknown.

    Returns
    -------
    spine : ndarray of float32
        One column a row.
    sure : float
        From how much the film shows of it.
    """
    small, factor = shrink(level, _SIDE)
    rows, columns = small.shape
    start = (
        np.full(rows, columns / 2)
        if midline is None
        else np.interp(np.arange(rows) * factor, np.arange(level.shape[0]), midline) / factor
    )
    reach = int(_REACH * columns)
    score = gaussian_filter1d(
        _edges(small, start, reach) + _likeness(small, start, reach), 1, axis=1
    )
    y = np.arange(rows)
    basis = np.stack([Legendre.basis(k)(np.linspace(-1, 1, rows)) for k in range(len(_COST))])
    band = slice(int(0.08 * rows), int(0.95 * rows))

    def cost(bends: NDArray[np.float64]) -> float:
        off = np.clip(bends @ basis * reach, -reach, reach)
        seen = map_coordinates(score, [y[band], off[band] + reach], order=1, mode="nearest")
        return float((_COST * bends * bends).sum() - seen.mean())

    starts = [
        np.array([off, tilt, 0, 0])
        for off in np.linspace(-0.7, 0.7, 8)
        for tilt in (-0.3, 0.0, 0.3)
    ]
    told = {"maxiter": 40, "xtol": 1e-2, "ftol": 1e-4}
    found = minimize(cost, min(starts, key=cost), method="Powell", options=told)
    curve = start + np.clip(found.x @ basis * reach, -reach, reach)
    line = np.interp(np.arange(level.shape[0]) / factor, y, curve) * factor
    return line.astype(np.float32), fit(-float(found.fun), 0.55, 1.25)


def _places(start: Columns, reach: int, columns: int) -> NDArray[np.int64]:
    near = np.rint(start).astype(int)[:, None] + np.arange(-reach, reach + 1)[None]
    return np.asarray(np.clip(near, 2, columns - 3), np.int64)


def _edges(small: Level, start: Columns, reach: int) -> Level:
    """Return how plainly each place lies midway between a rising and a falling edge."""
    rows, columns = small.shape
    slope = gaussian_filter1d(gaussian_filter1d(small, 1.2, axis=1, order=1), 0.02 * rows, axis=0)
    usual = np.sqrt(gaussian_filter(slope * slope, (0.06 * rows, 0.06 * columns))) + 1e-4
    slope = np.tanh(slope / usual)
    places, y = _places(start, reach, columns), np.arange(rows)[:, None]
    found = []
    for half in _HALVES:
        off = max(2, round(half * columns))
        left = slope[y, np.clip(places - off, 0, columns - 1)]
        right = -slope[y, np.clip(places + off, 0, columns - 1)]
        both = np.minimum(left, right) + 0.3 * (left + right)
        found.append(gaussian_filter1d(both, 0.03 * rows, axis=0))
    best: Level = np.max(found, axis=0)
    best -= best.mean(axis=1, keepdims=True)
    return best


def _likeness(small: Level, start: Columns, reach: int) -> Level:
    """Return how much the film is its own mirror image about each place, and brighter there.

    Edges, pedicles and the airway's sides mirror; what lies beside a vertebra is darker.
    """
    rows, columns = small.shape
    half = max(3, round(0.05 * columns))
    fine = blur(small, 0.8) - blur(small, 0.04 * columns)
    places, y = _places(start, reach, columns), np.arange(rows)[:, None]
    product = np.zeros(places.shape)
    energy = np.zeros(places.shape)
    for off in range(2, half + 1):
        left = fine[y, np.clip(places - off, 0, columns - 1)]
        right = fine[y, np.clip(places + off, 0, columns - 1)]
        product += left * right
        energy += 0.5 * (left * left + right * right)
    tall = 0.035 * rows
    alike = gaussian_filter1d(product, tall, axis=0) / (
        gaussian_filter1d(energy, tall, axis=0) + 1e-9
    )
    soft = blur(small, rows / 110)
    inside = range(-half // 2, half // 2 + 1)
    inner = np.mean([soft[y, np.clip(places + off, 0, columns - 1)] for off in inside], axis=0)
    outer = np.maximum(
        soft[y, np.clip(places - half, 0, columns - 1)],
        soft[y, np.clip(places + half, 0, columns - 1)],
    )
    bright = gaussian_filter1d(inner - outer, 0.5 * tall, axis=0)
    bright = (bright - bright.mean(axis=1, keepdims=True)) / (bright.std() + 1e-6)
    score: Level = 0.8 * (alike - alike.mean(axis=1, keepdims=True)) + 0.175 * bright
    return score
