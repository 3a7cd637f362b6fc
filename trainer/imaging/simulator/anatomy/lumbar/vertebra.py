"""One thoracolumbar vertebra in its own coordinates: body, pedicles, laminae, joints, processes.

Own origin in the middle of the body; +x left, +y front, +z up; cm of an average man. Sizes are an
engineer's estimate; L5 lies within a standard deviation of what CT measured in men (Cook and Baker,
Int J Spine Surg 2021, table 6). Fractures by Genant's forms, wedge, biconcave and crush: mild from
20, severe from 40 % of height lost (told by Wang, Quant Imaging Med Surg 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.fields import Field, smooth_max

Floats = NDArray[np.float64]

STEP = 0.105


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
    "T12": Level(2.0, 1.6, 1.24, 2.3, 0.2, -5.6, 0.40, 0.36),
    "L1": Level(2.1, 1.62, 1.31, 3.5, 0.25, -6.4, 0.38),
    "L2": Level(2.2, 1.68, 1.36, 4.0, 0.15, -6.8, 0.41),
    "L3": Level(2.32, 1.72, 1.38, 4.5, 0.2, -7.0, 0.47),
    "L4": Level(2.45, 1.75, 1.37, 4.1, 0.4, -6.7, 0.56),
    "L5": Level(2.6, 1.76, 1.33, 4.1, 0.5, -5.9, 0.75, 0.48),
}


def between(a: Level, b: Level, share: float) -> Level:
    """Return the measures ``share`` of the way from one level to another."""
    return Level(
        *(
            (1 - share) * getattr(a, name) + share * getattr(b, name)
            for name in Level.__dataclass_fields__
        )
    )


@dataclass(frozen=True)
class Crush:
    """A body that has given way.

    Parameters
    ----------
    kind : str
        ``wedge`` (in front), ``biconcave`` (in the middle), ``crush`` (throughout).
    loss : float
        Share of the height lost where it lost most.
    behind : float
        How far the back wall is driven towards the canal, cm.
    """

    kind: str
    loss: float
    behind: float = 0.0


def vertebra(
    level: Level,
    own: Floats,
    spurs: float,
    rng: Generator,
    crush: Crush | None = None,
    wide: bool = True,
) -> Field:
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
    crush : Crush, optional
        How its body gave way.
    wide : bool
        Give it a grid that holds a lumbar vertebra's processes.
    """
    side = 5.3 if wide else 3.2
    f = Field((-side, -7.8, -2.5), (side, 2.2, 2.1), STEP, far=0.9)
    h = level.half_height
    f.lay(_body(f, level, own, crush), 0.02)
    for side in (-1, 1):
        _arch(f, level, side, own[4 + (6 if side > 0 else 0) :], h)
        for up in (-1, 1):
            size = spurs * (0.22 + 0.12 * abs(own[16 + side + up]))
            if size > 0.02:
                base = np.array(
                    [side * (level.half_width - 0.15), 0.35 * level.half_depth, up * (h - 0.16)]
                )
                tip = base + np.array([side * 1.9 * size, 0.1, up * 0.9 * size])
                f.capsules([base, tip], [0.2 + 0.5 * size, 0.1], blend=0.25)
    if spurs > 0.1:  # lips of the front rims
        for up in (-1, 1):
            size = spurs * (0.16 + 0.1 * abs(own[19 + up]))
            lip = [
                (0.8 * x * level.half_width, (1 - 0.25 * x * x) * level.half_depth, up * (h - 0.12))
                for x in (-1, 0, 1)
            ]
            f.capsules(
                np.array(lip) + np.array([0, 1.1 * size, up * 0.4 * size]),
                0.1 + 0.4 * size,
                blend=0.3,
            )
    _spine(f, level, own)
    if own[23] > 1.1:  # a Schmorl node: the disc has broken into an end plate
        up = 1 if own[22] > 0 else -1
        at = (0.5 * level.half_width * np.tanh(own[21]), -0.2 * level.half_depth, up * (h - 0.2))
        f.ellipsoid(at, (0.5, 0.5, 0.28), blend=0.15, cut=True)
    return roughen(f, rng, 0.035, (0.8, 0.35))


