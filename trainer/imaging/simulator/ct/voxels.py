"""A body as voxels: parts painted in their order, each with the partial volume of its edge."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.film import Mask
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.kernels.voxels import solid_distance
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.tissue import MATERIALS, Bone, Tissue
from trainer.imaging.simulator.tubes import Tubes

Map = NDArray[np.float32]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the voxels of a transverse volume lie.

    Slices run from the head to the feet, rows from front to back, columns from the patient's right
    to the left: how a transverse slice is looked at.

    Parameters
    ----------
    corner : tuple of float
        World position of the first voxel's centre, cm.
    pixel : float
        Distance between neighbouring rows and columns, cm.
    step : float
        Distance between neighbouring slices, cm.
    slices, rows, columns : int
        How many.
    """

    corner: tuple[float, float, float]
    pixel: float
    step: float
    slices: int
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        return self.slices, self.rows, self.columns

    def x(self) -> Map:
        """Return the columns' world x."""
        return np.asarray(self.corner[0] + self.pixel * np.arange(self.columns), np.float32)

    def y(self) -> Map:
        """Return the rows' world y."""
        return np.asarray(self.corner[1] - self.pixel * np.arange(self.rows), np.float32)

    def z(self) -> Map:
        """Return the slices' world z."""
        return np.asarray(self.corner[2] - self.step * np.arange(self.slices), np.float32)

    def mesh(self) -> tuple[Map, Map, Map]:
        """Return x, y and z, each broadcastable to the volume."""
        return self.x()[None, None, :], self.y()[None, :, None], self.z()[:, None, None]

    def box_of(self, corners: NDArray[np.float64]) -> Box:
        """Return the block of voxels that holds points, a voxel wider on each side."""
        if len(corners) == 0:
            return (slice(0, 0),) * 3
        low, high = corners.min(0), corners.max(0)
        ranges = (
            ((self.corner[2] - high[2]) / self.step, (self.corner[2] - low[2]) / self.step),
            ((self.corner[1] - high[1]) / self.pixel, (self.corner[1] - low[1]) / self.pixel),
            ((low[0] - self.corner[0]) / self.pixel, (high[0] - self.corner[0]) / self.pixel),
        )
        found = []
        for (a, b), n in zip(ranges, self.shape, strict=True):
            first = int(np.clip(np.floor(a) - 1, 0, n))
            found.append(slice(first, max(first, int(np.clip(np.ceil(b) + 2, 0, n)))))
        return found[0], found[1], found[2]

    def part(self, box: Box) -> Grid:
        """Return the grid of a block."""
        k, j, i = (s.start for s in box)
        corner = (
            self.corner[0] + i * self.pixel,
            self.corner[1] - j * self.pixel,
            self.corner[2] - k * self.step,
        )
        return Grid(corner, self.pixel, self.step, *(s.stop - s.start for s in box))


@dataclass(frozen=True, eq=False)
class Voxels:
    """A painted body.

    Parameters
    ----------
    hu : ndarray of float32, shape (slices, rows, columns)
        Hounsfield units, noise-free and sharp.
    structures : dict of str to ndarray of bool
        Where each structure fills more than half of a voxel.
    """

    hu: Map
    structures: dict[str, Mask]


@lru_cache(maxsize=1)
def _table() -> tuple[float, NDArray[np.float64]]:
    text = (files("trainer.imaging.simulator") / "data" / "ct.json").read_text("utf-8")
    raw = json.loads(text)
    mu = np.array([raw["attenuation_per_cm"][name] for name in MATERIALS])
    return float(raw["water"]), mu


def water_per_cm() -> float:
    """Return water's attenuation at the scanner's effective energy, 1/cm."""
    return _table()[0]


def hounsfield(tissue: Tissue) -> float:
    """Return the CT number of a tissue (PS3.3 C.11.1.1.2): -1000 for air, 0 for water."""
    water, mu = _table()
    return float(1000 * (mu @ np.array(tissue.shares()) / water - 1))


def spongiosa(bone: Bone) -> Tissue:
    """Return what fills a bone's marrow space at the scanner's resolution."""
    marrow = bone.marrow.scaled(1 - bone.trabeculae)
    return Tissue(*(
        share + (bone.trabeculae if name == "bone" else 0.0)
        for name, share in zip(MATERIALS, marrow.shares(), strict=True)
    ))  # fmt: skip


