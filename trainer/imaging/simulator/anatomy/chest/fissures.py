"""The fissures between the lobes, where a beam meets them on edge."""

from __future__ import annotations

import numpy as np

from trainer.imaging.simulator.anatomy.chest.findings import side_of
from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.lungs import DENSITY
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.tissue import SOFT, lung
from trainer.imaging.simulator.tubes import tube


def fissure_parts(frame: Frame) -> list[Part]:
    """Return the horizontal fissure and, from the side, the two oblique ones."""
    if frame.case.word("fissure") == "none":
        return []
    thick = 0.02 if frame.case.word("finding") == "oedema" else 0.0
    # a lung that lies away from the wall does not reach where a fissure would
    right = frame.case.word("finding") == "pneumothorax" and side_of(frame.case) < 0
    if frame.reaching:
        return [*([] if right else _sideways(frame, thick)), *_oblique(frame, thick)]
    across = [] if right else _horizontal(frame, thick)
    return [*across, *(_oblique(frame, thick) if frame.raised else [])]


def _horizontal(frame: Frame, thicker: float) -> list[Part]:
    """Return a sheet that nearly holds the central ray."""
    rng, s = frame.case.rng("fissure"), frame.size
    height = -13.2 * s + rng.normal(0, 0.6)
    ends = np.array([
        (-4.0, 2.5, height / s), (-7.5, 3.0, height / s + rng.normal(0, 0.25)),
        (-11.8, 2.0, height / s - 0.4 + rng.normal(0, 0.4)),
    ]) * s  # fmt: skip
    lean = rng.normal(0, 0.02)
    thick = 0.010 + 0.012 * rng.random() + thicker
    fade = np.linspace(0.5, 1.0, 24) * rng.uniform(1.6, 2.8) * s
    sheet = tube(through(ends, 24), fade, thick, side=(0.0, 1.0, lean))
    return [Part("horizontal fissure", sheet, SOFT, lung(DENSITY), inside_of="lungs")]


def _sideways(frame: Frame, thicker: float) -> list[Part]:
    """Return the horizontal fissure as it is met from the side: an arch, here and there on edge.

    It runs from the hilum towards the sternum, seldom all the way, and shows only where it lies
    along the beam for some centimetres.
    """
    rng, s = frame.case.rng("fissure from the side"), frame.size
    height = -13.2 * s + frame.case.rng("fissure").normal(0, 0.6)
    first, last = -1.2 + rng.uniform(0, 1.6), 3.6 + rng.uniform(0, 2.6)
    rise, fall = rng.uniform(0.1, 0.45), rng.uniform(0.0, 0.7)
    u = np.linspace(0, 1, 32)
    bow = rise * np.sin(np.pi * u) - fall * u**2 + 0.05 * np.sin(5 * u + rng.uniform(0, 6))
    course = np.stack([-7.5 + 0 * u, first + (last - first) * u, height / s + bow], 1) * s
    ends = np.clip(np.minimum(u / 0.2, (1 - u) / 0.35), 0.04, 1)
    patches = np.interp(u, np.linspace(0, 1, 6), rng.uniform(0.25, 1.0, 6))
    thick = 0.012 + 0.008 * rng.random() + thicker
    sheet = tube(course, 1.9 * s * ends * patches, thick, side=(1.0, 0.0, rng.normal(0, 0.03)))
    return [Part("horizontal fissure", sheet, SOFT, lung(DENSITY), inside_of="lungs")]


def _oblique(frame: Frame, thicker: float) -> list[Part]:
    """Return a sheet in each lung from the fourth vertebra down to the front of the diaphragm."""
    parts = []
    for side in (-1, 1):
        rng, s = frame.case.rng(f"oblique fissure {side}"), frame.size
        own = rng.normal(0, 0.5, 4)
        x = side * (7.2 + 0.3 * own[3])
        foot = (frame.dome_left if side > 0 else frame.dome_right) / s - 0.5
        ends = np.array([
            (x, -8.6, -7.0 + own[0]), (x, -3.2, -12.6 + 0.5 * own[1]),
            (x, 1.6, -17.0 + 0.6 * own[2]), (x, 5.6, foot),
        ]) * s  # fmt: skip
        lean = rng.normal(0, 0.05)
        sheet = tube(through(ends, 36), 1.3 * s, 0.016 + 0.01 * rng.random() + thicker,
                     side=(1.0, lean, lean))  # fmt: skip
        word = "left" if side > 0 else "right"
        parts.append(Part(f"oblique fissure {word}", sheet, SOFT, lung(DENSITY), inside_of="lungs"))
    return parts
