"""Hip bones, sacrum and proximal femora; own origin midway between the hip joints.

+x is left, +y front, +z up; lengths in cm of an average man, scaled by ``size``. Landmarks: hip
joint 8.9 lateral; anterior superior spines 24 apart and in one frontal plane with the symphysis;
head diameter 4.8, neck-shaft angle 127 degrees (Bell et al. 1989; Gray's Anatomy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.anatomy.loft import bundle, roughen
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

GRAIN = 0.021
HIP = (8.9, 0.0, 0.0)
_HEAD = 2.42
_FLAT = weave((0.3, 0.2, 0.9), 1.3)
_STRESSED = weave((-0.55, 0.0, 0.83), 1.8)


@dataclass(frozen=True)
class Girdle:
    """What varies between pelves and between the two sides of one.

    Parameters
    ----------
    size : float
        Relative to an average man.
    female : bool
        A wider inlet, a lower and wider arch.
    mineral : float
        Relative mineral density.
    narrowing : float
        Loss of the hip's joint space, 0..1.
    spurs : float
        Osteophytes of the hip, 0..1.
    """

    size: float
    female: bool
    mineral: float
    narrowing: float = 0.0
    spurs: float = 0.0

    def bone(self, trabeculae: float, lie: str = "flat") -> Bone:
        """Return what a bone of this pelvis is made of."""
        share = trabeculae * self.mineral
        way = _STRESSED if lie == "stressed" else _FLAT
        return Bone(cortex=0.93 * self.mineral**0.5, trabeculae=share, grain=GRAIN, weave=way)

    def at(self, points: ArrayLike, own: Floats | None = None) -> Floats:
        """Return points of the average left side in this pelvis, each strayed by ``own``."""
        p = np.array(points, float)
        if self.female:  # wider and lower: Gray's Anatomy, sexual dimorphism
            p = p * [1.04, 0.98, 0.95]
            p[..., 0] += np.sign(p[..., 0]) * np.clip(-p[..., 2], 0, 7) * 0.08
        if own is not None:
            p = p + own[: p.size].reshape(p.shape)
        return p * self.size


_CREST = (
    (12.0, 4.6, 7.2), (13.1, 3.6, 9.0), (13.7, 1.8, 10.6), (13.0, -0.8, 12.0), (11.5, -3.4, 12.9),
    (9.7, -5.7, 12.7), (7.8, -7.7, 11.6), (6.1, -9.1, 10.0), (4.9, -9.5, 8.2),
)  # fmt: skip
_ROOF, _SACRAL = (9.6, 0.6, 3.2), (6.5, -4.8, 6.4)
# course and girths of what stands out of the wing
_BARS = (
    # front border: spine to spine to the socket's roof
    ((12.0, 4.6, 7.2, 0.5), (11.2, 4.4, 5.5, 0.4), (10.2, 3.7, 3.7, 0.6), (9.8, 2.4, 2.6, 1.0)),
    # brim: sacrum to pubis
    (
        (6.3, -4.8, 6.0, 0.95), (7.2, -2.4, 4.2, 1.0), (8.0, 0.6, 2.9, 1.0), (7.6, 3.0, 2.2, 0.9),
        (5.3, 4.1, 1.4, 0.72), (3.4, 4.8, 0.6, 0.62), (1.3, 4.4, -0.7, 0.95),
    ),
    # back border: notch and spine of the ischium
    ((6.0, -6.0, 5.2, 0.8), (6.9, -5.4, 3.4, 0.75), (7.3, -4.0, 1.4, 1.0), (5.5, -4.3, -0.9, 0.3)),
    # ischium, its tuberosity, its ramus, the pubis
    ((8.4, -2, -0.8, 1.7), (7.8, -3.1, -3, 1.25), (6.8, -3.4, -5.5, 1.35), (5.8, -2.4, -6.5, 1)),
    ((5.9, -2.4, -6.3, 1.0), (3.9, 0.8, -5.6, 0.62), (2.2, 3.0, -4.3, 0.68), (1.3, 4.0, -2.7, 0.8)),
    ((1.25, 4.3, -0.6, 0.95), (1.1, 3.9, -3.1, 0.85)),
    ((2.3, 4.3, -0.7, 0.8), (1.8, 3.8, -2.9, 0.75)),
)  # fmt: skip


def hip_bone(girdle: Girdle, own: Floats, rng: Generator, sacrum: Solid) -> Field:
    """Return a left hip bone; ``own`` strays its landmarks, the sacrum is carved out of it."""
    s = girdle.size
    f = Field((0.0, -11 * s, -8.8 * s), (15.8 * s, 6.5 * s, 13.8 * s), 0.16, far=1.2)
    crest = girdle.at(_CREST, 0.22 * own[:27])
    roof, sacral = girdle.at(_ROOF), girdle.at(_SACRAL)
    for a, b, c in (
        (crest[0], crest[2], roof), (crest[2], crest[3], roof), (crest[3], roof, sacral),
        (crest[3], crest[5], sacral), (crest[5], crest[7], crest[8]), (crest[5], crest[8], sacral),
    ):  # fmt: skip
        f.plate((a, b, c), 0.27 * s, blend=0.8)
    girth = np.array([0.55, 0.5, 0.7, 0.5, 0.5, 0.55, 0.65, 0.65, 0.5])
    f.capsules(
        through(crest, 28), np.interp(np.linspace(0, 8, 28), np.arange(9), girth) * s, blend=0.7
    )
    for k, bar in enumerate(_BARS):
        rows = np.array(bar)
        f.capsules(
            girdle.at(rows[:, :3], 0.12 * np.tile(own[27 + 9 * k : 30 + 9 * k], len(rows))),
            rows[:, 3] * s * (1 + 0.1 * own[80 + k]),
            blend=0.75,
        )
    f.smooth(1.0)
    hip = girdle.at(HIP)
    _socket(f, hip, s, girdle, own)
    x, _, _ = f.mesh()
    f.values = np.maximum(f.values, np.float32(0.26 * s) - x)
    wide = np.broadcast_arrays(*(m.astype(np.float64) for m in f.mesh()))
    f.values = np.maximum(f.values, np.float32(0.22) - sacrum.at(*wide))
    return roughen(f, rng, 0.045, (1.2, 0.5))


def _socket(f: Field, hip: Floats, s: float, girdle: Girdle, own: Floats) -> None:
    """Join the cup of the acetabulum and cut the head's place out of it."""
    cup = f.like().ellipsoid(hip, (3.15 * s,) * 3, blend=0.01)
    n = np.array([0.74, 0.30, -0.60]) / np.linalg.norm([0.74, 0.30, -0.60])
    mesh = f.mesh()
    ahead = sum(np.float32(n[k]) * (mesh[k] - np.float32(hip[k])) for k in range(3))
    reach = 0.75 + 0.15 * own[88] + 0.7 * girdle.spurs
    cup.values = np.maximum(cup.values, np.asarray(ahead - np.float32(reach * s), np.float32))
    f.join(cup.values, 0.9)
    f.ellipsoid(hip, (socket_radius(girdle),) * 3, blend=0.06, cut=True)
    notch = hip + np.array([0.2, 0.6, -2.6]) * s
    f.ellipsoid(notch, np.array([1.3, 1.3, 1.5]) * s, blend=0.2, cut=True)


