"""The lenses of the viewer, in numpy. ``static/viewer/lens/`` computes the same in the browser.

A lens shows what is hard to see; it proves nothing. Each works on stored values at native
resolution. Neighbourhoods are squares of ``2 k + 1`` pixels, clipped at the border of the film.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float64]
Corners = tuple[tuple[float, float], tuple[float, float]]

SMOOTHNESS_BINS = 64
SMOOTHNESS_FEW = 16
SMOOTHNESS_GRID = 4
SMOOTHNESS_LIMIT = 3.0
AMPLIFY_LIMIT = 4.0


def local_mean(pixels: NDArray[Any], k: int) -> Array:
    """Return the mean over each pixel's neighbourhood.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    k : int
        Half side of the neighbourhood, > 0.
    """
    size = 2 * k + 1
    values = np.asarray(pixels, np.float64)
    ones = np.ones_like(values)
    total = ndimage.uniform_filter(values, size, mode="constant")
    share = ndimage.uniform_filter(ones, size, mode="constant")
    return np.asarray(total / share, np.float64)


def local_sd(pixels: NDArray[Any], k: int) -> Array:
    """Return the standard deviation (dividing by n) over each pixel's neighbourhood."""
    values = np.asarray(pixels, np.float64)
    values = values - values.mean()  # the difference of squares below needs small numbers
    variance = local_mean(values**2, k) - local_mean(values, k) ** 2
    return np.sqrt(np.maximum(variance, 0))


def detail(pixels: NDArray[Any], k: int = 2) -> Array:
    """Return what is finer than the neighbourhood: pixels minus their local mean."""
    return np.asarray(pixels, np.float64) - local_mean(pixels, k)


def noise(pixels: NDArray[Any], k: int = 7) -> Array:
    """Return the noise map: local SD of the high-pass residual of 3 x 3 pixels."""
    return local_sd(detail(pixels, 1), k)


def smoothness(pixels: NDArray[Any], k: int = 7) -> Array:
    """Return how many doublings smoother a place is than others of its own brightness.

    X-ray noise follows the dose that reached the detector, so a place is compared with the median
    noise of its own class of brightness (64 classes, read on every fourth pixel, linear between
    class centres; a class of fewer than 16 takes the median of all).

    Returns
    -------
    ndarray
        ``log2(expected SD / SD)``, within plus and minus 3. Above 0 is smoother than expected.
    """
    sd = noise(pixels, k)
    mean = local_mean(pixels, k)
    read = (slice(None, None, SMOOTHNESS_GRID), slice(None, None, SMOOTHNESS_GRID))
    means, sds = mean[read].ravel(), sd[read].ravel()
    low, high = means.min(), means.max()
    step = (high - low) / SMOOTHNESS_BINS or 1.0
    classes = np.minimum(SMOOTHNESS_BINS - 1, np.floor((means - low) / step)).astype(int)
    expected = np.full(SMOOTHNESS_BINS, np.median(sds))
    for b in np.flatnonzero(np.bincount(classes, minlength=SMOOTHNESS_BINS) >= SMOOTHNESS_FEW):
        expected[b] = np.median(sds[classes == b])
    centres = low + (np.arange(SMOOTHNESS_BINS) + 0.5) * step
    ratio = np.log2((np.interp(mean, centres, expected) + 0.5) / (sd + 0.5))
    return np.asarray(np.clip(ratio, -SMOOTHNESS_LIMIT, SMOOTHNESS_LIMIT), np.float64)


def amplify(pixels: NDArray[Any], k: int = 12) -> Array:
    """Return the artefact amplifier: every place stretched to the same local contrast.

    Local normalisation, ``(p - mean) / (SD + 1)`` over 25 x 25 pixels, within plus and minus 4.
    """
    values = np.asarray(pixels, np.float64)
    stretched = (values - local_mean(values, k)) / (local_sd(values, k) + 1)
    return np.clip(stretched, -AMPLIFY_LIMIT, AMPLIFY_LIMIT)


def _mirrored(pixels: NDArray[Any], axis: float) -> tuple[Array, NDArray[np.bool_]]:
    columns = pixels.shape[1]
    other = round(2 * axis) - np.arange(columns)
    there = (other >= 0) & (other < columns)
    return np.asarray(pixels, np.float64)[:, np.clip(other, 0, columns - 1)], there


