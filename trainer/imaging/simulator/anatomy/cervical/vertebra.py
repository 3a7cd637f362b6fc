"""Cervical vertebrae in their own coordinates: atlas, axis, and the five below.

Own origin in the middle of the body (of the dens' foot for the axis, of the front arch for the
atlas); +x left, +y front, +z up; cm of an average man. Sizes after Panjabi et al. (Spine 1991) and
Gray's Anatomy.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, smooth_max

Floats = NDArray[np.float64]

STEP = 0.075
# half width, half depth and half height of the body, how far back and down the spinous process
# ends, and its girth
SIZES = {
    "C3": (0.86, 0.78, 0.66, -3.9, -0.55, 0.22),
    "C4": (0.87, 0.79, 0.65, -4.0, -0.65, 0.22),
    "C5": (0.90, 0.80, 0.64, -4.3, -0.80, 0.23),
    "C6": (0.96, 0.82, 0.64, -5.1, -1.00, 0.26),
    "C7": (1.05, 0.84, 0.70, -6.0, -1.15, 0.31),
    "T1": (1.20, 0.87, 0.78, -6.0, -1.70, 0.30),
    "T2": (1.25, 0.90, 0.84, -5.8, -2.20, 0.30),
}


def lower(name: str, own: Floats, spurs: float, wedge: float, rng: Generator) -> Field:
    """Return one of C3 to T2.

    Parameters
    ----------
    name : str
        A name of :data:`SIZES`.
    own : ndarray, shape (12,)
        Unit normal deviates of its form.
    spurs : float
        Osteophytes at the rims, 0..1.
    wedge : float
        Share of its front height that is lost, 0..0.6.
    rng : Generator
        Of its surface.
    """
    w, d, h, back, drop, girth = SIZES[name]
    w, d, h = w * (1 + 0.03 * own[0]), d * (1 + 0.03 * own[1]), h * (1 + 0.03 * own[2])
    f = Field((-2.9, -6.9, -3.4), (2.9, 1.8, 2.2), STEP, far=0.7)
    x, y, z = f.mesh()
    waist = 1 - 0.10 * np.clip(1 - (z / h) ** 2, 0, 1)
    r = np.abs(x / (w * waist)) ** np.float32(2.6) + np.abs(y / (d * waist)) ** np.float32(2.6)
    r = np.asarray(r ** np.float32(1 / 2.6), np.float32)
    # the upper plate rises at the sides (uncinate processes), the lower lips over in front
    front = np.clip((y + d) / (2 * d), 0, 1)
    top = h * (1 - 2 * wedge * front) - 0.06 + 0.28 * np.clip(np.abs(x) / w - 0.55, 0, 0.5)
    bottom = -h + 0.10 * np.clip(1 - r**2, 0, 1) - 0.12 * np.clip(front - 0.75, 0, 0.3) / 0.3
    plates = np.maximum(z - top, bottom - z)
    body = smooth_max((r - 1) * np.float32(min(w, d)), np.asarray(plates, np.float32), 0.1)
    f.values = np.ascontiguousarray(np.clip(body, -0.9, 0.7), np.float32)
    for up in (-1, 1):
        size = spurs * (0.28 + 0.16 * abs(own[3 + up]))
        if size > 0.03:
            rim = h * (1 - 2 * wedge) if up > 0 else h  # a crushed rim has come down
            base = np.array([0, d - 0.12, up * (rim - 0.1)])
            for side in (-0.5, 0, 0.5):
                tip = base + np.array([side * 0.3, size, up * 0.7 * size])
                f.capsules([base + np.array([side, 0, 0]), tip], [0.16, 0.07], blend=0.2)
            f.capsules([(0, -d + 0.1, up * (h - 0.08)), (0, -d - 0.5 * size, up * h)], [0.14, 0.06],
                       blend=0.15)  # fmt: skip
    for side in (-1, 1):
        _pillar(f, side, w, d, h, own[5:])
    tilt = 0.1 * own[11]
    for rise in (0.18, -0.18):
        bar = [(0, -3.0, -0.25 + rise), (tilt, 0.55 * back - 1.35, 0.45 * drop + 0.5 * rise),
               (tilt, back + 0.2, drop + rise)]  # fmt: skip
        f.capsules(bar, [0.2, 0.17, girth], blend=0.15)
    return roughen(f, rng, 0.025, (0.6, 0.3))


def _pillar(f: Field, side: int, w: float, d: float, h: float, own: Floats) -> None:
    """Join pedicle, articular pillar, lamina and transverse process of one side.

    The joints slope down to the back by about 45 degrees: on a lateral film the pillar is a
    rhombus.
    """
    x, y, z = f.mesh()
    f.capsules([(side * 0.75 * w, -0.7 * d, 0.1), (side * 1.45, -1.35, 0.0)], [0.3, 0.28],
               blend=0.15)  # fmt: skip
    out, deep, slope = 1.62, -1.75, 0.85 + 0.06 * own[0]
    tall = 0.92 * h + 0.12
    rise = (z - slope * (y - deep)) / np.hypot(1, slope)
    rhomb = np.maximum(np.abs(rise) - tall * 0.80, np.abs(y - deep) - 0.62)
    rhomb = smooth_max(rhomb, np.abs(x - side * out) - 0.5, 0.2)
    f.join(np.asarray(rhomb, np.float32), 0.1)
    f.capsules([(side * 1.4, -2.2, -0.1), (side * 0.75, -2.8, -0.2), (0, -3.1, -0.25)],
               [0.24, 0.22, 0.24], blend=0.15)  # fmt: skip
    f.capsules([(side * 1.4, -1.2, -0.1), (side * 2.3, -0.7, -0.25)], [0.3, 0.22], blend=0.15)
    f.capsules([(side * 0.9 * w, -0.1, -0.1), (side * 2.2, -0.3, -0.35)], [0.22, 0.2], blend=0.15)


def axis(own: Floats, rng: Generator) -> Field:
    """Return C2: its body, the dens, and a stout spinous process."""
    f = Field((-3.0, -5.6, -2.2), (3.0, 1.6, 3.2), STEP, far=0.7)
    x, y, z = f.mesh()
    r = np.abs(x / 0.9) ** np.float32(2.6) + np.abs(y / 0.78) ** np.float32(2.6)
    r = np.asarray(r ** np.float32(1 / 2.6), np.float32)
    low = -0.85 - 0.14 * np.clip((y + 0.1) / 0.8, 0, 1)
    plates = np.maximum(z - 0.55, low - z)
    body = smooth_max((r - 1) * np.float32(0.78), np.asarray(plates, np.float32), 0.15)
    f.values = np.ascontiguousarray(np.clip(body, -0.9, 0.7), np.float32)
    lean = 0.08 * own[0] - 0.12
    dens = [(0, 0.0, 0.3), (0, lean, 1.2), (0, 1.6 * lean, 2.05)]
    f.capsules(through(dens, 9), np.interp(np.arange(9), [0, 3, 6, 8], [0.6, 0.5, 0.55, 0.42]),
               blend=0.25)  # fmt: skip
    for side in (-1, 1):
        f.ellipsoid((side * 1.35, -0.35, 0.35), (0.85, 0.75, 0.6), blend=0.25)
        f.capsules([(side * 1.2, -0.9, -0.1), (side * 1.55, -1.7, -0.75)], [0.42, 0.48], blend=0.25)
        f.capsules([(side * 1.5, -1.7, -0.5), (side * 0.7, -2.6, -0.3), (0, -3.0, -0.2)],
                   [0.34, 0.34, 0.36], blend=0.2)  # fmt: skip
        f.capsules([(side * 1.5, -0.6, -0.2), (side * 2.3, -0.7, -0.5)], [0.28, 0.2], blend=0.15)
    for rise in (0.3, -0.15):
        f.capsules([(0, -2.9, -0.2 + rise), (0.1 * own[1], -4.5, -0.75 + rise)], [0.3, 0.36],
                   blend=0.2)  # fmt: skip
    return roughen(f, rng, 0.025, (0.6, 0.3))


def atlas(own: Floats, rng: Generator) -> Field:
    """Return C1: a ring with a small front arch, lateral masses and a thin back arch."""
    f = Field((-4.2, -5.2, -1.4), (4.2, 0.9, 1.4), STEP, far=0.7)
    ring = []
    for side in (-1, 1):
        ring.append([(0, 0, 0), (side * 1.0, -0.3, 0), (side * 1.7, -1.0, 0)])
        f.ellipsoid((side * 1.85, -1.3, 0), (0.65, 0.95, 0.75), blend=0.2)
        f.capsules([(side * 2.1, -1.4, -0.1), (side * 3.6, -1.7, -0.2)], [0.35, 0.26], blend=0.2)
        back = through([(side * 1.9, -2.0, 0.0), (side * 1.7, -3.1, 0.1 + 0.05 * own[0]),
                        (side * 0.8, -4.1, 0.05), (0, -4.35, 0.0)], 14)  # fmt: skip
        girth = np.interp(np.arange(14), [0, 3, 8, 13], [0.3, 0.19, 0.26, 0.34])
        f.capsules(back, girth, blend=0.1)
    for nodes in ring:
        f.capsules(nodes, [0.36, 0.3, 0.34], blend=0.15)
    f.ellipsoid((0, 0.05, 0), (0.5, 0.36, 0.55), blend=0.1)
    return roughen(f, rng, 0.025, (0.6, 0.3))
