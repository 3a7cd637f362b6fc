"""The abdomen AP, lying, as a region: the lumbar spine's body with bowel, stones and the hips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.abdomen.gas import bowel_parts, stones
from trainer.imaging.simulator.anatomy.belly import AORTA, ILIAC, arteries, phleboliths
from trainer.imaging.simulator.anatomy.loft import mirrored
from trainer.imaging.simulator.anatomy.lumbar.region import (
    LUMBAR_AP,
    ap_tones,
    girdle_of,
    pelvis_parts,
    settle,
)
from trainer.imaging.simulator.anatomy.lumbar.soft import RIBS, rib_parts, soft_parts
from trainer.imaging.simulator.anatomy.lumbar.spine import column, course_of
from trainer.imaging.simulator.anatomy.pelvis.femur import femur, femur_parts
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.anatomy.vertebra import vertebra
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.looks import Parts
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.tissue import SOFT, Bone, Tissue
from trainer.imaging.simulator.tubes import Tubes, tube

QUANTITIES: dict[str, Quantity] = {
    **LUMBAR_AP.quantities,
    "gas": Number(0, 1.6, 1.0, 0.25, "bowel gas, relative"),
    "faeces": Number(0, 1, 0.6, 0.2, "how often stretches without gas hold faeces"),
    "finding": Choice(
        ("none", "small bowel obstruction", "large bowel obstruction"), "what is wrong",
        weights=(0.76, 0.15, 0.09),
    ),
    "stone": Choice(("none", "kidney", "gallbladder"), "calculi", weights=(0.86, 0.09, 0.05)),
    "tube": Choice(("none", "nasogastric"), "tube in the stomach", weights=(0.88, 0.12)),
    "clips": Choice(("none", "gallbladder"), "surgical clips", weights=(0.92, 0.08)),
    "shift_y": Number(-2, 1, -0.2, 0.5, "film off centre along the body, cm"),
    "field": Number(40, 47, 43.0, 0.7, "height of the film at the patient, cm"),
}  # fmt: skip

STRUCTURAL = {
    Hallmark.GAS_SHAPE: Structural(
        "repetition model",
        needs={"finding": Choice(("none",), "what is wrong")},
        mimic={
            "faeces": Number(0.9, 1, 1, 0, "how often stretches without gas hold faeces"),
            "gas": Number(0.5, 0.8, 0.65, 0.1, "bowel gas, relative"),
            "finding": Choice(("none",), "what is wrong"),
        },
        look=(Parts(("faeces *",), rim=0.3, bridged=0.6),),
    ),
    Hallmark.STRAIGHT_SPINE: LUMBAR_AP.structural[Hallmark.STRAIGHT_SPINE],
    Hallmark.VERTEBRA_CLONE: LUMBAR_AP.structural[Hallmark.VERTEBRA_CLONE],
}

# ribs go on to the front: on this film their ends are seen
_RIBS = (
    *RIBS[:2],
    (
        "rib 10",
        0.5,
        ((2.2, -7.8, 33.7), (6.8, -9.8, 32.4), (12.2, -7.2, 29.4), (14.2, -1.5, 26.8),
         (12.8, 4.5, 24.6), (9.6, 7.8, 24.4)),
    ),
    (
        "rib 9",
        0.5,
        ((2.2, -8.5, 36.2), (7.2, -10.4, 35.2), (12.9, -7.2, 32.4), (14.6, -1.0, 29.4),
         (13.2, 5.2, 27.0), (9.4, 8.6, 27.4)),
    ),
    (
        "rib 8",
        0.5,
        ((2.2, -9.2, 38.7), (7.4, -10.8, 38.2), (13.0, -7.0, 35.6), (14.6, -0.8, 32.4),
         (12.8, 5.6, 29.8), (8.2, 9.0, 30.4)),
    ),
)  # fmt: skip


def build(case: Case) -> Body:
    """Return the body of a case."""
    girdle, plain = girdle_of(case), case.authentic()
    size = girdle.size
    parts = _flesh(plain, girdle) + bowel_parts(case, size) + pelvis_parts(plain) + _thighs(plain)
    spine = column(case, girdle, course_of(case), 9)
    parts += spine + _thoracic(spine[-1], size)
    thin = Bone(cortex=0.85 * girdle.mineral**0.5, trabeculae=0.12 * girdle.mineral, grain=0.02)
    parts += rib_parts(plain, size, thin, _RIBS)
    parts += stones(plain, size) + phleboliths(case.rng("phleboliths"), size)
    parts += arteries(case, size, (AORTA, *ILIAC))
    parts += _devices(plain, size)
    return Body(tuple(parts))


def _flesh(case: Case, girdle: Girdle) -> list[Part]:
    """Return the lumbar region's soft parts without their gas: this region makes its own."""
    return soft_parts(replace(case, values={**case.values, "gas": 0.0}), girdle)


