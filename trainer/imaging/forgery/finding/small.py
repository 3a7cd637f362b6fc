"""Search is done on a small copy; masks and lines are brought back to full size."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import zoom

from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.texture import blur


def shrink(level: Level, side: int) -> tuple[Level, float]:
    """Return a small copy with a short side near ``side``, and pixels per small pixel."""
    factor = max(1.0, min(level.shape) / side)
    soft = blur(level, 0.5 * factor) if factor > 1 else level
    small: Level = zoom(soft, 1 / factor, order=1, grid_mode=True, mode="nearest")
    return small, level.shape[0] / small.shape[0]


def enlarge(small: Mask, shape: tuple[int, ...]) -> Mask:
    """Return a mask at full size with smooth outlines."""
    factors = [n / s for n, s in zip(shape, small.shape, strict=True)]
    big = zoom(small.astype(np.float32), factors, order=1, grid_mode=True, mode="nearest")
    return blur(big, 0.5 * max(factors)) > 0.5


def fit(x: float, low: float, high: float) -> float:
    """Return where ``x`` lies between ``low`` (0) and ``high`` (1), clipped."""
    return float(np.clip((x - low) / (high - low), 0, 1))
