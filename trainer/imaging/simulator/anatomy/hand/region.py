"""The hand and wrist PA as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.hand.bones import BONES, FINGERS, Skeleton, bones_of
from trainer.imaging.simulator.anatomy.hand.nails import nails
from trainer.imaging.simulator.anatomy.hand.soft import soft_of
from trainer.imaging.simulator.anatomy.limb import hardware
from trainer.imaging.simulator.anatomy.limb.breaks import FLESH, LINE, mended
from trainer.imaging.simulator.anatomy.limb.fractures import KINDS
from trainer.imaging.simulator.body import Body, Part, Paths, Uneven
from trainer.imaging.simulator.case import (
    Case,
    Choice,
    Number,
    Quantity,
    Structural,
)
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.tissue import FAT, SOFT, Tissue
from trainer.imaging.simulator.vendors import Tone

QUANTITIES: dict[str, Quantity] = {
    "side": Choice(("left", "right"), "which hand"),
    "age": Number(18, 100, 45, 17, "age in years"),
    "size": Number(0.8, 1.2, 1, 0.05, "size, relative"),
    "spread": Number(0.4, 1.6, 1, 0.18, "spread of the fingers, relative"),
    "fat": Number(0.05, 0.7, 0.25, 0.1, "thickness of fat under the skin, relative"),
    "rotation": Number(-20, 20, 0, 3, "rotation of the hand, degrees"),
    "mineral": Number(0.5, 1.4, 1.0, 0.08, "bone mineral density, relative"),
    "field": Number(26, 34, 29.5, 0.8, "height of the film at the patient, cm"),
    "beam": Choice(("extremity 50", "extremity 55"), "spectrum"),
    "narrowing": Number(0, 0.9, 0.05, 0.18, "loss of joint space by wear, 0 none to 1 all"),
    "osteophytes": Number(0, 1, 0.05, 0.2, "spurs at the finger joints, relative"),
    "porosis": Number(0, 1, 0.0, 0.15, "osteoporosis, 0 none to 1 severe"),
    "coalition": Choice(("no", "yes"), "lunotriquetral coalition", weights=(0.99, 0.01)),
    "finding": Choice(("none", "fracture", "dislocation"), "what is wrong", common=1),
    "dislocated_finger": Choice(FINGERS, "finger whose middle joint is dislocated"),
    "old_fracture": Choice(("none", *BONES), "bone with a healed fracture", common=1),
    "hardware": Choice(("none", "plate"), "metal in a metacarpal", weights=(0.97, 0.03)),
    "fracture_bone": Choice(BONES, "bone that is broken"),
    "fracture_kind": Choice(KINDS, "kind of fracture"),
    "fracture_at": Number(0.15, 0.88, 0.6, 0.15, "place along the bone, 0 base to 1 head"),
    "consequences": Number(0, 1, 1, 0, "step, angulation and swelling of the fracture, relative"),
}

_BROKEN: dict[str, Quantity] = {
    "finding": Choice(("fracture",), "what is wrong"),
    "fracture_kind": Choice(("transverse", "oblique"), "kind of fracture"),
    "consequences": Number(0.8, 1, 1, 0, "step, angulation and swelling of the fracture"),
    "hardware": Choice(("none",), "metal in a metacarpal"),
}
_FRESH: dict[str, Quantity] = {
    "finding": Choice(("fracture",), "what is wrong"),
    "consequences": Number(0.1, 0.35, 0.2, 0.05, "a fracture minutes old, hardly moved"),
}

STRUCTURAL = {
    Hallmark.CLEAN_FRACTURE: Structural(
        "insertion model", needs=_BROKEN, mimic=_FRESH, look=(LINE,)
    ),
    Hallmark.NO_SOFT_TISSUE: Structural(
        "insertion model", needs=_BROKEN, mimic=_FRESH, look=(FLESH,)
    ),
}


def hand_parts(case: Case, bones: Skeleton, skin: Field, muscle: Field) -> list[Part]:
    """Return flesh and bones of a case as parts."""
    grain = Uneven(case.number_for("grain"), 2.8, 0.075, Tissue(adipose=1, soft=-1), 0.5)
    return [
        Part("hand", skin.solid(), FAT, structure="soft tissue", least=0.05, uneven=grain),
        Part("muscle", muscle.solid(), SOFT, FAT),
        *bones.parts,
    ]


def build(case: Case) -> Body:
    """Return the body of a case."""
    bones = bones_of(case)
    parts = hand_parts(case, bones, *soft_of(case, bones)) + _metal(case, bones)
    parts += nails(bones.whole, case.number("size"))
    marks = {}
    if bones.break_at is not None:
        x, y, z = (float(v) for v in bones.break_at)
        marks["fracture"] = (x, y, z)
    return Body(tuple(parts), marks)


def _metal(case: Case, bones: Skeleton) -> list[Part]:
    """Return the plate on the back of a mended metacarpal."""
    if case.word("hardware") != "plate":
        return []
    s, rng = case.number("size"), case.rng("metal")
    bone = bones.whole[f"metacarpal {rng.integers(3, 6)}"]
    course = ((0.4, -0.48, 1.3), (0.33, -0.4, 2.6), (0.36, -0.42, 4.0))
    line = [bone.world(np.array(p) * s) for p in course]
    screws = [(0.06, 0.85), (0.27, 0.8), (0.73, 0.8), (0.94, 0.85)]
    back = bone.turn @ np.array([0.75, -0.66, 0])
    return hardware.plate(line, back, screws, steel=rng.random() < 0.3, width=0.24, core=0.065)


def _middle(case: Case) -> Point:
    return (0.6, 0.0, 8.0 + 10 * (case.number("size") - 1))


def _right(case: Case) -> bool:
    return case.word("side") == "right"  # built as a left hand


TECHNIQUE = Technique(
    film=(4, 5), centre=_middle, distance=110, behind=2.2, mirrored=_right,
    focal_mm=0.6, magnification=1.02, heel=0.05, scatter=0.06, quanta=6e5, blur_mm=0.12,
)  # fmt: skip


def tones(paths: Paths) -> list[Tone]:
    """Return the tone curve's anchors: air, soft tissue, bone."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    return [
        Tone(flesh <= 0, 0.5, 0.03),
        Tone((flesh > 1) & (bone < 0.01), 0.5, 0.30),
        Tone(bone > 0.4, 0.5, 0.62),
        Tone(bone > 0.4, 0.98, 0.93),
    ]


HAND_PA = TECHNIQUE.region(
    "hand",
    "pa",
    QUANTITIES,
    build,
    tones,
    structural=STRUCTURAL,
    settle=mended,
    marker_places=((0.03, 0.30, 0.80, 0.84), (0.03, 0.30, 0.03, 0.07)),
)