def socket_radius(girdle: Girdle) -> float:
    """Return the radius of the socket: head and cartilage, cm."""
    return (_HEAD + 0.36 - 0.18 * girdle.narrowing) * girdle.size


def femur(girdle: Girdle, own: Floats, rng: Generator) -> tuple[Field, Map]:
    """Return a left proximal femur and its cortex at each plane."""
    s = girdle.size
    hip = girdle.at(HIP)
    f = Field(hip + np.array([-3.2, -3.4, -21]) * s, hip + np.array([6.4, 3.2, 3]) * s, 0.11, far=1)
    hip = hip + np.array([-0.1, 0, 0.2]) * girdle.narrowing * s
    turn = 0.25 * own[0]

    def at(*rows: tuple[float, float, float, float]) -> tuple[Floats, Floats]:
        table = np.array(rows)
        points = (table[:, :3] - np.array(HIP)) * s + hip
        points[:, 2] -= turn * np.clip(table[:, 0] - 9.5, 0, 4) * 0.3
        return points, table[:, 3] * s

    r = _HEAD * s
    f.ellipsoid(hip, (r, r, r), blend=0.01)
    for chain, blend in (
        (at((8.9, 0, 0, 2.0), (10.6, -0.2, -1.35, 1.58), (12.2, -0.6, -3.0, 1.9)), 0.35),
        (at((12.4, -0.6, -3.2, 2.0), (13.5, -0.9, -1.6, 1.35), (13.7, -1.6, -0.3, 0.7)), 0.5),
        (at((13.6, -1.6, -1.0, 0.55), (11.4, -1.8, -6.3, 0.5)), 0.5),
        (at((12.0, -0.9, -5.8, 1.0), (11.35, -1.7, -6.7, 0.62)), 0.5),
        (
            at((12.75, -0.5, -4.6, 2.05), (12.6, -0.3, -7.5, 1.7), (12.4, 0.1, -11, 1.5),
               (11.9, 0.5, -24, 1.4)),
            0.6,
        ),
    ):  # fmt: skip
        f.capsules(*chain, blend=blend)
    f.ellipsoid(
        hip + np.array([-2.5, -0.2, -0.5]) * s, np.array([0.3, 0.5, 0.5]) * s, blend=0.2, cut=True
    )
    if girdle.spurs > 0.03:
        for side in (-1, 1):
            rim = hip + np.array([1.25 - side * 0.9, 0, -1.25 - side * 1.6]) * s
            f.ellipsoid(rim, np.array([0.5, 1.6, 0.5]) * s * (0.4 + girdle.spurs), blend=0.5)
    roughen(f, rng, 0.03)
    z = (np.asarray(f.axes[2], float) - hip[2]) / s
    thick = np.interp(
        z,
        [-20, -11, -8, -6, -4, -2.5, -1, 0, 2.5],
        [0.55, 0.5, 0.4, 0.24, 0.16, 0.13, 0.07, 0.05, 0.06],
    )
    return f, (thick * s * (0.6 + 0.4 * girdle.mineral)).astype(np.float32)


