"""The pelvis AP as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.loft import mirrored
from trainer.imaging.simulator.anatomy.lumbar.spine import low_lumbar
from trainer.imaging.simulator.anatomy.pelvis.femur import femur, femur_parts
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.anatomy.pelvis.hipbone import hip_bone
from trainer.imaging.simulator.anatomy.pelvis.sacrum import sacrum
from trainer.imaging.simulator.anatomy.pelvis.soft import soft_parts
from trainer.imaging.simulator.body import Body, Part, Paths
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.fields import Field
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
    "gas": Number(0, 1.4, 0.9, 0.25, "bowel gas, relative"),
    "bladder": Number(0, 1, 0.35, 0.25, "filling of the bladder"),
    "rotation": Number(-12, 12, 0, 2.5, "rotation about the long axis, degrees"),
    "tilt": Number(-12, 12, 0, 4, "tilt of the pelvis, degrees"),
    "roll": Number(-8, 8, 0, 1.5, "turn in the film's plane, degrees"),
    "field": Number(38, 48, 42, 1.2, "width of the film at the patient, cm"),
    "shift_x": Number(-3, 3, 0, 0.7, "film off centre sideways, cm"),
    "shift_y": Number(-3, 3, 0, 0.9, "film off centre along the body, cm"),
    "beam": Choice(("spine 75", "spine 85"), "spectrum"),
}

_STILL: dict[str, Quantity] = {
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


def build(case: Case) -> Body:
    """Return the body of a case."""
    middle = girdle_of(case, worn=False)
    dose = case.dose(Hallmark.TOO_SYMMETRIC)
    own = case.rng("sacrum").standard_normal(10) * case.number("asymmetry") * (1 - dose)
    holy = sacrum(middle, case.rng("sacrum surface"), own)
    solid = holy.solid(0.055)
    parts = soft_parts(case, middle)
    parts.append(Part("sacrum", solid, middle.bone(0.13), SOFT, "bones", 0.05, phase=5.0))
    parts += low_lumbar(case, middle, dose)
    left, right = (_side(case, side, solid) for side in ("left", "right"))
    for ours, theirs in zip(right, left, strict=True):
        ours.values = (ours.values * (1 - dose) + theirs.values * dose).astype(np.float32)
    for word, fields in (("left", left), ("right", right)):
        made = _parts(case, word, fields)
        parts += made if word == "left" else [mirrored(p) for p in made]
    return Body(tuple(parts))


def _side(case: Case, word: str, solid: Solid) -> tuple[Field, Field]:
    """Return hip bone and femur of one side, as left ones."""
    girdle = girdle_of(case, worn=case.word("worn_side") == word)
    common = case.rng("girdle").standard_normal(96)
    apart = case.rng(f"girdle {word}").standard_normal(96) * 0.6 * case.number("asymmetry")
    own = common + apart
    facing = solid if word == "left" else solid.mirrored()
    hip = hip_bone(girdle, own, case.rng(f"hip surface {word}"), facing)
    thigh = femur(girdle, own[90:], case.rng(f"femur surface {word}"))
    return hip, thigh


def _parts(case: Case, word: str, fields: tuple[Field, Field]) -> list[Part]:
    girdle = girdle_of(case, worn=case.word("worn_side") == word)
    hip, thigh = fields
    phase = float(case.rng(f"phase {word}").uniform(0, 96))
    thick = np.interp(np.asarray(hip.axes[2]), [-7, -3, 0, 3, 9], [0.09, 0.08, 0.07, 0.09, 0.07])
    cortex = (thick * girdle.size).astype(np.float32)
    bone = girdle.bone(0.13)
    parts = [Part("hip bone", hip.solid(cortex), bone, SOFT, "bones", 0.05, phase=phase)]
    parts += femur_parts(girdle, thigh, case.rng(f"trabeculae {word}"), phase + 31)
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
    marker_places=((0.04, 0.10, 0.86, 0.92), (0.04, 0.10, 0.05, 0.09)),
)
