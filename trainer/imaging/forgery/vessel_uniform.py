"""Uniform vessels: every lung marking as strong as every other, from hilum to pleura."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, feather, local_sd


def paint(scene: Scene) -> Change:
    """Bring the lung's markings to one strength and one calibre."""
    lungs = scene.need("lungs").lungs
    assert lungs is not None
    unit = max(scene.unit, 0.45)
    weight = feather(lungs, 14 * unit)
    fine = blur(scene.signal, 1.1 * unit) - blur(scene.signal, 5 * unit)
    strength = local_sd(fine, 8 * unit) + 1e-4
    usual = float(np.median(strength[lungs]))
    even = np.tanh(1.3 * fine / strength) * 1.5 * usual
    mix = (0.15 + 0.85 * scene.dose) * scene.dose**0.3
    signal = scene.signal + mix * weight * (even - fine)
    return Change(
        signal + scene.noise,
        weight > 0,
        "lung markings were brought to one strength from hilum to pleura",
        {"mix": round(mix, 3), "strength": round(usual, 4)},
    )


forge = Operator(
    Hallmark.VESSEL_UNIFORM,
    "Lung markings have one calibre and one strength everywhere: a net without a root.",
    "vessel model",
    paint,
    structural=True,
)
