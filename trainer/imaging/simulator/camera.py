"""The cone beam: where the source is and where each pixel of the detector is.

Lengths are centimetres. Patient axes: +x to the patient's left, +y to the front, +z to the head.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Camera:
    """A point source and a flat detector.

    Parameters
    ----------
    source : ndarray, shape (3,)
        Focal spot.
    origin : ndarray, shape (3,)
        Centre of the top left pixel.
    right, down : ndarray, shape (3,)
        Step from one pixel to the next along a row and along a column.
    columns, rows : int
        Size of the detector in pixels.
    """

    source: Vector
    origin: Vector
    right: Vector
    down: Vector
    columns: int
    rows: int

    @property
    def pixel_cm(self) -> float:
        """Distance between neighbouring pixels on the detector."""
        return float(np.linalg.norm(self.right))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as an image array has them."""
        return self.rows, self.columns

    def key(self) -> bytes:
        """Return bytes that two cameras share only when they see the same."""
        floats = np.concatenate([self.source, self.origin, self.right, self.down])
        return (
            floats.tobytes() + self.rows.to_bytes(4, "little") + self.columns.to_bytes(4, "little")
        )

    def rays(self) -> Vector:
        """Return the matrix that takes (column, row, 1) to the way from source to detector."""
        return np.stack([self.right, self.down, self.origin - self.source], 1)

    def project(self, points: ArrayLike) -> Vector:
        """Return the (column, row) at which points are seen.

        Parameters
        ----------
        points : array-like, shape (n, 3)
            World points between source and detector.

        Returns
        -------
        ndarray, shape (n, 2)
            Fractional pixel positions.
        """
        rays = np.atleast_2d(np.asarray(points, float)) - self.source
        normal = np.cross(self.right, self.down)
        reach = ((self.origin - self.source) @ normal) / (rays @ normal)
        on_plate = self.source + rays * reach[:, None] - self.origin
        return np.stack(
            [
                on_plate @ self.right / (self.right @ self.right),
                on_plate @ self.down / (self.down @ self.down),
            ],
            axis=1,
        )

    def window(self, box: tuple[int, int, int, int]) -> Camera:
        """Return the camera that sees only columns ``left:right`` and rows ``top:bottom``."""
        left, right, top, bottom = box
        return replace(
            self,
            origin=self.origin + left * self.right + top * self.down,
            columns=right - left,
            rows=bottom - top,
        )

    def box_of(self, points: ArrayLike, margin: float = 2.0) -> tuple[int, int, int, int]:
        """Return the block of pixels that can see points: left, right, top, bottom (ends open).

        Parameters
        ----------
        points : array-like, shape (n, 3)
            World points.
        margin : float
            Pixels added on each side.
        """
        seen = self.project(points)
        low = np.floor(seen.min(0) - margin)
        high = np.ceil(seen.max(0) + margin) + 1
        left, top = (int(v) for v in np.clip(low, 0, (self.columns, self.rows)))
        right, bottom = (int(v) for v in np.clip(high, 0, (self.columns, self.rows)))
        return left, max(left, right), top, max(top, bottom)


def aim(
    *,
    columns: int,
    rows: int,
    width: float,
    centre: tuple[float, float, float],
    source_to_detector: float = 180.0,
    detector_behind: float = 17.0,
    turn: float = 0.0,
    tilt: float = 0.0,
    roll: float = 0.0,
    mirrored: bool = False,
) -> Camera:
    """Return a camera aimed at a point of the patient.

    Parameters
    ----------
    columns, rows : int
        Detector size in pixels.
    width : float
        Detector width in cm; the height follows from square pixels.
    centre : tuple of float
        World point on the central ray.
    source_to_detector : float
        Source-image distance in cm.
    detector_behind : float
        Distance from ``centre`` to the detector along the central ray, cm.
    turn, tilt, roll : float
        Degrees. ``turn`` about the body's long axis: 0 is PA (beam from the back, film shown with
        the patient's left on the right), 180 is AP, -90 has the beam enter at the patient's right
        side. ``tilt`` angles the tube up or down, ``roll`` turns the detector in its own plane.
    mirrored : bool
        Show the film left-right reversed, as an AP film is hung (patient's left on the right).
    """
    pixel = width / columns
    height = pixel * rows
    target = np.asarray(centre, float)
    sign = -1.0 if mirrored else 1.0
    source = np.array([0.0, detector_behind - source_to_detector, 0.0])
    origin = np.array([-sign * (width - pixel) / 2, detector_behind, (height - pixel) / 2])
    pose = _rotation(turn, tilt, roll)
    return Camera(
        source=pose @ source + target,
        origin=pose @ origin + target,
        right=pose @ np.array([sign * pixel, 0.0, 0.0]),
        down=pose @ np.array([0.0, 0.0, -pixel]),
        columns=columns,
        rows=rows,
    )


def _rotation(turn: float, tilt: float, roll: float) -> Vector:
    a, b, c = np.deg2rad([turn, tilt, roll])
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_y = np.array([[np.cos(c), 0, np.sin(c)], [0, 1, 0], [-np.sin(c), 0, np.cos(c)]])
    turned: Vector = about_z @ about_x @ about_y
    return turned
