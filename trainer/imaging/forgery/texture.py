"""Pure helpers on grey: splitting noise from signal, moving the signal, soft edges, fields.

A warp that moves noise leaves the trace of its interpolation, and a machine then finds the warp and
not the anatomy. So an image is split into signal and noise that add up to it to the last bit of a
float; operators move the signal and put the noise back where it was.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import (
    convolve1d,
    distance_transform_edt,
    gaussian_filter,
    map_coordinates,
    uniform_filter,
)

from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Level

_B3 = np.array([1, 4, 6, 4, 1], np.float32) / 16
# |z| below which 30 % of a standard normal lie: a robust spread that little structure disturbs.
_Z30 = 0.3853
_QUANTILE = 0.30
# Where power is measured, in pixels, for each octave; the wider, the less noise passes by chance.
_WINDOWS = (9, 13, 21)
# How many times the noise's power counts as noise. A soft rule shares detail between signal and
# noise, and what was shared no longer adds up once the signal is moved: with 1.5 a detail of twice
# the noise's power leaves 1.25 behind. The finest octave is where noise is read from: there only
# what stands out far is moved, and what stays behind of it is at most twice the noise.
_STRICT = (4.0, 1.5, 1.5)
_BINS = 12


def blur(level: NDArray[np.floating], sigma: float) -> Level:
    """Return a Gaussian blur; ``sigma`` in pixels, cut at 3 sigma."""
    out: Level = gaussian_filter(level.astype(np.float32, copy=False), sigma, truncate=3.0)
    return out


def _robust_sd(detail: Level) -> float:
    """Return the noise SD in a detail band from the 30th percentile of its size."""
    return float(np.quantile(np.abs(detail), _QUANTILE) / _Z30)


def noise_curve(detail: Level, grey: Level) -> Level:
    """Return the noise SD at each pixel, as a function of grey alone.

    Parameters
    ----------
    detail : ndarray of float32
        A band of high frequencies.
    grey : ndarray of float32
        The smoothed image, same shape.

    Returns
    -------
    ndarray of float32
        SD; robust in each of 12 quantile bins of grey and interpolated between them.
    """
    thin = max(1, int(np.sqrt(grey.size / 60_000)))
    g, d = grey[::thin, ::thin].ravel(), detail[::thin, ::thin].ravel()
    edges = np.quantile(g, np.linspace(0, 1, _BINS + 1))
    centres, sds = [], []
    for low, high in itertools.pairwise(edges):
        inside = (g >= low) & (g <= high)
        if inside.sum() >= 50:
            centres.append(float(np.median(g[inside])))
            sds.append(_robust_sd(d[inside]))
    if not centres:
        return np.full(grey.shape, _robust_sd(detail), np.float32)
    order = np.argsort(centres)
    found = np.interp(grey, np.array(centres)[order], np.array(sds)[order])
    return np.asarray(found, np.float32)


def split(level: Level, scales: int = 3) -> tuple[Level, Level]:
    """Split grey into signal and noise.

    An undecimated B3-spline wavelet (the "a trous" transform of Starck and Murtagh) whose finest
    bands are shrunk by a local Wiener rule (Lee 1980) against a noise curve measured on the image.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``.
    scales : int
        How many octaves can hold noise.

    Returns
    -------
    signal, noise : ndarray of float32
        ``signal + noise`` is ``level``.
    """
    rest, kept = level, np.zeros_like(level)
    grey = blur(level, 4.0)
    for octave in range(scales):
        kernel = np.zeros(4 * 2**octave + 1, np.float32)
        kernel[:: 2**octave] = _B3
        smooth = convolve1d(convolve1d(rest, kernel, 0, mode="mirror"), kernel, 1, mode="mirror")
        detail = rest - smooth
        power = uniform_filter(detail * detail, _WINDOWS[octave])
        threshold = np.square(noise_curve(detail, grey))
        kept += detail * np.clip(1 - _STRICT[octave] * threshold / (power + 1e-12), 0, 1)
        rest = smooth
    signal = (rest + kept).astype(np.float32)
    return signal, level - signal


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
