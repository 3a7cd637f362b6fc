"""The hand's bones: phalanges, metacarpals, carpals, distal forearm; and their fractures.

World axes: +x towards the thumb, +y towards the palm, +z towards the finger tips; lengths in cm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.longbone import (
    Break,
    Form,
    Knob,
    LongBone,
    break_bone,
    long_bone,
)
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import (
    Case,
    generator,
)
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import SOFT, Bone

Floats = NDArray[np.float64]

FINGERS = ("index", "middle", "ring", "little")
BONES = (
    *(f"metacarpal {k}" for k in range(2, 6)),
    *(f"proximal phalanx {k}" for k in range(2, 6)),
    *(f"middle phalanx {k}" for k in range(2, 6)),
    "radius",
)
GRAIN = 0.0125  # voxel of the trabecular texture, cm

# base of each metacarpal (x, y, z), angle from the axis in degrees, lengths of the four bones
_RAYS = (
    ((1.30, 0.0, 2.95), 8, (6.5, 3.95, 2.35, 1.62)),
    ((0.38, -0.1, 3.15), 1, (6.35, 4.4, 2.85, 1.75)),
    ((-0.52, -0.05, 2.95), -7, (5.75, 4.1, 2.65, 1.72)),
    ((-1.30, 0.1, 2.65), -15, (5.3, 3.25, 1.9, 1.55)),
)
_SEGMENTS = ("metacarpal", "proximal phalanx", "middle phalanx", "distal phalanx")
_JOINT = (0.20, 0.13, 0.11, 0.0)
# name, centre, half sizes, turn in the film's plane
_CARPALS = (
    ("scaphoid", (1.10, 0.15, 0.78), (0.50, 0.55, 0.88), 0.75),
    ("lunate", (0.10, 0.0, 0.55), (0.58, 0.66, 0.50), 0.0),
    ("triquetrum", (-0.80, -0.10, 0.92), (0.48, 0.56, 0.56), -0.5),
    ("pisiform", (-0.98, 0.85, 0.80), (0.38, 0.40, 0.45), 0.0),
    ("trapezium", (1.76, 0.30, 1.98), (0.52, 0.56, 0.54), 0.5),
    ("trapezoid", (1.02, 0.10, 2.30), (0.38, 0.48, 0.43), 0.1),
    ("capitate", (0.27, 0.0, 1.88), (0.46, 0.66, 0.92), -0.05),
    ("hamate", (-0.56, 0.0, 1.98), (0.52, 0.70, 0.75), -0.3),
)


@dataclass(frozen=True, eq=False)
class Skeleton:
    """The bones in their places, and what the soft tissue follows."""

    parts: list[Part]
    chains: list[Floats]
    break_at: Floats | None


def axis(direction: ArrayLike, yaw: float = 0.0) -> Floats:
    """Return a bone's own axes, the third along ``direction``, turned by ``yaw`` about it."""
    d = np.asarray(direction, float)
    d = d / np.linalg.norm(d)
    x = np.cross([0, 1, 0], d)
    x /= np.linalg.norm(x)
    y = np.cross(d, x)
    c, s = np.cos(yaw), np.sin(yaw)
    return np.stack([x * c + y * s, y * c - x * s, d], 1)


def _phalanx(length: float, base: float, shaft: float, head: float, distal: bool = False) -> Form:
    cortex = [
        (0, 0.035), (0.15, 0.05), (0.35, 0.13 * shaft / 0.4), (0.55, 0.15 * shaft / 0.4),
        (0.8, 0.08), (0.95, 0.035), (1, 0.03),
    ]  # fmt: skip
    profile = [
        (0, base * 0.95), (0.12, base * 0.92), (0.30, shaft * 1.12), (0.58, shaft),
        (0.80, shaft * 1.1), (0.93, shaft * 0.9 if distal else head * 0.8),
    ]  # fmt: skip
    knobs = [
        Knob((0, 0, 0.10), (base * 1.03, base * 0.85, 0.26)),
        Knob((0, 0, -0.22), (base * 0.9, base * 0.8, 0.20), cut=True),
    ]
    if distal:
        knobs.append(Knob((0, 0, length - 0.02), (head, head * 0.5, 0.22)))
    else:
        condyle = (head * 0.56, head * 0.72, head * 0.56)
        knobs += [Knob((k * head * 0.46, 0, length - 0.30), condyle) for k in (-1, 1)]
    return Form(length, profile, cortex, knobs)


def _metacarpal(length: float) -> Form:
    return Form(
        length,
        [
            (0, 0.62),
            (0.1, 0.60),
            (0.28, 0.44),
            (0.5, 0.40),
            (0.72, 0.44),
            (0.86, 0.56),
            (0.93, 0.5),
        ],
        [(0, 0.035), (0.12, 0.05), (0.3, 0.15), (0.5, 0.19), (0.7, 0.13), (0.88, 0.05), (1, 0.03)],
        [Knob((0, 0, 0.10), (0.70, 0.7, 0.34)), Knob((0, 0, length - 0.50), (0.70, 0.72, 0.55))],
    )


