"""The pelvis AP as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.belly import AORTA, ILIAC, arteries
from trainer.imaging.simulator.anatomy.loft import mirrored
from trainer.imaging.simulator.anatomy.lumbar.spine import low_lumbar
from trainer.imaging.simulator.anatomy.pelvis.femur import cortex_of, femur, marrow_parts
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.anatomy.pelvis.hardware import resected, total_hip
from trainer.imaging.simulator.anatomy.pelvis.hipbone import carved, hip_bone, joint_wear
from trainer.imaging.simulator.anatomy.pelvis.injury import (
    KINDS,
    Injury,
    pieces,
    pubis,
    swelling,
)
from trainer.imaging.simulator.anatomy.pelvis.sacrum import sacrum
from trainer.imaging.simulator.anatomy.pelvis.soft import soft_parts
from trainer.imaging.simulator.body import Body, Part, Paths
from trainer.imaging.simulator.case import (
    Case,
    CaseError,
    Choice,
    Number,
    Quantity,
    Structural,
    Value,
)
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.looks import Parts
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.tissue import SOFT
from trainer.imaging.simulator.vendors import Tone

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

QUANTITIES: dict[str, Quantity] = {
    "age": Number(18, 100, 58, 18, "age in years"),
    "bmi": Number(16, 45, 25.5, 4, "body mass index, kg/m2"),
    "size": Number(0.85, 1.12, 0.98, 0.04, "size, relative to an average man"),
    "muscle": Number(0.75, 1.25, 1.0, 0.08, "bulk of the muscles, relative"),
    "mineral": Number(0.45, 1.35, 1.0, 0.1, "bone mineral density at 40 years, relative"),
    "asymmetry": Number(0, 2.5, 1, 0.3, "difference of the two sides, relative to the usual"),
    "narrowing": Number(0, 1, 0.1, 0.2, "loss of joint space at the worn hip, 0 none to 1 all"),
    "worn_side": Choice(("left", "right"), "hip that wears"),
    "osteophytes": Number(0, 1, 0.1, 0.2, "spurs of the worn hip, relative"),
    "fracture": Choice(
        KINDS, "what is broken", weights=(0.84, 0.06, 0.06, 0.04),
    ),
    "fracture_shift": Number(0, 1.5, 1, 0.25, "how far the pieces part, relative"),
    "fracture_side": Choice(("left", "right"), "side that is broken"),
    "consequences": Number(0, 1, 1, 0, "what a fracture brings: short turned leg, swelling"),
    "hardware": Choice(("none", "total hip"), "metal", weights=(0.94, 0.06)),
    "gas": Number(0, 1.4, 0.9, 0.25, "bowel gas, relative"),
    "bladder": Number(0, 1, 0.35, 0.25, "filling of the bladder"),
    "rotation": Number(-12, 12, 0, 2.5, "rotation about the long axis, degrees"),
    "tilt": Number(-12, 12, 0, 4, "tilt of the pelvis, degrees"),
    "roll": Number(-8, 8, 0, 1.5, "turn in the film's plane, degrees"),
    "field": Number(38, 48, 42, 1.2, "width of the film at the patient, cm"),
    "shift_x": Number(-3, 3, 0, 0.7, "film off centre sideways, cm"),
    "shift_y": Number(-3, 3, 0, 0.9, "film off centre along the body, cm"),
    "beam": Choice(("spine 75", "spine 85"), "spectrum"),
}  # fmt: skip

_STILL: dict[str, Quantity] = {
    "fracture": Choice(("none",), "what is broken"),
    "hardware": Choice(("none",), "metal"),
    "rotation": Number(-0.4, 0.4, 0, 0.15, "rotation about the long axis, degrees"),
    "roll": Number(-0.4, 0.4, 0, 0.15, "turn in the film's plane, degrees"),
    "shift_x": Number(-0.3, 0.3, 0, 0.1, "film off centre sideways, cm"),
}

STRUCTURAL = {
    Hallmark.TOO_SYMMETRIC: Structural(
        "symmetry model",
        needs={
            **_STILL,
            "asymmetry": Number(0.7, 2.5, 1.2, 0.25, "difference of the two sides"),
        },
        mimic={
            **_STILL,
            "asymmetry": Number(0, 0.3, 0.15, 0.07, "difference of the two sides"),
            "narrowing": Number(0, 0.1, 0, 0.03, "loss of joint space at the worn hip"),
            "osteophytes": Number(0, 0.05, 0, 0.02, "spurs of the worn hip"),
            "age": Number(18, 45, 30, 6, "age in years"),
        },
        look=(Parts(("hip bone *", "femur *")),),
    ),
}


def girdle_of(case: Case, worn: bool) -> Girdle:
    """Return one side's measures."""
    old = max(0.0, case.number("age") - 45) / 45
    female = case.word("sex") == "female"
    return Girdle(
        size=case.number("size") * (0.95 if female else 1.0),
        female=female,
        mineral=case.number("mineral") * (1 - (0.33 if female else 0.2) * old),
        narrowing=case.number("narrowing") if worn else 0.3 * case.number("narrowing"),
        spurs=case.number("osteophytes") if worn else 0.25 * case.number("osteophytes"),
    )


def injury_of(case: Case, word: str) -> Injury | None:
    """Return what is broken on one side."""
    if case.word("fracture") == "none" or case.word("fracture_side") != word:
        return None
    shift, follow = case.number("fracture_shift"), case.number("consequences")
    return Injury(case.word("fracture"), shift, follow)


