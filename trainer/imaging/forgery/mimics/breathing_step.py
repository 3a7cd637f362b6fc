"""A breath between slices: everything steps at once, and goes on from there."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import ease, move


def paint(scene: Scene) -> Change:
    """Shift the whole body in every slice from one on, most in front, least at the back."""
    deep, rows, columns = scene.image.shape
    if deep < 4:
        raise ForgeryError(f"a breath between slices needs at least 4 slices, this has {deep}")
    first = int(scene.rng.integers(2, deep - 1))
    step = 9 * max(scene.unit, 0.5) * scene.dose
    y = np.indices((rows, columns), dtype=np.float32)[0] / rows
    front = ease((0.9 - y) / 0.6) * ease(y / 0.08)
    level = scene.level.copy()
    for index in range(first, deep):
        moved = move(scene.signal[index], -step * front, np.zeros_like(front))
        level[index] += moved - scene.signal[index]
    mask = np.zeros(scene.image.shape, np.bool_)
    mask[first:] = front > 0
    return Change(
        level,
        mask,
        f"a breath between slices {first - 1} and {first}",
        {"first_slice": first, "step_pixels": round(step, 2)},
    )


forge = Operator(
    Hallmark.Z_BREAK,
    "A step between two slices, but the whole front wall steps and every slice differs.",
    "breathing",
    paint,
    structural=True,
    dimensions=(3,),
    mimic="breathing_step",
)