def _finger_form(segment: int, length: float, s: float) -> Form:
    if segment == 0:
        return _metacarpal(length)
    base, shaft, head = ((0.72, 0.42, 0.56), (0.60, 0.35, 0.47), (0.50, 0.23, 0.40))[segment - 1]
    return _phalanx(length, base * s, shaft * s, head * s, distal=segment == 3)


def bones_of(case: Case) -> Skeleton:
    """Return all bones of a case in their places, broken ones in pieces."""
    s = case.number("size")
    made = Skeleton([], [], None)
    for ray in range(4):
        made = _finger(case, ray, s, made)
    made = _thumb(case, s, made)
    made = _forearm(case, s, made)
    made.parts.extend(_carpals(case, s))
    return made


@remember(64)
def _surfaced(form: Form, seed: int, name: str) -> LongBone:
    return long_bone(form, generator(seed, f"surface {name}"))


def _place(
    case: Case, name: str, bone: LongBone, turn: Floats, at: Floats, made: Skeleton
) -> tuple[Skeleton, Floats, Floats]:
    """Put a bone, broken if the case says so, in its place; return also where its head is."""
    mineral = case.number("mineral") * (1 - 0.2 * max(0.0, case.number("age") - 50) / 40)
    made_of = Bone(cortex=0.92 * mineral, trabeculae=0.17 * mineral, grain=GRAIN)
    phase = float(case.rng(f"phase {name}").uniform(0, 96))
    if case.word("finding") != "fracture" or case.word("fracture_bone") != name:
        made.parts.append(Part(name, bone.solid(turn, at), made_of, SOFT, "bones", phase=phase))
        return made, turn, bone.end(turn, at)
    broken = break_bone(bone, turn, at, _fracture(case), case.rng("fracture faces"))
    for k, piece in enumerate(broken.pieces):
        made.parts.append(Part(f"{name} piece {k}", piece, made_of, SOFT, "bones", phase=phase))
    made = Skeleton(made.parts, made.chains, broken.centre)
    return made, broken.turn, bone.end(broken.turn, broken.place)


def _fracture(case: Case) -> Break:
    """Return the fracture of a case; a clean one loses step, bend and roughness with the dose."""
    rng, kind = case.rng("fracture"), case.word("fracture_kind")
    clean = case.dose(Hallmark.CLEAN_FRACTURE)
    natural = case.number("consequences") * (1 - clean)
    side = 1.0 if rng.random() < 0.5 else -1.0
    slope = {"transverse": rng.uniform(0.05, 0.3), "oblique": rng.uniform(0.7, 1.2)}.get(kind, 0.0)
    values = {
        "step": side * rng.uniform(0.08, 0.16) * natural,
        "angle": side * rng.uniform(0.15, 0.35) * natural,
        "impaction": rng.uniform(0.06, 0.14) * natural,
        "rough": 0.012 + 0.05 * (1 - clean) * rng.uniform(0.8, 1.2),
    }
    if kind == "buckle":
        return Break(case.number("fracture_at"), bulge=0.07 * case.number("consequences"))
    return Break(
        at=case.number("fracture_at"),
        slope=float(side * slope * (1 - 0.8 * clean)),
        spiral=0.35 if kind == "spiral" else 0.0,
        gap=0.03 + 0.015 * clean,
        **{k: float(v) for k, v in values.items()},
    )


def swelling(case: Case) -> float:
    """Return how much the tissues over a fracture swell, 0..1."""
    if case.word("finding") != "fracture":
        return 0.0
    lost = max(case.dose(Hallmark.CLEAN_FRACTURE), case.dose(Hallmark.NO_SOFT_TISSUE))
    return case.number("consequences") * (1 - lost)


def _finger(case: Case, ray: int, s: float, made: Skeleton) -> Skeleton:
    base, spread, lengths = _RAYS[ray]
    degrees = spread * case.number("spread")
    own = case.rng(f"ray {ray}").standard_normal((5, 4))
    angle = np.deg2rad(degrees * 0.75 + 0.8 * own[4, 0])
    at = np.array(base) * s
    chain = [at.copy()]
    for k, length in enumerate(lengths):
        size = length * s * (1 + 0.02 * own[k, 0])
        turn = axis((np.sin(angle), 0.04 * own[k, 1], np.cos(angle)), 0.12 * own[k, 2])
        name = f"{_SEGMENTS[k]} {ray + 2}"
        bone = _surfaced(_finger_form(k, size, s), case.seed, name)
        made, turn, end = _place(case, name, bone, turn, at, made)
        angle = np.arctan2(turn[0, 2], turn[2, 2]) + np.deg2rad(0.1 * degrees + 1.6 * own[k, 3])
        at = end + np.array([np.sin(angle), 0, np.cos(angle)]) * _JOINT[k] * s
        chain.append(end)
    made.chains.append(np.array(chain))
    return made