def settle(values: dict[str, Value], given: frozenset[str]) -> None:
    """Let drawn fractures and metal be those of the old, and not of one hip; CaseError if asked."""
    same = values["fracture"] != "none" and values["fracture_side"] == values["worn_side"]
    if same and values["hardware"] != "none" and values["fracture"] != "pubic rami":
        if {"fracture", "hardware", "fracture_side", "worn_side"} <= given:
            raise CaseError("a hip that was replaced has no neck to break: choose another side")
        if "hardware" in given:
            values["fracture"] = "none"
        else:
            values["hardware"] = "none"
    age = values["age"]
    assert isinstance(age, float)
    for name in ("fracture", "hardware"):
        if name not in given and age < 60:
            values[name] = "none"


def build(case: Case) -> Body:
    """Return the body of a case."""
    middle = girdle_of(case, worn=False)
    dose = case.dose(Hallmark.TOO_SYMMETRIC)
    own = case.rng("sacrum").standard_normal(10) * case.number("asymmetry") * (1 - dose)
    holy = sacrum(middle, case.rng("sacrum surface"), own)
    solid = holy.solid(0.055)
    parts = soft_parts(case, middle)
    parts.append(Part("sacrum", solid, middle.bone(0.13), SOFT, "bones", 0.05, phase=5.0))
    parts += low_lumbar(case, middle, dose) + arteries(case, middle.size, (AORTA, *ILIAC))
    left, right = (_side(case.authentic(), side) for side in ("left", "right"))
    if dose > 0:
        hip, thigh = (
            ours.like(ours.values * (1 - dose) + theirs.values * dose)
            for ours, theirs in zip(right, left, strict=True)
        )
        right = hip, thigh
    for word, (hip, thigh) in (("left", left), ("right", right)):
        facing = solid if word == "left" else solid.mirrored()
        made = _parts(case, word, (carved(hip, facing, middle.size), thigh))
        parts += made if word == "left" else [mirrored(p) for p in made]
    return Body(tuple(parts))


@remember(4)
def _side(case: Case, word: str) -> tuple[Field, Field]:
    """Return hip bone and femur of one side, as left ones."""
    girdle = girdle_of(case, worn=case.word("worn_side") == word)
    common = case.rng("girdle").standard_normal(96)
    apart = case.rng(f"girdle {word}").standard_normal(96) * 0.6 * case.number("asymmetry")
    own = common + apart
    hip = hip_bone(girdle, own, case.rng(f"hip surface {word}"))
    thigh = femur(girdle, own[90:], case.rng(f"femur surface {word}"))
    return hip, thigh


def _parts(case: Case, word: str, fields: tuple[Field, Field]) -> list[Part]:
    girdle = girdle_of(case, worn=case.word("worn_side") == word)
    hip, thigh = fields
    injury, rng = injury_of(case, word), case.rng(f"fracture {word}")
    phase = float(case.rng(f"phase {word}").uniform(0, 96))
    thick = np.interp(np.asarray(hip.axes[2]), [-7, -3, 0, 3, 9], [0.09, 0.08, 0.07, 0.09, 0.07])
    cortex = (thick * girdle.size).astype(np.float32)
    parts = swelling(girdle, injury) + joint_wear(girdle, case.rng(f"wear {word}"), hip.solid())
    for k, piece in enumerate(pubis(girdle, hip, injury, rng)):
        shape = piece.field.solid(cortex).posed(*piece.pose)
        name = f"hip bone {k}" if k else "hip bone"
        parts.append(Part(name, shape, girdle.bone(0.13), SOFT, "bones", 0.05, phase=phase))
    metal = case.word("hardware") == "total hip" and case.word("worn_side") == word
    if metal:
        thigh = resected(girdle, thigh, case.number_for("saw"))
        parts += total_hip(girdle)
    canal, groups = marrow_parts(girdle, thigh, case.rng(f"trabeculae {word}"))
    shell, made = cortex_of(girdle, thigh), girdle.bone(0.13, "stressed")
    broken = pieces(girdle, thigh, injury, rng)
    for k, piece in enumerate(broken):
        shape = piece.field.solid(shell).posed(*piece.pose)
        name = f"femur {k}" if k else "femur"
        parts.append(Part(name, shape, made, SOFT, "bones", phase=phase + 31))
    assert isinstance(canal.shape, Solid)
    parts.append(replace(canal, shape=canal.shape.posed(*broken[0].pose)))
    # struts end where the bone was broken or sawn; what is left of them lies within its texture
    parts += groups if len(broken) == 1 and not metal else []
    return [replace(p, name=f"{p.name} {word}") for p in parts]


def _middle(case: Case) -> Point:
    return (0.0, 0.0, 1.2)


TECHNIQUE = Technique(
    film=(5, 4), centre=_middle, distance=115, behind=14, turn=180, mirrored=True,
    magnification=1.14, quanta=6e6, blur_mm=0.14,
)  # fmt: skip


def tones(paths: Paths) -> list[Tone]:
    """Return the tone curve's anchors: air, thigh, flat bone, dense bone."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    return [
        Tone(flesh <= 0, 0.5, 0.03),
        Tone((flesh > 9) & (bone < 0.01), 0.5, 0.36),
        Tone(bone > 2, 0.5, 0.64),
        Tone(bone > 2, 0.985, 0.92),
    ]


PELVIS_AP = TECHNIQUE.region(
    "pelvis",
    "ap",
    QUANTITIES,
    build,
    tones,
    structural=STRUCTURAL,
    settle=settle,
    marker_places=((0.04, 0.10, 0.86, 0.92), (0.04, 0.10, 0.05, 0.09)),
)