def femur_parts(girdle: Girdle, f: Field, cortex: Map, rng: Generator, phase: float) -> list[Part]:
    """Return a left femur: bone, empty canal, its compressive and tensile trabecular groups."""
    s = girdle.size
    parts = [
        Part("femur", f.solid(cortex), girdle.bone(0.15, "stressed"), SOFT, "bones", phase=phase)
    ]
    hip = girdle.at(HIP)
    z = (np.asarray(f.axes[2], float) - hip[2]) / s
    shrink = cortex + np.interp(z, (-10, -7.5, -5), (0.03, 0.35, 1.6)) * s
    canal = f.like(f.values + np.asarray(shrink, np.float32)[None, None, :])
    gone = Tissue(adipose=0.6, soft=0.28, bone=-0.95).scaled(0.15 * girdle.mineral)
    parts.append(Part("canal", canal.solid(), gone))
    for name, ends, count, share in (
        ("compressive", ((11.35, -4.6), (10.6, -2.6), (9.6, -0.4), (8.6, 2.0)), 26, 0.42),
        ("tensile", ((14.0, -5.2), (12.9, -2.0), (10.9, 0.0), (8.9, -0.3), (7.2, -1.3)), 18, 0.30),
    ):
        course = np.array([(x - HIP[0], 0.0, up) for x, up in ends])
        paths = []
        for _ in range(count):
            wide = np.linspace(0.35, 1.0, len(course)) * rng.uniform(-1, 1)
            deep = rng.uniform(-1, 1) * 0.9
            way = np.stack([wide * 0.9, np.full(len(course), deep), wide * 0.5], 1)
            paths.append(through((course + way) * s + hip, 10))
        struts = bundle(paths, 0.045, rng, 0.05)
        dense = Tissue(bone=share * girdle.mineral)
        parts.append(Part(f"{name} trabeculae", struts, dense))
    return parts


