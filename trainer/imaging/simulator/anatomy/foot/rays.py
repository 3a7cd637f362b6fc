"""Metatarsals, phalanges and sesamoids of a left foot; see ``bones.py`` for axes and sources."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, along, fit
from trainer.imaging.simulator.anatomy.loft import pebble
from trainer.imaging.simulator.anatomy.longbone import Form, Knob, long_bone
from trainer.imaging.simulator.case import generator
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.textures import weave

Floats = NDArray[np.float64]

STEP = 0.06
_LIES = weave((0.0, 0.0, 1.0), 1.7)
NAMES = tuple(f"metatarsal {k}" for k in range(1, 6))
# base and head of each metatarsal; lengths of its phalanges; how the toe points (x) and dips
_RAYS = (
    ((-1.95, 7.75, -3.75), (-3.00, 13.45, -6.35), (3.2, 2.35), 0.0),
    ((-0.58, 7.25, -3.15), (-0.98, 14.25, -6.35), (2.75, 1.35, 1.0), 0.03),
    ((0.72, 7.55, -3.45), (0.72, 13.95, -6.45), (2.55, 1.05, 0.95), 0.0),
    ((1.80, 6.95, -4.05), (2.30, 13.25, -6.55), (2.35, 0.85, 0.9), -0.04),
    ((2.85, 6.65, -4.75), (3.75, 12.6, -6.75), (2.15, 0.7, 0.85), -0.10),
)
# radius at base, waist and head
_GIRTH = ((1.02, 0.66, 1.02), (0.80, 0.40, 0.56), (0.76, 0.37, 0.52), (0.74, 0.38, 0.52),
          (0.80, 0.42, 0.52))  # fmt: skip


def _metatarsal(length: float, girth: tuple[float, float, float], s: float) -> Form:
    base, waist, head = (g * s for g in girth)
    return Form(
        length,
        [(0, base), (0.09, base * 0.96), (0.26, waist * 1.22), (0.5, waist), (0.72, waist * 1.03),
         (0.86, head * 0.88), (0.95, head * 0.8)],
        [(0, 0.05), (0.12, 0.055), (0.28, 0.15), (0.5, 0.22), (0.7, 0.15), (0.88, 0.05), (1, 0.04)],
        [Knob((0, 0, length - head * 0.85), (head, head * 1.05, head * 0.95))],
        flat=1.08,
        bow=-0.015,
    )  # fmt: skip


def _phalanx(length: float, base: float, waist: float, head: float, distal: bool) -> Form:
    knobs = [Knob((0, 0, -0.25), (base * 0.8, base * 0.8, 0.24), cut=True)]
    if distal:
        knobs.append(Knob((0, 0, length - 0.08), (head, head * 0.6, 0.3)))
    else:
        knobs += [
            Knob((k * head * 0.42, 0, length - 0.24), (head * 0.58, head * 0.8, head * 0.58))
            for k in (-1, 1)
        ]
    return Form(
        length,
        [(0, base * 0.94), (0.15, base * 0.92), (0.38, waist * 1.1), (0.6, waist),
        (0.85, head * 0.9),
         (0.96, head * 0.75)],
        [(0, 0.04), (0.2, 0.05), (0.4, 0.10), (0.6, 0.11), (0.85, 0.05), (1, 0.04)],
        knobs,
        flat=0.88,
    )  # fmt: skip


def rays(seed: int, held: tuple[float, ...], bones: dict[str, Bony]) -> dict[str, Bony]:
    """Return the five rays of a foot and its two sesamoids.

    Parameters
    ----------
    seed : int
        Of what varies.
    held : tuple of float
        Size, wear, spurs, arch, hallux valgus in degrees.
    bones : dict of str to Bony
        The tarsal bones the metatarsals meet.
    """
    s, _, _, arch, valgus = held
    made: dict[str, Bony] = {}
    for k, (base, head, lengths, lean) in enumerate(_RAYS):
        own = generator(seed, f"toe {k}").standard_normal(12)
        start = np.array(base) * s + (0, 0, 0.25 * arch * s)
        splay = np.array([-0.05 * valgus * (k == 0) * 0.5, 0, 0])
        end = (np.array(head) + splay) * s + 0.06 * own[:3]
        way = end - start
        length = float(np.linalg.norm(way))
        bone = long_bone(_metatarsal(length, _GIRTH[k], s), generator(seed, f"ray {k}"), STEP)
        if k == 4:  # the styloid of the fifth
            f = bone.field
            f.capsules(
                np.array([[0.35, -0.1, 0.7], [0.72, -0.25, -0.05]]) * s,
                np.array([0.5, 0.28]) * s,
                blend=0.3,
            )
        turn = along(way / length, (0.1 * own[3], -0.4, 1.0))
        made[NAMES[k]] = Bony(NAMES[k], bone.field, bone.cortex, turn, start, _LIES, 0.7)
        made |= _toe(k, own, end, way / length, lengths, lean, valgus, s, seed)
    made |= _sesamoids(s, _RAYS[0][1])
    bases = {n: made[n] for n in NAMES} | bones
    meet = (
        ("metatarsal 1", "medial cuneiform"), ("metatarsal 2", "middle cuneiform"),
        ("metatarsal 2", "medial cuneiform"), ("metatarsal 2", "lateral cuneiform"),
        ("metatarsal 3", "lateral cuneiform"), ("metatarsal 4", "cuboid"),
        ("metatarsal 5", "cuboid"), ("metatarsal 1", "metatarsal 2"),
        ("metatarsal 2", "metatarsal 3"), ("metatarsal 3", "metatarsal 4"),
        ("metatarsal 4", "metatarsal 5"),
    )  # fmt: skip
    return bones | made | fit(bases, [(a, b, 0.17 * s) for a, b in meet])


def _toe(
    k: int, own: Floats, joint: Floats, way: Floats, lengths: tuple[float, ...], lean: float,
    valgus: float, s: float, seed: int,
) -> dict[str, Bony]:  # fmt: skip
    """Return the phalanges of one toe."""
    made = {}
    side = lean + (np.tan(np.deg2rad(valgus - 5)) if k == 0 else 0.0) + 0.02 * own[4]
    dips = (0.0, -0.15, -0.25) if k == 0 else (0.18, -0.45, -0.35)
    at = joint + way * 0.20 * s
    for i, full in enumerate(lengths):
        distal = i == len(lengths) - 1
        length = full * s * (1 + 0.03 * own[5 + i])
        if k == 0:
            form = _phalanx(
                length, (0.95, 0.85)[i] * s, (0.58, 0.42)[i] * s, (0.78, 0.58)[i] * s, distal
            )
        else:
            fine = 1 - 0.05 * k
            base, waist, head = ((0.55, 0.30, 0.42), (0.42, 0.30, 0.36), (0.34, 0.18, 0.24))[i]
            form = _phalanx(length, base * s * fine, waist * s * fine, head * s * fine, distal)
        turn = along((side + 0.02 * own[8], 1.0, dips[i]), (0, -0.1, 1.0))
        name = f"{('proximal', 'middle', 'distal')[i if k else 2 * i]} phalanx {k + 1}"
        bone = long_bone(form, generator(seed, name), STEP)
        made[name] = Bony(name, bone.field, bone.cortex, turn, at, _LIES, 0.6)
        at = at + turn[:, 2] * (length + 0.13 * s)
    return made


def _sesamoids(s: float, head: tuple[float, float, float]) -> dict[str, Bony]:
    made = {}
    for name, x in (("medial sesamoid", -0.42), ("lateral sesamoid", 0.42)):
        f = Field((-0.8,) * 3, (0.8,) * 3, STEP, 0.4)
        f.values = pebble(f, (0, 0, 0), np.array([0.36, 0.50, 0.28]) * s, 2.3)
        at = np.add(head, (x, -0.75, -1.1)) * s
        made[name] = Bony(name, f, 0.06, place=at, weave=_LIES)
    return made
