"""The trace of up-sampling: a 2- and 4-pixel grid, hard to see and plain in the spectrum."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import convolve

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur


def transposed(level: Level, uneven: Level) -> Level:
    """Return the image halved and doubled again by a transposed convolution.

    A 3 x 3 kernel at stride 2 overlaps unevenly, which prints a grid of period 2 (Odena, Dumoulin
    and Olah, Distill 2016). ``uneven`` holds nine departures from the bilinear kernel.
    """
    rows, columns = (n // 2 * 2 for n in level.shape)
    even = level[:rows, :columns]
    half = even.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
    spaced = np.zeros_like(even)
    spaced[::2, ::2] = half
    kernel = np.outer([0.5, 1, 0.5], [0.5, 1, 0.5]).astype(np.float32) * (1 + uneven)
    out = level.copy()
    out[:rows, :columns] = convolve(spaced, kernel, mode="reflect")
    return out


def paint(scene: Scene) -> Change:
    """Pass the image part of the way through two doublings of a generator's decoder."""
    uneven = (0.025 * scene.rng.standard_normal((3, 3))).astype(np.float32)
    coarse = (0.05 * scene.rng.standard_normal((4, 4))).astype(np.float32)
    coarse -= coarse.mean()
    dose = scene.dose
    doubled = transposed(scene.level, uneven)
    tiles = [n // 4 + 1 for n in scene.level.shape]
    rows, columns = scene.level.shape
    grid = np.tile(coarse, tiles)[:rows, :columns]
    fine = scene.level - blur(scene.level, 0.8)
    decoded = doubled + 0.5 * fine + grid * 0.25 * (0.2 + scene.signal)
    level = scene.level + (0.1 + 0.75 * dose) * dose**0.5 * (decoded - scene.level)
    return Change(
        level,
        scene.everywhere,
        "the image was passed part of the way through an up-sampling decoder",
        {"mix": round((0.1 + 0.75 * dose) * dose**0.5, 3)},
    )


forge = Operator(
    Hallmark.CHECKERBOARD,
    "Single bright points in the spectrum at half and quarter of the sampling frequency.",
    "up-sampling model",
    paint,
)
