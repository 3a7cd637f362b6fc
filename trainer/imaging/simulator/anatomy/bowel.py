"""Gas in one stretch of bowel: colon with haustra, small bowel with or without its folds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import AIR, Tissue

Floats = NDArray[np.float64]

MESH_CM = 0.13
# bowel, its walls and the fat of its mesentery
VISCERA = Tissue(adipose=0.28, soft=0.72)


def haustral(name: str, line: Floats, width: Floats, rng: Generator) -> Part:
    """Return gas in one stretch of colon: sacs between folds that cross part of the lumen."""
    margin = float(width.max()) * 1.4 + 0.2
    f = Field(line.min(0) - margin, line.max(0) + margin, MESH_CM, far=1.2)
    far = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    steps = []
    here = 0.25 * float(width[0])
    while here < far[-1]:
        steps.append(here)
        here += float(np.interp(here, far, width)) * rng.uniform(0.9, 1.45)
    for here in steps:
        at = np.array([np.interp(here, far, line[:, d]) for d in range(3)])
        girth = float(np.interp(here, far, width)) * rng.uniform(0.8, 1.08)
        lie = girth * np.array([1.0, 0.62, 1.0]) * rng.uniform(0.88, 1.1, 3)
        f.ellipsoid(at + rng.normal(0, 0.12 * girth, 3) * [1, 0.3, 1], lie, blend=0.28 * girth)
    f.capsules(line[:: max(1, len(line) // 16)], 0.55 * float(width.mean()), blend=0.3)
    for a, b in pairwise(steps):  # semilunar folds, from either side
        middle = 0.5 * (a + b)
        at = np.array([np.interp(middle, far, line[:, d]) for d in range(3)])
        along = np.array([
            np.interp(middle + 0.3, far, line[:, d]) - np.interp(middle - 0.3, far, line[:, d])
            for d in range(3)
        ])  # fmt: skip
        girth = float(np.interp(middle, far, width))
        out = np.cross(along, (0.0, 1.0, 0.0))
        out *= (1 if rng.random() < 0.5 else -1) / (np.linalg.norm(out) + 1e-9)
        reach = at + out * girth * rng.uniform(-0.45, 0.15)
        for deep in (-0.45, 0.0, 0.45):
            fold = np.stack([at + out * 1.2 * girth, reach]) + np.array([0, deep * girth, 0])
            f.capsules(fold, [0.26, rng.uniform(0.08, 0.15)], blend=0.1, cut=True)
    roughen(f, rng, 0.08, (1.1, 0.45))
    return Part(name, f.smooth(0.5).solid(), AIR, VISCERA, "bowel gas", 0.3)


def loop(name: str, line: Floats, girth: float, folded: bool, rng: Generator) -> Part:
    """Return gas in a loop of jejunum: thin folds go right across, close to one another."""
    margin = 1.4 * girth + 0.4
    f = Field(line.min(0) - margin, line.max(0) + margin, 0.11, far=1.0)
    along = np.linspace(0, 1, len(line))
    wavy = 0.07 if folded else 0.22
    waves = np.sin(along * rng.uniform(7, 12) + rng.uniform(0, 6))
    width = girth * (1 + wavy * waves)
    if not folded:  # what moves along is pinched, and a loop is never filled from end to end
        for at in rng.uniform(0.1, 0.9, int(rng.integers(1, 4))):
            width *= 1 - rng.uniform(0.45, 0.85) * np.exp(-(((along - at) / 0.05) ** 2))
    width *= np.clip(np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / 7 + 0.45, 0, 1)
    f.capsules(line[::2], width[::2], blend=0.1)
    if not folded:
        for _ in range(int(rng.integers(2, 6))):  # folds from one side
            k = int(rng.integers(4, len(line) - 4))
            out = rng.normal(0, 1, 3) * [1, 0.3, 1]
            out *= girth / np.linalg.norm(out)
            f.capsules(
                [line[k] + 1.1 * out, line[k] + 0.15 * out], [0.16, 0.07], blend=0.08, cut=True
            )
    if folded:
        far = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        x, y, z = f.mesh()
        here = rng.uniform(0.3, 0.7)
        while here < far[-1] - 0.3:
            at = [float(np.interp(here, far, line[:, d])) for d in range(3)]
            way = np.array([np.interp(here + 0.2, far, line[:, d]) - at[d] for d in range(3)])
            way /= np.linalg.norm(way) + 1e-9
            lean = rng.normal(0, 0.09, 3)
            plane = sum(
                np.float32(way[d] + lean[d]) * (m - np.float32(at[d]))
                for d, m in enumerate((x, y, z))
            )
            near = (x - at[0]) ** 2 + (z - at[2]) ** 2 < (1.3 * girth) ** 2
            fold = np.where(near, np.abs(plane) - np.float32(rng.uniform(0.05, 0.085)), 1.0)
            centre = np.sqrt((x - at[0]) ** 2 + (y - at[1]) ** 2 + (z - at[2]) ** 2)
            fold = np.maximum(fold, np.float32(0.45 * girth) - centre)  # rings, not walls
            f.values = np.maximum(f.values, -np.asarray(fold, np.float32))
            here += rng.uniform(0.42, 0.62)
    roughen(f, rng, 0.05 if folded else 0.2, (0.8, 0.35))
    return Part(name, f.solid(), AIR, VISCERA, "bowel gas", 0.3)