def sacrum(girdle: Girdle, rng: Generator, own: Floats) -> Field:
    """Return sacrum and coccyx; ``own`` skews its two sides against each other."""
    s = girdle.size
    f = Field((-6.4 * s, -11 * s, -4 * s), (6.4 * s, -1.8 * s, 10.2 * s), 0.15, far=1.2)
    centres = np.array(
        [(0, -4.7, 7.5), (0, -6.6, 5.4), (0, -7.9, 3.4), (0, -8.4, 1.5), (0, -8.2, -0.1)]
    )
    half = (2.5, 2.0, 1.65, 1.4, 1.15)
    deep = (1.45, 1.05, 0.85, 0.7, 0.55)
    reach = ((4.75, 1.4), (4.5, 1.15), (3.5, 0.85), (2.5, 0.6), (1.7, 0.4))
    for k, c in enumerate(centres):
        tall = 1.35 if k == 0 else 1.05
        f.ellipsoid(
            girdle.at(c), np.array([half[k], deep[k], tall]) * s, _nod(38 - 14 * k), blend=0.4
        )
        for side in (-1, 1):
            end, girth = reach[k]
            skew = 1 + 0.05 * own[k] * side
            ala = np.add(c, (side * end * skew, -0.7 + 0.1 * k, -0.2))
            f.capsules(
                girdle.at([np.add(c, (side * 1.3, -0.2, 0)), ala]),
                np.array([0.9, 0.66]) * girth * s,
                blend=0.6,
            )
    edge = np.array(
        [(5.2, -5.5, 7.3), (5.0, -6.7, 5.2), (4.0, -7.9, 3.3), (2.8, -8.5, 1.2), (1.4, -8.4, -0.6)]
    )
    girths = np.array([1.05, 0.95, 0.75, 0.55, 0.4]) * s
    for across in (-1, -0.55, 0, 0.55, 1):  # what joins the segments into one mass
        f.capsules(girdle.at(edge * [across, 1, 1]), girths, blend=0.9)
    for k in range(4):
        middle = (centres[k] + centres[k + 1]) / 2
        for side in (-1, 1):
            out = side * (2.35 - 0.25 * k) * (1 + 0.05 * own[5 + k] * side)
            at = np.add(middle, (out, 0, 0.1))
            hole = girdle.at([np.add(at, (0, 3, 1.4)), np.add(at, (0, -4, -1.4))])
            f.capsules(hole, (0.46 - 0.05 * k) * s, blend=0.3, cut=True)
    crest = girdle.at([(0, -7.6, 8.0), (0, -9.4, 5.2), (0, -9.9, 3), (0, -9.6, 1)])
    f.capsules(crest, np.array([0.4, 0.45, 0.4, 0.3]) * s, blend=0.3)
    tail = girdle.at(
        [(0.1 * own[9], -8.1, -1.5), (0.2 * own[9], -7.6, -2.6), (0.3 * own[9], -6.9, -3.4)]
    )
    f.capsules(tail, np.array([0.75, 0.5, 0.3]) * s, blend=0.15)
    return roughen(f, rng, 0.05, (1.0, 0.45))


def _nod(degrees: float) -> Floats:
    """Return axes nodded forward about x, as columns."""
    a = np.deg2rad(degrees)
    return np.array([[1, 0, 0], [0, np.cos(a), np.sin(a)], [0, -np.sin(a), np.cos(a)]])
