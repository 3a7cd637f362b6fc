"""A drawn place as runs of pixels: exact, and small enough to be kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.film import Mask

# A hand-drawn place has two numbers for each row it crosses; this is every second pixel of a row
# over a whole film of 1,024 rows.
MOST_NUMBERS = 1_000_000


class RunsError(ValueError):
    """Runs that are no place on the film; the message says why."""


def runs_of(mask: Mask) -> list[int]:
    """Return the runs of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (rows, columns)
        The place on one slice.

    Returns
    -------
    list of int
        ``[start, length, start, length, ...]``, row by row, the first pixel is 0; empty for an
        empty mask.
    """
    flat = np.zeros(mask.size + 2, np.int8)
    flat[1:-1] = mask.ravel()
    edges = np.flatnonzero(np.diff(flat))
    starts, ends = edges[::2], edges[1::2]
    return [int(n) for n in np.column_stack([starts, ends - starts]).ravel()]


def mask_of(runs: Sequence[int], rows: int, columns: int) -> Mask:
    """Return the mask of runs; the inverse of :func:`runs_of`.

    Parameters
    ----------
    runs : sequence of int
        ``[start, length, ...]``, rising, not overlapping.
    rows, columns : int
        Shape of the slice.

    Raises
    ------
    RunsError
        When they are no whole numbers, are not in order, or leave the film.
    """
    pairs = _pairs(runs)
    edges = np.zeros(rows * columns + 1, np.int8)
    if pairs.size:
        starts, ends = pairs[:, 0], pairs[:, 0] + pairs[:, 1]
        if (pairs[:, 1] < 1).any() or starts[0] < 0 or ends[-1] > rows * columns:
            raise RunsError("a drawn place lies outside the film")
        if (starts[1:] <= ends[:-1]).any():
            raise RunsError("the runs of a drawn place are not in order")
        edges[starts] = 1
        edges[ends] -= 1
    return np.cumsum(edges[:-1]).astype(bool).reshape(rows, columns)


def _pairs(runs: Sequence[int]) -> NDArray[np.int64]:
    if len(runs) % 2 or len(runs) > MOST_NUMBERS:
        raise RunsError("a drawn place is cut short or too ragged; draw it more simply")
    if not all(type(n) is int and abs(n) < 2**40 for n in runs):
        raise RunsError("the runs of a drawn place are not whole numbers")
    return np.array(runs, np.int64).reshape(-1, 2)


def masks_of(
    place: Sequence[Mapping[str, Any]], slices: int, rows: int, columns: int
) -> dict[int, Mask]:
    """Return the mask of each slice that holds something.

    Parameters
    ----------
    place : sequence of mapping
        ``{"z": slice from 0, "runs": [...]}``, one for each slice.
    slices, rows, columns : int
        Shape of the film.

    Raises
    ------
    RunsError
        When a slice is named twice or is not there, or its runs cannot be read.
    """
    found: dict[int, Mask] = {}
    for part in place:
        z = part.get("z")
        if type(z) is not int or not 0 <= z < slices or z in found:
            raise RunsError(f"a drawn place lies in slice {z!r}, the film has {slices}")
        runs = part.get("runs")
        if not isinstance(runs, list):
            raise RunsError("a drawn place has no runs")
        mask = mask_of(runs, rows, columns)
        if mask.any():
            found[z] = mask
    return found
