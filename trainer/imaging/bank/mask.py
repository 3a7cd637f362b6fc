"""Covering burned-in text (or a face) in the original, so that the cover is no sign of its own.

A black bar would be seen by every learner and by the audit. Instead the place is filled with what
lies round it: a smooth surface that meets its four edges (a Coons patch) and grain taken from
beside it. It happens before anything else is done to the image, so the cover passes through the
same crop, kernel, tone curve and dither as the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Frame = NDArray[np.float32]

#: Pixels beyond an edge that are looked at for the surface, and for grain.
_RIM, _GRAIN = 4, 24
#: Standard deviation of the filter that parts grain from what it lies on.
_SOFT = 1.5
#: Grain beyond so many robust standard deviations is an edge of something.
_MOST_SIGMA = 3.0


@dataclass(frozen=True, slots=True)
class Patch:
    """A place to be covered, in whole source pixels.

    Parameters
    ----------
    top, left, bottom, right : int
        Edges; ``bottom`` and ``right`` lie outside.
    first, last : int
        The slices it covers, both included.
    """

    top: int
    left: int
    bottom: int
    right: int
    first: int = 0
    last: int = 0

    def as_json(self) -> list[int]:
        """Return the patch as six numbers."""
        return [self.top, self.left, self.bottom, self.right, self.first, self.last]


def cover(pixels: NDArray[np.float32], patches: Sequence[Patch], seed: bytes) -> Frame:
    """Return frames in which every patch is filled with what lies round it.

    Parameters
    ----------
    pixels : ndarray of float32
        ``(frames, rows, columns)``, any units; left as they are.
    patches : sequence of Patch
        Cut to the image where they reach over it.
    seed : bytes
        Of the file: the same file and patches give the same pixels.

    Returns
    -------
    ndarray of float32
        Of the same shape; outside of the patches not one pixel differs.
    """
    rng = np.random.default_rng(list(seed))
    done = pixels.copy()
    for index in range(done.shape[0]):
        frame = done[index]
        for patch in patches:
            if patch.first <= index <= patch.last:
                _fill(frame, patch, rng)
    return done


def _fill(frame: Frame, patch: Patch, rng: np.random.Generator) -> None:
    rows, columns = frame.shape
    top, bottom = max(0, patch.top), min(rows, patch.bottom)
    left, right = max(0, patch.left), min(columns, patch.right)
    if top >= bottom or left >= right:
        return
    surface = _surface(frame, top, left, bottom, right)
    frame[top:bottom, left:right] = surface + _grain(frame, (top, left, bottom, right), rng)


def _surface(frame: Frame, top: int, left: int, bottom: int, right: int) -> Frame:
    """Return a smooth surface that meets what lies beyond the four edges.

    An edge at the border of the image takes the level of the opposite one.
    """
    height, width = bottom - top, right - left
    rows, columns = frame.shape
    north = _edge(frame[max(0, top - _RIM) : top, left:right], 0) if top else None
    south = _edge(frame[bottom : bottom + _RIM, left:right], 0) if bottom < rows else None
    west = _edge(frame[top:bottom, max(0, left - _RIM) : left], 1) if left else None
    east = _edge(frame[top:bottom, right : right + _RIM], 1) if right < columns else None
    y = np.linspace(0, 1, height + 2, dtype=np.float32)[1:-1, None]
    x = np.linspace(0, 1, width + 2, dtype=np.float32)[None, 1:-1]
    down = _between(north, south, y, 0)
    across = _between(west, east, x, 1)
    if down is None and across is None:
        return np.full((height, width), np.median(frame), np.float32)
    if down is None or across is None:
        only = down if across is None else across
        assert only is not None
        return np.broadcast_to(only, (height, width)).astype(np.float32)
    # Each direction counts the more, the nearer its own edge lies: no seam on any side.
    near_y = np.minimum(y, 1 - y) * height
    near_x = np.minimum(x, 1 - x) * width
    weight = near_x / np.maximum(near_x + near_y, 1e-6)
    mixed: Frame = (down * weight + across * (1 - weight)).astype(np.float32)
    return mixed


def _edge(strip: Frame, axis: int) -> Frame:
    """Return the level along an edge: across the strip the median, along it smoothed."""
    level = np.median(strip, axis=axis)
    size = max(3, level.size // 12) | 1
    smooth: Frame = ndimage.uniform_filter1d(
        ndimage.median_filter(level, size=size, mode="nearest"), size, mode="nearest"
    ).astype(np.float32)
    return smooth


def _between(one: Frame | None, other: Frame | None, part: Frame, axis: int) -> Frame | None:
    """Return levels between two opposite edges; one alone is carried over."""
    first = other if one is None else one
    last = one if other is None else other
    if first is None or last is None:
        return None
    mixed: Frame = np.expand_dims(first, axis) * (1 - part) + np.expand_dims(last, axis) * part
    return mixed


def _grain(frame: Frame, place: tuple[int, int, int, int], rng: np.random.Generator) -> Frame:
    """Return grain for a place, from the quietest strip beside it, mirrored to its size."""
    top, left, bottom, right = place
    height, width = bottom - top, right - left
    strips = [
        frame[max(0, top - _GRAIN) : top, left:right],
        frame[bottom : bottom + _GRAIN, left:right],
        frame[top:bottom, max(0, left - _GRAIN) : left],
        frame[top:bottom, right : right + _GRAIN],
    ]
    best: Frame | None = None
    quietest = np.inf
    for strip in strips:
        if min(strip.shape) < 3:
            continue
        rest = strip - ndimage.gaussian_filter(strip, _SOFT, mode="nearest")
        sigma = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
        if sigma < quietest:
            # What the filter took from the grain itself is given back: it keeps its strength.
            kept = np.clip(rest, -_MOST_SIGMA * sigma, _MOST_SIGMA * sigma) * _LOST
            best, quietest = kept, sigma
    if best is None:
        return np.zeros((height, width), np.float32)
    shift = rng.integers(0, best.shape, 2)
    best = np.roll(best, tuple(shift), (0, 1))
    tiled = np.pad(
        best,
        ((0, max(0, height - best.shape[0])), (0, max(0, width - best.shape[1]))),
        mode="symmetric",
    )
    made: Frame = tiled[:height, :width].astype(np.float32)
    return made


#: White grain keeps this part of its spread when a Gaussian of :data:`_SOFT` is taken from it;
#: its inverse. For weights g the rest has variance 1 - 2 g(0) + sum g^2.
_LOST = float((1 - 2 / (2 * np.pi * _SOFT**2) + 1 / (4 * np.pi * _SOFT**2)) ** -0.5)
