"""A body: parts, what each is made of and what each displaces; and its path lengths.

Everything is linear in path length. A part of tissue ``t`` that lies in tissue ``c`` adds
``length * (t - c)``, so parts may be made, changed and projected one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.kernels.sums import (
    add_bone,
    add_path,
    add_tissue,
    add_uneven,
    extent,
    some,
)
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import power_noise, trabecular
from trainer.imaging.simulator.tissue import AIR, MATERIALS, STRAIGHT, Bone, Tissue, Weave
from trainer.imaging.simulator.tubes import Tubes

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]
# First and last column (open), first and last row (open).
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Uneven:
    """Two-dimensional unevenness of a part: lobules, fascia, muscle grain too fine for the grids.

    Adds ``strength * noise * path ** power`` centimetres of ``swap``.

    Parameters
    ----------
    seed : int
        Of the noise.
    exponent : float
        Power of the noise falls as frequency to minus this.
    strength : float
        Standard deviation relative to the path.
    swap : Tissue
        What there is more of; its shares may be below 0 for what gives way.
    power : float
        1 where unevenness grows with the path, 0.5 where many small lumps average out.
    """

    seed: int
    exponent: float
    strength: float
    swap: Tissue
    power: float = 1.0


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a body.

    Parameters
    ----------
    name : str
        Its own name, ``"rib 6 left"``.
    shape : Solid or Tubes
        Where it is.
    made_of : Tissue or Bone
        What it is.
    within : Tissue
        What would be there without it.
    structure : str
        The structure it belongs to in the truth masks; empty for none.
    least : float
        The path in cm from which a pixel counts as covered by the structure.
    uneven : Uneven, optional
        Fine unevenness of its tissue.
    inside_of : str
        Structure whose path, over 1.5 cm, fades the part in: vessels lie in the lung.
    phase : float
        Shift of the bone texture in voxels, so that two bones differ.
    """

    name: str
    shape: Solid | Tubes
    made_of: Tissue | Bone
    within: Tissue = AIR
    structure: str = ""
    least: float = 0.02
    uneven: Uneven | None = None
    inside_of: str = ""
    phase: float = 0.0


