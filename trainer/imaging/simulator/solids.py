"""Posed solids: a signed distance on a grid, put into the world and crossed by rays.

Negative is inside. The surface is made of flat facets between the grid's edges (marching cubes) and
each facet is drawn on the detector, so path lengths are those of a solid that is right at the edges
of the grid and cut straight between them, by spacing^2 / (8 radius) at most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.kernels.rays import TILE_ONE
from trainer.imaging.simulator.kernels.solids import cast, fill_texture, lengthen, sample_solid
from trainer.imaging.simulator.memo import digest
from trainer.imaging.simulator.tissue import STRAIGHT, Weave

Map = NDArray[np.float32]
# The least share of the way from source to detector at which anything may lie.
NEAREST = 0.05
NO_TILE = np.full((1, 1, 1), TILE_ONE, np.uint8)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solid:
    """A signed distance in its own grid, and its pose.

    Parameters
    ----------
    distance : ndarray of float32, shape (nx, ny, nz)
        Signed distance in cm at ``corner + spacing * (i, j, k)``.
    corner : ndarray, shape (3,)
        Position of the first voxel in the solid's own coordinates.
    spacing : float
        Voxel size in cm.
    turn : ndarray, shape (3, 3)
        World direction of each own axis, as columns.
    place : ndarray, shape (3,)
        World position of the own origin.
    stretch : ndarray, shape (3,)
        Scale along each own axis.
    cortex : ndarray of float32
        Thickness of the cortex in cm: one number for the whole solid, one per voxel along the own
        third axis, or empty for a solid without marrow.
    hollow : float
        Share of the trabeculae that are missing where the cortex is thickest: a long bone's ends
        are full of them, its shaft holds marrow.
    """

    distance: Map
    corner: Floats
    spacing: float
    turn: Floats = field(default_factory=lambda: np.eye(3))
    place: Floats = field(default_factory=lambda: np.zeros(3))
    stretch: Floats = field(default_factory=lambda: np.ones(3))
    cortex: Map = field(default_factory=lambda: np.zeros(0, np.float32))
    hollow: float = 0.0

    def posed(
        self,
        turn: Floats,
        place: Floats,
        stretch: Floats | None = None,
    ) -> Solid:
        """Return the same solid in another pose."""
        return Solid(
            self.distance,
            self.corner,
            self.spacing,
            turn,
            np.asarray(place, float),
            self.stretch if stretch is None else np.asarray(stretch, float),
            self.cortex,
            self.hollow,
        )

    def mirrored(self) -> Solid:
        """Return the solid's mirror image in the plane x = 0 (only where it has no pose)."""
        end = self.corner[0] + self.spacing * (self.distance.shape[0] - 1)
        return Solid(
            np.ascontiguousarray(self.distance[::-1]),
            np.array([-end, self.corner[1], self.corner[2]]),
            self.spacing,
            cortex=self.cortex,
            hollow=self.hollow,
        )

    @cached_property
    def _digest(self) -> bytes:
        return digest(
            self.distance, self.corner, self.turn, self.place, self.stretch, self.cortex,
            (self.spacing, self.hollow),
        )  # fmt: skip

    def key(self) -> bytes:
        """Return a digest that two solids share only when they are the same."""
        return self._digest

    def corners(self) -> Floats:
        """Return the world positions of the grid's eight corners."""
        own = _ends(self.distance.shape) * self.spacing + self.corner
        world: Floats = (self.turn @ (self.stretch[:, None] * own.T)).T + self.place
        return world

    def skin(self) -> Floats:
        """Return the world positions of the outermost nodes inside, shape (n, 3), cm."""
        inside = self.distance < 0
        own = np.argwhere(inside & ~binary_erosion(inside)) * self.spacing + self.corner
        world: Floats = (self.turn @ (self.stretch[:, None] * own.T)).T + self.place
        return world

    def to_grid(self) -> tuple[Floats, Floats]:
        """Return matrix and shift that take a world point to a fractional grid index."""
        inverse = np.linalg.inv(self.turn @ np.diag(self.stretch))
        shift = -(inverse @ self.place) / self.spacing - self.corner / self.spacing
        return np.ascontiguousarray(inverse / self.spacing), np.ascontiguousarray(shift)

    def project(
        self,
        camera: Camera,
        tile: NDArray[np.uint8] | None = None,
        grain: float = 0.0,
        phase: float = 0.0,
        weave: Weave = STRAIGHT,
    ) -> tuple[Map, Map, Map]:
        """Return path lengths in cm: whole solid, marrow space, marrow space times texture.

        Parameters
        ----------
        camera : Camera
            Where from.
        tile : ndarray of uint8, optional
            Periodic texture of mean ``TILE_ONE``, in the solid's own coordinates.
        grain : float
            Size of one voxel of the tile in cm; 0 for no texture.
        phase : float
            Shift of the texture in its voxels.
        weave : tuple
            Own axes to the tile's.

        Raises
        ------
        ValueError
            When the solid reaches the source.
        """
        woven = tile is not None and grain > 0
        whole = np.zeros(camera.shape, np.float32)
        marrow = np.zeros(camera.shape, np.float32) if self.cortex.size else nothing(camera)
        textured = np.zeros(camera.shape, np.float32) if woven else nothing(camera)
        if min(camera.shape) == 0:
            return whole, marrow, textured
        matrix, shift = self.to_grid()
        ray = camera.rays()
        # grid index to (u f, v f, f): pixel and share of the way to the detector
        seen = np.linalg.inv(matrix @ ray)
        source = matrix @ camera.source + shift
        start = -(seen @ source)
        ends = _ends(self.distance.shape) @ seen[2] + start[2]
        if ends.min() < NEAREST:
            raise ValueError("a solid reaches the X-ray source")
        near = float(ends.mean())
        n = self.distance.shape[2]
        flat = np.zeros(n, np.float32)
        box = cast(self.distance, flat, seen, start, near, False, whole)[0]
        lengthen(whole, box, ray)
        if self.cortex.size:
            thick = np.broadcast_to(self.cortex / np.float32(self.stretch.mean()), (n,))
            crossings = cast(
                self.distance, np.ascontiguousarray(thick), seen, start, near, woven, marrow
            )
            lengthen(marrow, crossings[0], ray)
            if woven and tile is not None:
                # one cell is as many of the tile's voxels wide as the first axis has
                fine = np.array(weave) / (grain * np.linalg.norm(matrix[0]) * tile.shape[0])
                rows = np.vstack([fine, [0.0, 0.0, 1.0]])
                place = rows @ source
                place[0] += phase / tile.shape[0]
                fill_texture(
                    *crossings, near, ray, place, rows @ matrix @ ray, tile,
                    _spongy(thick, self.hollow), 5 * grain, textured,
                )  # fmt: skip
        return whole, marrow, textured

    def at(self, x: Floats, y: Floats, z: Floats) -> Map:
        """Return the signed distance at world points; far outside the grid it is large."""
        matrix, shift = self.to_grid()
        points = np.stack([np.ravel(v) for v in np.broadcast_arrays(x, y, z)])
        out = np.empty(points.shape[1], np.float32)
        sample_solid(self.distance, np.ascontiguousarray(matrix @ points + shift[:, None]), out)
        return (out * np.float32(self.stretch.mean())).reshape(
            np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z))
        )


def nothing(camera: Camera) -> Map:
    """Return a map of paths that are all 0; no memory is laid out for it."""
    return np.broadcast_to(np.float32(0), camera.shape)


def _ends(shape: tuple[int, ...]) -> Floats:
    """Return the grid indices of a grid's eight corners."""
    cube = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return np.asarray(cube * (np.array(shape) - 1), float)


def _spongy(cortex: Map, hollow: float) -> Map:
    """Return a bone's share of trabeculae at each grid plane; one number if all are alike."""
    span = float(cortex.max() - cortex.min())
    if hollow == 0 or span <= 1e-6:
        return np.ones(1, np.float32)
    return np.ascontiguousarray(1 - hollow * (cortex - cortex.min()) / span, np.float32)
