"""Posed solids: a signed distance on a grid, put into the world and crossed by rays.

Negative is inside. Rays step by the distance itself (sphere tracing, Hart 1996) and interpolate
the crossing, so path lengths are good to a small part of a grid cell.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.kernels.rays import TILE_ONE
from trainer.imaging.simulator.kernels.solids import project_solids, sample_solid
from trainer.imaging.simulator.tissue import STRAIGHT, Weave

Map = NDArray[np.float32]
_BONE_MESH_CM, _SOFT_MESH_CM = 0.18, 0.5
BEND_CM = 0.25
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
        digest = hashlib.blake2b(digest_size=16)
        for array in (self.distance, self.corner, self.turn, self.place, self.stretch, self.cortex):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(np.array([self.spacing, self.hollow]).tobytes())
        return digest.digest()

    def key(self) -> bytes:
        """Return a digest that two solids share only when they are the same."""
        return self._digest

    def corners(self) -> Floats:
        """Return the world positions of the grid's eight corners."""
        n = np.array(self.distance.shape) - 1
        cube = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)]) * n
        own = cube * self.spacing + self.corner
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
        mesh: int = 4,
        weave: Weave = STRAIGHT,
        bend: float = BEND_CM,
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
        mesh : int
            Pixels between the rays that are always traced. Between them rays are traced only where
            the path does not vary smoothly, and for a bone wherever it is near. 1 traces all.
        bend : float
            How much the path of a solid without marrow may bend between neighbours of the mesh,
            cm: where it bends more, every ray is traced. The error left is under an eighth of it.
        """
        whole, marrow, textured = (np.zeros(camera.shape, np.float32) for _ in range(3))
        if min(camera.shape) > 0:
            matrix, shift = self.to_grid()
            scale = float(self.stretch.mean())
            n = self.distance.shape[2]
            # a mesh wider than the structures it must not miss is no use
            widest = _BONE_MESH_CM if self.cortex.size else _SOFT_MESH_CM
            mesh = max(1, min(mesh, int(widest / camera.pixel_cm)))
            cortex = np.zeros(0, np.float32)
            if self.cortex.size:
                cortex = np.ascontiguousarray(np.broadcast_to(self.cortex, (n,)), np.float32)
            project_solids(
                self.distance,
                matrix,
                shift,
                scale,
                cortex,
                _spongy(cortex, self.hollow),
                camera.source,
                camera.origin,
                camera.right,
                camera.down,
                0.45 * self.spacing * scale,
                whole,
                marrow,
                textured,
                NO_TILE if tile is None else tile,
                np.array(weave) * (1 / grain if grain else 0.0),
                5 * grain,
                phase,
                mesh,
                bend,
            )
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


def _spongy(cortex: Map, hollow: float) -> Map:
    """Return what share of its trabeculae a bone has at each grid plane."""
    if cortex.size == 0:
        return np.zeros(0, np.float32)
    span = float(cortex.max() - cortex.min())
    share = (cortex - cortex.min()) / span if span > 1e-6 else np.zeros_like(cortex)
    return np.ascontiguousarray(1 - hollow * share, np.float32)
