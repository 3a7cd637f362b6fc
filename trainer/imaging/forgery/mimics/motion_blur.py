"""A limb that moved: trabeculae smeared along one direction."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene


def paint(scene: Scene) -> Change:
    """Smear the signal along a short line; the detector's noise is added after and stays sharp."""
    unit = max(scene.unit, 0.5)
    angle = float(scene.rng.uniform(0, np.pi))
    length = 1 + 9 * unit * scene.dose
    radius = int(np.ceil(5 * unit)) + 1
    y, x = np.indices((2 * radius + 1, 2 * radius + 1)) - radius
    along = x * np.cos(angle) + y * np.sin(angle)
    beside = -x * np.sin(angle) + y * np.cos(angle)
    kernel = np.clip(length / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(beside), 0, 1)
    smeared = convolve(scene.signal, (kernel / kernel.sum()).astype(np.float32), mode="nearest")
    return Change(
        smeared + scene.noise,
        scene.everywhere,
        "the limb moved during the exposure",
        {"length_pixels": round(length, 2), "angle_degrees": round(float(np.degrees(angle)), 1)},
    )


forge = Operator(
    Hallmark.TRABECULA,
    "Trabeculae are smeared, but all along one line, and the noise is sharp.",
    "motion",
    paint,
    mimic="motion_blur",
)
