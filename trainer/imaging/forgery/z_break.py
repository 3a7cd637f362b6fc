"""A break across slices: a region jumps sideways for a few slices and is flat between them."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.halo_seam import centre
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import ease, move


def paint(scene: Scene) -> Change:
    """Give some slices the first one's content, moved sideways; their noise stays."""
    deep, rows, columns = scene.image.shape
    if deep < 4:
        raise ForgeryError(f"a break across slices needs at least 4 slices, this stack has {deep}")
    unit = max(scene.unit, 0.5)
    half = 0.16 * min(rows, columns)
    row, column = centre(scene, half)
    span = max(2, deep // 4)
    first = int(scene.rng.integers(1, deep - span))
    angle = float(scene.rng.uniform(0, 2 * np.pi))
    jump = 26 * unit * scene.dose
    y, x = np.indices((rows, columns), dtype=np.float32)
    weight = ease((half - np.hypot(y - row, x - column)) / (0.35 * half))
    down = (jump * np.sin(angle) * weight).astype(np.float32)
    across = (jump * np.cos(angle) * weight).astype(np.float32)
    moved = move(scene.signal[first], down, across)
    mix = (0.2 + 0.8 * scene.dose) * scene.dose**0.3
    level, mask = scene.level.copy(), np.zeros(scene.image.shape, np.bool_)
    for index in range(first, first + span):
        own = move(scene.signal[index], down, across)
        flat = own + scene.dose * (moved - own)
        level[index] += mix * weight * (flat - scene.signal[index])
        mask[index] = weight > 0
    return Change(
        level,
        mask,
        f"slices {first} to {first + span - 1} repeat one content, moved sideways",
        {"first_slice": first, "last_slice": first + span - 1, "jump_pixels": round(jump, 2)},
    )


forge = Operator(
    Hallmark.Z_BREAK,
    "While scrolling a region jumps, then stands still for a few slices.",
    "slice model",
    paint,
    structural=True,
    dimensions=(3,),
)
