"""The proximal femur and its trabecular groups.

Neck-shaft angle 129 degrees on average (Toogood et al., Clin Orthop 2009); head and girths are an
engineer's estimate. The foot is turned in, as radiographers ask, so the neck lies along the film.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import bundle, roughen
from trainer.imaging.simulator.anatomy.pelvis.girdle import HEAD, HIP, Girdle
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import SOFT, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.12
# Courses from the head's middle, x and z along the film, y front; the last is the girth.
_NECK = (
    (0.6, 0, -0.6, 1.9),
    (2.0, -0.1, -1.85, 1.62),
    (3.2, -0.3, -2.9, 1.75),
    (4.0, -0.4, -3.8, 1.9),
)
_GREAT = (
    (4.2, -0.4, -3.7, 1.75),
    (4.9, -0.9, -2.1, 1.2),
    (5.05, -1.5, -1.0, 0.95),
    (4.8, -1.9, -0.3, 0.65),
)
_CREST = ((5.0, -1.9, -0.6, 0.4), (4.0, -2.3, -3.0, 0.42), (2.6, -1.9, -5.6, 0.5))
_LESSER = ((3.0, -0.9, -5.3, 1.0), (1.95, -1.5, -5.9, 0.62))
_SHAFT = (
    (3.8, -0.4, -4.4, 1.95),
    (3.45, -0.1, -6.6, 1.68),
    (3.1, 0.3, -9.5, 1.48),
    (1.7, 0.6, -24, 1.4),
)


def _table(
    rows: tuple[tuple[float, float, float, float], ...], hip: Floats, s: float
) -> tuple[Floats, Floats]:
    table = np.array(rows)
    return table[:, :3] * s + hip, table[:, 3] * s


def hip_of(girdle: Girdle) -> Floats:
    """Return the head's middle: where cartilage is lost it moves up and in."""
    return girdle.at(HIP) + np.array([-0.08, 0, 0.2]) * girdle.narrowing * girdle.size


def femur(girdle: Girdle, own: Floats, rng: Generator) -> Field:
    """Return a left proximal femur; ``own`` varies its angle and girths."""
    s, hip = girdle.size, hip_of(girdle)
    f = Field(
        hip + np.array([-3.2, -3.2, -20.5]) * s, hip + np.array([6.5, 2.9, 3]) * s, STEP, far=1
    )
    lean = np.deg2rad(2.0 * own[0])  # of the neck against the shaft, about the trochanters
    c, d = np.cos(lean), np.sin(lean)
    pivot = hip + np.array([3.8, 0, -3.8]) * s
    turn = np.array([[c, 0, d], [0, 1, 0], [-d, 0, c]])
    thick = 1 + 0.03 * own[1]
    f.ellipsoid(hip, (HEAD * s,) * 3, blend=0.01)
    for rows, blend in ((_NECK, 0.4), (_GREAT, 0.6), (_CREST, 0.4), (_LESSER, 0.45), (_SHAFT, 0.8)):
        points, girth = _table(rows, hip, s)
        if rows is not _NECK:
            points = (points - pivot) @ turn.T + pivot
        line = through(points, 3 * len(points))
        wide = np.interp(np.linspace(0, len(girth) - 1, len(line)), np.arange(len(girth)), girth)
        f.capsules(line, wide * thick, blend=blend)
    fovea = hip + np.array([-2.45, -0.3, -0.7]) * s
    f.ellipsoid(fovea, np.array([0.3, 0.5, 0.45]) * s, blend=0.25, cut=True)
    if girdle.spurs > 0.03:
        for side in (-1, 1):
            rim = hip + np.array([1.25 - side * 0.9, 0, -1.25 - side * 1.6]) * s
            f.ellipsoid(rim, np.array([0.5, 1.6, 0.5]) * s * (0.4 + girdle.spurs), blend=0.5)
    return roughen(f, rng, 0.025)


def cortex_of(girdle: Girdle, f: Field) -> Map:
    """Return the thickness of the femur's cortex at each plane of its grid, cm."""
    z = (np.asarray(f.axes[2], float) - hip_of(girdle)[2]) / girdle.size
    thick = np.interp(
        z,
        [-20, -11, -8, -6, -4, -2.5, -1, 0, 2.5],
        [0.55, 0.5, 0.38, 0.24, 0.16, 0.12, 0.07, 0.05, 0.06],
    )
    return np.asarray(thick * girdle.size * (0.6 + 0.4 * girdle.mineral), np.float32)


# Trabecular groups along the film, from the head's middle, after Singh et al. (1970): where they
# run, how wide they spread at each node, how many struts, what share of bone.
_GROUPS = (
    ("compressive", ((2.2, -5.2), (1.7, -3.3), (0.7, -1.0), (0.0, 1.0), (-0.4, 2.1)),
     (0.15, 0.3, 0.7, 1.1, 1.35), 34, 0.30),
    ("tensile", ((5.0, -5.6), (4.6, -3.4), (3.0, -1.1), (0.8, 0.35), (-1.6, -0.9)),
     (0.2, 0.35, 0.3, 0.6, 0.9), 26, 0.26),
    ("second compressive", ((2.3, -7.0), (3.0, -5.2), (4.1, -3.2), (4.9, -1.6)),
     (0.1, 0.3, 0.6, 0.7), 18, 0.18),
)  # fmt: skip


def marrow_parts(girdle: Girdle, f: Field, rng: Generator) -> tuple[Part, list[Part]]:
    """Return what lies in a left femur: its empty canal, its trabecular groups.

    Ward's triangle is what the groups leave between them. The tensile and the second group go first
    as mineral is lost (Singh et al., JBJS 1970).
    """
    s, hip, cortex = girdle.size, hip_of(girdle), cortex_of(girdle, f)
    z = (np.asarray(f.axes[2], float) - hip[2]) / s
    shrink = cortex + np.interp(z, (-10, -7.5, -5), (0.03, 0.35, 1.6)) * s
    canal = f.like(f.values + np.asarray(shrink, np.float32)[None, None, :])
    gone = Tissue(adipose=0.6, soft=0.28, bone=-0.95).scaled(0.13 * girdle.mineral)
    groups = []
    for name, ends, wide, count, share in _GROUPS:
        left = girdle.mineral ** (1.0 if name == "compressive" else 1.6)
        course = np.array([(x, -0.2, up) for x, up in ends])
        flow = np.gradient(course, axis=0)
        aside = np.stack([-flow[:, 2], 0 * flow[:, 0], flow[:, 0]], 1)
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        paths = []
        for _ in range(count):
            way = aside * (np.array(wide) * rng.uniform(-1, 1))[:, None]
            way[:, 1] = rng.uniform(-0.9, 0.9)
            paths.append(through((course + way) * s + hip, 9))
        struts = bundle(paths, 0.04, rng, 0.05)
        groups.append(Part(f"{name} trabeculae", struts, Tissue(bone=share * left)))
    return Part("canal", canal.solid(), gone), groups


def femur_parts(girdle: Girdle, f: Field, rng: Generator, phase: float) -> list[Part]:
    """Return a whole left femur: bone, canal and trabecular groups."""
    canal, groups = marrow_parts(girdle, f, rng)
    made = girdle.bone(0.13, "stressed")
    bone = Part("femur", f.solid(cortex_of(girdle, f)), made, SOFT, "bones", phase=phase)
    return [bone, canal, *groups]
