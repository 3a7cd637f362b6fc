"""Mitred, tapered tubes with an elliptic section: ribs, clavicles, shafts, vessels, catheters.

Each straight piece is a cone of elliptic section cut by the two mitre planes it shares with its
neighbours, so a ray's path through a bent tube is exact but for the taper of the two semi-axes,
which is taken as common to both within one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.kernels.tubes import bisect, fill_tubes, project_tubes
from trainer.imaging.simulator.memo import digest
from trainer.imaging.simulator.solids import NEAREST, NO_TILE, nothing

Map = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tubes:
    """A set of tubes as flat arrays, one row per node.

    Parameters
    ----------
    nodes : ndarray, shape (n, 3)
        Points of the centre lines, cm.
    mitres : ndarray, shape (n, 3)
        Normals of the planes at which pieces meet.
    sides : ndarray, shape (n, 3)
        Direction of the first semi-axis.
    outer, inner : ndarray, shape (n, 2)
        Semi-axes of the surface and of the marrow space (0 where there is none), cm.
    offset : ndarray, shape (n,)
        Shift of the marrow space along the second axis, cm.
    joined : ndarray of int32, shape (n,)
        The tube's number where this node is joined to the next, 0 at a tube's end.
    """

    nodes: Floats
    mitres: Floats
    sides: Floats
    outer: Floats
    inner: Floats
    offset: Floats
    joined: NDArray[np.int32]

    @staticmethod
    def none() -> Tubes:
        """Return a set without tubes."""
        z3, z2 = np.zeros((0, 3)), np.zeros((0, 2))
        return Tubes(z3, z3, z3, z2, z2, np.zeros(0), np.zeros(0, np.int32))

    @staticmethod
    def joinall(sets: list[Tubes]) -> Tubes:
        """Return one set with the tubes of all."""
        if not sets:
            return Tubes.none()
        return Tubes(
            *(
                np.ascontiguousarray(np.concatenate([getattr(s, name) for s in sets]))
                for name in Tubes.__dataclass_fields__
            )
        )

    @cached_property
    def _digest(self) -> bytes:
        return digest(*(getattr(self, name) for name in self.__dataclass_fields__))

    def key(self) -> bytes:
        """Return a digest that two sets share only when they are the same."""
        return self._digest

    def corners(self) -> Floats:
        """Return the corners of a box that holds every tube."""
        if len(self.nodes) == 0:
            return np.zeros((0, 3))
        reach = self.outer.max(1, keepdims=True)
        low, high = (self.nodes - reach).min(0), (self.nodes + reach).max(0)
        cube = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
        return np.asarray(low + cube * (high - low), float)

    def project(
        self, camera: Camera, tile: NDArray[np.uint8] | None = None, grain: float = 0.0
    ) -> tuple[Map, Map, Map]:
        """Return path lengths in cm: whole tube, marrow space, marrow space times texture.

        Parameters
        ----------
        camera : Camera
            Where from.
        tile : ndarray of uint8, optional
            Periodic texture of mean ``TILE_ONE``, sampled along each path in the tube's own
            coordinates, so that it runs with the bone.
        grain : float
            Size of one voxel of the tile in cm; 0 for no texture.

        Raises
        ------
        ValueError
            When a tube reaches the source.
        """
        whole = np.zeros(camera.shape, np.float32)
        marrow = textured = nothing(camera)
        if len(self.nodes) > 1:
            # the kernel is compiled for maps that can be written on, and leaves these alone where
            # there is nothing to write
            inside = np.zeros(camera.shape if self.inner.any() else (1, 1), np.float32)
            spongy = np.zeros(inside.shape if grain else (1, 1), np.float32)
            ray = camera.rays()
            seen = np.linalg.inv(ray)
            if ((self.nodes - camera.source) @ seen[2]).min() < NEAREST:
                raise ValueError("a tube reaches the X-ray source")
            # of one layout, so that the kernel is compiled once
            shape = (
                np.require(v, float, ["C", "W"])
                for v in (
                    self.nodes, self.mitres, self.sides, self.outer, self.inner, self.offset,
                )
            )  # fmt: skip
            project_tubes(
                *shape,
                self.joined,
                camera.source,
                ray,
                seen,
                whole,
                inside,
                spongy,
                NO_TILE if tile is None else tile,
                1 / grain if grain else 0.0,
                5 * grain,
            )
            marrow = inside if inside.shape == whole.shape else marrow
            textured = spongy if spongy.shape == whole.shape else textured
        return whole, marrow, textured

    def occupancy(
        self, origin: Floats, spacing: Floats, shape: tuple[int, int, int], *, marrow: bool = False
    ) -> Map:
        """Return how much of each voxel of a grid the tubes fill, 0..1."""
        filled = np.zeros(shape, np.float32)
        if len(self.nodes) > 1:
            radii = self.inner if marrow else self.outer
            fill_tubes(self.nodes, self.sides, radii, self.joined, origin, spacing, filled)
        return filled


def tube(
    points: ArrayLike,
    first: ArrayLike,
    second: ArrayLike | None = None,
    *,
    marrow: tuple[ArrayLike, ArrayLike] | None = None,
    side: ArrayLike = (0.0, 1.0, 0.0),
    offset: ArrayLike = 0.0,
    number: int = 1,
) -> Tubes:
    """Return one tube along a polyline.

    Parameters
    ----------
    points : array-like, shape (n, 3)
        Centre line, at least two points.
    first, second : array-like
        Semi-axes, one number or one per point; ``second`` is ``first`` where not given.
    marrow : pair of array-like, optional
        Semi-axes of the marrow space.
    side : array-like, shape (3,) or (n, 3)
        Direction of the first semi-axis; its part along the tube is removed.
    offset : array-like
        Shift of the marrow space along the second axis.
    number : int
        The tube's number, > 0; shifts its texture.
    """
    nodes = np.asarray(points, float)
    n = len(nodes)

    def per_node(value: ArrayLike) -> Floats:
        return np.broadcast_to(np.asarray(value, float), (n,))

    mitres = bisect(np.ascontiguousarray(nodes))
    joined = np.full(n, number, np.int32)
    joined[-1] = 0
    a = per_node(first)
    b = a if second is None else per_node(second)
    ia, ib = (per_node(v) for v in marrow) if marrow else (np.zeros(n), np.zeros(n))
    return Tubes(
        nodes=nodes,
        mitres=mitres,
        sides=np.broadcast_to(np.asarray(side, float), (n, 3)),
        outer=np.stack([a, b], 1),
        inner=np.stack([ia, ib], 1),
        offset=per_node(offset),
        joined=joined,
    )