def compact(bone: Bone) -> Tissue:
    """Return what a bone's cortex is made of."""
    return Tissue(soft=1 - bone.cortex, bone=bone.cortex)


def voxelise(parts: Sequence[Part], grid: Grid, edges: Mapping[str, float] | None = None) -> Voxels:
    """Paint parts into a volume of air, each over what is there before it.

    Parameters
    ----------
    parts : sequence of Part
        In their order; ``within`` is not needed, for a part replaces what it covers. A part that
        lies ``inside_of`` a structure is painted only there.
    grid : Grid
        The voxels.
    edges : mapping of str to float, optional
        Half width in cm over which a part of this name fades in; half a pixel where not named.
    """
    soft = edges or {}
    hu = np.full(grid.shape, -1000, np.float32)
    wanted = {part.inside_of for part in parts if part.inside_of}
    gates: dict[str, Map] = {}
    structures: dict[str, Mask] = {}
    for part in parts:
        box, whole, marrow = cover(part, grid, soft.get(part.name, 0.0))
        if whole.size == 0:
            continue
        if part.inside_of:
            if part.inside_of not in gates:
                continue
            gate = gates[part.inside_of][box]
            whole, marrow = whole * gate, None if marrow is None else marrow * gate
        here = hu[box]
        if isinstance(part.made_of, Bone):
            here += whole * (np.float32(hounsfield(compact(part.made_of))) - here)
            if marrow is not None:
                here += marrow * (np.float32(hounsfield(spongiosa(part.made_of))) - here)
        else:
            here += whole * (np.float32(hounsfield(part.made_of)) - here)
        if part.structure:
            held = structures.setdefault(part.structure, np.zeros(grid.shape, np.bool_))
            held[box] |= whole > 0.5
        if part.structure in wanted:
            gate = gates.setdefault(part.structure, np.zeros(grid.shape, np.float32))
            np.maximum(gate[box], whole, out=gate[box])
    return Voxels(hu, structures)


def cover(part: Part, grid: Grid, fade: float = 0.0) -> tuple[Box, Map, Map | None]:
    """Return a block of voxels and what share of each a part fills, and its marrow space.

    A solid fades in over ``fade`` cm on both sides of its surface, at least over half a pixel.
    """
    shape = part.shape
    box = grid.box_of(shape.corners())
    block = grid.part(box)
    if min(block.shape) == 0:
        return box, np.zeros(block.shape, np.float32), None
    bone = isinstance(part.made_of, Bone)
    if isinstance(shape, Solid):
        whole, inner = _distances(shape, block)
        half = np.float32(max(fade, grid.pixel / 2))
        marrow = _share(inner, half) if bone and shape.cortex.size else None
        return box, _share(whole, half), marrow
    whole = _filled(shape, block, marrow=False)
    return box, whole, _filled(shape, block, marrow=True) if bone else None


def _share(distance: Map, half: np.float32) -> Map:
    return np.asarray(np.clip(np.float32(0.5) - distance / (2 * half), 0, 1), np.float32)


def _distances(solid: Solid, grid: Grid) -> tuple[Map, Map]:
    matrix, shift = solid.to_grid()
    start = matrix @ np.array(grid.corner) + shift
    whole = np.empty(grid.shape, np.float32)
    inner = np.empty(grid.shape if solid.cortex.size else (0, 0, 0), np.float32)
    n = solid.distance.shape[2]
    cortex = np.zeros(0, np.float32)
    if solid.cortex.size:
        cortex = np.ascontiguousarray(np.broadcast_to(solid.cortex, (n,)), np.float32)
    solid_distance(
        solid.distance,
        start,
        np.ascontiguousarray(matrix[:, 0] * grid.pixel),
        np.ascontiguousarray(matrix[:, 1] * -grid.pixel),
        np.ascontiguousarray(matrix[:, 2] * -grid.step),
        float(solid.stretch.mean()),
        cortex,
        whole,
        inner,
    )
    return whole, inner


def _filled(tubes: Tubes, grid: Grid, *, marrow: bool) -> Map:
    slices, rows, columns = grid.shape
    x, y, z = grid.corner
    origin = np.array([x, y - (rows - 1) * grid.pixel, z - (slices - 1) * grid.step])
    spacing = np.array([grid.pixel, grid.pixel, grid.step])
    rising = tubes.occupancy(origin, spacing, (columns, rows, slices), marrow=marrow)
    return np.ascontiguousarray(rising.transpose(2, 1, 0)[::-1, ::-1])
