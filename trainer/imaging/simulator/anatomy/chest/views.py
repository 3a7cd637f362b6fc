"""The chest at the bedside and from the side: what differs from the PA film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.chest import everyday
from trainer.imaging.simulator.anatomy.chest.frame import size_of
from trainer.imaging.simulator.anatomy.chest.region import (
    CHEST_PA,
    COLUMN,
    QUANTITIES,
    STRUCTURAL,
    air,
    tones,
    widened,
)
from trainer.imaging.simulator.body import Paths
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.technique import Point, Technique
from trainer.imaging.simulator.vendors import Tone


def _bed_middle(case: Case) -> Point:
    return (0.0, 0.0, -12.4 * size_of(case) - 0.6 * case.number("inspiration"))


def _side_middle(case: Case) -> Point:
    return (0.0, -0.6 * size_of(case), -12.8 * size_of(case) - 0.6 * case.number("inspiration"))


# Supine at the bedside: a short distance, an imaging plate behind the back (it blurs more than a
# panel: half the contrast is left at 1.1 line pairs per mm), a low grid or none.
BEDSIDE = Technique(
    film=(6, 5), centre=_bed_middle, distance=110, behind=13, turn=180, mirrored=True,
    focal_mm=1.2, magnification=1.16, heel=0.12, scatter=0.34, motion_mm=0.3,
    quanta=0.48e5, blur_mm=0.45,
    widen=widened,
)  # fmt: skip
# The left side at the panel, shown with the front to the left.
LATERAL = Technique(
    film=(4, 5), centre=_side_middle, distance=180, behind=20, turn=-90,
    magnification=1.12, motion_mm=0.3, quanta=9e5, widen=widened,
)  # fmt: skip

_LYING: dict[str, Quantity] = {
    "age": Number(18, 100, 64, 15, "age in years"),
    "inspiration": Number(-1.2, 0.6, -0.35, 0.4, "inspiration, 1 full"),
    "rotation": Number(-15, 15, 0, 4.5, "rotation about the long axis, degrees"),
    "tilt": Number(-15, 15, -2, 4, "tilt of the tube, degrees"),
    "roll": Number(-12, 12, 0, 4.5, "turn in the film's plane, degrees"),
    "protraction": Number(-2.0, 1.5, -0.9, 0.4, "how far the shoulders are rolled forward, cm"),
    "shoulder_rise": Number(-1.5, 2, 0.5, 0.6, "how far the shoulders are raised, cm"),
    "field": Number(36, 48, 42.5, 1.8, "width of the film at the patient, cm"),
    "beam": Choice(("bed 90", "chest 110"), "spectrum", weights=(0.75, 0.25)),
    "cutoff": Number(-0.6, 0.6, 0, 0.2, "share of the beam that a grid takes off at one side"),
    "exposure": Number(0.1, 10, 1, 0.3, "detector exposure relative to the usual one"),
    **everyday.BEDSIDE,
}
_SIDEWAYS: dict[str, Quantity] = {
    "side": Choice(("left",), "side at the panel"),
    "rotation": Number(-12, 12, 0, 3.5, "rotation off the true lateral, degrees"),
    "tilt": Number(-6, 6, 0, 1.2, "tilt of the tube, degrees"),
    "roll": Number(-8, 8, 0, 1.8, "turn in the film's plane, degrees"),
    "field": Number(35, 50, 39.2, 1.2, "height of the film at the patient, cm"),
    "fissure": Choice(("none", "shown"), "fissures seen on edge", weights=(0.2, 0.8)),
    "skin_fold": Choice(("none",), "fold of skin"),
    "beam": Choice(("chest 117", "chest 125"), "spectrum"),
}

_STOOPED: dict[str, Quantity] = {
    "kyphosis": Number(0.9, 1.9, 1.2, 0.15, "kyphosis, relative"),
}
_FLAT: dict[str, Quantity] = {
    "kyphosis": Number(0.5, 0.62, 0.55, 0.03, "a flat back, relative"),
    "age": Number(18, 35, 26, 4, "age in years"),
}


def lateral_tones(paths: Paths) -> list[Tone]:
    """Return the lateral film's anchors: air, clear lung, heart, spine, the abdomen."""
    lung_path, body = paths.structures["lungs"], paths.structures["body"]
    rows = lung_path.shape[0]
    clear = lung_path > 12
    seen = np.flatnonzero(clear.any(1))
    bottom = int(seen[-1]) if len(seen) else rows - 1
    heart = (paths.structures["mediastinum"] > 7) & (lung_path < 16)
    heart[: rows // 3] = False
    abdomen = (body > 12) & (lung_path < 0.2)
    abdomen[:bottom] = False
    spine = (paths.structures["spine"] > 2) & (lung_path > 2)
    dense = abdomen | (body > 20)
    dense[rows // 4 : bottom] = False
    return [
        Tone(air(paths), 0.50, 0.05),
        Tone(clear, 0.03, 0.13),
        Tone(clear, 0.50, 0.30),
        Tone(heart, 0.50, 0.48),
        Tone(spine, 0.60, 0.52),
        Tone(dense, 0.50, 0.63),
        Tone(dense, 0.97, 0.72),
    ]


def bed_tones(paths: Paths) -> list[Tone]:
    """Return the bedside film's anchors: the PA film's, lighter and flatter."""
    levels = (0.26, 0.33, 0.49, 0.70, 0.73, 0.80)
    pa = tones(paths)
    return [replace(t, level=level) for t, level in zip(pa, levels, strict=True)]


CHEST_AP = replace(
    CHEST_PA,
    view="ap",
    tones=bed_tones,
    quantities={**QUANTITIES, **_LYING},
    **BEDSIDE.parts(),
    blades=0.4,
    detail=1.1,
    beyond=1 / 3,
    force=1.4,
    contrast=0.4,
    # set by hand, and half as much longer for the stout as chambers would expose them
    chambers=("lungs", 0.114),
    suited=0.5,
    marker_places=((0.04, 0.5, 0.86, 0.91), (0.04, 0.5, 0.03, 0.08)),
)

CHEST_LATERAL = replace(
    CHEST_PA,
    view="lateral",
    quantities={**QUANTITIES, **_SIDEWAYS},
    **LATERAL.parts(),
    tones=lateral_tones,
    detail=0.85,
    force=0.7,
    contrast=0.7,
    beyond=0.3,
    chambers=None,
    structural={
        Hallmark.STRAIGHT_SPINE: Structural(
            "rigidity model", needs=_STOOPED, mimic=_FLAT, look=(COLUMN,)
        ),
        Hallmark.VESSEL_UNIFORM: STRUCTURAL[Hallmark.VESSEL_UNIFORM],
        Hallmark.NO_CONTEXT: STRUCTURAL[Hallmark.NO_CONTEXT],
    },
    marker_places=((0.03, 0.12, 0.84, 0.90), (0.03, 0.12, 0.06, 0.12)),
)
