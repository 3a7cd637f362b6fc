"""Grid lines: the anti-scatter grid seen by the sampling, one direction, one frequency."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene


def paint(scene: Scene) -> Change:
    """Add the beat of a grid's lamellae with the pixels: fine lines that slowly change phase."""
    rows, columns = scene.level.shape
    y, x = np.indices((rows, columns), dtype=np.float32)
    period = float(scene.rng.uniform(2.3, 4.6))
    tilt, phase = float(scene.rng.uniform(-0.03, 0.03)), float(scene.rng.uniform(0, 6.28))
    # The focus is a finite distance away, so the lines' distance grows a little to the sides.
    across = x + tilt * y + 0.00004 * np.square(x - columns / 2)
    lines = np.cos(2 * np.pi * across / period + phase)
    amount = 0.03 * scene.dose
    level = scene.level + amount * lines * (0.4 + 0.6 * np.clip(scene.level, 0, 1))
    return Change(
        level,
        scene.everywhere,
        "lines of an anti-scatter grid",
        {"period_pixels": round(period, 3), "height": round(amount, 4)},
    )


forge = Operator(
    Hallmark.CHECKERBOARD,
    "A fine pattern, but lines in one direction and at a frequency no decoder has.",
    "anti-scatter grid",
    paint,
    mimic="grid_moire",
)
