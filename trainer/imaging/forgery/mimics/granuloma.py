"""A calcified granuloma: a small, dense, irregular nodule that needs no vessel."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.no_context import place_in
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur


def paint(scene: Scene) -> Change:
    """Add the shadow of a small lobed calcification; all that runs through it stays."""
    lungs = scene.need("lungs").lungs
    assert lungs is not None
    radius = float(scene.rng.uniform(6, 11)) * max(scene.unit, 0.45)
    row, column = place_in(scene, lungs, 2.0 * radius)
    y, x = np.indices(scene.level.shape, dtype=np.float32)
    shadow = np.zeros_like(scene.level)
    for _ in range(5):
        angle, out = float(scene.rng.uniform(0, 2 * np.pi)), float(scene.rng.uniform(0, 0.55))
        size = float(scene.rng.uniform(0.4, 0.75)) * radius
        away = np.hypot(
            y - row - out * radius * np.sin(angle), x - column - out * radius * np.cos(angle)
        )
        shadow += np.sqrt(np.clip(1 - np.square(away / size), 0, None)) * size / radius
    shadow = blur(shadow / shadow.max(), 0.4)
    mask = np.hypot(y - row, x - column) < 1.6 * radius
    lift = (0.1 + 0.4 * scene.dose) * scene.dose**0.5
    return Change(
        scene.level + lift * shadow * mask,
        mask & (shadow > 0),
        "a small calcified granuloma was put into a lung",
        {"row": round(row, 1), "column": round(column, 1), "radius": round(radius, 1)},
    )


forge = Operator(
    Hallmark.NO_CONTEXT,
    "A lone nodule without a vessel, but small, dense and lobed: calcified.",
    "harmless finding",
    paint,
    structural=True,
    mimic="granuloma",
)
