"""Smooth curves through points, and how far from a closed one a place is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from trainer.imaging.simulator.kernels.curves import natural_spline

Floats = NDArray[np.float64]


def through(points: ArrayLike, count: int) -> Floats:
    """Return ``count`` evenly spaced points of a natural cubic spline through the given points.

    Parameters
    ----------
    points : array-like, shape (k, 3)
        At least two points, no two neighbours alike.
    count : int
        Points wanted, >= 2.
    """
    knots = np.asarray(points, float)
    chord = np.sqrt(np.linalg.norm(np.diff(knots, axis=0), axis=1))
    at = np.concatenate([[0.0], np.cumsum(chord)])
    dense = natural_spline(at, knots, np.linspace(0, at[-1], count * 4))
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    wanted = np.linspace(0, length[-1], count)
    return np.stack([np.interp(wanted, length, dense[:, k]) for k in range(3)], 1)


def steps(at: ArrayLike, known: Sequence[float], values: Sequence[float]) -> Floats:
    """Return values read off a table by straight lines, held at its ends."""
    return np.asarray(np.interp(np.asarray(at, np.float64), known, values), np.float64)


def outline(grid: Floats, edge: Floats) -> Floats:
    """Return the signed distance to a closed outline in a plane, negative inside.

    Parameters
    ----------
    grid : ndarray, shape (..., 2)
        Where.
    edge : ndarray, shape (n, 2)
        The outline's points in turn; the last is joined to the first.
    """
    share = np.linspace(0, 1, 24, endpoint=False)[:, None]
    ahead = np.roll(edge, -1, 0)
    dense = edge[:, None] + share * (ahead - edge)[:, None]
    least = cKDTree(dense.reshape(-1, 2)).query(grid)[0]
    inside = np.zeros(grid.shape[:-1], bool)
    for a, b in zip(edge, ahead, strict=True):
        if a[1] != b[1]:
            crosses = (grid[..., 1] > a[1]) != (grid[..., 1] > b[1])
            inside ^= crosses & (
                grid[..., 0] < a[0] + (grid[..., 1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            )
    return np.asarray(np.where(inside, -least, least))