def _thumb(case: Case, s: float, made: Skeleton) -> Skeleton:
    own = case.rng("thumb").standard_normal(3)
    at = np.array([2.05, 0.55, 1.75]) * s
    angle = np.deg2rad(36 * case.number("spread"))
    chain = [at.copy()]
    shapes = (("metacarpal 1", 4.5), ("proximal phalanx 1", 3.1), ("distal phalanx 1", 2.2))
    for k, (name, length) in enumerate(shapes):
        turn = axis((np.sin(angle), 0.10, np.cos(angle)), 0.7)
        form = (
            _metacarpal(length * s),
            _phalanx(length * s, 0.66 * s, 0.42 * s, 0.55 * s),
            _phalanx(length * s, 0.62 * s, 0.28 * s, 0.46 * s, distal=True),
        )[k]
        bone = _surfaced(form, case.seed, name)
        made, turn, end = _place(case, name, bone, turn, at, made)
        angle -= np.deg2rad(9 + 3 * own[k])
        at = end + np.array([np.sin(angle), 0, np.cos(angle)]) * 0.18 * s
        chain.append(end)
    made.chains.append(np.array(chain))
    made.parts.extend(_sesamoids(case, s, chain[1]))
    return made


def _sesamoids(case: Case, s: float, joint: Floats) -> list[Part]:
    f = Field((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5), 0.045, far=0.4)
    solid = f.ellipsoid((0, 0, 0), np.array([0.2, 0.2, 0.25]) * s, blend=0.01).solid(0.04)
    bone = Bone(cortex=0.92 * case.number("mineral"), grain=GRAIN)
    return [
        Part(
            f"sesamoid {k}",
            solid.posed(np.eye(3), joint + np.array([x, 0.7, -0.15])),
            bone,
            SOFT,
            "bones",
        )
        for k, x in enumerate((0.3, -0.35))
    ]


def _forearm(case: Case, s: float, made: Skeleton) -> Skeleton:
    length = 8.5 * s
    radius = Form(
        length,
        [(0, 0.62 * s), (0.45, 0.66 * s), (0.7, 0.85 * s), (0.88, 1.28 * s), (0.97, 1.42 * s),
         (1, 1.25 * s)],
        [(0, 0.24), (0.45, 0.20), (0.7, 0.10), (0.88, 0.045), (1, 0.04)],
        [Knob((0.75 * s, 0, length + 0.12), (0.55 * s, 0.7 * s, 0.42 * s)),
         Knob((0, 0, length + 0.42), (1.35 * s, 1.1 * s, 0.36 * s), cut=True)],
        flat=0.72,
    )  # fmt: skip
    short = 0.97 * length
    ulna = Form(
        short,
        [(0, 0.60 * s), (0.5, 0.52 * s), (0.8, 0.56 * s), (0.95, 0.78 * s), (1, 0.66 * s)],
        [(0, 0.22), (0.5, 0.18), (0.8, 0.09), (0.95, 0.04), (1, 0.03)],
        [Knob((-0.45 * s, 0, short + 0.16), (0.16 * s, 0.2 * s, 0.30 * s))],
    )
    places = {
        "radius": (radius, (0.02, 0, 1), np.array([0.55 * s, 0, -length - 0.05])),
        "ulna": (ulna, (-0.03, 0, 1), np.array([-1.15 * s + 0.15, -0.25, -length - 0.05])),
    }
    for name, (form, way, at) in places.items():
        bone = _surfaced(form, case.seed, name)
        made, _, _ = _place(case, name, bone, axis(way), at, made)
    return made


def _carpals(case: Case, s: float) -> list[Part]:
    mineral = case.number("mineral")
    bone = Bone(cortex=0.92 * mineral, trabeculae=0.17 * mineral, grain=GRAIN)
    parts = []
    for k, (name, centre, radii, turn) in enumerate(_CARPALS):
        rng = case.rng(f"carpal {name}")
        solid = _carpal(np.array(radii) * s * (1 + rng.normal(0, 0.03, 3)), rng)
        c, d = np.cos(turn), np.sin(turn)
        pose = np.array([[c, 0, d], [0, 1, 0], [-d, 0, c]])
        at = np.array(centre) * s + rng.normal(0, 0.02, 3)
        parts.append(Part(name, solid.posed(pose, at), bone, SOFT, "bones", phase=k * 11.0))
    return parts


def _carpal(radii: Floats, rng: Generator) -> Solid:
    """Return one carpal: between an ellipsoid and a rounded box, with facets."""
    side = float(radii.max()) * 1.25 + 0.15
    f = Field((-side,) * 3, (side,) * 3, 0.045, far=0.5)
    wide = radii * np.array([1.18, 1.1, 1.14])
    f.ellipsoid((0, 0, 0), wide, blend=0.02)
    x, y, z = f.mesh()
    box = smooth_max(np.abs(x) - wide[0] * 0.86, np.abs(z) - wide[2] * 0.86, 0.25)
    box = smooth_max(box, np.abs(y) - wide[1] * 0.9, 0.25)
    f.values = np.minimum(0.5 * f.values + 0.5 * box, 0.5).astype(np.float32)
    f.values += 0.045 * smooth_noise(f.shape, (6, 6, 6), rng)
    f.values += 0.012 * smooth_noise(f.shape, (14, 14, 14), rng)
    return f.solid(0.035)
