"""Lofted bones and limbs: a section at each height, given by where its four sides lie.

What every region of big bones shares: lofts, rounded boxes, breaks, thin sheets within a bone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tubes import Tubes, tube

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

# height, then where the right, left, back and front sides lie, cm
Section = tuple[float, float, float, float, float]
_SMOOTH = 0.11  # a shaft with a cortex so thick, cm, is half as rough outside as a bone's ends


def loft(
    f: Field,
    sections: Sequence[Section],
    grow: float = 0.0,
    power: float = 2.2,
    deepest: float = 1.2,
) -> Map:
    """Return the distance to a solid whose section is known at some heights.

    Parameters
    ----------
    f : Field
        The grid.
    sections : sequence of tuple
        Height and the four sides, cm; heights rise. It ends at the first and last of them.
    grow : float
        Every side is moved outwards by this much, cm.
    power : float
        Exponent of the superellipse: 2 an ellipse, more a rounded box.
    deepest : float
        Distances inside are cut at this depth, cm.
    """
    table = np.asarray(sections, float)
    z = np.asarray(f.axes[2], float)
    held = np.clip(z, table[0, 0], table[-1, 0])
    right, left, back, front = (
        PchipInterpolator(table[:, 0], table[:, k])(held) for k in range(1, 5)
    )
    x, y, up = f.mesh()
    a, b = (left - right) / 2 + grow, (front - back) / 2 + grow
    across = (x - _row((left + right) / 2)) / _row(a)
    along = (y - _row((front + back) / 2)) / _row(b)
    r = _radius((across, along), power)
    slope = _row(np.hypot(1, np.maximum(np.abs(np.gradient(a, z)), np.abs(np.gradient(b, z)))))
    wall = (r - 1) * _reach((across, along), (_row(a), _row(b)), r) / slope
    ends = np.maximum(table[0, 0] - grow - up, up - table[-1, 0] - grow)
    return np.asarray(np.clip(np.maximum(wall, ends), -deepest, f.far), np.float32)


def pebble(f: Field, centre: ArrayLike, radii: ArrayLike, power: float = 2.5) -> Map:
    """Return the distance to a superellipsoid: an ellipsoid with flatter sides where power > 2."""
    c, r = np.asarray(centre, float), np.asarray(radii, float)
    q = tuple(
        np.asarray((m - np.float32(c[k])) / np.float32(r[k]), np.float32)
        for k, m in enumerate(f.mesh())
    )
    size = _radius(q, power)
    sides = tuple(np.asarray(v, np.float32) for v in r)
    return np.asarray(np.clip((size - 1) * _reach(q, sides, size), -1.2, f.far), np.float32)


def _row(values: Floats) -> Map:
    return np.asarray(values, np.float32)[None, None, :]


def _radius(q: tuple[Map, ...], power: float) -> Map:
    """Return the superelliptic radius of normalised coordinates."""
    total = np.zeros((), np.float32)
    for v in q:
        total = np.asarray(total + np.abs(v) ** np.float32(power), np.float32)
    return np.asarray(total ** np.float32(1 / power), np.float32)


def _reach(q: tuple[Map, ...], sides: tuple[Map, ...], r: Map) -> Map:
    """Return how many centimetres one unit of radius is (first order, after Quilez)."""
    bend = np.zeros((), np.float32)
    for v, side in zip(q, sides, strict=True):
        bend = np.asarray(bend + (v / side) ** 2, np.float32)
    reach = np.asarray(r / np.sqrt(bend + np.float32(1e-6)), np.float32)
    return reach * np.float32(0.95)


def roughen(
    f: Field,
    rng: Generator,
    strength: ArrayLike,
    sizes: Sequence[float] = (0.9, 0.3),
) -> Field:
    """Add surface irregularity in place.

    Parameters
    ----------
    f : Field
        Being built.
    rng : Generator
        Of the irregularity.
    strength : array-like
        Standard deviation at the first size, cm, half of it at the next; one number, or anything
        that can be broadcast to the grid, such as one per plane of the third axis.
    sizes : sequence of float
        cm.
    """
    much = np.asarray(strength, np.float32)
    for size in sizes:
        cells = tuple(max(4, int(n * f.spacing / size)) for n in f.shape)
        f.values += much * smooth_noise(f.shape, cells, rng)
        much = much / np.float32(2)
    return f


def calmed(strength: float, cortex: ArrayLike) -> Map:
    """Return how rough a bone is outside, plane by plane, cm: shafts are smooth, ends are not.

    Parameters
    ----------
    strength : float
        Of its ends, cm.
    cortex : array-like
        Thickness of its cortex along its third axis, cm.
    """
    thick = np.asarray(cortex, np.float32)
    return np.asarray(np.float32(strength) / (1 + (thick / np.float32(_SMOOTH)) ** 2), np.float32)


@dataclass(frozen=True)
class Crack:
    """A plane through a bone, rough as a fracture is.

    Parameters
    ----------
    point, normal : tuple of float
        Of the plane, in the bone's own coordinates.
    gap : float
        Its width, cm.
    rough : float
        Irregularity of its faces, cm.
    """

    point: tuple[float, float, float]
    normal: tuple[float, float, float]
    gap: float
    rough: float

    def height(self, f: Field, rng: Generator) -> Map:
        """Return the signed distance above the plane."""
        n = np.asarray(self.normal, float)
        n = n / np.linalg.norm(n)
        mesh = f.mesh()
        plane = sum(np.float32(n[k]) * (mesh[k] - np.float32(self.point[k])) for k in range(3))
        for size, share in ((0.7, 1.0), (0.25, 0.45)):
            cells = tuple(max(4, int(v * f.spacing / size)) for v in f.shape)
            plane = plane + np.float32(self.rough * share) * smooth_noise(f.shape, cells, rng)
        return np.asarray(plane, np.float32)


def split(f: Field, crack: Crack, rng: Generator) -> tuple[Field, Field]:
    """Return what lies below and what lies above a crack.

    Depth under the faces counts several times, so that a broken face has next to no cortex.
    """
    bare = np.float32(9)
    height, half = bare * crack.height(f, rng), bare * np.float32(crack.gap / 2)
    return f.like(np.maximum(f.values, height + half)), f.like(np.maximum(f.values, half - height))


def turned(degrees: float, axis: str) -> Floats:
    """Return the rotation about one world axis."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    out = np.eye(3)
    out[i, i] = out[j, j] = c
    out[i, j], out[j, i] = -s, s
    return out