@dataclass(frozen=True, eq=False)
class Body:
    """All parts of one patient.

    Parameters
    ----------
    parts : tuple of Part
        A part named in another's ``inside_of`` comes before it.
    landmarks : dict of str to tuple of float
        Named world points, cm: where the marker may not lie, where a finding is.
    """

    parts: tuple[Part, ...]
    landmarks: dict[str, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Paths:
    """What the rays crossed.

    Parameters
    ----------
    materials : ndarray of float32, shape (len(MATERIALS), rows, columns)
        Centimetres of each base material.
    structures : dict of str to ndarray of float32
        Path through each structure, cm.
    least : dict of str to float
        Path from which a structure covers a pixel.
    """

    materials: NDArray[np.float32]
    structures: dict[str, Map]
    least: dict[str, float]

    def masks(self) -> dict[str, Mask]:
        """Return where each structure is seen."""
        return {name: path > self.least[name] for name, path in self.structures.items()}


@dataclass(frozen=True, eq=False)
class _Crossing:
    """One part's path lengths in the block of pixels that can see it."""

    box: Box
    whole: Map
    marrow: Map | None
    textured: Map | None


class Projector:
    """Projects bodies through one camera and remembers parts, so that a twin costs what differs.

    Parameters
    ----------
    camera : Camera
        Where from.
    """

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self._known: dict[tuple[object, ...], _Crossing] = {}
        self._noise: dict[tuple[int, float], Map] = {}

    def project(self, body: Body) -> Paths:
        """Return the path lengths through a body."""
        rows, columns = self.camera.shape
        materials = np.zeros((len(MATERIALS), rows, columns), np.float32)
        structures: dict[str, Map] = {}
        least: dict[str, float] = {}
        for part in body.parts:
            crossing = self._cross(part)
            left, right, top, bottom = crossing.box
            if left >= right or top >= bottom:
                continue
            here = (slice(top, bottom), slice(left, right))
            fade = None
            if part.inside_of:
                fade = np.clip(structures[part.inside_of][here] / np.float32(1.5), 0, 1)
            self._add(materials, part, crossing, fade)
            if part.structure:
                if part.structure not in structures:
                    structures[part.structure] = np.zeros((rows, columns), np.float32)
                add_path(structures[part.structure], left, top, crossing.whole)
                least[part.structure] = part.least
        for m in np.flatnonzero(some(materials)):
            np.maximum(materials[m], 0, out=materials[m])
        return Paths(materials, structures, least)

    def shade(self, mask: Mask, part: Part) -> None:
        """Mark the pixels whose rays cross a part, in place."""
        crossing = self._cross(part)
        left, right, top, bottom = crossing.box
        if left < right and top < bottom:
            mask[top:bottom, left:right] |= crossing.whole > part.least

    def _cross(self, part: Part) -> _Crossing:
        grain = part.made_of.grain if isinstance(part.made_of, Bone) else 0.0
        weave = part.made_of.weave if isinstance(part.made_of, Bone) else STRAIGHT
        key = (part.shape.key(), grain, weave, part.phase)
        if key not in self._known:
            self._known[key] = self._trace(part, grain, weave)
        return self._known[key]

    def _trace(self, part: Part, grain: float, weave: Weave) -> _Crossing:
        shape = part.shape
        corners = shape.corners()
        if len(corners) == 0:
            return _Crossing((0, 0, 0, 0), np.zeros((0, 0), np.float32), None, None)
        box = self.camera.box_of(corners)
        if box[0] >= box[1] or box[2] >= box[3]:
            return _Crossing(box, np.zeros((0, 0), np.float32), None, None)
        window = self.camera.window(box)
        tile = trabecular() if grain else None
        if isinstance(shape, Solid):
            maps = shape.project(window, tile, grain, part.phase, weave)
        else:
            maps = shape.project(window, tile, grain)
        # what is not asked for is not touched: its memory is never laid out
        if not isinstance(part.made_of, Bone):
            box, (whole,) = _cropped(box, maps[:1])
            return _Crossing(box, whole, None, None)
        box, found = _cropped(box, maps if grain else maps[:2])
        return _Crossing(box, found[0], found[1], found[-1])

    def _add(self, materials: Map, part: Part, crossing: _Crossing, fade: Map | None) -> None:
        left, _, top, _ = crossing.box
        if isinstance(part.made_of, Bone):
            weights = _bone_weights(part.made_of, part.within)
            add_bone(
                materials, left, top, crossing.whole, crossing.marrow, crossing.textured, weights
            )
            return
        whole = crossing.whole if fade is None else crossing.whole * fade
        weights = np.subtract(part.made_of.shares(), part.within.shares(), dtype=np.float32)
        add_tissue(materials, left, top, whole, weights)
        if part.uneven is not None:
            self._roughen(materials, part.uneven, whole, left, top)

    def _roughen(self, materials: Map, uneven: Uneven, whole: Map, left: int, top: int) -> None:
        key = (uneven.seed, uneven.exponent)
        if key not in self._noise:
            self._noise[key] = _field(self.camera.shape, uneven)
        shares = np.array(uneven.swap.shares(), np.float32)
        strength, power = np.float32(uneven.strength), np.float32(uneven.power)
        add_uneven(materials, left, top, whole, self._noise[key], strength, power, shares)


def _cropped(box: Box, maps: tuple[Map, ...]) -> tuple[Box, list[Map]]:
    """Return the pixels that see anything, and their path lengths: grids have wide rims.

    Where little would be cut off nothing is, for it would cost a copy.
    """
    left, right, top, bottom = extent(maps[0])
    if left >= right:
        left, right, top, bottom = 0, 1, 0, 1
    if (right - left) * (bottom - top) > 0.7 * maps[0].size:
        left, top, (bottom, right) = 0, 0, maps[0].shape
    block = (box[0] + left, box[0] + right, box[2] + top, box[2] + bottom)
    return block, [np.ascontiguousarray(m[top:bottom, left:right]) for m in maps]


def _bone_weights(bone: Bone, within: Tissue) -> Map:
    """Return what each material gains by a centimetre of path, marrow, cortex and texture."""
    weights = np.zeros((len(MATERIALS), 4), np.float32)
    weights[:, 0] -= within.shares()
    weights[:, 1] = (1 - bone.trabeculae) * np.array(bone.marrow.shares())
    soft, compact = MATERIALS.index("soft"), MATERIALS.index("bone")
    weights[soft, 2] = 1 - bone.cortex
    weights[compact, 2:] = bone.cortex, bone.trabeculae
    return weights


def _field(shape: tuple[int, int], uneven: Uneven) -> Map:
    """Return the noise of an unevenness: made at half size, for it has no fine detail."""
    half = (-(-shape[0] // 2), -(-shape[1] // 2))
    small = power_noise(half, np.random.default_rng(uneven.seed), uneven.exponent, lowest=4)
    return double(small)[: shape[0], : shape[1]]


def double(image: Map) -> Map:
    """Return an image of twice the size, interpolated with the B-spline (1 3 3 1) / 4 weights."""
    for axis in (0, 1):
        padded = np.concatenate([image.take([0], axis), image, image.take([-1], axis)], axis=axis)
        n = image.shape[axis]
        low, mid, high = (padded.take(range(k, k + n), axis) for k in range(3))
        shape = list(image.shape)
        shape[axis] = 2 * n
        wide = np.empty(shape, np.float32)
        first: list[slice] = [slice(None)] * 2
        second = first.copy()
        first[axis], second[axis] = slice(0, None, 2), slice(1, None, 2)
        wide[tuple(first)] = 0.25 * low + 0.75 * mid
        wide[tuple(second)] = 0.75 * mid + 0.25 * high
        image = wide
    return image
