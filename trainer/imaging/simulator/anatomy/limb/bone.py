"""Bones of a limb in their places: shaped one by one, then fitted to their neighbours.

Two bones that meet are drawn a little too large and then parted along the surface midway between
them, so that a joint has mating faces and an even space, and no two bones overlap.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.anatomy.loft import moved
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.kernels.solids import sample_solid
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone, Weave

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

GRAIN = 0.0145  # voxel of the trabecular texture, cm
UPRIGHT = weave((0, 0, 1), 1.7)
FAR = 0.8
_NEAR = 0.45  # beyond that a neighbour has no say, so that the end of its grid leaves no step
_SHALLOW = 1.0  # least square of the slope towards a surface midway between two bones
_FADE = 0.3  # over so many cm a joint's plate thins out beyond the rim of its face


@dataclass(frozen=True, eq=False)
class Bony:
    """One bone of a limb.

    Parameters
    ----------
    name : str
        ``"talus"``.
    field : Field
        Its distance, in its own coordinates.
    cortex : ndarray of float32 or float
        Thickness of its cortex, cm; one number, or one per grid plane along its own third axis.
    turn, place : ndarray
        Its pose: own axes as columns, own origin.
    weave : tuple
        How its trabeculae lie; see :func:`textures.weave`.
    hollow : float
        Share of the trabeculae that are missing where the cortex is thickest.
    dense : float
        How many trabeculae it has, relative to other bones of the limb.
    face : ndarray of float32, optional
        1 under the faces of joints, 0 elsewhere, on the field's grid.
    """

    name: str
    field: Field
    cortex: Map | float = 0.05
    turn: Floats = dataclasses.field(default_factory=lambda: np.eye(3))
    place: Floats = dataclasses.field(default_factory=lambda: np.zeros(3))
    weave: Weave = UPRIGHT
    hollow: float = 0.0
    dense: float = 1.0
    face: Map | None = None

    def solid(self) -> Solid:
        """Return the bone as a solid in its place."""
        return self.field.solid(self.cortex, self.hollow).posed(self.turn, self.place)

    def world(self, own: ArrayLike) -> Floats:
        """Return where a point or a direction from the origin of own coordinates lies."""
        return np.asarray(self.turn @ np.asarray(own, float) + self.place, float)

    def own(self, world: ArrayLike) -> Floats:
        """Return own coordinates of a world point."""
        return np.asarray(self.turn.T @ (np.asarray(world, float) - self.place), float)

    def moved(self, turn: Floats, place: ArrayLike) -> Bony:
        """Return the bone moved on from where it is."""
        return replace(
            self, turn=turn @ self.turn, place=turn @ self.place + np.asarray(place, float)
        )

    def shaped(self, values: ArrayLike) -> Bony:
        """Return the bone with other distances on the same grid."""
        return replace(self, field=self.field.like(values))

    def faced(self, face: ArrayLike) -> Bony:
        """Return the bone with joints' faces where ``face`` is 1."""
        return replace(self, face=np.array(face, np.float32))

    def windowed(self, window: tuple[slice, slice, slice]) -> Bony:
        """Return what lies in a window of the bone's grid, in its place; its cortex is left out."""
        return replace(self, field=_part_of(self.field, window), cortex=0.0, face=None)

    def window(self, world: Floats) -> tuple[slice, slice, slice] | None:
        """Return the part of the bone's grid in the box about world points; None where none is."""
        return _window(self.field, self.own_points(world))

    def with_part(self, window: tuple[slice, slice, slice], values: Map) -> Bony:
        """Return the bone with other distances in a window of its grid."""
        whole = self.field.values.copy()
        whole[window] = values
        return self.shaped(whole)

    def away_from(self, other: Solid, gap: float, share: float = 0.5, blend: float = 0.09) -> Bony:
        """Return the bone cut back so that it and another part at a surface between them.

        Parameters
        ----------
        other : Solid
            The neighbour, as it was before it was cut.
        gap : float
            Space between the two, cm.
        share : float
            0.5 where both give way alike, 1 where only this one does.
        blend : float
            Width of the rounding of the new edge, cm.
        """
        f = self.field
        window = _window(f, self.own_points(other.corners()))
        if window is None:
            return self
        theirs = self.distance_within(other, window)
        mine = f.values[window]
        if share >= 1:
            limit = np.float32(gap) - theirs
        else:
            # the true distance to the surface midway, so that the gap is as wide where the two
            # bones' sides lie askew
            between = mine - np.minimum(theirs, np.float32(_NEAR))
            steep = sum(np.square(np.gradient(between, f.spacing, axis=k)) for k in range(3))
            limit = between / np.sqrt(np.maximum(steep, _SHALLOW)) + np.float32(gap / 2)
            limit = np.asarray(limit, np.float32)
        values = f.values.copy()
        values[window] = smooth_max(mine, limit, blend)
        face = np.zeros(f.shape, np.float32) if self.face is None else self.face.copy()
        here = np.clip(1 + (limit - mine) / np.float32(_FADE), 0, 1)
        face[window] = np.maximum(face[window], here)
        return replace(self.shaped(values), face=face)

    def distance_to(self, other: Solid) -> Map:
        """Return the distance to another part at every point of the bone's own grid."""
        return self.distance_within(other, (slice(None),) * 3)

    def distance_within(self, other: Solid, window: tuple[slice, slice, slice]) -> Map:
        """Return the distance to another part in a window of the bone's own grid."""
        x, y, z = (a[w].astype(float) for a, w in zip(self.field.axes, window, strict=True))
        matrix, shift = other.to_grid()
        step, start = matrix @ self.turn, matrix @ self.place + shift
        index = np.empty((3, len(x), len(y), len(z)))
        for k in range(3):
            flat = start[k] + step[k, 0] * x[:, None] + step[k, 1] * y[None, :]
            np.add(flat[:, :, None], step[k, 2] * z, out=index[k])
        out = np.empty(index[0].size, np.float32)
        sample_solid(other.distance, index.reshape(3, -1), out)
        return out.reshape(index.shape[1:]) * np.float32(other.stretch.mean())

    def own_points(self, world: Floats) -> Floats:
        """Return own coordinates of world points, one a row."""
        return np.asarray((world - self.place) @ self.turn, float)


