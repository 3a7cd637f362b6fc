"""Femur, tibia, fibula and patella of a left knee, straight; own origin at the joint's middle.

+x is lateral, +y front, +z up; lengths in cm of an average man, scaled by ``size``. Bicondylar
width of men 8.9 +/- 0.4, depth of the condyles 6.1, width of the notch 2.2 (Terzidis et al., 2012,
doi 10.1155/2012/679658); Blumensaat's line, the notch's roof, at 120 to 153 degrees to the shaft
(Seyahi et al., Acta Orthop Traumatol Turc 2006). All else is an engineer's estimate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, box, fit
from trainer.imaging.simulator.anatomy.limb.cortex import plated, uneven
from trainer.imaging.simulator.anatomy.limb.wear import spurs
from trainer.imaging.simulator.anatomy.loft import about, calmed, loft, pebble, roughen, turned
from trainer.imaging.simulator.case import generator
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.1
UPRIGHT = weave((0, 0, 1), 2.3)
# the femur turns about the middle of its condyles
PIVOT = (0.0, -1.2, 2.2)

# height, medial, lateral, back, front
FEMUR = (
    (0.8, -2.4, 2.4, 0.3, 1.4), (1.4, -3.5, 3.4, -0.5, 2.1),
    (2.0, -4.15, 4.05, -1.1, 2.5), (3.0, -4.3, 4.15, -1.6, 2.65),
    (4.0, -4.15, 3.9, -1.75, 2.4), (4.9, -3.55, 3.45, -1.65, 2.0), (6.0, -2.55, 2.95, -1.5, 1.75),
    (7.5, -1.72, 2.6, -1.4, 1.6), (9.0, -1.2, 2.42, -1.35, 1.5), (11.0, -0.75, 2.4, -1.4, 1.45),
    (14.0, -0.35, 2.58, -1.45, 1.4), (18.0, 0.15, 2.95, -1.5, 1.4),
)  # fmt: skip
TIBIA = (
    (-18.0, -1.45, 0.85, -1.4, 1.4), (-14.0, -1.5, 0.95, -1.35, 1.5),
    (-11.0, -1.6, 1.05, -1.35, 1.6), (-8.0, -1.8, 1.3, -1.35, 1.8), (-6.0, -2.05, 1.65, -1.4, 2.15),
    (-4.0, -2.65, 2.35, -1.6, 2.4), (-2.5, -3.35, 3.15, -2.05, 2.3), (-1.5, -3.72, 3.6, -2.5, 2.2),
    (-0.7, -3.84, 3.78, -2.7, 2.15), (0.6, -3.8, 3.74, -2.75, 2.1), (1.4, -3.6, 3.5, -2.6, 2.0),
)  # fmt: skip
# the fibula's course, the patella's middle
FIBULA = (
    (3.45, -2.4, -1.35), (3.55, -2.2, -2.1), (3.6, -2.0, -3.1), (3.45, -1.8, -4.6),
    (3.3, -1.6, -6.5), (3.05, -1.4, -11), (2.85, -1.2, -17.4),
)  # fmt: skip
PATELLA = (0.3, 3.5, 3.6)
# the condyles in profile: middle and radii front to back; flat below, round behind
_PROFILE = (((0.7, 2.6), (1.85, 2.35)), ((-0.9, 2.2), (2.1, 2.2)), ((-2.2, 2.2), (1.75, 2.0)))
_CORTEX: dict[str, Sequence[tuple[float, float]]] = {
    "femur": (
        (0, 0.075), (0.3, 0.06), (0.8, 0.045), (3, 0.045), (5, 0.055), (6.5, 0.11), (8, 0.22),
        (11, 0.42), (17, 0.52),
    ),
    "tibia": (
        (-17, 0.55), (-11, 0.42), (-8, 0.28), (-6, 0.16), (-4, 0.08), (-2.5, 0.05), (-0.9, 0.045),
        (-0.45, 0.065), (0, 0.08), (0.4, 0.06),
    ),
    "fibula": (
        (-17, 0.30), (-9, 0.26), (-6, 0.18), (-4.3, 0.09), (-3, 0.05), (-1, 0.045),
    ),
}  # fmt: skip
# stronger in front of the tibia, behind and within the femur
_STRONG = {"femur": (-0.1, -0.2), "tibia": (-0.1, 0.3)}


@remember(2)
def knee(seed: int, held: tuple[float, ...]) -> dict[str, Bony]:
    """Return femur, tibia, fibula, patella and in some a fabella, of a straight left knee.

    Parameters
    ----------
    seed : int
        Of what varies.
    held : tuple of float
        Size, medial and lateral joint space in cm, spurs, height of the patella in cm.
    """
    s, medial, lateral, spur, rise = held
    rng = generator(seed, "knee surface")
    bones = {
        "femur": _femur(seed, s, spur, rng),
        "tibia": _tibia(seed, s, spur, rng),
        "fibula": _fibula(s, rng),
        "patella": _patella(s, rise, rng),
    }
    bones = fit(bones, [("fibula", "tibia", 0.16 * s)], share=1)
    if generator(seed, "fabella").random() < 0.18:
        bones["fabella"] = _fabella(s, rng)
    lean = np.rad2deg(np.arctan2(lateral - medial, 4.7))
    pose = about(turned(float(lean), "y"), (0, 0, 0), (0, -0.6 * s, -(medial + lateral) / 2 * s))
    for name in ("tibia", "fibula"):
        bones[name] = bones[name].moved(*pose)
    bones = {
        n: uneven(b, generator(seed, f"cortex {n}"), _STRONG.get(n, (0.0, 0.0)))
        for n, b in bones.items()
    }
    return fit(bones, [("patella", "femur", 0.3 * s)], share=1)


def flexed(bones: dict[str, Bony], degrees: float, s: float) -> dict[str, Bony]:
    """Return the bones with the knee bent; the patella goes with the tibia, less far.

    Parameters
    ----------
    bones : dict of str to Bony
        Straight.
    degrees : float
        0 straight, 90 bent square.
    s : float
        Size.
    """
    if not degrees:
        return bones
    out = dict(bones)
    for name, share in (("tibia", 1.0), ("fibula", 1.0), ("patella", 0.8), ("fabella", 0.2)):
        if name in bones:
            turn = turned(-degrees * share, "x")
            way = turn @ np.array([0, 0, -1.0]) * (_reach(degrees) - _reach(0)) * s
            give = way if share == 1 else (0, 0, 0)
            out[name] = bones[name].moved(*about(turn, np.array(PIVOT) * s, give))
    return out


def _reach(degrees: float) -> float:
    """Return how far the condyles reach towards the shin of a bent knee, from the pivot, cm.

    Their backs stand out further than what bears a straight leg, so the shin gives way to them and
    the joint's space stays as wide as it was.
    """
    down = np.array([-np.sin(np.deg2rad(degrees)), -np.cos(np.deg2rad(degrees))])
    return max(
        float((np.array(at) - PIVOT[1:]) @ down + np.linalg.norm(np.array(radii) * down))
        for at, radii in _PROFILE
    )


def _femur(seed: int, s: float, spur: float, rng: Generator) -> Bony:
    # deep enough for a bridge to a bent shin (a forgery)
    f = Field(np.array([-5.0, -4.9, -2.0]) * s, np.array([5.0, 3.5, 17.6]) * s, STEP, far=0.9)
    f.values = loft(f, [tuple(v * s for v in row) for row in FEMUR], power=2.35)  # type: ignore[misc]
    own = 1 + 0.03 * generator(seed, "condyles").standard_normal(6)
    for across, wide, long in ((-2.35, 1.86 * own[0], own[1]), (2.3, 1.76 * own[2], 0.97 * own[3])):
        for (at, up), (deep, high) in _PROFILE:
            radii = np.array([wide, deep * long, high]) * s
            f.join(pebble(f, np.array([across, at * long, up]) * s, radii, 2.4), 0.5 * s)
    x, y, z = (m / np.float32(s) for m in f.mesh())
    # the notch: its roof runs down and forwards (Blumensaat's line)
    roof = np.float32(0.77) * (y + np.float32(1.3)) + np.float32(0.64) * (z - np.float32(4.0))
    # an arch that widens towards the joint
    gap = np.float32(0.86 * own[4]) + 0.2 * np.clip(np.float32(2.6) - z, 0, 2.2)
    wall = np.abs(x - np.float32(0.05)) - gap
    f.values = smooth_max(f.values, -smooth_max(wall, roof, 1.3) * np.float32(s), 0.25)
    f.ellipsoid((0.2 * s, 3.9 * s, 1.6 * s), np.array([1.0, 1.5, 3.2]) * s, blend=0.7, cut=True)
    f.ellipsoid((-3.95 * s, -0.3 * s, 4.1 * s), np.array([0.32, 0.7, 0.6]) * s, blend=0.8)
    f.ellipsoid((3.95 * s, -0.4 * s, 2.9 * s), np.array([0.32, 0.7, 0.7]) * s, blend=0.8)
    f.ellipsoid((4.5 * s, -0.9 * s, 1.75 * s), np.array([0.35, 0.6, 0.3]) * s, blend=0.4, cut=True)
    rims = [
        ((-3.95, 0.4, 0.9), (-1.0, 0.0, 0.3)), ((3.85, 0.4, 0.9), (1.0, 0.0, 0.3)),
        ((-1.3, 0.2, 0.9), (1.0, 0.0, -0.4)), ((1.25, 0.2, 0.9), (-1.0, 0.0, -0.4)),
        ((0.3, 2.3, 4.2), (0.0, 0.8, 0.8)),
    ]  # fmt: skip
    spurs(f, rims, spur, generator(seed, "femoral spurs"), s)
    cortex = plated(f, s, _CORTEX["femur"])
    # cartilage covers the condyles below and behind, and the groove in front
    face = np.clip((np.float32(4.0) - z + np.clip(y, 0, 1)) / np.float32(0.8), 0, 1)
    face = face * np.clip((np.float32(3.6) - np.abs(x)) / np.float32(0.5), 0, 1)
    bone = Bony("femur", roughen(f, rng, calmed(0.022, cortex)), cortex, weave=UPRIGHT, hollow=0.85)
    return bone.faced(np.broadcast_to(face, f.shape))


def _tibia(seed: int, s: float, spur: float, rng: Generator) -> Bony:
    f = Field(np.array([-4.6, -3.4, -17.6]) * s, np.array([4.6, 3.3, 1.5]) * s, STEP, far=0.9)
    x, y, z = (v / np.float32(s) for v in f.mesh())
    f.values = loft(f, [tuple(v * s for v in row) for row in TIBIA], power=2.4)  # type: ignore[misc]
    own = generator(seed, "plateau").standard_normal(6)
    slope = 0.14 + 0.04 * own[0]
    top = np.float32(slope) * y + np.float32(0.04)
    top = top - 0.08 * np.exp(-(((x + 2.2) / 1.2) ** 2) - (y / 1.9) ** 2)
    top = top + 0.05 * np.exp(-(((x - 2.3) / 1.1) ** 2) - (y / 1.7) ** 2)
    for at, depth, high in ((-0.5, 0.3, 1.0 + 0.12 * own[1]), (0.52, -0.1, 0.82 + 0.12 * own[2])):
        peaked = np.exp(-np.sqrt(((x - at) / 0.36) ** 2 + ((y - depth) / 0.85) ** 2 + 0.3))
        top = top + np.float32(high * 1.7) * peaked
    # the rim falls away over the last few millimetres, at the sides and behind
    edge = np.clip(np.abs(x + 0.03) - 3.2, 0, 1) ** 2 + np.clip(-1.9 - y, 0, 1) ** 2
    top = np.asarray(top - 0.55 * edge - 0.5 * np.clip(y - 1.2, 0, 1) ** 2, np.float32)
    f.values = smooth_max(f.values, (z - top) * np.float32(0.8 * s), 0.16)
    # the tuberosity
    f.capsules(
        np.array([[0.3, 1.75, -2.6], [0.3, 2.05, -4.0], [0.25, 1.75, -5.6]]) * s,
        np.array([0.55, 0.62, 0.4]) * s,
        blend=0.6,
    )
    rims = [
        ((-3.7, 0.2, -0.4), (-1.0, 0.0, 0.2)), ((3.65, 0.2, -0.4), (1.0, 0.0, 0.2)),
        ((-0.4, 0.3, 0.7), (0.0, 0.0, 1.0)), ((0.3, 2.0, -0.2), (0.0, 1.0, 0.3)),
    ]  # fmt: skip
    spurs(f, rims, spur, generator(seed, "tibial spurs"), s)
    cortex = plated(f, s, _CORTEX["tibia"])
    bone = Bony("tibia", roughen(f, rng, calmed(0.022, cortex)), cortex, weave=UPRIGHT, hollow=0.85)
    return bone.faced(np.clip(1 + (z - top + np.float32(0.35)) / np.float32(0.3), 0, 1))


def _fibula(s: float, rng: Generator) -> Bony:
    f = Field(np.array([1.6, -3.6, -17.6]) * s, np.array([4.9, 0.2, -0.4]) * s, STEP, far=0.9)
    girth = np.array([0.30, 0.85, 0.98, 0.66, 0.56, 0.6, 0.66]) * s
    f.capsules(np.array(FIBULA) * s, girth, blend=0.1)
    cortex = plated(f, s, _CORTEX["fibula"])
    return Bony("fibula", roughen(f, rng, calmed(0.02, cortex)), cortex, weave=UPRIGHT, hollow=0.85)


def _patella(s: float, rise: float, rng: Generator) -> Bony:
    """Return the patella: flat in front, its ridge behind, its point below free of cartilage."""
    f = Field(np.array([-2.8, -1.8, -2.9]) * s, np.array([2.8, 1.7, 2.8]) * s, 0.08, far=0.9)
    f.values = pebble(f, np.array([0, 0.05, 0.35]) * s, np.array([2.25, 1.05, 1.85]) * s, 2.7)
    f.capsules(
        np.array([[0, 0.25, -0.9], [0.05, 0.35, -1.75]]) * s, np.array([0.75, 0.42]) * s, blend=0.6
    )
    x, y, z = (m / np.float32(s) for m in f.mesh())
    # the two facets fall away from the ridge
    back = -y - np.float32(0.95) + np.float32(0.34) * np.abs(x + np.float32(0.25))
    back = back + np.float32(0.10) * (z - np.float32(0.3)) ** 2
    f.values = smooth_max(f.values, back * np.float32(0.9 * s), 0.2)
    # bowed in front, the base slopes down forwards
    front = y - np.float32(1.0) + np.float32(0.06) * z**2 + np.float32(0.05) * x**2
    f.values = smooth_max(f.values, front * np.float32(0.9 * s), 0.25)
    bone = Bony("patella", roughen(f, rng, 0.025), 0.075 * s, weave=UPRIGHT)
    bone = bone.faced(np.broadcast_to(np.clip((-y - 0.3) / 0.3, 0, 1) * (z > -0.9), f.shape))
    return bone.moved(np.eye(3), np.add(PATELLA, (0, 0, rise)) * s)


def _fabella(s: float, rng: Generator) -> Bony:
    f = box([(0, 0, 0)], 0.5 * s, 0.06, 0.4, 0.25)
    f.ellipsoid((0, 0, 0), np.array([0.42, 0.28, 0.5]) * s, blend=0.02)
    return Bony("fabella", roughen(f, rng, 0.02), 0.06, place=np.array([2.5, -4.5, 2.3]) * s)
