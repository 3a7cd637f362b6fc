"""Building solids: smooth unions and cuts of capsules and ellipsoids on a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.blur import gaussian_weights
from trainer.imaging.simulator.kernels.fields import (
    soften,
    unite_capsules,
    unite_ellipsoid,
    unite_field,
    unite_plate,
)
from trainer.imaging.simulator.solids import Solid

Map = NDArray[np.float32]
Floats = NDArray[np.float64]
_NO_NOISE = np.zeros((1, 1, 1), np.float32)


class Field:
    """A signed distance being built.

    Parameters
    ----------
    low, high : sequence of float
        The box, cm.
    spacing : float
        Grid step, cm.
    far : float
        The distance at which shapes stop to matter, cm.
    """

    def __init__(self, low: ArrayLike, high: ArrayLike, spacing: float, far: float = 3.0) -> None:
        lo, hi = np.asarray(low, float), np.asarray(high, float)
        self.spacing, self.far = float(spacing), float(far)
        self.axes = [
            np.arange(a, b + spacing / 2, spacing, dtype=np.float32)
            for a, b in zip(lo, hi, strict=True)
        ]
        self.corner: Floats = np.array([float(a[0]) for a in self.axes])
        self.shape = tuple(len(a) for a in self.axes)
        self.values: Map = np.full(self.shape, far, np.float32)

    def like(self, values: ArrayLike | None = None) -> Field:
        """Return a field on the same grid, empty or with the given distances."""
        other = object.__new__(Field)
        other.__dict__.update(self.__dict__)
        if values is None:
            other.values = np.full(self.shape, self.far, np.float32)
        else:
            other.values = np.array(np.broadcast_to(values, self.shape), np.float32)
        return other

    def block(self, low: ArrayLike, high: ArrayLike) -> Field:
        """Return an empty field on the grid points within a box: for a shape that fills little."""
        other = object.__new__(Field)
        other.__dict__.update(self.__dict__)
        lo, hi = np.asarray(low, float), np.asarray(high, float)
        other.axes = [
            axis[(axis >= a) & (axis <= b)] for axis, a, b in zip(self.axes, lo, hi, strict=True)
        ]
        other.shape = tuple(len(axis) for axis in other.axes)
        if min(other.shape) == 0:
            raise ValueError("a block that holds no point of its grid")
        other.corner = np.array([float(axis[0]) for axis in other.axes])
        other.values = np.full(other.shape, self.far, np.float32)
        return other

    def lay(self, block: Field, width: float) -> Field:
        """Join, smoothly, what was built on a block of this grid."""
        first = np.rint((block.corner - self.corner) / self.spacing).astype(int)
        here = tuple(slice(a, a + n) for a, n in zip(first, block.shape, strict=True))
        joined = np.ascontiguousarray(self.values[here])
        unite_field(joined.ravel(), np.ascontiguousarray(block.values).ravel(), width, False)
        self.values[here] = joined
        return self

    def mesh(self) -> tuple[Map, Map, Map]:
        """Return the coordinates, each broadcastable to the grid."""
        x, y, z = self.axes
        return x[:, None, None], y[None, :, None], z[None, None, :]

    def capsules(
        self, points: ArrayLike, radii: ArrayLike, *, blend: float = 0.3, cut: bool = False
    ) -> Field:
        """Join (or cut) a chain of round cones; joints inside a chain do not bulge."""
        p = np.asarray(points, float)
        r = np.broadcast_to(np.asarray(radii, float), (len(p),))
        ends = (p[:-1].copy(), p[1:].copy(), r[:-1].copy(), r[1:].copy())
        unite_capsules(self.values, self.corner, self.spacing, *ends, blend, cut, self.far)
        return self

    def ellipsoid(
        self,
        centre: ArrayLike,
        radii: ArrayLike,
        axes: Floats | None = None,
        *,
        blend: float = 0.3,
        cut: bool = False,
        noise: Map | None = None,
        rough: float = 0.0,
    ) -> Field:
        """Join (or cut) an ellipsoid; ``axes`` are its own axes as columns."""
        unite_ellipsoid(
            self.values,
            self.corner,
            self.spacing,
            np.asarray(centre, float),
            np.maximum(np.asarray(radii, float), 0.02),
            np.ascontiguousarray(np.eye(3) if axes is None else axes, float),
            blend,
            cut,
            self.far,
            _NO_NOISE if noise is None else noise,
            0.0 if noise is None else float(rough),
        )
        return self

    def plate(self, corners: ArrayLike, half: float, *, blend: float = 0.2) -> Field:
        """Join a triangular plate of half thickness ``half`` (after Quilez)."""
        a, b, c = np.asarray(corners, float)
        unite_plate(self.values, self.corner, self.spacing, a, b, c, half, blend, self.far)
        return self

    def join(self, distance: ArrayLike, width: float, *, cut: bool = False) -> Field:
        """Join (or cut) any distance on the same grid, smoothly."""
        other = np.ascontiguousarray(np.broadcast_to(distance, self.shape), np.float32)
        unite_field(self.values.ravel(), other.ravel(), width, cut)
        return self

    def smooth(self, cells: float) -> Field:
        """Blur the distance by a Gaussian of so many cells."""
        self.values = smoothed(self.values, cells)
        return self

    def solid(self, cortex: ArrayLike = (), hollow: float = 0.0) -> Solid:
        """Return the finished solid; see :class:`Solid` for cortex and hollow."""
        return Solid(
            np.ascontiguousarray(self.values, np.float32),
            self.corner,
            self.spacing,
            cortex=np.atleast_1d(np.asarray(cortex, np.float32)),
            hollow=hollow,
        )


def smoothed(values: Map, cells: float) -> Map:
    """Return distances blurred by a Gaussian of so many cells, mirrored beyond the grid."""
    weights = gaussian_weights(cells)
    return np.asarray(soften(np.ascontiguousarray(values, np.float32), weights))


def smooth_min(a: ArrayLike, b: ArrayLike, width: float) -> Map:
    """Return the smooth minimum of two distances."""
    first, second = np.broadcast_arrays(np.asarray(a, np.float32), np.asarray(b, np.float32))
    joined: Map = np.array(first, order="C")  # else a broadcast one is copied by ravel
    unite_field(joined.ravel(), np.ascontiguousarray(second).ravel(), width, False)
    return joined


def smooth_max(a: ArrayLike, b: ArrayLike, width: float) -> Map:
    """Return the smooth maximum of two distances."""
    first, second = np.broadcast_arrays(np.asarray(a, np.float32), np.asarray(b, np.float32))
    joined: Map = np.array(first, order="C")  # else a broadcast one is copied by ravel
    unite_field(joined.ravel(), np.ascontiguousarray(-second).ravel(), width, True)
    return joined


def axes_from(direction: ArrayLike, hint: ArrayLike = (0.0, 1.0, 0.2)) -> Floats:
    """Return orthonormal axes as columns, the first along ``direction``."""
    v = np.asarray(direction, float)
    v = v / np.linalg.norm(v)
    u = np.cross(v, np.asarray(hint, float))
    u /= np.linalg.norm(u)
    return np.stack([v, np.cross(u, v), u], 1)
