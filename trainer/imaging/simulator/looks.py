"""Where a look lies that imitates a hallmark: what is outlined of an authentic film.

A region says of each of its mimics where the look lies (``Structural.look``); the place is then
read off the body and the camera, never off the finished film, so that no pixel depends on it.
Lengths are centimetres on the detector; those of :class:`Contact` are the body's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from trainer.imaging.film import Mask
from trainer.imaging.simulator.body import Part, Projector
from trainer.imaging.simulator.kernels.masks import nearest
from trainer.imaging.simulator.solids import Solid

if TYPE_CHECKING:
    from trainer.imaging.simulator.case import Value

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Everywhere:
    """A look of the whole film or series: it has no place."""


@dataclass(frozen=True)
class Without:
    """A thing that a body can lack: the place is where the film would differ without it.

    Parameters
    ----------
    values : mapping of str to value
        Quantities of the same patient without it: ``{"finding": "none"}``.
    rim : float
        How far the place goes beyond that.
    """

    values: Mapping[str, Value]
    rim: float = 0.0


@dataclass(frozen=True)
class Step:
    """A breath between two slices: all that moved by a millimetre or more, beside the step."""


@dataclass(frozen=True)
class Parts:
    """Named parts of the body: the place is their shadow.

    Parameters
    ----------
    names : tuple of str
        Patterns of their names; a quantity of the case in braces stands for its value.
    rim : float
        How far the place goes beyond the shadow.
    bridged : float
        Gaps up to twice as wide are taken into it: discs between vertebrae.
    """

    names: tuple[str, ...]
    rim: float = 0.15
    bridged: float = 0.0

    def on(self, parts: Sequence[Part], projector: Projector, values: Mapping[str, Value]) -> Mask:
        """Return where these parts of a body are seen, shape (rows, columns)."""
        found = np.zeros(projector.camera.shape, np.bool_)
        for part in named(parts, self.names, values):
            projector.shade(found, part)
        pixel = projector.camera.pixel_cm
        return grown(closed(found, self.bridged / pixel), self.rim / pixel)


@dataclass(frozen=True)
class Contact:
    """Where bones meet: the place is the shadow of what is near to its neighbour.

    Parameters
    ----------
    first, second : tuple of str
        Patterns of the names on either side, as in :class:`Parts`.
    near : float
        How near they are there, between 0.02 and 0.4 (what the bones' grids know).
    rim : float
        How far the place goes beyond the shadow.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    near: float = 0.15
    rim: float = 0.15

    def on(self, parts: Sequence[Part], projector: Projector, values: Mapping[str, Value]) -> Mask:
        """Return where these parts of a body meet, shape (rows, columns)."""
        pairs = [
            (a, b)
            for a in named(parts, self.first, values)
            for b in named(parts, self.second, values)
        ]
        return meeting(pairs, projector, self.near, self.rim)


@dataclass(frozen=True)
class Breaks:
    """Breaks of bones: the faces that the pieces turn to each other, and crushed spongiosa.

    Parameters
    ----------
    rim : float
        How far the place goes beyond them; more where the flesh about a break is what is looked at.
    """

    rim: float = 0.15

    def on(self, parts: Sequence[Part], projector: Projector, values: Mapping[str, Value]) -> Mask:
        """Return where bones of a body are broken, shape (rows, columns)."""
        pieces = named(parts, ("* piece *",), values)
        pairs = [
            (a, b)
            for a, b in combinations(pieces, 2)
            if a.name.rsplit(" ", 1)[0] == b.name.rsplit(" ", 1)[0]
        ]
        crushed = Parts(("* crushed",), self.rim).on(parts, projector, values)
        return crushed | meeting(pairs, projector, 0.15, self.rim)


Look = Everywhere | Without | Step | Parts | Contact | Breaks


def named(
    parts: Sequence[Part], patterns: Sequence[str], values: Mapping[str, Value]
) -> list[Part]:
    """Return the parts whose name fits one of the patterns, in the body's order."""
    wanted = [pattern.format_map(values) for pattern in patterns]
    return [part for part in parts if any(fnmatchcase(part.name, one) for one in wanted)]


def meeting(
    pairs: Sequence[tuple[Part, Part]], projector: Projector, near: float, rim: float
) -> Mask:
    """Return the shadow of what of two solids lies near to the other, for each pair.

    Parameters
    ----------
    pairs : sequence of (Part, Part)
        Tubes know no distance, and meet nothing.
    projector : Projector
        Of the film.
    near : float
        Least distance at which they no longer meet, cm.
    rim : float
        How far the place goes beyond the shadow, cm.
    """
    camera = projector.camera
    found = np.zeros(camera.shape, np.bool_)
    step = 0.0
    for first, second in pairs:
        for one, other in ((first.shape, second.shape), (second.shape, first.shape)):
            if not isinstance(one, Solid) or not isinstance(other, Solid):
                continue
            step = max(step, one.spacing)
            points = one.skin()
            points = points[other.at(*points.T) < near]
            if len(points):
                column, row = np.rint(camera.project(points)).astype(int).T
                rows, columns = camera.shape
                on = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
                found[row[on], column[on]] = True
    # the points lie as far apart as the grids' nodes
    solid = binary_fill_holes(closed(found, 2 * step / camera.pixel_cm))
    return grown(np.asarray(solid, np.bool_), (rim + step / 2) / camera.pixel_cm)


def grown(mask: Mask, pixels: float) -> Mask:
    """Return a mask and all that lies up to so many pixels from it."""
    if pixels <= 0 or not mask.any():
        return mask
    away = nearest(mask.view(np.uint8), pixels + 1)
    return np.asarray(away <= pixels, np.bool_)


def closed(mask: Mask, pixels: float) -> Mask:
    """Return a mask with gaps of up to twice so many pixels closed; the film's edge is none."""
    if pixels <= 0 or not mask.any():
        return mask
    margin = int(np.ceil(pixels)) + 1
    wide = grown(np.pad(mask, margin, mode="edge"), pixels)
    shrunk = ~grown(~wide, pixels)[margin:-margin, margin:-margin]
    return np.asarray(mask | shrunk, np.bool_)