def mirror(pixels: NDArray[Any], axis: float) -> Array:
    """Return the mean of a film and its mirror image about a column; the film where it has none.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    axis : float
        Column of the mirror, a multiple of one half.
    """
    other, there = _mirrored(pixels, axis)
    return np.where(there, (pixels + other) / 2, pixels)


def asymmetry(pixels: NDArray[Any], axis: float) -> Array:
    """Return a film minus its mirror image about a column; 0 where it has none."""
    other, there = _mirrored(pixels, axis)
    return np.where(there, pixels - other, 0.0)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a box or an ellipse holds, in stored values; ``sd`` divides by n - 1."""

    count: int
    mean: float
    sd: float
    low: float
    high: float


def region(
    shape: tuple[int, ...], corners: Corners, kind: Literal["box", "ellipse"] = "box"
) -> NDArray[np.bool_]:
    """Return the pixels whose centres lie in a box or in the ellipse it holds, border included."""
    (xa, ya), (xb, yb) = corners
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    x0, x1, y0, y1 = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    if kind == "ellipse":
        rx, ry = (x1 - x0) / 2, (y1 - y0) / 2
        inside &= ((x - (x0 + x1) / 2) / rx) ** 2 + ((y - (y0 + y1) / 2) / ry) ** 2 <= 1
    return np.asarray(inside)


def numbers(
    pixels: NDArray[Any], corners: Corners, kind: Literal["box", "ellipse"] = "box"
) -> Numbers:
    """Return mean, sample SD and range of a region; NaN where it holds too few pixels."""
    values = np.asarray(pixels, np.float64)[region(pixels.shape, corners, kind)]
    if not values.size:
        return Numbers(0, np.nan, np.nan, np.nan, np.nan)
    sd = float(values.std(ddof=1)) if values.size > 1 else np.nan
    return Numbers(values.size, float(values.mean()), sd, float(values.min()), float(values.max()))


def profile(pixels: NDArray[Any], ends: Corners) -> Array:
    """Return values along a line, one every pixel of its length, linear between pixels."""
    (xa, ya), (xb, yb) = ends
    n = max(2, int(np.floor(np.hypot(xb - xa, yb - ya) + 0.5)) + 1)
    x, y = np.linspace(xa, xb, n), np.linspace(ya, yb, n)
    found = ndimage.map_coordinates(np.asarray(pixels, np.float64), [y, x], order=1, mode="nearest")
    return np.asarray(found, np.float64)


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power of a square of film.

    Parameters
    ----------
    power : ndarray, shape (n, n)
        ``|F|**2``, zero frequency in the middle.
    ring : ndarray, shape (n // 2 + 1,)
        Mean power at each whole radius; radius ``r`` is ``r / n`` cycles per pixel.
    peak : tuple of float
        Frequency along x and y (cycles per pixel) of the power that most exceeds its ring from
        radius 4 on, and how many times it does.
    """

    power: Array
    ring: Array
    peak: tuple[float, float, float]


def spectrum(pixels: NDArray[Any], centre: tuple[float, float], size: int = 128) -> Spectrum:
    """Return the power spectrum of a square: mean removed, periodic Hann window.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    centre : tuple of float
        Column and row; the square is moved to lie on the film.
    size : int
        Side, a power of two; halved until it fits the film.
    """
    rows, columns = pixels.shape
    n = size
    while n > min(rows, columns):
        n //= 2
    x0, y0 = (
        int(np.clip(np.floor(c + 0.5) - n // 2, 0, most - n))
        for c, most in zip(centre, (columns, rows), strict=True)
    )
    square = np.asarray(pixels, np.float64)[y0 : y0 + n, x0 : x0 + n]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    windowed = (square - square.mean()) * hann * hann[:, None]
    power = np.abs(np.fft.fftshift(np.fft.fft2(windowed))) ** 2
    y, x = np.mgrid[0:n, 0:n] - n // 2
    radius = np.floor(np.hypot(x, y) + 0.5).astype(int)
    near = radius <= n // 2
    ring = np.bincount(radius[near], power[near]) / np.bincount(radius[near])
    ratio = np.zeros_like(power)
    looked = near & (radius >= 4) & ((y < 0) | ((y == 0) & (x < 0)))  # the other half is the same
    level = ring[radius[looked]]
    ratio[looked] = np.divide(power[looked], level, out=np.zeros_like(level), where=level > 0)
    at = np.unravel_index(int(ratio.argmax()), ratio.shape)
    return Spectrum(power, ring, (float(x[at] / n), float(y[at] / n), float(ratio[at])))
