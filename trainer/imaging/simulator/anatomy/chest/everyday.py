"""What real chests have besides anatomy: age, scars, lines, leads, implants, folds of skin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.devices import (
    airway_tube_parts,
    cable_parts,
    cloth_parts,
    gastric_tube_parts,
    lead_parts,
    line_parts,
    pacemaker_parts,
)
from trainer.imaging.simulator.anatomy.chest.fissures import fissure_parts
from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.lungs import DENSITY
from trainer.imaging.simulator.anatomy.chest.mediastinum import aorta_of
from trainer.imaging.simulator.anatomy.chest.ribs import vertebra_depth
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Choice, Quantity
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.tissue import AIR, SOFT, Bone, Tissue, lung
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

QUANTITIES: dict[str, Quantity] = {
    "leads": Choice(("none", "shown"), "ECG electrodes and their wires", weights=(0.94, 0.06)),
    "line": Choice(
        ("none", "jugular", "subclavian"), "central venous line", weights=(0.86, 0.09, 0.05)
    ),
    "pacemaker": Choice(("none", "left", "right"), "pacemaker", weights=(0.93, 0.06, 0.01)),
    "clips": Choice(("none", "axilla", "gallbladder"), "surgical clips", weights=(0.9, 0.04, 0.06)),
    "skin_fold": Choice(("none", "right", "left"), "fold of skin", weights=(0.84, 0.08, 0.08)),
    "fissure": Choice(("none", "shown"), "horizontal fissure seen on edge", weights=(0.45, 0.55)),
    "airway_tube": Choice(
        ("none", "endotracheal", "tracheostomy"), "tube in the airway", weights=(0.99, 0.004, 0.006)
    ),
    "gastric_tube": Choice(("none", "shown"), "nasogastric tube", weights=(0.985, 0.015)),
    "granuloma": Choice(("none", "shown"), "calcified granuloma", weights=(0.88, 0.12)),
    "cables": Choice(("none", "shown"), "hoses and cables on the patient", weights=(0.995, 0.005)),
}

_SPLINTERS = Bone(cortex=0.8, grain=0.0)


# What differs at the bedside.
BEDSIDE: dict[str, Quantity] = {
    "leads": Choice(("none", "shown"), "ECG electrodes and their wires", weights=(0.2, 0.8)),
    "line": Choice(
        ("none", "jugular", "subclavian"), "central venous line", weights=(0.45, 0.4, 0.15)
    ),
    "airway_tube": Choice(
        ("none", "endotracheal", "tracheostomy"), "tube in the airway", weights=(0.58, 0.32, 0.1)
    ),
    "gastric_tube": Choice(("none", "shown"), "nasogastric tube", weights=(0.5, 0.5)),
    "cables": Choice(("none", "shown"), "hoses and cables on the patient", weights=(0.25, 0.75)),
    "skin_fold": Choice(("none", "right", "left"), "fold of skin", weights=(0.7, 0.15, 0.15)),
    "clips": Choice(("none", "axilla", "gallbladder"), "surgical clips", weights=(0.9, 0.04, 0.06)),
}


@remember(2)
def everyday_parts(frame: Frame) -> list[Part]:
    """Return what a case has of them; parts inside the lungs come after the lungs."""
    makers = (
        fissure_parts, _granuloma, _rings, _osteophytes, _plaques, _fold, _clips, line_parts,
        airway_tube_parts, gastric_tube_parts, pacemaker_parts, lead_parts,
        cable_parts, cloth_parts,
    )  # fmt: skip
    return [part for make in makers for part in make(frame)]


def _granuloma(frame: Frame) -> list[Part]:
    if frame.case.word("granuloma") == "none":
        return []
    rng, s = frame.case.rng("granuloma"), frame.size
    side = -1 if rng.random() < 0.5 else 1
    at = np.array([side * rng.uniform(5, 10), rng.uniform(-4, 3), -rng.uniform(6, 18)]) * s
    radius = rng.uniform(0.15, 0.35)
    f = Field(at - 1, at + 1, 0.06, far=0.6).ellipsoid(
        at, (radius, 0.9 * radius, radius), blend=0.01
    )
    solid = f.solid()
    chalk = Tissue(soft=0.6, bone=0.35)
    return [Part("granuloma", solid, chalk, lung(DENSITY), "granuloma", 0.05)]


def _rings(frame: Frame) -> list[Part]:
    """Return bronchi seen end-on near the hila, each beside its artery."""
    walls, lumens, arteries = [], [], []
    for side in (-1, 1):
        rng = frame.case.rng(f"bronchus rings {side if frame.own == 1 else -1}")
        for _ in range(int(rng.integers(0, 3))):
            x, z = side * rng.uniform(4.6, 6.6), -rng.uniform(9.5, 14.0)
            at = np.array([x, rng.uniform(-2, 1), z]) * frame.size
            half = np.array([rng.normal(0, 0.06), rng.uniform(0.15, 0.4), rng.normal(0, 0.06)])
            radius = rng.uniform(0.13, 0.24)
            line = np.stack([at - half, at, at + half])
            walls.append(tube(line, radius + rng.uniform(0.035, 0.06)))
            lumens.append(tube(line, radius))
            beside = np.array([side * (2.3 * radius), 0, rng.normal(0, 0.1)])
            arteries.append(tube(line + beside, radius * rng.uniform(0.8, 1.1)))
    within = lung(DENSITY)
    wall, lumen = Tubes.joinall(walls + arteries), Tubes.joinall(lumens)
    return [
        Part("bronchial walls", wall, SOFT, within, inside_of="lungs"),
        Part("bronchial lumens", lumen, AIR, SOFT, inside_of="lungs"),
    ]


def _osteophytes(frame: Frame) -> list[Part]:
    """Return spurs at the end plates, more with age."""
    age, s = frame.case.number("age"), frame.size
    spurs = []
    centres, heights, _ = vertebra_depth(s)
    for k in range(4, 12):
        rng = frame.case.rng(f"osteophyte {k}")
        for side in (-1, 1):
            if rng.random() > (age - 40) / 70:
                continue
            h = float(centres[k] + 0.48 * heights[k])
            at = np.array([float(frame.spine_x(h)) + side * 1.42 * s, float(frame.spine_y(h)), -h])
            out = np.array(
                [side * rng.uniform(0.25, 0.6), rng.uniform(-0.2, 0.4), rng.uniform(-0.3, 0.2)]
            )
            points = np.stack([at, at + out * 0.6, at + out])
            spurs.append(tube(points, [0.22, 0.14, 0.04]))
    if not spurs:
        return []
    return [Part("osteophytes", Tubes.joinall(spurs), _SPLINTERS, SOFT, "osteophytes", 0.05)]


def _plaques(frame: Frame) -> list[Part]:
    """Return calcified plaques in the wall of the aortic arch."""
    rng, s, k = frame.case.rng("plaques"), frame.size, aorta_of(frame)
    if rng.random() > (frame.case.number("age") - 52) / 45:
        return []
    knob = frame.point(2.1 * k, -3.4, -7.6)
    shells = []
    for _ in range(int(rng.integers(2, 5))):
        start, sweep = rng.uniform(-0.9, 0.9), rng.uniform(0.3, 0.8)
        a = np.linspace(start, start + sweep, 12)
        r = 1.5 * s * (0.75 + 0.25 * k)
        arc = knob + np.stack([r * np.cos(a), rng.uniform(-0.8, 0.8) + 0 * a, r * np.sin(a)], 1)
        shells.append(tube(arc, 0.03, rng.uniform(0.2, 0.5), side=(0.7, 0.0, 0.7)))
    return [Part("aortic plaques", Tubes.joinall(shells), _SPLINTERS, SOFT)]


def _fold(frame: Frame) -> list[Part]:
    """Return a fold of skin pressed against the detector: a band with one sharp edge."""
    word = frame.case.word("skin_fold")
    if word == "none":
        return []
    rng, s = frame.case.rng("skin fold"), frame.size
    side = 1 if word == "left" else -1
    top = np.array([side * rng.uniform(9, 12), 9.5, rng.uniform(-9, -6)])
    foot = np.array([side * rng.uniform(5.5, 8), 11.0, rng.uniform(-24, -19)])
    middle = (top + foot) / 2 + np.array([side * rng.uniform(0.2, 1.2), 0, 0])
    band = tube(through(np.stack([top, middle, foot]) * s, 40), 0.16, 1.4, side=(0.12, 1.0, 0.0))
    return [Part("skin fold", band, Tissue(adipose=0.6, soft=0.4))]


def _clips(frame: Frame) -> list[Part]:
    word = frame.case.word("clips")
    if word == "none":
        return []
    rng = frame.case.rng("clips")
    middle = {"axilla": (13.5, 0.0, -7.5), "gallbladder": (-5.5, 3.0, -25.5)}[word]
    clips = []
    for _ in range(int(rng.integers(3, 8))):
        at = (np.array(middle) + rng.normal(0, [0.9, 0.8, 0.9])) * frame.size
        way = rng.normal(0, 1, 3)
        way *= 0.3 / np.linalg.norm(way)
        clips.append(tube(np.stack([at - way, at + way]), 0.05))
    return [Part("surgical clips", Tubes.joinall(clips), Tissue(steel=0.8), SOFT, "clips", 0.01)]
