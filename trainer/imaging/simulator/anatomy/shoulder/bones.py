"""Humerus, scapula and clavicle of a left shoulder, and the ribs beside them.

World axes: origin in the middle of the humeral head, +x lateral, +y front, +z up; lengths in cm of
an average man, scaled by ``size``. Radius of the head 2.4 +/- 0.2, glenoid 3.9 by 2.9
(Iannotti et al., J Bone Joint Surg Am 1992); scapula 15.5 high, its spine 13.4 long, acromion 4.8
by 2.2 by 0.9 (15 pairs, "Osseous anatomy of the scapula", Clin Orthop 2001); acromiohumeral
distance 8.8 +/- 1.3 mm standing (J Orthop Surg Res 2020, doi 10.1186/s13018-020-01935-9). That the
scapula lies 30 degrees in front of the coronal plane, and all else, is an engineer's estimate.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, fit
from trainer.imaging.simulator.anatomy.limb.cortex import plated, uneven
from trainer.imaging.simulator.anatomy.limb.wear import spurs
from trainer.imaging.simulator.anatomy.loft import about, calmed, loft, pebble, roughen, turned
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import generator
from trainer.imaging.simulator.curves import outline, through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone
from trainer.imaging.simulator.tubes import tube

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.085
HEAD = 2.35
ABDUCTED = -7.0  # degrees about the front-back axis
PLANE = 30.0
STRESSED = weave((-0.45, 0.0, 0.9), 2.3)
FLAT = weave((0.9, 0.0, 0.3), 1.3)
# height, medial, lateral, back, front
_HUMERUS = (
    (-18.0, -0.35, 1.95, -1.15, 1.15), (-9.0, -0.42, 2.0, -1.2, 1.2),
    (-6.0, -0.5, 2.05, -1.25, 1.25),
    (-4.4, -0.72, 2.15, -1.35, 1.35), (-3.2, -1.1, 2.3, -1.6, 1.6), (-2.0, -1.7, 2.5, -1.9, 1.85),
    (-0.8, -1.6, 2.65, -2.0, 1.9), (0.5, -0.8, 2.6, -1.8, 1.8),
)  # fmt: skip
_CLAVICLE = (
    (-1.75, -0.35, 4.1, 0.58), (-2.6, -0.75, 4.25, 0.62), (-4.2, -1.1, 4.45, 0.60),
    (-6.8, -0.3, 4.6, 0.56), (-9.4, 1.5, 4.3, 0.60), (-12.0, 3.2, 3.6, 0.72),
    (-14.3, 4.2, 2.9, 1.05),
)  # fmt: skip
# the blade's outline (sideways, height): upper border, upper angle, inner border; outer border
_BLADE = (
    (-2.9, 1.75), (-5.2, 2.75), (-7.6, 3.75), (-9.3, 4.2), (-9.95, 3.3), (-10.25, 1.6),
    (-10.35, -1.0), (-10.2, -4.0), (-9.75, -7.2), (-9.2, -9.6),
    (-6.2, -8.0), (-4.4, -5.3), (-2.5, -2.7), (-1.3, -1.0), (-1.3, 1.2),
)  # fmt: skip
# height and thickness of the scapular cortex: thin where the coracoid is seen end-on
_SHELL = (
    (-12.0, 0.08),
    (-7.0, 0.105),
    (-1.5, 0.105),
    (0.8, 0.07),
    (1.5, 0.035),
    (2.7, 0.035),
    (3.2, 0.05),
)
# height and thickness of the humeral cortex
_CORTEX = (
    (-14, 0.42), (-9, 0.4), (-6, 0.3), (-4, 0.17), (-2.8, 0.085), (-1.5, 0.05), (0, 0.045),
    (2.3, 0.055),
)  # fmt: skip


@remember(2)
def shoulder(seed: int, held: tuple[float, ...]) -> dict[str, Bony]:
    """Return humerus, scapula and clavicle.

    Parameters
    ----------
    seed : int
        Of what varies.
    held : tuple of float
        Size, wear, spurs.
    """
    s, worn, spur = held
    rng = generator(seed, "shoulder surface")
    own = generator(seed, "shoulder").standard_normal(12)
    tilt = PLANE + 3 * own[0]
    turn = turned(tilt, "z")
    space = 0.36 * (1 - 0.85 * worn) * s
    centre = -turn[:, 0] * (HEAD * s + space)
    humerus, blade = _humerus(s, own, spur, rng), _scapula(s, own, spur, rng)
    bones = {
        "humerus": humerus,
        "scapula": Bony("scapula", blade, plated(blade, s, _SHELL), turn, centre, FLAT),
        "clavicle": _clavicle(s, own, rng),
    }
    lift = turned(ABDUCTED + 2 * own[1], "y")
    bones["humerus"] = bones["humerus"].moved(*about(lift, (0, 0, 0)))
    bones = fit(bones, [("scapula", "humerus", space)], share=1)
    bones = fit(bones, [("clavicle", "scapula", 0.28 * s)])
    strong = {"humerus": (-0.25, 0.0)}  # the calcar, on the inner side
    return {
        n: uneven(b, generator(seed, f"cortex {n}"), strong.get(n, (0.0, 0.0)))
        for n, b in bones.items()
    }


def _humerus(s: float, own: Floats, spur: float, rng: Generator) -> Bony:
    f = Field(np.array([-3.0, -3.0, -17.0]) * s, np.array([3.5, 3.0, 3.0]) * s, STEP, 0.9)
    rows = [tuple(v * s for v in row) for row in _HUMERUS]
    f.values = loft(f, rows, power=2.15)  # type: ignore[arg-type]
    f.ellipsoid((0, 0, 0), np.array([1, 1, 1]) * HEAD * s, blend=0.35)
    # greater tuberosity behind and lateral, lesser in front, the groove between
    f.join(pebble(f, np.array([1.75, -0.2, 0.1]) * s, np.array([1.02, 1.55, 1.2]) * s, 2.3), 0.3)
    f.join(pebble(f, np.array([1.0, 1.75, -0.3]) * s, np.array([0.8, 0.75, 0.9]) * s, 2.2), 0.3)
    f.capsules(
        np.array([[1.95, 2.05, 0.6], [1.75, 1.85, -2.8]]) * s, np.array([0.36, 0.28]) * s,
        blend=0.4, cut=True,
    )  # fmt: skip
    # the anatomical neck above the tuberosity
    f.ellipsoid(np.array([1.55, 0, 1.9]) * s, np.array([0.4, 1.6, 0.35]) * s, blend=0.5, cut=True)
    places = [((-1.75, -0.3, -1.75), (-0.45, 0, -1)), ((-1.9, 0.9, -1.35), (-0.6, 0.3, -1))]
    spurs(f, places, 1.6 * spur, rng, s)
    cortex = plated(f, s, _CORTEX) * np.float32(1 + 0.05 * own[2])
    return Bony(
        "humerus", roughen(f, rng, calmed(0.02, cortex)), cortex, weave=STRESSED, hollow=0.85
    )


def _scapula(s: float, own: Floats, spur: float, rng: Generator) -> Field:
    f = Field(np.array([-11.2, -4.2, -12.6]) * s, np.array([4.6, 4.8, 5.6]) * s, 0.11, 0.9)
    low = -11.2 + 0.3 * own[3]
    f.values = np.minimum(f.values, _blade(f, s, low, own))
    for course, girth in (
        # the outer border, a pillar from the neck that fades before the lower angle
        (((-0.9, 0, -1.3), (-2.4, -0.05, -2.9), (-4.3, -0.2, -5.4), (-6.1, -0.3, -8.0),
          (-7.5, -0.35, low + 1.5)), (0.78, 0.52, 0.42, 0.36, 0.2)),
        # the crest of the spine of the scapula
        (((-10.0, -0.5, 1.9), (-8.0, -1.2, 2.05), (-6.0, -1.85, 2.25), (-3.8, -2.55, 2.5),
          (-2.0, -2.95, 2.75), (0.3, -2.75, 3.0)), (0.28, 0.46, 0.52, 0.46, 0.50, 0.52)),
        # neck
        (((-0.6, 0, 0.1), (-1.8, -0.1, 0.2), (-2.9, -0.35, 0.3)), (1.15, 0.8, 0.3)),
        # coracoid: its root, its bend, its beak
        (((-1.7, 0.1, 1.2), (-1.5, 0.8, 2.0), (-0.8, 1.5, 2.4)), (0.95, 0.74, 0.60)),
        (((-0.8, 1.5, 2.4), (0.3, 2.2, 2.25), (1.25, 2.65, 1.6)), (0.58, 0.55, 0.40)),
    ):  # fmt: skip
        f.capsules(np.array(course) * s, np.array(girth) * s, blend=0.3)
    f.join(pebble(f, np.array([-0.1, 1.95, 2.35]) * s, np.array([1.1, 0.65, 0.48]) * s, 2.2), 0.3)
    # what the spine stands on the blade with
    for corners in (
        ((-10.0, -0.5, 1.9), (-2.0, -2.95, 2.75), (-1.9, 0, 1.5)),
        ((-10.0, -0.5, 1.9), (-6.0, -1.85, 2.25), (-2.0, -2.95, 2.75)),
    ):
        f.plate(np.array(corners) * s, 0.17 * s, blend=0.35)
    root = np.array([[-0.2, -2.75, 2.95], [0.9, -2.1, 3.35], [1.7, -1.3, 3.55]]) * s
    f.capsules(root, np.array([0.5, 0.5, 0.45]) * s, blend=0.3)
    for centre, radii in (
        ((2.25, -1.0, 3.62), (1.35, 1.5, 0.40)),
        ((2.1, 0.1, 3.72), (1.05, 1.05, 0.38)),
    ):
        high = np.array([1, 1, 1 + 0.06 * own[4]])
        f.join(pebble(f, np.array(centre) * s, np.array(radii) * high * s, 2.5), 0.35)
    rim = pebble(f, np.array([-0.25, 0, 0]) * s, np.array([0.62, 1.38, 1.85]) * s, 2.2)
    f.join(rim, 0.25)
    spurs(f, [((0.3, 0, -1.8), (0.5, 0, -1)), ((3.3, 0.2, 3.5), (0.6, 0.5, -0.6))], spur, rng, s)
    return roughen(f, rng, 0.02)


def _blade(f: Field, s: float, low: float, own: Floats) -> Map:
    """Return the distance to the blade: a sheet hollow towards the ribs, thin in its middle."""
    x, y, z = (m / np.float32(s) for m in f.mesh())
    edge = np.array([*_BLADE[:10], (-8.5, low), (-7.6, low + 0.9), *_BLADE[10:]])
    edge[6:9] += 0.12 * own[6:12].reshape(3, 2)
    closed = np.column_stack([np.vstack([edge, edge[:1]]), np.zeros(len(edge) + 1)])
    rim = outline(
        np.stack(np.broadcast_arrays(x[:, 0], z[:, 0]), -1).astype(float),
        through(closed, 90)[:-1, :2],
    )[:, None, :]
    hollow = np.sin(np.clip((-x - 1.2) / 9.0, 0, 1) * np.pi) * np.clip((z + 13) / 6, 0.3, 1)
    sheet = np.abs(y + 0.1 + 0.55 * hollow)
    # its borders are thicker
    half = 0.13 + 0.10 * np.exp(-(((rim + 0.12) / 0.3) ** 2)) + 0.16 * np.clip((x + 4.5) / 3, 0, 1)
    shape = np.hypot(np.maximum(sheet - half, 0), np.maximum(rim, 0))
    shape = shape + np.minimum(np.maximum(sheet - half, rim), 0)
    return np.asarray(np.clip(shape * s, -1.2, f.far), np.float32)


def _clavicle(s: float, own: Floats, rng: Generator) -> Bony:
    rows = np.array(_CLAVICLE)
    rows[1:, 2] += 0.25 * own[5] * np.linspace(0, 1, len(rows) - 1)
    path = through(rows[:, :3] * s, 26)
    girth = np.interp(np.linspace(0, 1, 26), np.linspace(0, 1, len(rows)), rows[:, 3]) * s
    f = Field(path.min(0) - 1.5, path.max(0) + 1.5, STEP, 0.8)
    f.capsules(path, girth, blend=0.05)
    # its outer third is flat
    f.join(pebble(f, path[1] - (0.2, 0, 0), np.array([1.1, 0.75, 0.5]) * s, 2.2), 0.5)
    return Bony("clavicle", roughen(f, rng, 0.012), 0.17 * s, weave=FLAT)


def ribs(seed: int, s: float, mineral: float) -> list[Part]:
    """Return the upper ribs beside a left shoulder, as tubes round an elliptic cage."""
    own = generator(seed, "shoulder ribs").standard_normal((8, 4))
    wide = (4.8, 7.7, 9.5, 10.6, 11.3, 11.8, 12.1, 12.3)
    high_up = (4.1, 3.05, 0.7, -1.65, -4.0, -6.35, -8.7, -11.05)
    deep = (4.4, 6.2, 7.3, 8.1, 8.6, 9.0, 9.3, 9.5)
    made = []
    around = np.deg2rad(np.linspace(-85, 62, 60))
    t = np.linspace(0, 1, 60)
    for k in range(8):
        w, d = wide[k] + 0.15 * own[k, 0], deep[k] + 0.1 * own[k, 1]
        drop = (2.6, 4.4, 5.6, 6.6, 7.4, 8.0, 8.4, 8.6)[k]
        path = (
            np.stack(
                [
                    -16.4 + w * np.cos(around),
                    -1.8 + d * np.sin(around),
                    high_up[k] + 0.1 * own[k, 2] - drop * t**1.15,
                ],
                1,
            )
            * s
        )
        outward = np.stack([np.cos(around), np.sin(around), 0 * t], 1)
        thick, high = (
            0.36 * s * np.ones(60),
            (0.52 + 0.05 * np.sin(2 * np.pi * t + own[k, 3])) * s,
        )
        # a rib widens to its cartilage and ends there, its shell thinning out
        end = np.clip((t - 0.93) / 0.07, 0, 1)
        thick, high = (thick * (1 - 0.55 * end**2), high * (1 + 0.15 * end - 0.6 * end**4))
        shell = 0.09 * (1 + 0.2 * np.sin(9 * t + own[k, 0])) * (1 - 0.7 * end)
        bone = tube(
            path,
            thick,
            high,
            marrow=(thick - shell, high - 1.1 * shell),
            side=outward,
            number=k + 1,
        )
        made_of = Bone(cortex=0.85 * mineral**0.5, trabeculae=0.12 * mineral, grain=0.02)
        made.append(Part(f"rib {k + 1}", bone, made_of, SOFT, "ribs"))
    return made
