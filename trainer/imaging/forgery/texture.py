"""Pure helpers on grey: moving the signal, soft edges, fields, strengths."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import (
    distance_transform_edt,
    gaussian_filter,
    map_coordinates,
    uniform_filter,
)

from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Level


def blur(level: NDArray[np.floating], sigma: float) -> Level:
    """Return a Gaussian blur; ``sigma`` in pixels, cut at 3 sigma."""
    out: Level = gaussian_filter(level.astype(np.float32, copy=False), sigma, truncate=3.0)
    return out


def move(signal: Level, dy: Level, dx: Level) -> Level:
    """Return the signal seen at ``(row + dy, column + dx)``, by cubic splines."""
    rows, columns = np.indices(signal.shape, dtype=np.float32)
    out: Level = map_coordinates(signal, [rows + dy, columns + dx], order=3, mode="nearest")
    return out


def feather(mask: Mask, width: float) -> Level:
    """Return a weight that is 0 outside a mask and rises smoothly to 1 ``width`` pixels inside.

    Its support is the mask itself, so what is blended with it changes nothing outside.
    """
    if mask.all():
        return np.ones(mask.shape, np.float32)
    depth = distance_transform_edt(mask).astype(np.float32)
    return ease(depth / max(width, 1.0))


def ease(x: NDArray[np.floating] | float) -> Level:
    """Return the smoothstep of ``x`` clipped to 0..1: no kink at either end."""
    t = np.clip(np.asarray(x, np.float32), 0, 1)
    out: Level = t * t * (3 - 2 * t)
    return out


def field(shape: tuple[int, ...], sigma: float, rng: Generator) -> Level:
    """Return a Gaussian random field of mean 0 and SD 1 with grain ``sigma`` in pixels."""
    white = rng.standard_normal(shape, dtype=np.float32)
    if sigma <= 0:
        return white
    out = blur(white, sigma)
    out -= out.mean()
    scaled: Level = out / (out.std() + 1e-9)
    return scaled


def guided(level: Level, radius: int, softness: float) -> Level:
    """Return the self-guided filter (He 2013): smooth where variance is below ``softness**2``."""
    size = 2 * radius + 1
    mean = uniform_filter(level, size)
    variance = np.maximum(uniform_filter(level * level, size) - mean * mean, 0)
    gain = variance / (variance + softness**2)
    offset = mean - gain * mean
    out: Level = uniform_filter(gain, size) * level + uniform_filter(offset, size)
    return out


def local_sd(level: Level, sigma: float) -> Level:
    """Return the local root mean square with a Gaussian window of ``sigma`` pixels."""
    out: Level = np.sqrt(np.maximum(blur(level * level, sigma), 0))
    return out


def spread(noise: Level) -> float:
    """Return the robust SD of a noise image (median absolute value / 0.6745)."""
    return float(np.median(np.abs(noise))) / 0.6745
