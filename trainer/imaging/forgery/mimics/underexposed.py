"""A mobile film with too little exposure: strong noise, strongest behind dense parts."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, field, spread


def paint(scene: Scene) -> Change:
    """Add the noise that a smaller exposure would have had.

    Behind dense parts fewer quanta arrive; after the logarithm the noise SD goes with the inverse
    root of the exposure, so with grey ``g`` (log exposure falling by about three natural units
    over the range) it goes with ``exp(1.5 g)``.
    """
    grey = np.clip(blur(scene.level, 2.0), 0, 1)
    quanta = field(scene.level.shape, 0.55, scene.rng)  # softened by the detector
    follows = np.exp(1.5 * (grey - 0.5))
    amount = scene.dose * max(0.025, 2 * spread(scene.noise))
    level = scene.level + amount * follows * quanta
    return Change(
        level,
        scene.everywhere,
        "quantum noise of a smaller exposure, strongest behind dense parts",
        {"noise_sd": round(float(amount), 5)},
    )


forge = Operator(
    Hallmark.UNIFORM_GRAIN,
    "Strong noise, but it follows the exposure: most behind the heart, least in the lungs.",
    "low exposure",
    paint,
    mimic="underexposed",
)