def _thoracic(last: Part, size: float) -> list[Part]:
    """Return the next two vertebrae above the column's last."""
    assert isinstance(last.shape, Solid)
    parts = []
    for k in (1, 2):
        at = last.shape.place + np.array([0.0, -0.75, 2.4]) * k * size
        shape = vertebra("thoracic", k).posed(last.shape.turn, at, np.full(3, size))
        parts.append(Part(f"T{9 - k}", shape, last.made_of, SOFT, "bones", 0.05, phase=300.0 + k))
    return parts


@remember(2)
def _thighs(case: Case) -> list[Part]:
    girdle = girdle_of(case)
    parts = []
    for word in ("left", "right"):
        own = case.rng(f"thigh {word}").standard_normal(6)
        bone = femur(girdle, own, case.rng(f"femur surface {word}"))
        made = femur_parts(girdle, bone, case.rng(f"trabeculae {word}"), 31.0)
        parts += [
            replace(p if word == "left" else mirrored(p), name=f"{p.name} {word}") for p in made
        ]
    return parts


def _devices(case: Case, size: float) -> list[Part]:
    parts = []
    if case.word("tube") == "nasogastric":
        rng = case.rng("tube")
        course = [(0.6, 0, 44), (1.6, 0.5, 38), (4.5, 2.0, 34), (7.0, 3.5, 30.5), (5.0, 5.0, 27.5)]
        line = through((np.array(course) + rng.normal(0, 0.4, (5, 3))) * size, 90)
        parts.append(Part("tube", tube(line, 0.24), Tissue(soft=0.7, steel=0.006), SOFT, "tube"))
        stripe = tube(line + np.array([0.12, 0, 0]), 0.05)
        parts.append(Part("tube's stripe", stripe, Tissue(steel=0.05), SOFT))
    if case.word("clips") == "gallbladder":
        rng = case.rng("clips")
        clips = []
        for _ in range(int(rng.integers(3, 6))):
            at = (np.array([-5.2, 3.0, 26.0]) + rng.normal(0, 0.8, 3)) * size
            way = rng.normal(0, 1, 3)
            way *= 0.35 / np.linalg.norm(way)
            clips.append(tube(np.stack([at - way, at + way]), 0.05))
        parts.append(Part("clips", Tubes.joinall(clips), Tissue(steel=0.8), SOFT, "clips", 0.01))
    return parts


def _middle(case: Case) -> Point:
    return (0.0, 0.0, 15.4 * case.number("size"))


TECHNIQUE = Technique(
    film=(35, 43), centre=_middle, distance=110, behind=14, turn=180, mirrored=True,
    magnification=1.16, quanta=8e6, blur_mm=0.14,
)  # fmt: skip


ABDOMEN_AP = TECHNIQUE.region(
    "abdomen",
    "ap",
    QUANTITIES,
    build,
    ap_tones(0.17, 0.44, 0.69),
    structural=STRUCTURAL,
    settle=settle,
    marker_places=((0.04, 0.10, 0.88, 0.93), (0.04, 0.10, 0.06, 0.10)),
)
