"""A rendered look: plastic surfaces and edges that glow."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, guided, spread


def paint(scene: Scene) -> Change:
    """Smooth surfaces, light up edges from behind, and steepen the middle greys."""
    unit, dose = max(scene.unit, 0.45), scene.dose
    base = guided(scene.signal, max(2, round(7 * unit)), 0.03)
    edges = base - blur(base, 9 * unit)
    glow = blur(np.abs(base - blur(base, 4 * unit)), 5 * unit)
    # A plain S about the middle grey, as a renderer's tone curve.
    around = np.clip(base, 0, 1)
    curve = base + 0.35 * (around - 0.5) * around * (1 - around) * 4
    grain = 0.25 * spread(scene.noise) * scene.rng.standard_normal(base.shape, dtype=np.float32)
    target = curve + (0.5 + 0.6 * dose) * edges + 1.6 * glow + grain
    mix = (0.15 + 0.85 * dose) * dose**0.3
    return Change(
        scene.level + mix * (target - scene.level),
        scene.everywhere,
        "surfaces were made plastic and edges made to glow",
        {"mix": round(mix, 3)},
    )


forge = Operator(
    Hallmark.RENDER_LOOK,
    "Plastic surfaces with glowing edges, like a rendered model.",
    "rendering model",
    paint,
)