def _window(f: Field, points: Floats) -> tuple[slice, slice, slice] | None:
    """Return the part of a grid within the box of some points; None where there is none."""
    low, high = points.min(0), points.max(0)
    made = []
    for k in range(3):
        first = max(0, int(np.floor((low[k] - f.corner[k]) / f.spacing)))
        last = min(f.shape[k], int(np.ceil((high[k] - f.corner[k]) / f.spacing)) + 1)
        if first >= last:
            return None
        made.append(slice(first, last))
    return made[0], made[1], made[2]


def fit(
    bones: dict[str, Bony], joints: Iterable[tuple[str, str, float]], share: float = 0.5
) -> dict[str, Bony]:
    """Return bones that part at their joints.

    Parameters
    ----------
    bones : dict of str to Bony
        By name.
    joints : iterable of (str, str, float)
        Two bones and the space between them, cm. With a ``share`` of 1 only the first gives way.
    share : float
        See :meth:`Bony.away_from`.
    """
    before = {name: bone.solid() for name, bone in bones.items()}
    fitted = dict(bones)
    for first, second, gap in joints:
        fitted[first] = fitted[first].away_from(before[second], gap, share)
        if share < 1:
            fitted[second] = fitted[second].away_from(before[first], gap, share)
    return fitted


def cropped(f: Field, margin: float = 0.25) -> Field:
    """Return a field on the smallest box that holds its solid, and a margin in cm about it."""
    inside = f.values < margin
    if not inside.any():
        return f
    keep = []
    for k in range(3):
        seen = np.flatnonzero(inside.any(tuple(a for a in range(3) if a != k)))
        keep.append(slice(int(seen[0]), int(seen[-1]) + 1))
    return _part_of(f, (keep[0], keep[1], keep[2]))


