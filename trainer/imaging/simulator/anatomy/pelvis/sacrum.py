"""Sacrum and coccyx, as a wedge bent backwards; measures are an engineer's estimate after Gray."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.fields import Field, smooth_max

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.17
# height; half width; where its front and its back lie in the middle
_PROFILE = (
    (-1.7, 0.7, -7.6, -8.7), (-1.0, 1.5, -7.8, -8.9), (-0.1, 2.35, -8.0, -9.3),
    (1.0, 2.8, -7.9, -9.8), (2.2, 3.35, -7.4, -10.0), (3.2, 4.2, -6.7, -9.9),
    (4.2, 5.0, -5.8, -9.5), (5.4, 5.55, -4.7, -8.9), (6.8, 5.75, -3.2, -8.0),
    (7.7, 5.6, -2.4, -7.3), (9.6, 5.1, -1.2, -6.2),
)  # fmt: skip
# height, distance from the middle and girth of the pelvic foramina
_HOLES = ((5.2, 2.45, 0.56), (3.55, 2.1, 0.5), (2.05, 1.85, 0.44), (0.7, 1.6, 0.38))
_RIDGES = (5.75, 4.15, 2.7, 1.35)


def sacrum(girdle: Girdle, rng: Generator, own: Floats) -> Field:
    """Return sacrum and coccyx; ``own`` skews its two sides against each other."""
    s = girdle.size
    f = Field((-6.4 * s, -11 * s, -3.8 * s), (6.4 * s, -1.8 * s, 10.2 * s), STEP, far=1.2)
    table = np.array(_PROFILE)
    up = np.asarray(f.axes[2], float) / s
    held = np.clip(up, table[0, 0], table[-1, 0])
    curves = [PchipInterpolator(table[:, 0], table[:, k]) for k in (1, 2, 3)]
    half, front, back = (np.asarray(c(held) * s, np.float32)[None, None, :] for c in curves)
    if girdle.female:
        half = half * np.float32(1.05)
    ridge = sum(np.exp(-(((up - r) / 0.12) ** 2)) for r in _RIDGES) * 0.1 * s
    x, y, z = f.mesh()
    across = np.abs(x) / np.float32(s)
    fore = front - np.float32(0.05 * s) * across**2
    fore = fore + np.asarray(ridge, np.float32)[None, None, :] * np.clip(2 - across, 0, 1)
    aft = back + np.float32(0.045 * s) * across**2
    lean = np.asarray([np.hypot(1, np.gradient(c(held), up)) for c in curves[1:]], np.float32)
    wall = smooth_max((y - fore) / lean[0][None, None, :], (aft - y) / lean[1][None, None, :], 0.3)
    # the joint's face looks backwards: its front edge lies further out than its back one
    skew = half * (1 + np.float32(0.025) * np.sign(x) * np.float32(own[0]))
    beyond = (
        np.abs(x) + 0.08 * np.clip(fore - y, 0, 1.3) + 0.5 * np.clip(fore - y - 1.3, 0, 2) - skew
    )
    body = smooth_max(wall, beyond * np.float32(0.85), 0.45)
    # the end plate of S1 slopes forward; the wings lie lower than it
    low = 0.75 * np.clip((across - 2.3) / 0.7, 0, 1) + 0.12 * np.clip(across - 3, 0, 3)
    top = (z - np.float32(8.2 * s) + np.float32(0.78) * (y + np.float32(3.95 * s))) * np.float32(
        0.79
    )
    body = smooth_max(body, top + np.asarray(low * s, np.float32), 0.25)
    foot = np.float32(-1.5 * s) - z
    f.values = np.ascontiguousarray(np.clip(smooth_max(body, foot, 0.3), -1.2, 1.2), np.float32)
    _holes(f, girdle, own)
    for side in (-1, 1):  # joints with L5
        knob = girdle.at([(side * 1.9, -6.6, 8.3), (side * 2.1, -6.4, 9.6)])
        f.capsules(knob, np.array([0.75, 0.5]) * s, blend=0.4)
    crest = girdle.at([(0, -7.6, 8.0), (0, -9.5, 5.2), (0, -10.2, 3), (0, -9.9, 1)])
    f.capsules(crest, np.array([0.4, 0.42, 0.36, 0.25]) * s, blend=0.3)
    canal = girdle.at([(0, -6.3, 9.6), (0, -7.3, 7.4), (0, -8.6, 4.4), (0, -9.0, 2.2)])
    for side in (-1, 1):
        f.capsules(
            canal + np.array([side * 0.42 * s, 0, 0]),
            np.array([0.7, 0.62, 0.42, 0.2]) * s,
            blend=0.1,
            cut=True,
        )
    tail = girdle.at(
        [(0.1 * own[9], -8.2, -1.9), (0.2 * own[9], -7.9, -2.7), (0.35 * own[9], -7.2, -3.3)]
    )
    for k, girth in enumerate((0.62, 0.48, 0.34)):
        f.ellipsoid(tail[k], np.array([1.2, 0.8, 0.9]) * girth * s, blend=0.25)
    return roughen(f, rng, 0.045, (1.0, 0.45))


def _holes(f: Field, girdle: Girdle, own: Floats) -> None:
    """Cut the foramina: funnels that open forwards and outwards, narrow behind."""
    table = np.array(_PROFILE)
    for k, (high, out, girth) in enumerate(_HOLES):
        fore, aft = (float(np.interp(high, table[:, 0], table[:, c])) for c in (2, 3))
        for side in (-1, 1):
            x = side * out * (1 + 0.04 * own[1 + k] * side)
            way = girdle.at([
                (x + side * 0.35, fore + 0.4, high - 0.65), (x, fore - 0.6, high - 0.25),
                (x - side * 0.1, 0.45 * fore + 0.55 * aft, high + 0.05),
            ])  # fmt: skip
            f.capsules(way, np.array([1.7, 1.2, 0.6]) * girth * girdle.size, blend=0.25, cut=True)
