"""Heart and great vessels: the shape that stands out against the lungs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, axes_from

Map = NDArray[np.float32]


def mediastinum(frame: Frame, grid: Field) -> Map:
    """Return the distance to heart, great vessels, neck vessels and hila."""
    shape = grid.like()
    own = frame.case.rng("mediastinum").normal(0, 1, 8)
    _heart(frame, shape, own)
    _aorta(frame, shape)
    _pulmonary(frame, shape, own)
    _veins(frame, shape)
    return _drifted(frame, shape) if frame.shift else shape.values


def _drifted(frame: Frame, shape: Field) -> Map:
    """Return the shape pushed aside, each height by its own drift."""
    across, out = np.asarray(shape.axes[0], float), np.empty_like(shape.values)
    for k, z in enumerate(shape.axes[2]):
        at = (across - float(frame.drift(float(z))) - across[0]) / shape.spacing
        low = np.clip(at.astype(int), 0, len(across) - 2)
        part = np.clip(at - low, 0, 1).astype(np.float32)[:, None]
        plane = shape.values[:, :, k]
        out[:, :, k] = plane[low] * (1 - part) + plane[low + 1] * part
    return out


def apart(frame: Frame, grid: Field) -> dict[str, Map]:
    """Return the distances to heart, aorta, pulmonary arteries and veins, each for itself.

    Between them lies the fat that a radiograph does not show and a tomogram does.
    """
    own = frame.case.rng("mediastinum").normal(0, 1, 8)
    shapes = {name: grid.like() for name in ("heart", "aorta", "pulmonary", "veins")}
    _heart(frame, shapes["heart"], own)
    _aorta(frame, shapes["aorta"])
    _pulmonary(frame, shapes["pulmonary"], own)
    _veins(frame, shapes["veins"])
    return {name: shape.values for name, shape in shapes.items()}


def aorta_of(frame: Frame) -> float:
    """Return the size of the aorta, relative: it widens and unfolds with age."""
    own, age = frame.case.number("aorta"), frame.case.number("age")
    return own if frame.sliced else float(np.clip(own + 0.006 * (age - 52), 0.75, 1.8))


def _heart(frame: Frame, shape: Field, own: NDArray[np.float64]) -> None:
    s, k, z = frame.size, frame.heart_size, frame.heart_z
    lean = axes_from((0.82, 0.15, -0.50 - 0.05 * own[0]))
    deep, at = 0.84, 0.7
    if frame.sliced:  # from front to back it measures less than a film's projection lets it
        deep, at = 0.78, 0.9
        lean = axes_from((0.80, 0.42, -0.43 - 0.05 * own[0]))

    def lobe(x: float, y: float, up: float, radii: tuple[float, float, float], blend: float,
             axes: NDArray[np.float64] | None = None) -> None:  # fmt: skip
        across, along, high = radii
        shape.ellipsoid(
            (x, (y + at) * s, z + up * s), (across, along * deep * s, high * s), axes, blend=blend
        )

    lobe(2.6 * s * k, 2.9, -0.1, (6.0 * s * k, 5.7, 4.6), 0.3, lean)
    lobe(2.2 * s * k, 2.9, -2.8, (6.0 * s * k, 5.4, 3.6), 1.0)
    lobe(2.0 * s * k, 3.0, -5.2, (5.6 * s * k, 4.8, 3.2), 1.0)
    lobe(-1.3 * s, 2.3, 0.6, (2.75 * s * k, 4.3, 4.6), 1.3)
    lobe(-1.2 * s, 2.0, -4.5, (2.2 * s, 3.4, 3.0), 1.0)
    # left auricle and atrium fill the bay under the pulmonary trunk
    shape.ellipsoid((2.0 * s, 3.9 * s, z + 4.0 * s), (2.9 * s, 2.9 * s, 3.0 * s), blend=1.6)
    shape.ellipsoid((0.8 * s, -0.6 * s, z + 3.0 * s), (3.1 * s, 2.6 * s, 2.5 * s), blend=1.2)


def _aorta(frame: Frame, shape: Field) -> None:
    s, k, q = frame.size, aorta_of(frame), frame.point
    course = [
        q(0.3, 2.6, -13), q(-1.1, 2.3, -9.5), q(-0.7, 1.4, -7.2), q(0.9, -0.4, -6.2),
        q(1.9 * k, -2.6, -6.7), q(2.25 * k, -4.2, -8.4), q(2.1, -5.0, -12), q(1.7, -5.2, -18),
        q(0.9, -4.8, -26),
    ]  # fmt: skip
    # an unfolded aorta leaves the midline further down as well
    for at in (5, 6, 7):
        course[at] = course[at] + np.array([0.5 * (k - 1), 0, 0]) * s
    radius = np.linspace(1.75, 1.25, 22) * s * (0.75 + 0.25 * k)
    shape.capsules(through(course, 22), radius, blend=0.6)


def _pulmonary(frame: Frame, shape: Field, own: NDArray[np.float64]) -> None:
    s, q = frame.size, frame.point
    trunk = [
        q(1.9, 3.3, -12.9), q(2.6, 1.6, -11.4), q(3.2, -0.6, -10.9), q(3.7, -1.9, -11.7),
        q(4.1, -2.5, -13.4),
    ]  # fmt: skip
    radius = np.interp(np.linspace(0, 1, 10), [0, 0.4, 0.7, 1], [1.6, 1.35, 0.95, 0.6])
    shape.capsules(through(trunk, 10), radius * s * (1 + 0.06 * own[1]), blend=1.5)
    right = [q(1.5, 0.2, -11.2), q(-1.8, 0.3, -11.2), q(-3.2, -0.1, -12.2), q(-3.9, -0.4, -13.6)]
    shape.capsules(through(right, 8), np.linspace(1.3, 0.7, 8) * s, blend=0.8)
    # what holds the bronchi: their air would else lie bare in the lung
    for course in (
        [q(-1.4, -2.8, -10.9), q(-2.7, -0.8, -12.4), q(-3.3, -1.0, -14.2), q(-3.9, -1.7, -15.8)],
        [q(1.4, -2.9, -10.8), q(3.0, -1.9, -12.2), q(4.0, -2.6, -13.6), q(4.6, -3.3, -15.4)],
        [q(-2.4, -0.7, -11.6), q(-3.4, -0.4, -11.0), q(-4.3, -0.1, -9.9)],
        [q(3.2, -2.0, -12.4), q(4.4, -1.2, -11.8), q(5.1, 0.0, -10.6)],
    ):
        shape.capsules(through(course, 8), np.linspace(1.05, 0.5, 8) * s, blend=0.4)
    # the interlobar arteries, as thick as a finger, make most of each hilum
    for course, girth in (
        ([q(-3.5, -0.3, -12.4), q(-4.5, -0.9, -14.2), q(-4.9, -1.6, -16.4)], 0.80),
        ([q(3.9, -2.2, -12.4), q(4.7, -2.9, -14.0), q(5.1, -3.4, -16.0)], 0.76),
        ([q(-3.4, 0.5, -12.0), q(-4.3, 0.7, -10.6), q(-4.9, 0.9, -9.2)], 0.58),
        ([q(3.6, -1.2, -11.4), q(4.5, -0.8, -10.2), q(5.0, -0.3, -8.9)], 0.55),
    ):
        thick = np.linspace(1.0, 0.55, 8) * girth * s * (1 + 0.08 * own[2])
        shape.capsules(through(course, 8), thick, blend=0.5)


def _veins(frame: Frame, shape: Field) -> None:
    """Join superior cava, brachiocephalic and subclavian vessels, azygos arch."""
    s, q = frame.size, frame.point
    cava = [q(-1.1, 0.7, 0.5), q(-1.45, 0.9, -4), q(-1.95, 1.0, -9), q(-2.25, 1.0, -13.5)]
    shape.capsules(cava, np.array([0.75, 0.85, 0.95, 1.0]) * s, blend=0.7)
    thin, near = (1.0, 0.0) if frame.sliced else (0.87, 0.35)
    left = [q(1.9 - near, -0.5, 0.5), q(1.6 - near, 0.2, -5.5)]
    shape.capsules(left, np.array([0.85, 0.8]) * thin * s, blend=1.0)
    for side in (-1, 1):
        course = [
            q(side * 0.9, -1.2, -6.5), q(side * 1.1, -1.6, -3.4), q(side * 2.0, -2.4, -0.6),
            q(side * 5.0, -2.6, 1.5),
        ]  # fmt: skip
        shape.capsules(through(course, 8), np.linspace(0.9, 1.4, 8) * thin * s, blend=1.0)
    shape.ellipsoid(q(-1.55, -2.2, -9.0), (0.75 * s, 0.9 * s, 1.0 * s), blend=0.7)