def _body(f: Field, level: Level, own: Floats, crush: Crush | None) -> Field:
    w, d, h = level.half_width * (1 + 0.02 * own[0]), level.half_depth, level.half_height
    reach = np.array([w, d, h]) * 1.1 + 0.55
    made = f.block(-reach, reach)
    x, y, z = made.mesh()
    waist = 1 - 0.12 * np.clip(1 - (z / h) ** 2, 0, 1)
    if crush is not None:  # what has given way bulges
        waist = waist + np.float32(0.25 * crush.loss) * np.clip(1 - (z / h) ** 2, 0, 1)
    hollow = np.clip((-y - 0.5 * d) / d, 0, 1) * np.exp(-((x / (0.75 * w)) ** 2)) * 0.35
    r = np.abs(x / (w * waist)) ** np.float32(2.4) + np.abs(y / (d * waist)) ** np.float32(2.4)
    r = np.asarray(r ** np.float32(1 / 2.4) + hollow, np.float32)
    middle = np.clip(1 - r**2, 0, 1)
    dish = (0.16 + 0.03 * own[1]) * middle
    slope = 0.03 * own[2] * x / w
    over, under = z - slope + dish - np.float32(h), slope - z + dish - np.float32(h)
    if crush is not None:
        lost = np.float32(2 * h * crush.loss)
        ahead = np.clip((y + 0.7 * d) / (1.5 * d), 0, 1)
        if crush.kind == "wedge":
            over = over + lost * ahead
        elif crush.kind == "crush":
            over = over + lost * (0.85 + 0.15 * ahead)
        else:
            over, under = over + 0.6 * lost * middle, under + 0.4 * lost * middle
    body = smooth_max((r - 1) * np.float32(min(w, d)), np.maximum(over, under), 0.14)
    made.values = np.ascontiguousarray(np.clip(body, -1.0, 0.9), np.float32)
    if crush is not None and crush.behind > 0:
        top = h - 2 * h * crush.loss * (0.85 if crush.kind == "crush" else 0.1)
        corner = (0, -0.62 * d, top - 0.45)
        made.ellipsoid(corner, (0.7 * w, 0.38 * d + crush.behind, 0.42), blend=0.2)
    return made


def _spine(f: Field, level: Level, own: Floats) -> None:
    """Join laminae to the spinous process: a plate on edge, thick at its lower and hind rims."""
    tilt, back = 0.14 * own[20], level.spine
    top = [(0, -3.5, -0.1), (0.5 * tilt, 0.5 * (back - 3.5), -0.35), (tilt, back + 0.25, -0.6)]
    low = [(0, -3.7, -1.0), (0.5 * tilt, 0.5 * (back - 3.7), -1.35), (tilt, back + 0.1, -1.6)]
    for k in (0, 1):
        f.plate((top[k], top[k + 1], low[k]), 0.2, blend=0.2)
        f.plate((top[k + 1], low[k], low[k + 1]), 0.2, blend=0.2)
    f.capsules([low[0], low[1], low[2]], [0.22, 0.26, 0.36], blend=0.25)
    f.capsules([top[2], low[2]], [0.27, 0.38], blend=0.25)


def _arch(f: Field, level: Level, side: int, own: Floats, h: float) -> None:
    """Join pedicle, articular processes, lamina and transverse process of one side."""
    p, w = level.pedicle, level.half_width
    out = 0.66 * w + 0.25 * p
    for up in (0.28, 0.68):  # taller than wide
        pedicle = [(side * out, -1.3, up * h), (side * (out + 0.05), -2.5, up * h - 0.05)]
        f.capsules(pedicle, [p, p * 0.95], blend=0.2)
    facet = out + 0.1 + 0.06 * own[0]
    upper = [(side * facet, -2.6, 0.35 * h), (side * (facet + 0.2), -2.75, 1.3 * h)]
    f.capsules(upper, [0.5, 0.42], blend=0.25)
    lower = [(side * 0.85 * facet, -3.1, -0.1), (side * 0.74 * facet, -3.55, -1.3 * h)]
    f.capsules(lower, [0.5, 0.46], blend=0.25)
    # the lamina: a sheet from the joints' pillar to the midline
    a, b = (side * 0.92 * facet, -2.85, 0.45), (side * 0.85 * facet, -3.2, -0.95)
    c, d = (side * 0.1, -3.55, -0.05), (side * 0.1, -3.75, -0.95)
    f.plate((a, b, c), 0.26, blend=0.3)
    f.plate((b, c, d), 0.26, blend=0.3)
    tip = level.transverse * (1 + 0.05 * own[1])
    rise = level.rise + 0.15 * own[2]
    arm = [
        (side * facet, -2.6, 0.32 * h),
        (side * (0.5 * facet + 0.5 * tip), -3.0, 0.25 * h + 0.3 * rise),
        (side * tip, -3.4, rise),
    ]  # fmt: skip
    for up in (-1, 1):  # flat from front to back, and tapering
        shift = np.array([[0, 0, 0.6], [0, 0, 0.5], [0, 0, 0.25]]) * up * level.stout
        girth = np.array([0.5, 0.75, 0.5]) * level.stout
        f.capsules(np.array(arm) + shift, girth, blend=0.2)