def _part_of(f: Field, window: tuple[slice, slice, slice]) -> Field:
    out = f.like(0.0)
    out.axes = [axis[w] for axis, w in zip(f.axes, window, strict=True)]
    out.corner = np.array([float(a[0]) for a in out.axes])
    out.shape = tuple(len(a) for a in out.axes)
    out.values = np.ascontiguousarray(f.values[window])
    return out


def leaf(bone: Bony, height: float, half: float) -> Bony:
    """Return a slice of a bone across its third axis, so thick to both sides of a height, cm."""
    near = np.flatnonzero(np.abs(bone.field.axes[2] - height) < half)
    return bone.windowed((slice(None), slice(None), slice(int(near[0]), int(near[-1]) + 1)))


def box(
    points: ArrayLike, radius: float, spacing: float, far: float = FAR, room: float = 0.35
) -> Field:
    """Return an empty field about some points.

    Parameters
    ----------
    points : array-like, shape (n, 3)
        What it must hold, cm.
    radius : float
        How thick what lies there is, cm.
    spacing : float
        Grid step, cm.
    far, room : float
        See :class:`Field`; margin beyond the radius.
    """
    p = np.atleast_2d(np.asarray(points, float))
    return Field(p.min(0) - radius - room, p.max(0) + radius + room, spacing, far)


def along(direction: ArrayLike, hint: ArrayLike = (0.0, 1.0, 0.0)) -> Floats:
    """Return axes as columns: the third along a direction, the second as near ``hint`` as may be.

    Parameters
    ----------
    direction, hint : array-like, shape (3,)
        Not parallel.
    """
    z = np.asarray(direction, float)
    z = z / np.linalg.norm(z)
    x = np.cross(np.asarray(hint, float), z)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], 1)


@dataclass(frozen=True)
class Quality:
    """How much bone there is in a patient's bones.

    Parameters
    ----------
    cortex, spongiosa : float
        Share of compact bone in the cortex and in the marrow space.
    grain : float
        Voxel of the trabecular texture, cm.
    thin : float
        What every cortex is multiplied by.
    """

    cortex: float
    spongiosa: float
    grain: float
    thin: float

    @staticmethod
    def of(mineral: float, age: float, porosis: float, spongiosa: float = 0.17) -> Quality:
        """Return the bone of a patient.

        Age takes about 0.5 % of the spongiosa a year after 50: over life about a quarter is lost in
        the limbs (Riggs et al., J Bone Miner Res 2004, doi 10.1359/jbmr.040916). Osteoporosis takes
        up to 55 % of it and 45 % of the cortex's thickness, the trabeculae left being fewer and
        coarser: an engineer's estimate.
        """
        old = max(0.0, age - 50) / 40
        return Quality(
            cortex=0.92 * mineral**0.5 * (1 - 0.08 * porosis),
            spongiosa=spongiosa * mineral * (1 - 0.2 * old) * (1 - 0.55 * porosis),
            grain=GRAIN * (1 + 0.35 * porosis),
            thin=(1 - 0.15 * old) * (1 - 0.45 * porosis),
        )

    def part(self, bone: Bony, phase: float) -> Part:
        """Return a bone as a part of a body, its texture shifted by ``phase`` voxels."""
        solid = bone.solid()
        solid = replace(solid, cortex=np.asarray(solid.cortex * self.thin, np.float32))
        made_of = Bone(
            cortex=self.cortex,
            trabeculae=self.spongiosa * bone.dense,
            grain=self.grain,
            weave=bone.weave,
        )
        return Part(bone.name, solid, made_of, SOFT, "bones", phase=phase)


def turned_parts(parts: Sequence[Part], turn: Floats, place: ArrayLike) -> list[Part]:
    """Return parts moved on from where they are; a reflection may be among the turns."""
    shift = np.asarray(place, float)
    made = []
    for part in parts:
        shape = part.shape
        if isinstance(shape, Solid):
            made.append(replace(part, shape=moved(shape, turn, shift)))
            continue
        made.append(
            replace(
                part,
                shape=replace(
                    shape,
                    nodes=shape.nodes @ turn.T + shift,
                    mitres=shape.mitres @ turn.T,
                    sides=shape.sides @ turn.T,
                ),
            )
        )
    return made
