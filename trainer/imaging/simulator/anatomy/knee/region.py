"""The knee AP as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.knee.bones import KINDS, SITES, bones
from trainer.imaging.simulator.anatomy.knee.soft import soft
from trainer.imaging.simulator.anatomy.loft import mirrored
from trainer.imaging.simulator.body import Body, Part, Paths, Uneven
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.tissue import FAT, SOFT, Tissue
from trainer.imaging.simulator.vendors import Tone

Floats = NDArray[np.float64]

QUANTITIES: dict[str, Quantity] = {
    "age": Number(18, 100, 52, 18, "age in years"),
    "size": Number(0.82, 1.15, 0.97, 0.05, "size, relative to an average man"),
    "side": Choice(("left", "right"), "which knee"),
    "fat": Number(0.05, 1.6, 0.45, 0.25, "fat under the skin, relative"),
    "muscle": Number(0.7, 1.3, 1.0, 0.1, "bulk of the muscles, relative"),
    "mineral": Number(0.5, 1.4, 1.0, 0.09, "bone mineral density, relative"),
    "cartilage": Number(0.7, 1.3, 1.0, 0.1, "joint space, relative to 4.6 and 5.2 mm"),
    "narrowing": Number(0, 0.95, 0.05, 0.22, "loss of joint space by wear, 0 none to 1 all"),
    "worn_side": Choice(("medial", "lateral"), "compartment that wears"),
    "osteophytes": Number(0, 1, 0.05, 0.25, "spurs at the joint's margins, relative"),
    "patella_height": Number(-0.6, 1.0, 0.1, 0.25, "height of the patella above the usual, cm"),
    "rotation": Number(-15, 15, 0, 3.5, "rotation of the leg, degrees"),
    "tilt": Number(-8, 8, 0, 2, "tilt of the tube along the leg, degrees"),
    "roll": Number(-8, 8, 0, 2, "turn in the film's plane, degrees"),
    "field": Number(22, 32, 27.0, 1.2, "height of the film at the patient, cm"),
    "shift_x": Number(-2.5, 2.5, 0, 0.5, "film off centre sideways, cm"),
    "shift_y": Number(-2.5, 2.5, 0, 0.8, "film off centre along the leg, cm"),
    "beam": Choice(("extremity 55", "joint 62"), "spectrum"),
    "finding": Choice(("none", "fracture"), "what is wrong", common=1),
    "fracture_kind": Choice((*KINDS, *SITES), "kind of fracture", common=2),
    "consequences": Number(0, 1, 1, 0, "step, effusion and swelling of the fracture, relative"),
}

_BROKEN: dict[str, Quantity] = {
    "finding": Choice(("fracture",), "what is wrong"),
    "consequences": Number(0.8, 1, 1, 0, "step, effusion and swelling of the fracture"),
}
_FRESH: dict[str, Quantity] = {
    "finding": Choice(("fracture",), "what is wrong"),
    "consequences": Number(0.1, 0.35, 0.2, 0.05, "a fracture minutes old, hardly moved"),
}

STRUCTURAL = {
    Hallmark.CLEAN_FRACTURE: Structural("insertion model", needs=_BROKEN, mimic=_FRESH),
    Hallmark.NO_SOFT_TISSUE: Structural("insertion model", needs=_BROKEN, mimic=_FRESH),
    Hallmark.JOINT_MERGE: Structural(
        "fusion model",
        needs={"narrowing": Number(0, 0.3, 0, 0.1, "loss of joint space by wear")},
        mimic={
            "narrowing": Number(0.8, 0.95, 0.88, 0.04, "loss of joint space: bone on bone"),
            "osteophytes": Number(0.4, 1, 0.7, 0.15, "spurs at the joint's margins"),
            "age": Number(60, 95, 72, 7, "age in years"),
        },
    ),
}


def left_parts(case: Case) -> tuple[list[Part], Floats | None]:
    """Return the parts of a case as those of a left knee, and where it is broken."""
    made = bones(case)
    skin, muscle = soft(case, made.broken_at)
    lobules = Uneven(case.number_for("fat lobules"), 2.9, 0.014, Tissue(adipose=1))
    fibres = Uneven(case.number_for("muscle fibres"), 2.4, 0.004, Tissue(soft=1))
    return [
        Part("leg", skin, FAT, structure="soft tissue", least=0.05, uneven=lobules),
        Part("muscle", muscle, SOFT, FAT, uneven=fibres),
        *made.parts,
    ], made.broken_at


def build(case: Case) -> Body:
    """Return the body of a case."""
    parts, at = left_parts(case)
    right = case.word("side") == "right"
    marks = {}
    if at is not None:
        marks["fracture"] = (float(-at[0] if right else at[0]), float(at[1]), float(at[2]))
    return Body(tuple(mirrored(p) for p in parts) if right else tuple(parts), marks)


def _middle(case: Case) -> Point:
    return (0.0, 0.0, 0.0)


TECHNIQUE = Technique(
    film=(4, 5), centre=_middle, distance=110, behind=9, turn=180, mirrored=True,
    focal_mm=0.8, magnification=1.07, heel=0.06, scatter=0.10, quanta=7e5,
)  # fmt: skip


def tones(paths: Paths) -> list[Tone]:
    """Return the tone curve's anchors: air, skin's edge, soft tissue, spongy bone, shaft."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    return [
        Tone(flesh <= 0, 0.5, 0.03),
        Tone((flesh > 6) & (bone < 0.01), 0.5, 0.30),
        Tone(bone > 1.5, 0.5, 0.64),
        Tone(bone > 1.5, 0.985, 0.93),
    ]


KNEE_AP = TECHNIQUE.region(
    "knee",
    "ap",
    QUANTITIES,
    build,
    tones,
    structural=STRUCTURAL,
    marker_places=((0.04, 0.12, 0.86, 0.90), (0.04, 0.12, 0.03, 0.07)),
)