def about(
    turn: Floats, pivot: ArrayLike, shift: ArrayLike = (0.0, 0.0, 0.0)
) -> tuple[Floats, Floats]:
    """Return the pose that turns about a pivot and then shifts."""
    p = np.asarray(pivot, float)
    return turn, p + np.asarray(shift, float) - turn @ p


def moved(solid: Solid, turn: Floats, place: ArrayLike) -> Solid:
    """Return a solid moved on from where it is."""
    return solid.posed(turn @ solid.turn, turn @ solid.place + np.asarray(place, float))


_MIRROR = np.diag([-1.0, 1.0, 1.0])


def mirrored(part: Part) -> Part:
    """Return a part's mirror image in the plane x = 0, its bone texture too."""
    shape = part.shape
    if isinstance(shape, Solid):
        return replace(part, shape=moved(shape, _MIRROR, (0.0, 0.0, 0.0)))
    flip = np.array([-1.0, 1.0, 1.0])
    return replace(
        part,
        shape=replace(
            shape, nodes=shape.nodes * flip, mitres=shape.mitres * flip, sides=shape.sides * flip
        ),
    )


def bundle(paths: Sequence[ArrayLike], radius: float, rng: Generator, spread: float) -> Tubes:
    """Return thin struts along paths, each bent a little: a trabecular group.

    Parameters
    ----------
    paths : sequence of array-like, shape (n, 3)
        One course each.
    radius : float
        cm.
    rng : Generator
        Of the bends and the girths.
    spread : float
        How far they stray from their paths, cm.
    """
    made = []
    for k, path in enumerate(paths):
        nodes = np.asarray(path, float)
        stray = rng.normal(0, spread, 3) + np.cumsum(rng.normal(0, spread * 0.4, nodes.shape), 0)
        made.append(tube(nodes + stray, radius * rng.uniform(0.6, 1.3), number=k + 1))
    return Tubes.joinall(made)
