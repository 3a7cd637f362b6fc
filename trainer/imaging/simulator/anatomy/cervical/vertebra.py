"""Cervical vertebrae in their own coordinates: atlas, axis, and the five below.

Own origin in the middle of the body (of the dens' foot for the axis, of the front arch for the
atlas); +x left, +y front, +z up; cm of an average man. Sizes are an
engineer's estimate.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import pebble, roughen
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, smooth_max

Floats = NDArray[np.float64]

STEP = 0.075
# half width, half depth and half height of the body, how far back and down the spinous process
# ends, and its girth
SIZES = {
    "C3": (0.86, 0.79, 0.70, -4.4, -0.75, 0.21),
    "C4": (0.87, 0.80, 0.69, -4.5, -0.85, 0.21),
    "C5": (0.90, 0.81, 0.68, -4.8, -0.95, 0.22),
    "C6": (0.96, 0.83, 0.69, -5.5, -1.10, 0.26),
    "C7": (1.05, 0.85, 0.74, -6.3, -1.20, 0.31),
    "T1": (1.20, 0.88, 0.81, -6.2, -1.80, 0.30),
    "T2": (1.25, 0.91, 0.87, -5.9, -2.30, 0.30),
}
# the grid of a vertebra with a short spinous process, and of one with a long
_ROOMS = {
    False: ((-2.7, -6.2, -2.0), (2.7, 1.6, 1.8)),
    True: ((-2.7, -6.9, -3.0), (2.7, 1.6, 1.8)),
}
LONG = ("C7", "T1", "T2")
DEVIATES = 24


def lower(name: str, own: Floats, wedge: float, rng: Generator, *, long: bool = False) -> Field:
    """Return one of C3 to T2 without spurs.

    Parameters
    ----------
    name : str
        A name of :data:`SIZES`.
    own : ndarray, shape (24,)
        Unit normal deviates of its form.
    wedge : float
        Share of its front height that is lost, 0..0.6.
    rng : Generator
        Of its surface.
    long : bool
        Give it the grid of a vertebra with a long spinous process all the same.
    """
    _, _, _, back, drop, girth = SIZES[name]
    w, d, h = _measures(name, own)
    f = Field(*_ROOMS[long or name in LONG], STEP, far=0.7)
    f.lay(_body(f, (w, d, h), own, wedge), 0.02)
    for k, side in enumerate((-1, 1)):
        _pillar(f, side, (w, d, h), own[8 + 7 * k :])
    tilt, back = 0.1 * own[7], back * (1 + 0.03 * own[5])
    # the spinous process: a plate on edge, from the line where the laminae meet
    top, low = np.array([0, -2.8, 0.16]), np.array([0, -2.95, -0.66])
    tip = np.array([tilt, back + 0.15, drop])
    up = np.array([0, 0, 0.07])
    f.plate(np.stack([top, low, tip + up]), 0.14, blend=0.2)
    f.plate(np.stack([low, tip + up, tip - up]), 0.14, blend=0.2)
    f.capsules(np.stack([low, 0.5 * (low + tip) - up, tip]), [0.14, 0.16, girth], blend=0.2)
    if name in ("C3", "C4", "C5", "C6"):  # its end is split, the two halves never alike
        for side in (-1, 1):
            end = tip + np.array([0.32 * side, -0.22 + 0.06 * own[6] * side, -0.2])
            f.capsules([tip, end], [girth, 0.8 * girth], blend=0.15)
    return roughen(f, rng, 0.03, (0.6, 0.3))


def with_spurs(f: Field, name: str, own: Floats, spurs: float, wedge: float) -> Field:
    """Return one of C3 to T2 with osteophytes (0..1) at the rims of its body."""
    w, d, h = _measures(name, own)
    f = f.like(f.values)
    for up in (-1, 1):
        size = spurs * (0.28 + 0.16 * abs(own[3 + up]))
        if size < 0.03:
            continue
        rim = h * (1 - 2 * wedge) if up > 0 else h  # a crushed rim has come down
        base = np.array([0, d - 0.12, up * (rim - 0.1)])
        for side in (-0.5, 0, 0.5):
            tip = base + np.array([side * 0.3, size, up * 0.7 * size])
            f.capsules([base + np.array([side * w, 0, 0]), tip], [0.16, 0.07], blend=0.2)
        f.capsules([(0, -d + 0.1, up * (h - 0.08)), (0, -d - 0.5 * size, up * h)], [0.14, 0.06],
                   blend=0.15)  # fmt: skip
    return f


def _measures(name: str, own: Floats) -> tuple[float, float, float]:
    w, d, h = SIZES[name][:3]
    return w * (1 + 0.03 * own[0]), d * (1 + 0.03 * own[1]), h * (1 + 0.03 * own[2])


def _body(f: Field, size: tuple[float, float, float], own: Floats, wedge: float) -> Field:
    """Return a body: waisted, its upper plate a saddle, its lower one lipped in front."""
    w, d, h = size
    made = f.block((-w - 0.5, -d - 0.5, -h - 0.5), (w + 0.5, d + 0.5, h + 0.5))
    x, y, z = made.mesh()
    waist = 1 - (0.06 + 0.015 * own[6]) * np.clip(1 - (z / h) ** 2, 0, 1)
    r = np.abs(x / (w * waist)) ** np.float32(2.6) + np.abs(y / (d * waist)) ** np.float32(2.6)
    r = np.asarray(r ** np.float32(1 / 2.6), np.float32)
    # the upper plate rises at the sides behind (uncinate processes) and falls off in front, the
    # lower one lips over in front
    front = np.clip((y + d) / (2 * d), 0, 1)
    behind = np.clip(1.3 - 1.1 * front, 0, 1)
    top = h * (1 - 2 * wedge * front) - 0.04 + 0.3 * behind * np.clip(np.abs(x) / w - 0.55, 0, 0.5)
    top = top - (0.13 + 0.03 * own[5]) * np.clip(front - 0.72, 0, 0.3) / 0.3
    bottom = -h + 0.11 * np.clip(1 - r**2, 0, 1) - 0.09 * np.clip(front - 0.7, 0, 0.3) / 0.3
    plates = np.maximum(z - top, bottom - z)
    body = smooth_max((r - 1) * np.float32(min(w, d)), np.asarray(plates, np.float32), 0.16)
    made.values = np.ascontiguousarray(np.clip(body, -0.9, 0.7), np.float32)
    return made


def _pillar(f: Field, side: int, size: tuple[float, float, float], own: Floats) -> None:
    """Join pedicle, articular pillar, lamina and transverse process of one side.

    The joints slope down to the back by about 45 degrees: on a lateral film the pillar is a
    rhombus, round at its edges. No side is quite the other's image.
    """
    w, d, h = size
    f.capsules([(side * 0.75 * w, -0.7 * d, 0.12), (side * 1.4, -1.35, 0.02)], [0.3, 0.26],
               blend=0.2)  # fmt: skip
    at = np.array([side * 1.6, -1.72 + 0.07 * own[0], 0.06 * own[1]])
    tall, deep, slope = 0.80 * h + 0.03, 0.55 + 0.03 * own[2], 0.80 + 0.09 * own[3]
    reach = np.array([0.75, 1.0, 1.6])
    made = f.block(at - reach, at + reach)
    x, y, z = (m - np.float32(c) for m, c in zip(made.mesh(), at, strict=True))
    # the upper face slopes somewhat more than the lower, and is hollow where the lower is domed
    lean = slope + (0.10 + 0.05 * own[4]) * np.tanh(2 * z)
    rise = (z - lean * y) / np.hypot(1, slope) + 0.05 * (1 - 3 * y**2)
    q = [np.abs(x + 0.15 * side * rise) / 0.54, np.abs(y) / deep, np.abs(rise) / tall]
    radius = sum(np.asarray(v, np.float32) ** np.float32(3.4) for v in q) ** np.float32(1 / 3.4)
    made.values = np.asarray(np.clip((radius - 1) * np.float32(0.5), -0.7, 0.7), np.float32)
    f.lay(made, 0.15)
    # the lamina: a sheet to the line where the two meet
    upper, under = (side * 1.45, -2.05, 0.25), (side * 1.4, -2.2, -0.55)
    ridge, foot = (side * 0.08, -2.85, 0.05), (side * 0.08, -2.95, -0.62)
    f.plate((upper, under, ridge), 0.15, blend=0.2)
    f.plate((under, ridge, foot), 0.15, blend=0.2)
    # the transverse process: two bars about the artery's hole, ending in tubercles
    end = np.array([side * 2.15, -0.62 + 0.1 * own[5], -0.55 + 0.08 * own[6]])
    for root in ((side * 1.5, -1.3, 0.05), (side * 0.92 * w, -0.28, 0.02)):
        f.capsules([root, tuple(end)], [0.2, 0.14], blend=0.2)
    f.capsules([end, end + np.array([side * 0.1, 0.3, -0.12])], [0.2, 0.14], blend=0.15)


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
    """Return C1: a ring with a tall front arch, lateral masses and a thin back arch."""
    f = Field((-4.2, -5.2, -1.4), (4.2, 0.9, 1.4), STEP, far=0.7)
    for k, side in enumerate((-1, 1)):
        # the lateral mass: a wedge, higher outside, whose joints look up and in, down and in
        at = np.array([side * 1.85, -1.3 + 0.08 * own[2 + k], 0.06 * own[4 + k]])
        mass = f.block(at - 1.3, at + 1.3)
        mass.values = pebble(mass, at, (0.62, 0.88, 0.68), 3.2)
        f.lay(mass, 0.1)
        f.capsules([(side * 2.1, -1.4, -0.1), (side * 3.6, -1.7, -0.2)], [0.32, 0.22], blend=0.2)
        for rise in (0.16, -0.16):
            front = [(0, 0, rise), (side * 1.0, -0.3, rise), (side * 1.7, -1.0, rise)]
            f.capsules(front, [0.27, 0.22, 0.28], blend=0.15)
        back = through([(side * 1.9, -2.0, 0.0), (side * 1.7, -3.1, 0.1 + 0.05 * own[0]),
                        (side * 0.8, -4.1, 0.05 * own[1]), (0, -4.35, 0.0)], 14)  # fmt: skip
        girth = np.interp(np.arange(14), [0, 3, 8, 13], [0.3, 0.17, 0.24, 0.3])
        f.capsules(back, girth, blend=0.1)
    f.ellipsoid((0, 0.05, -0.05), (0.5, 0.3, 0.6), blend=0.1)
    return roughen(f, rng, 0.04, (0.5, 0.25))
