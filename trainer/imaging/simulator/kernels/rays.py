"""What every ray kernel shares: trilinear look-up, periodic texture look-up.

``fastmath`` keeps the kernels quick; results are the same in every run on one machine, and may
differ in the last bits between processors.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np


def _compiled_apart() -> str:
    """Return the folder of compiled kernels: one for each wording of all of them.

    Numba compiles a kernel anew when its own file changed, not when a file did from which it took
    a helper: after an update it would go on with the old one.
    """
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=6)
    for source in sorted(here.glob("*.py")):
        digest.update(source.read_bytes())
    given = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    beside = here / "__pycache__"
    writable = os.access(beside if beside.is_dir() else here, os.W_OK)
    base = Path(given) if given else beside if writable else Path.home() / ".cache" / "telltale"
    return str(base / f"kernels-{digest.hexdigest()}")


numba.config.CACHE_DIR = _compiled_apart()  # type: ignore[attr-defined]

# Textures are bytes, so that a tile stays in the processor's cache; this one stands for the mean.
TILE_ONE = 40


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
    """Return the grid's value at a fractional index known to lie in the grid.

    Unsigned indices, for which no wrapping at negative ones is compiled; single precision, which
    the grid has itself.
    """
    i = int(x)
    j = int(y)
    k = int(z)
    a = np.float32(x - i)
    b = np.float32(y - j)
    c = np.float32(z - k)
    i0 = np.uintp(i)
    j0 = np.uintp(j)
    k0 = np.uintp(k)
    i1 = np.uintp(i + 1)
    j1 = np.uintp(j + 1)
    k1 = np.uintp(k + 1)
    g00 = grid[i0, j0, k0] + (grid[i0, j0, k1] - grid[i0, j0, k0]) * c
    g01 = grid[i0, j1, k0] + (grid[i0, j1, k1] - grid[i0, j1, k0]) * c
    g10 = grid[i1, j0, k0] + (grid[i1, j0, k1] - grid[i1, j0, k0]) * c
    g11 = grid[i1, j1, k0] + (grid[i1, j1, k1] - grid[i1, j1, k0]) * c
    low = g00 + (g01 - g00) * b
    high = g10 + (g11 - g10) * b
    return low + (high - low) * a


@helper
def _sample(tile, spongy, x, y, z, g):
    """Return the tile at a place in 2^32nds of a turn, thinned as the grid's third index says."""
    n = np.uint64(tile.shape[0])
    found = tile[
        (np.uint64(x) * n) >> np.uint64(32),
        (np.uint64(y) * n) >> np.uint64(32),
        (np.uint64(z) * n) >> np.uint64(32),
    ]
    if spongy.size == 1:
        return spongy[0] * found
    return spongy[np.uintp(min(max(int(g + 0.5), 0), spongy.size - 1))] * found


@helper
def texture_along(tile, spongy, place, way, start, end, step):
    """Return the texture's integral over a piece of a ray, in shares of its length.

    Read at the middles of steps that are counted from the source, for every ray alike, so that
    neighbouring rays read beside one another. ``place`` and ``way`` are four numbers each: the
    place on the tile in turns and the grid's third index; at the source and per f.
    """
    first, last = int(start / step), int(end / step)
    at = (first + 0.5) * step
    x, y, z = (
        _turn(place[0] + way[0] * at), _turn(place[1] + way[1] * at), _turn(place[2] + way[2] * at)
    )  # fmt: skip
    dx, dy, dz = _turn(way[0] * step), _turn(way[1] * step), _turn(way[2] * step)
    g, dg = place[3] + way[3] * at, way[3] * step
    if first == last:
        return (end - start) * _sample(tile, spongy, x, y, z, g)
    total = ((first + 1) * step - start) * _sample(tile, spongy, x, y, z, g)
    inner = np.float32(0)
    for _ in range(first + 1, last):
        x, y, z, g = np.uint32(x + dx), np.uint32(y + dy), np.uint32(z + dz), g + dg
        inner += _sample(tile, spongy, x, y, z, g)
    x, y, z, g = np.uint32(x + dx), np.uint32(y + dy), np.uint32(z + dz), g + dg
    return total + inner * step + (end - last * step) * _sample(tile, spongy, x, y, z, g)


@helper
def _turn(turns):
    """Return the part of a turn beyond whole ones, in 2^32nds."""
    return np.uint32(np.int64((turns - math.floor(turns)) * 4294967296.0))


@helper
def blend(a, b, k):
    """Return the smooth minimum of two distances (polynomial, Quilez), blend width k."""
    h = min(max(0.5 + 0.5 * (b - a) / k, 0.0), 1.0)
    return b + (a - b) * h - k * h * (1 - h)
