"""One thoracolumbar vertebra in its own coordinates: body, pedicles, laminae, joints, processes.

Own origin in the middle of the body; +x left, +y front, +z up; cm of an average man. Sizes of the
bodies, pedicles and processes by level after Panjabi et al. (Spine 1992) and Gray's Anatomy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.fields import Field, smooth_max

Floats = NDArray[np.float64]

STEP = 0.095


@dataclass(frozen=True)
class Level:
    """Measures of one vertebra, cm.

    Parameters
    ----------
    half_width, half_depth, half_height : float
        Of the body at its end plates.
    transverse : float
        How far the transverse process reaches from the midline.
    rise : float
        Height of its tip.
    spine : float
        How far back the spinous process reaches.
    pedicle : float
        Half width of the pedicle.
    stout : float
        Girth of the transverse process.
    """

    half_width: float
    half_depth: float
    half_height: float
    transverse: float
    rise: float
    spine: float
    pedicle: float
    stout: float = 0.32


LEVELS = {
    "T9": Level(1.65, 1.45, 1.04, 2.6, 0.6, -5.0, 0.36, 0.40),
    "T10": Level(1.75, 1.5, 1.09, 2.5, 0.5, -5.1, 0.38, 0.38),
    "T11": Level(1.85, 1.55, 1.15, 2.3, 0.4, -5.2, 0.40, 0.36),
    "T12": Level(2.0, 1.6, 1.24, 2.3, 0.2, -5.2, 0.40, 0.36),
    "L1": Level(2.1, 1.62, 1.31, 3.5, 0.25, -5.6, 0.38),
    "L2": Level(2.2, 1.68, 1.36, 4.0, 0.15, -6.0, 0.41),
    "L3": Level(2.32, 1.72, 1.38, 4.5, 0.2, -6.2, 0.47),
    "L4": Level(2.45, 1.75, 1.37, 4.1, 0.4, -6.0, 0.56),
    "L5": Level(2.6, 1.76, 1.33, 4.1, 0.5, -5.3, 0.75, 0.48),
}


def between(a: Level, b: Level, share: float) -> Level:
    """Return the measures ``share`` of the way from one level to another."""
    return Level(
        *(
            (1 - share) * getattr(a, name) + share * getattr(b, name)
            for name in Level.__dataclass_fields__
        )
    )


def vertebra(level: Level, own: Floats, spurs: float, rng: Generator) -> Field:
    """Return a vertebra.

    Parameters
    ----------
    level : Level
        Its measures.
    own : ndarray, shape (24,)
        Unit normal deviates of its individual form.
    spurs : float
        Osteophytes of its rims, 0..1.
    rng : Generator
        Of its surface.
    """
    f = Field((-5.2, -7.4, -2.9), (5.2, 2.3, 2.9), STEP, far=0.9)
    x, y, z = f.mesh()
    w, d, h = level.half_width * (1 + 0.02 * own[0]), level.half_depth, level.half_height
    waist = 1 - 0.12 * np.clip(1 - (z / h) ** 2, 0, 1)
    hollow = np.clip((-y - 0.5 * d) / d, 0, 1) * np.exp(-((x / (0.75 * w)) ** 2)) * 0.35
    r = np.abs(x / (w * waist)) ** np.float32(2.4) + np.abs(y / (d * waist)) ** np.float32(2.4)
    r = np.asarray(r ** np.float32(1 / 2.4) + hollow, np.float32)
    dish = (0.16 + 0.03 * own[1]) * np.clip(1 - r**2, 0, 1)
    slope = 0.03 * own[2] * x / w
    plate = np.maximum(z - slope, -z + slope) - (np.float32(h) - dish)
    f.values = np.clip(smooth_max((r - 1) * np.float32(min(w, d)), plate, 0.14), -1.0, 0.9)
    f.values = np.ascontiguousarray(f.values, np.float32)
    for side in (-1, 1):
        _arch(f, level, side, own[4 + (6 if side > 0 else 0) :], h)
        for up in (-1, 1):
            size = spurs * (0.22 + 0.12 * abs(own[16 + side + up]))
            if size > 0.02:
                base = np.array([side * (w - 0.15), 0.35 * d, up * (h - 0.16)])
                tip = base + np.array([side * 1.9 * size, 0.1, up * 0.9 * size])
                f.capsules([base, tip], [0.2 + 0.5 * size, 0.1], blend=0.25)
    # the spinous process is a plate on edge: three bars above one another
    tilt, back = 0.12 * own[20], level.spine
    for rise, reach in ((-0.35, 0.86), (-0.85, 0.97), (-1.35, 1.0)):
        bar = [
            (0, -3.7, rise),
            (tilt * 0.6, 0.6 * back - 1.6, rise - 0.12),
            (tilt, reach * back, rise - 0.3),
        ]
        f.capsules(bar, [0.28, 0.2, 0.36], blend=0.2)
    return roughen(f, rng, 0.035, (0.8, 0.35))


def _arch(f: Field, level: Level, side: int, own: Floats, h: float) -> None:
    """Join pedicle, articular processes, lamina and transverse process of one side."""
    p, w = level.pedicle, level.half_width
    out = 0.66 * w + 0.25 * p
    for up in (0.28, 0.68):  # taller than wide
        pedicle = [(side * out, -1.3, up * h), (side * (out + 0.05), -2.5, up * h - 0.05)]
        f.capsules(pedicle, [p, p * 0.95], blend=0.2)
    facet = out + 0.1 + 0.06 * own[0]
    upper = [(side * facet, -2.6, 0.35 * h), (side * (facet + 0.22), -2.8, 1.32 * h)]
    f.capsules(upper, [0.48, 0.4], blend=0.25)
    lower = [(side * 0.85 * facet, -3.1, -0.1), (side * 0.72 * facet, -3.6, -1.28 * h)]
    f.capsules(lower, [0.48, 0.42], blend=0.25)
    lamina = [(side * 0.9 * facet, -3.0, 0.1), (side * 0.2, -3.8, -0.75)]
    f.capsules(lamina, [0.44, 0.42], blend=0.3)
    tip = level.transverse * (1 + 0.05 * own[1])
    rise = level.rise + 0.15 * own[2]
    arm = [
        (side * facet, -2.6, 0.32 * h),
        (side * (0.5 * facet + 0.5 * tip), -3.0, 0.25 * h + 0.3 * rise),
        (side * tip, -3.4, rise),
    ]  # fmt: skip
    for up in (-1, 1):  # flat from front to back
        shift = np.array([0, 0, up * 0.5 * level.stout])
        f.capsules(
            np.array(arm) + shift,
            np.array([0.42, 0.75, 0.7]) * level.stout * [1, 1, 0.9],
            blend=0.2,
        )
