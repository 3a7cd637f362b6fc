"""A lead marker laid face down: a true letter, mirrored."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.bad_text import ink
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import ease


def paint(scene: Scene) -> Change:
    """Turn the marker's letter over; its strokes stay whole. The dose fades the old letter out."""
    box = scene.need("marker").marker
    assert box is not None
    place = (slice(box.top, box.bottom), slice(box.left, box.right))
    patch, noise = scene.level[place], scene.noise[place]
    alpha, ground, grey = ink(patch)
    turned = alpha[:, ::-1]
    drawn = alpha + ease(scene.dose) * (turned - alpha)
    clean = np.where(alpha > 0.15, noise[::-1, ::-1] * (alpha[::-1, ::-1] <= 0.15), noise)
    smooth = ground - np.where(alpha > 0.15, 0, noise)
    touched = np.abs(drawn - alpha) > 0.005
    level, mask = scene.level.copy(), np.zeros(scene.level.shape, np.bool_)
    level[place] = np.where(touched, smooth + drawn * (grey - smooth) + clean * (1 - drawn), patch)
    mask[place] = touched
    return Change(
        level, mask, "the lead marker lies face down", {"row": box.top, "column": box.left}
    )


forge = Operator(
    Hallmark.BAD_TEXT,
    "A letter that reads wrong, but only mirrored: every stroke is whole.",
    "lead marker",
    paint,
    mimic="reversed_marker",
)
