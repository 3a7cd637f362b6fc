"""The lumbar spine AP as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.belly import AORTA, ILIAC, arteries
from trainer.imaging.simulator.anatomy.loft import mirrored
from trainer.imaging.simulator.anatomy.lumbar.soft import rib_parts, soft_parts
from trainer.imaging.simulator.anatomy.lumbar.spine import column, course_of
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.anatomy.pelvis.hipbone import carved, hip_bone
from trainer.imaging.simulator.anatomy.pelvis.sacrum import sacrum
from trainer.imaging.simulator.body import Body, Part, Paths
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural, Value
from trainer.imaging.simulator.looks import Parts
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.tissue import SOFT, Bone
from trainer.imaging.simulator.vendors import Tone

QUANTITIES: dict[str, Quantity] = {
    "age": Number(18, 100, 54, 18, "age in years"),
    "bmi": Number(16, 45, 25.5, 4, "body mass index, kg/m2"),
    "size": Number(0.85, 1.12, 0.98, 0.04, "size, relative to an average man"),
    "muscle": Number(0.7, 1.3, 1.0, 0.1, "bulk of the muscles, relative"),
    "mineral": Number(0.45, 1.35, 1.0, 0.1, "bone mineral density at 40 years, relative"),
    "scoliosis": Number(-2.5, 2.5, 0, 0.5, "sideways curve of the spine, cm"),
    "scoliosis_phase": Number(0, 6.2832, 1.57, 0.9, "where the curve lies, radians"),
    "lordosis": Number(0.1, 1.5, 1, 0.15, "lordosis, relative"),
    "disc_wear": Number(0, 1, 0.15, 0.25, "loss of height of the worn disc, 0 none to 1 most"),
    "worn_disc": Number(1, 4, 1.6, 0.8, "disc that wears: 1 L4/5, 2 L3/4, 3 L2/3, 4 L1/2"),
    "osteophytes": Number(0, 1, 0.2, 0.25, "spurs at the end plates, relative"),
    "transitional": Choice(("none", "sacralised"), "lumbosacral junction", common=1),
    "fracture": Choice(
        ("none", "wedge", "biconcave", "crush"), "osteoporotic fracture, by form",
        weights=(0.7, 0.14, 0.09, 0.07),
    ),
    "fracture_level": Choice(
        ("L1", "T12", "L2", "L3", "L4"), "vertebra that is broken",
        weights=(0.33, 0.27, 0.18, 0.12, 0.1),
    ),
    "fracture_loss": Number(0.2, 0.6, 0.33, 0.08, "share of its height that is lost"),
    "consequences": Number(0, 1, 1, 0, "how far the column follows: kyphosis, retropulsion"),
    "gas": Number(0, 1.4, 0.9, 0.25, "bowel gas, relative"),
    "rotation": Number(-12, 12, 0, 2.5, "rotation about the long axis, degrees"),
    "tilt": Number(-8, 8, 0, 2, "tilt of the tube along the body, degrees"),
    "roll": Number(-6, 6, 0, 1.2, "turn in the film's plane, degrees"),
    "field": Number(34, 44, 38.5, 1.2, "height of the film at the patient, cm"),
    "shift_x": Number(-3, 3, 0, 0.6, "film off centre sideways, cm"),
    "shift_y": Number(-3, 3, 0, 0.9, "film off centre along the body, cm"),
    "beam": Choice(("spine 75", "spine 85"), "spectrum"),
}  # fmt: skip

_WHOLE: dict[str, Quantity] = {"fracture": Choice(("none",), "osteoporotic fracture")}

COLUMN = Parts(("T*", "L*"), bridged=0.8)
STRUCTURAL = {
    Hallmark.STRAIGHT_SPINE: Structural(
        "rigidity model",
        needs={
            **_WHOLE,
            "scoliosis": Number(0.6, 2.5, 1.0, 0.25, "sideways curve of the spine, cm"),
        },
        mimic={
            "scoliosis": Number(-0.05, 0.05, 0, 0.02, "sideways curve of the spine, cm"),
            "disc_wear": Number(0, 0.05, 0, 0.02, "loss of height of the worn disc"),
            "osteophytes": Number(0, 0.05, 0, 0.02, "spurs at the end plates"),
            "age": Number(18, 35, 26, 4, "age in years"),
        },
        look=(COLUMN,),
    ),
    Hallmark.VERTEBRA_CLONE: Structural(
        "repetition model",
        needs={**_WHOLE, "osteophytes": Number(0.15, 1, 0.35, 0.15, "spurs at the end plates")},
        mimic={
            "transitional": Choice(("sacralised",), "lumbosacral junction"),
            "osteophytes": Number(0, 0.1, 0, 0.04, "spurs at the end plates"),
        },
        look=(Parts(("L5",)),),
    ),
}


def girdle_of(case: Case) -> Girdle:
    """Return the measures of the pelvis below the spine."""
    old = max(0.0, case.number("age") - 45) / 45
    female = case.word("sex") == "female"
    return Girdle(
        size=case.number("size") * (0.95 if female else 1.0),
        female=female,
        mineral=case.number("mineral") * (1 - (0.35 if female else 0.2) * old),
    )


def settle(values: dict[str, Value], given: frozenset[str]) -> None:
    """Let only the old break so: a fracture that was drawn is one of osteoporosis."""
    if "fracture" in given or values["fracture"] == "none":
        return
    age, mineral = values["age"], values["mineral"]
    assert isinstance(age, float) and isinstance(mineral, float)
    if age < 58:
        values["fracture"] = "none"
    elif "mineral" not in given:
        values["mineral"] = min(0.75, mineral)


def build(case: Case) -> Body:
    """Return the body of a case."""
    girdle = girdle_of(case)
    parts = soft_parts(case.authentic(), girdle) + pelvis_parts(case.authentic())
    parts += column(case, girdle, course_of(case), 9)
    thin = Bone(cortex=0.85 * girdle.mineral**0.5, trabeculae=0.12 * girdle.mineral)
    parts += arteries(case, girdle.size, (AORTA, *ILIAC[:2]))
    return Body(tuple(parts + rib_parts(case.authentic(), girdle.size, replace(thin, grain=0.02))))


@remember(2)
def pelvis_parts(case: Case) -> list[Part]:
    """Return sacrum and hip bones below a spine."""
    girdle = girdle_of(case)
    own = case.rng("sacrum").standard_normal(10)
    solid = sacrum(girdle, case.rng("sacrum surface"), own).solid(0.055)
    flat = girdle.bone(0.13)
    parts = [Part("sacrum", solid, flat, SOFT, "bones", 0.05, phase=5.0)]
    common = case.rng("girdle").standard_normal(96)
    for word in ("left", "right"):
        form = common + 0.6 * case.rng(f"girdle {word}").standard_normal(96)
        facing = solid if word == "left" else solid.mirrored()
        wing = carved(hip_bone(girdle, form, case.rng(f"hip surface {word}")), facing, girdle.size)
        phase = float(case.rng(f"phase {word}").uniform(0, 96))
        part = Part(f"hip bone {word}", wing.solid(0.07), flat, SOFT, "bones", 0.05, phase=phase)
        parts.append(part if word == "left" else mirrored(part))
    return parts


def _middle(case: Case) -> Point:
    return (0.0, 0.0, 15.2 * case.number("size"))


def _lateral_middle(case: Case) -> Point:
    return (0.0, -3.6, 15.2 * case.number("size"))


TECHNIQUE = Technique(
    film=(3, 4), centre=_middle, distance=115, behind=14, turn=180, mirrored=True,
    magnification=1.16, quanta=9e6, blur_mm=0.14,
)  # fmt: skip
LATERAL_TECHNIQUE = replace(
    TECHNIQUE, film=(2, 3), centre=_lateral_middle, behind=18, turn=-90, mirrored=False
)


def lateral_tones(paths: Paths) -> list[Tone]:
    """Return the lateral film's anchors: soft tissue, the column, the pelvis."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    rows, columns = flesh.shape
    upper = np.zeros((rows, columns), bool)
    upper[rows // 8 : int(0.58 * rows)] = True
    plain = (flesh > 8) & (bone < 0.01) & (paths.structures["lungs"] < 0.1)
    return [
        Tone(flesh <= 0, 0.5, 0.03),
        Tone(plain & upper, 0.05, 0.16),
        Tone(plain & upper, 0.6, 0.38),
        Tone((bone > 2) & upper, 0.5, 0.58),
        Tone((bone > 2) & upper, 0.985, 0.76),
        Tone((bone > 2) & ~upper, 0.97, 0.93),
    ]


def ap_tones(dark: float, flesh_grey: float, column_grey: float) -> Callable[[Paths], list[Tone]]:
    """Return a trunk film's anchors, lying: gas or flank, soft tissue, the column.

    Parameters
    ----------
    dark, flesh_grey, column_grey : float
        Grey of the thinnest flesh, of the usual, and of the column's middle, 0..1.
    """

    def tones(paths: Paths) -> list[Tone]:
        flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
        rows, columns = flesh.shape
        middle = np.zeros((rows, columns), bool)
        middle[rows // 6 : int(0.7 * rows), int(0.3 * columns) : int(0.7 * columns)] = True
        plain = (flesh > 8) & (bone < 0.01) & (paths.structures["lungs"] < 0.1)
        return [
            Tone(flesh <= 0, 0.5, 0.03),
            Tone(plain, 0.02, dark),
            Tone(plain, 0.5, flesh_grey),
            Tone((bone > 2) & middle, 0.5, column_grey),
            Tone((bone > 2) & middle, 0.985, 0.90),
        ]

    return tones


LUMBAR_AP = TECHNIQUE.region(
    "lumbar",
    "ap",
    QUANTITIES,
    build,
    ap_tones(0.16, 0.40, 0.68),
    structural=STRUCTURAL,
    settle=settle,
    marker_places=((0.05, 0.12, 0.86, 0.90), (0.05, 0.12, 0.06, 0.10)),
)

_LYING: dict[str, Quantity] = {
    **_WHOLE,
    "lordosis": Number(0.8, 1.5, 1.1, 0.12, "lordosis, relative"),
    "disc_wear": Number(0.2, 1, 0.5, 0.2, "loss of height of the worn disc"),
}
_SPASM: dict[str, Quantity] = {
    "lordosis": Number(0.15, 0.4, 0.28, 0.06, "lordosis lost to muscle spasm, relative"),
    "disc_wear": Number(0, 0.05, 0, 0.02, "loss of height of the worn disc"),
    "osteophytes": Number(0, 0.05, 0, 0.02, "spurs at the end plates"),
}

LUMBAR_LATERAL = replace(
    LUMBAR_AP,
    view="lateral",
    quantities={**QUANTITIES, "rotation": Number(-8, 8, 0, 1.6, "rotation off the true lateral")},
    **LATERAL_TECHNIQUE.parts(),
    tones=lateral_tones,
    structural={
        Hallmark.STRAIGHT_SPINE: Structural(
            "rigidity model", needs=_LYING, mimic=_SPASM, look=(COLUMN,)
        ),
        Hallmark.VERTEBRA_CLONE: STRUCTURAL[Hallmark.VERTEBRA_CLONE],
    },
)
