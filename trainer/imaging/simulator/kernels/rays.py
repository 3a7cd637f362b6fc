"""What every ray kernel shares: slabs, trilinear look-up, periodic texture look-up.

``fastmath`` keeps the kernels quick; results are the same in every run on one machine, and may
differ in the last bits between processors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function for the ray kernels, cached on disk between runs."""
    compiled: Callable[..., Any] = numba.njit(cache=True, fastmath=True, nogil=True)(function)
    return compiled


def helper(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a small function that kernels call."""
    compiled: Callable[..., Any] = numba.njit(
        cache=True, fastmath=True, nogil=True, inline="never"
    )(function)
    return compiled


@helper
def slab(start, step, low, high, t0, t1):
    """Clip the ray interval (t0, t1) to low <= start + step t <= high."""
    if abs(step) < 1e-12:
        if start < low or start > high:
            return 1.0, -1.0
        return t0, t1
    a = (low - start) / step
    b = (high - start) / step
    if a > b:
        a, b = b, a
    return max(t0, a), min(t1, b)


@helper
def trilinear(grid, x, y, z):
    """Return the grid's value at a fractional index, clamped to the grid."""
    nx, ny, nz = grid.shape
    x = min(max(x, 0.0), nx - 1.001)
    y = min(max(y, 0.0), ny - 1.001)
    z = min(max(z, 0.0), nz - 1.001)
    i = int(x)
    j = int(y)
    k = int(z)
    a = x - i
    b = y - j
    c = z - k
    low = (grid[i, j, k] * (1 - c) + grid[i, j, k + 1] * c) * (1 - b) + (
        grid[i, j + 1, k] * (1 - c) + grid[i, j + 1, k + 1] * c
    ) * b
    high = (grid[i + 1, j, k] * (1 - c) + grid[i + 1, j, k + 1] * c) * (1 - b) + (
        grid[i + 1, j + 1, k] * (1 - c) + grid[i + 1, j + 1, k + 1] * c
    ) * b
    return low * (1 - a) + high * a


@helper
def within(grid, x, y, z):
    """Return the grid's value at a fractional index known to lie in the grid."""
    i = int(x)
    j = int(y)
    k = int(z)
    a = x - i
    b = y - j
    c = z - k
    low = (grid[i, j, k] * (1 - c) + grid[i, j, k + 1] * c) * (1 - b) + (
        grid[i, j + 1, k] * (1 - c) + grid[i, j + 1, k + 1] * c
    ) * b
    high = (grid[i + 1, j, k] * (1 - c) + grid[i + 1, j, k + 1] * c) * (1 - b) + (
        grid[i + 1, j + 1, k] * (1 - c) + grid[i + 1, j + 1, k + 1] * c
    ) * b
    return low * (1 - a) + high * a


@helper
def periodic(tile, x, y, z):
    """Return a cubic tile's value at an index, the tile repeating for ever."""
    n = tile.shape[0]
    return tile[math.floor(x) % n, math.floor(y) % n, math.floor(z) % n]


@helper
def blend(a, b, k):
    """Return the smooth minimum of two distances (polynomial, Quilez), blend width k."""
    h = min(max(0.5 + 0.5 * (b - a) / k, 0.0), 1.0)
    return b + (a - b) * h - k * h * (1 - h)
