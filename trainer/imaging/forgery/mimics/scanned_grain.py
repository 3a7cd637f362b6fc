"""A scanned film: silver grain, densest in mid-greys, gone where the film is clear or black."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, field, spread


def paint(scene: Scene) -> Change:
    """Add correlated grain whose strength follows the film's density.

    Selwyn (1935): the variance of density is proportional to density over the scanning aperture.
    """
    own = spread(scene.noise)
    fine = field(scene.level.shape, 0.7, scene.rng)
    clumps = field(scene.level.shape, 1.6, scene.rng)
    density = np.clip(1 - blur(scene.level, 1.0), 0.0, 1.0)  # black film is dense
    follows = np.sqrt(density) * np.clip(4 * (1 - density) + 0.25, 0, 1)
    amount = scene.dose * max(0.03, 2 * own)
    level = scene.level + amount * follows * (0.8 * fine + 0.6 * clumps)
    return Change(
        level,
        scene.everywhere,
        "grain of a scanned film, following its density",
        {"grain_sd": round(float(amount), 5)},
    )


forge = Operator(
    Hallmark.UNIFORM_GRAIN,
    "Strong grain, but it follows the grey: least where the film is clear.",
    "scanned film",
    paint,
    mimic="scanned_grain",
)
