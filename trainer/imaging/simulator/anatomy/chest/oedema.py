"""Pulmonary oedema: haze about the hila, septal lines, cuffed bronchi."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.lungs import DENSITY
from trainer.imaging.simulator.anatomy.chest.torso import Torso
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.tissue import SOFT, Tissue, lung
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]


def oedema_parts(frame: Frame, soft: Torso) -> list[Part]:
    """Return the oedema of a case: alveolar haze, and the interstitial signs as its consequences.

    Wide upper vessels, a wider heart and small effusions belong to it too; they are made where
    vessels, heart and pleura are.
    """
    return [*_bat_wings(frame, soft), *_acini(frame, soft), *_septa(frame, soft)]


def _bat_wings(frame: Frame, soft: Torso) -> list[Part]:
    """Return the haze on both sides of the hila, clear towards the pleura."""
    case, s, size = frame.case, frame.size, frame.case.number("finding_size")
    rng = case.rng("bat wings")
    f = soft.grid.like()
    for side in (-1, 1):
        reach = (3.0 + 1.6 * size) * (1 + 0.12 * rng.normal())
        at = frame.pushed(side * (5.2 + 0.3 * rng.normal()), -0.8, -13.2 + 0.7 * rng.normal())
        radii = np.array([0.85 * reach, 0.9 * reach, 1.35 * reach]) * s
        f.ellipsoid(at, radii, noise=soft.fine_noise, rough=1.0)
    f.values += np.float32(0.9) * soft.noise
    f.values = np.maximum(f.values, soft.lung + np.float32(1.1 * s))
    haze = Tissue(soft=0.30 + 0.22 * size)
    patches = Uneven(case.number_for("oedema patches"), 2.9, 0.085, Tissue(soft=1), power=0.8)
    return [Part("alveolar oedema", f.smooth(0.9).solid(), haze, lung(DENSITY), "oedema", 0.8,
                 uneven=patches)]  # fmt: skip


def _acini(frame: Frame, soft: Torso) -> list[Part]:
    """Return filled acini, ill-defined shadows of half a centimetre, about the edge of the haze."""
    case, s, size = frame.case, frame.size, frame.case.number("finding_size")
    inside = soft.solid(soft.lung)
    beads = []
    for side in (-1, 1):
        rng = case.rng(f"acini {side}")
        reach = (3.2 + 1.8 * size) * s
        centre = frame.pushed(side * 5.6, -0.8, -13.4)
        way = rng.normal(0, 1, (round(40 + 90 * size), 3))
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        at = centre + way * [0.95, 1.0, 1.45] * reach * rng.uniform(0.45, 1.15, (len(way), 1))
        for point in at[inside.at(*at.T) < -0.5]:
            half, thick = rng.normal(0, 1, 3), rng.uniform(0.22, 0.52)
            half *= 1.3 * thick / np.linalg.norm(half)
            line = point + np.array([-1, -0.4, 0.4, 1])[:, None] * half
            beads.append(tube(line, np.array([0.05, 1, 0.9, 0.05]) * thick))
    if not beads:
        return []
    filled = Tissue(soft=0.42 + 0.2 * size)
    return [Part("filled acini", Tubes.joinall(beads), filled, lung(DENSITY), "oedema", 0.8)]


def _septa(frame: Frame, soft: Torso) -> list[Part]:
    """Return Kerley's B lines: short level septa that reach the pleura at the bases."""
    case, s = frame.case, frame.size
    living = case.number("consequences")
    if living <= 0:
        return []
    lines = []
    for side in (-1, 1):
        rng = case.rng(f"septa {side}")
        for _ in range(round((6 + 6 * case.number("finding_size")) * living)):
            h = (20.8 - 6.5 * rng.random() ** 1.5) * s
            y = rng.uniform(-5.5, 4.0) * s
            wall = _wall(frame, soft, side, y, -h)
            if wall is None:
                continue
            length = rng.uniform(0.6, 2.2)
            inner = wall - np.array([side * length, rng.normal(0, 0.2), rng.normal(0.10, 0.30)])
            bend = (wall + inner) / 2 + rng.normal(0, 0.10, 3)
            thin = np.linspace(0.6, 1.0, 10) * rng.uniform(0.014, 0.034)
            sheet = tube(through([inner, bend, wall], 10), rng.uniform(0.15, 0.8), thin,
                         side=(0.0, 1.0, rng.normal(0, 0.08)))  # fmt: skip
            lines.append(sheet)
    within = lung(DENSITY)
    return [Part("septal lines", Tubes.joinall(lines), SOFT, within, "septal lines", 0.02)]


def _wall(frame: Frame, soft: Torso, side: int, y: float, z: float) -> Floats | None:
    """Return where the lung ends at the side at a depth and height; None where there is none."""
    x = np.arange(4.0, 16.0, 0.1) * frame.size
    inside = soft.solid(soft.lung).at(side * x, np.full_like(x, y), np.full_like(x, z)) < 0
    if not inside.any():
        return None
    return np.array([side * float(x[inside].max()), y, z])
