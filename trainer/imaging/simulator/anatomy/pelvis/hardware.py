"""A total hip: head, stem and cup; sizes are an engineer's estimate after common implants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import Crack
from trainer.imaging.simulator.anatomy.pelvis.femur import hip_of
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.anatomy.pelvis.hipbone import FACE
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import PLASTIC, SOFT, STEEL, TITANIUM

Map = NDArray[np.float32]


def resected(girdle: Girdle, f: Field, seed: int) -> Field:
    """Return a left femur whose head and neck were taken off."""
    at = hip_of(girdle) + np.array([2.9, 0, -3.3]) * girdle.size
    saw = Crack(tuple(at), (-0.62, 0.0, 0.78), 0.0, 0.01)
    above = saw.height(f, np.random.default_rng(seed))
    medial = np.float32(at[0] + 0.9 * girdle.size) - f.mesh()[0]  # the trochanter stays
    return f.like(np.maximum(f.values, np.minimum(9 * above, medial)))


def total_hip(girdle: Girdle) -> list[Part]:
    """Return the metal of a left total hip."""
    s, hip = girdle.size, girdle.at((8.9, 0.0, 0.0))
    stem = Field(hip + np.array([-2, -2, -15.5]) * s, hip + np.array([6, 2, 2]) * s, 0.12, far=0.8)
    way = np.array([(1.0, 0, -0.9), (2.6, -0.2, -2.5), (3.45, -0.3, -4.4), (3.3, -0.1, -7.5),
                    (3.0, 0.2, -10.5), (2.7, 0.4, -14.4)])  # fmt: skip
    stem.capsules(hip + way * s, np.array([0.6, 0.62, 0.85, 0.72, 0.58, 0.42]) * s, blend=0.1)
    parts = [Part("stem", stem.solid(), TITANIUM, SOFT, "hardware", 0.02)]
    ball = Field(hip - 3 * s, hip + 3 * s, 0.1, far=0.8)
    head = ball.like().ellipsoid(hip, (1.6 * s,) * 3, blend=0.01)
    parts.append(Part("head", head.solid(), STEEL.scaled(0.5), SOFT, "hardware", 0.02))
    n = FACE / np.linalg.norm(FACE)
    mesh = ball.mesh()
    ahead = sum(np.float32(n[k]) * (mesh[k] - np.float32(hip[k])) for k in range(3))
    for name, outer, inner, made in (
        ("cup", 2.72, 2.4, TITANIUM), ("liner", 2.4, 1.63, PLASTIC),
    ):  # fmt: skip
        shell = ball.like().ellipsoid(hip, (outer * s,) * 3, blend=0.01)
        shell.ellipsoid(hip, (inner * s,) * 3, blend=0.01, cut=True)
        shell.values = np.maximum(shell.values, np.asarray(ahead, np.float32))
        parts.append(Part(name, shell.solid(), made, SOFT, "hardware", 0.02))
    return parts
