"""Covering burned-in text (or a face) in the original, so that the cover is no sign of its own.

A black bar would be seen by every learner and by the audit. Instead the place is filled with what
lies round it: a smooth surface that meets its edges (Laplace's equation) and grain taken from
beside it. It happens before anything else is done to the image, so the cover passes through the
same crop, kernel, tone curve and dither as the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from trainer.imaging.dicom.decoded import Decoded, pack

Frame = NDArray[np.float32]

#: Pixels beyond an edge that are looked at for the surface, and for grain.
_RIM, _GRAIN = 4, 24
#: Nodes a side of the grid on which the surface is solved, and rounds of relaxation: enough for
#: the slowest wave of such a grid to fall below a hundredth.
_COARSE, _ROUNDS = 24, 700
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


def covered(decoded: Decoded, patches: Sequence[Patch], seed: bytes) -> Decoded:
    """Return an image with its patches covered; a large stack's slices one by one, in place."""
    if not decoded.packed:
        return replace(decoded, pixels=cover(decoded.pixels, patches, seed))
    rng = np.random.default_rng(list(seed))
    for index in range(decoded.pixels.shape[0]):
        mine = [patch for patch in patches if patch.first <= index <= patch.last]
        if mine:
            frame = decoded.frame(index)
            for patch in mine:
                _fill(frame, patch, rng)
            decoded.pixels[index] = pack(frame)
    return decoded


def _fill(frame: Frame, patch: Patch, rng: np.random.Generator) -> None:
    rows, columns = frame.shape
    top, bottom = max(0, patch.top), min(rows, patch.bottom)
    left, right = max(0, patch.left), min(columns, patch.right)
    if top >= bottom or left >= right:
        return
    surface = _surface(frame, top, left, bottom, right)
    frame[top:bottom, left:right] = surface + _grain(frame, (top, left, bottom, right), rng)


def _surface(frame: Frame, top: int, left: int, bottom: int, right: int) -> Frame:
    """Return the smoothest surface that meets what lies beyond the edges (Laplace's equation).

    Solved on a coarse grid, because edges are smoothed anyway. The border of the image is no edge:
    nothing flows over it.
    """
    height, width = bottom - top, right - left
    rows, columns = frame.shape
    edges = (
        _edge(frame[max(0, top - _RIM) : top, left:right], 0) if top else None,
        _edge(frame[bottom : bottom + _RIM, left:right], 0) if bottom < rows else None,
        _edge(frame[top:bottom, max(0, left - _RIM) : left], 1) if left else None,
        _edge(frame[top:bottom, right : right + _RIM], 1) if right < columns else None,
    )
    known = [edge for edge in edges if edge is not None]
    if not known:
        return np.full((height, width), np.median(frame), np.float32)
    down, across = min(height, _COARSE) + 2, min(width, _COARSE) + 2
    grid = np.full((down, across), np.median(np.concatenate(known)), np.float64)
    sides = (grid[0, 1:-1], grid[-1, 1:-1], grid[1:-1, 0], grid[1:-1, -1])  # views
    beyond = (grid[1, 1:-1], grid[-2, 1:-1], grid[1:-1, 1], grid[1:-1, -2])
    for side, edge in zip(sides, edges, strict=True):
        if edge is not None:
            nodes = np.linspace(0, edge.size - 1, side.size)
            side[:] = np.interp(nodes, np.arange(edge.size), edge)
    flow_y, flow_x = (down / (height + 2)) ** 2, (across / (width + 2)) ** 2
    for _ in range(_ROUNDS):
        grid[1:-1, 1:-1] = (
            flow_y * (grid[:-2, 1:-1] + grid[2:, 1:-1])
            + flow_x * (grid[1:-1, :-2] + grid[1:-1, 2:])
        ) / (2 * (flow_y + flow_x))
        for side, inner, edge in zip(sides, beyond, edges, strict=True):
            if edge is None:
                side[:] = inner
    places = np.meshgrid(
        np.linspace(1, down - 2, height), np.linspace(1, across - 2, width), indexing="ij"
    )
    fine: Frame = ndimage.map_coordinates(grid, places, order=1, mode="nearest").astype(np.float32)
    return fine


def _edge(strip: Frame, axis: int) -> Frame:
    """Return the level along an edge: across the strip the median, along it smoothed."""
    level = np.median(strip, axis=axis)
    size = max(3, level.size // 12) | 1
    smooth: Frame = ndimage.uniform_filter1d(
        ndimage.median_filter(level, size=size, mode="nearest"), size, mode="nearest"
    ).astype(np.float32)
    return smooth


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
