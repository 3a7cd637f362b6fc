"""Coronary arteries, and the chalk of age in them, in the aortic valve and the mitral ring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.tissue import Tissue
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

CHALK = Tissue(soft=0.55, bone=0.5)
# Directions from the middle of the heart along which each artery runs on it, from its origin.
_COURSES = {
    "left anterior descending": ((0.30, 0.62, 0.75), (0.42, 0.85, 0.35), (0.66, 0.72, -0.10),
                                 (0.82, 0.50, -0.40)),
    "circumflex": ((0.30, 0.62, 0.75), (0.80, 0.25, 0.60), (0.92, -0.25, 0.30),
                   (0.75, -0.62, -0.05)),
    "right coronary": ((-0.20, 0.75, 0.62), (-0.75, 0.62, 0.20), (-0.85, 0.40, -0.30),
                       (-0.50, 0.10, -0.80)),
}  # fmt: skip


def coronary_parts(frame: Frame, heart: Solid, blood: Tissue) -> list[Part]:
    """Return the three large coronary arteries on the heart, and chalk by age.

    Parameters
    ----------
    frame : Frame
        The patient.
    heart : Solid
        The heart as painted, within its fat.
    blood : Tissue
        Blood, enhanced or not.
    """
    s, age = frame.size, frame.case.number("age")
    middle = np.array([1.8 * s, 2.8 * s, frame.heart_z - 1.2 * s])
    arteries, flecks = [], []
    for name, course in _COURSES.items():
        rng = frame.case.rng(f"coronary {name}")
        ways = np.array(course) + rng.normal(0, 0.05, (len(course), 3))
        line = through(np.stack([_surface(heart, middle, way) for way in ways]), 60)
        arteries.append(tube(line, np.linspace(0.19, 0.10, 60) * s))
        share = float(np.clip((age - 45) / 45, 0, 1)) * (1.3 if not frame.female else 0.8)
        if rng.random() > share:
            continue
        for _ in range(int(rng.integers(1, 3 + round(7 * share)))):
            k = int(rng.integers(0, 42))
            n = int(rng.integers(3, 9))
            radius = rng.uniform(0.05, 0.13) * np.sin(np.linspace(0.3, 2.8, n))
            flecks.append(tube(line[k : k + n] + rng.normal(0, 0.05, 3), radius))
    parts = [Part("coronary arteries", Tubes.joinall(arteries), blood)]
    flecks += _valves(frame)
    if flecks:
        parts.append(Part("chalk", Tubes.joinall(flecks), CHALK, structure="calcium"))
    return parts


def _surface(heart: Solid, middle: Floats, way: NDArray[np.float64]) -> Floats:
    """Return the point on the heart in a direction from its middle, just outside the muscle."""
    unit = way / np.linalg.norm(way)
    reach = np.arange(1.0, 12.0, 0.1)
    points = middle + unit * reach[:, None]
    inside = np.flatnonzero(heart.at(points[:, 0], points[:, 1], points[:, 2]) < 0)
    return np.asarray(middle + unit * (reach[inside[-1]] + 0.12 if len(inside) else 5.0), float)


def _valves(frame: Frame) -> list[Tubes]:
    """Return chalk in the aortic valve and the mitral ring of the old."""
    s, age, rng = frame.size, frame.case.number("age"), frame.case.rng("valves")
    made = []
    if rng.random() < (age - 60) / 60:
        at = frame.point(0.2, 2.6, -13.4)
        for _ in range(int(rng.integers(2, 7))):
            a = at + rng.normal(0, 0.5, 3) * [1, 1, 0.4]
            made.append(tube(np.stack([a, a + rng.normal(0, 0.22, 3)]), rng.uniform(0.06, 0.15)))
    if rng.random() < (age - 68) / 70:
        turn = np.linspace(0, rng.uniform(1.2, 2.8), 16) + rng.uniform(3.2, 4.4)
        ring = np.stack([np.cos(turn), np.sin(turn), 0.4 * np.cos(turn)], 1) * 1.5 * s
        made.append(tube(frame.point(3.6, 0.4, -16.2) + ring, rng.uniform(0.12, 0.22)))
    return made
