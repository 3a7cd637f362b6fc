"""The split of an image into signal and noise, and what of the noise cannot be told from signal.

A warp that moves noise leaves the trace of its interpolation, and a machine then finds the warp and
not the anatomy. So an image is split into signal and noise that add up to it to the last bit of a
float; operators move the signal and put the noise back where it was.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, uniform_filter

from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.texture import blur

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
# The quietest 2 % of the windows of a grey, and how strong white or blurred noise is in them beside
# its SD, octave by octave (found by trial on noise alone).
_QUIET = 0.02
_QUIET_SD = (0.83, 0.77, 0.71)

Floats = NDArray[np.float64]


def _robust_sd(detail: Level) -> float:
    """Return the noise SD in a detail band from the 30th percentile of its size."""
    return float(np.quantile(np.abs(detail), _QUANTILE) / _Z30)


def _quiet_sd(power: Level) -> float:
    return float(np.sqrt(max(float(np.quantile(power, _QUIET)), 0.0)))


def _by_grey(
    values: Level, grey: Level, measure: Callable[[Level], float]
) -> tuple[Floats, Floats] | None:
    """Return the greys of 12 quantile bins and what is measured of the values in each."""
    thin = max(1, int(np.sqrt(grey.size / 60_000)))
    g, v = grey[::thin, ::thin].ravel(), values[::thin, ::thin].ravel()
    edges = np.quantile(g, np.linspace(0, 1, _BINS + 1))
    centres, found = [], []
    for low, high in itertools.pairwise(edges):
        inside = (g >= low) & (g <= high)
        if inside.sum() >= 50:
            centres.append(float(np.median(g[inside])))
            found.append(measure(v[inside]))
    if not centres:
        return None
    order = np.argsort(centres)
    return np.array(centres)[order], np.array(found)[order]


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
    found = _by_grey(detail, grey, _robust_sd)
    if found is None:
        return np.full(grey.shape, _robust_sd(detail), np.float32)
    return np.asarray(np.interp(grey, *found), np.float32)


def _under(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the lower convex hull of points that are sorted by ``x``."""
    hull: list[int] = []
    for k in range(len(x)):
        while len(hull) > 1:
            i, j = hull[-2:]
            if (y[j] - y[i]) * (x[k] - x[i]) < (y[k] - y[i]) * (x[j] - x[i]):
                break
            hull.pop()
        hull.append(k)
    return x[hull], y[hull]


def _quietest(powers: list[Level], grey: Level) -> list[Level]:
    """Return the SD of the noise alone, octave by octave, where texture is nearly everywhere.

    In the spongy bone of a hand the noise curve is five times the noise: most pixels have texture.
    The quietest windows of a grey have little of it. Some greys are found on edges alone; noise
    rises with grey without leaps, so what stands above the line through its neighbours is texture.
    In coarser octaves not even the quietest windows are free of it: there the noise is as strong,
    beside the finest, as where it is weakest on the film.
    """
    curves: list[tuple[Floats, Floats]] = []
    for power, low in zip(powers, _QUIET_SD, strict=True):
        found = _by_grey(power, grey, _quiet_sd)
        if found is None:
            return [np.zeros_like(grey) for _ in powers]
        curves.append((found[0], found[1] / low))
    centres, finest = curves[0]
    exposed = finest >= 0.5 * np.median(finest)  # what is cut off at black or white has none
    ratios = [float(np.min(sd[exposed] / np.maximum(finest[exposed], 1e-9))) for _, sd in curves]
    base = np.interp(grey, *_under(centres[exposed], finest[exposed])).astype(np.float32)
    return [base * np.float32(ratio) for ratio in ratios]


def _octaves(level: Level, scales: int) -> Iterator[tuple[Level, Level]]:
    """Yield the detail of each octave, finest first, with what is smoother than it."""
    rest = level
    for octave in range(scales):
        kernel = np.zeros(4 * 2**octave + 1, np.float32)
        kernel[:: 2**octave] = _B3
        smooth = convolve1d(convolve1d(rest, kernel, 0, mode="mirror"), kernel, 1, mode="mirror")
        yield rest - smooth, smooth
        rest = smooth


@dataclass(frozen=True)
class Parts:
    """An image in two: ``signal + noise`` is the image.

    Parameters
    ----------
    signal, noise : ndarray of float32, shape (rows, columns)
        Grey.
    stayed : tuple of ndarray of float32, one an octave, finest first
        How strong the noise is (SD) that could not be told from detail and stayed in the signal.
    """

    signal: Level
    noise: Level
    stayed: tuple[Level, ...]

    def stayed_like(self, rng: Generator) -> Level:
        """Return other noise as strong, octave by octave, as what stayed in the signal.

        Whoever paints over signal paints over that noise as well, and the place is then quieter
        than its surroundings by it.
        """
        white = rng.standard_normal(self.signal.shape, dtype=np.float32)
        out = np.zeros_like(self.signal)
        for sd, (detail, _) in zip(self.stayed, _octaves(white, len(self.stayed)), strict=True):
            out += sd * detail / detail.std()
        return out


def split(level: Level, scales: int = 3) -> Parts:
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
    Parts
        Signal, noise, and how much noise stayed in the signal.
    """
    signal, shares, powers = np.zeros_like(level), [], []
    smooth, grey = level, blur(level, 4.0)
    for octave, (detail, smooth) in enumerate(_octaves(level, scales)):  # noqa: B007
        power = uniform_filter(detail * detail, _WINDOWS[octave])
        threshold = np.square(noise_curve(detail, grey))
        kept = np.clip(1 - _STRICT[octave] * threshold / (power + 1e-12), 0, 1)
        signal += detail * kept
        shares.append(kept)
        powers.append(power)
    signal = (signal + smooth).astype(np.float32)
    noise = _quietest(powers, grey)
    stayed = tuple(share * sd for share, sd in zip(shares, noise, strict=True))
    return Parts(signal, level - signal, stayed)


def lost_by_paint(share: Level) -> Level:
    """Return the share of its power that noise loses where a share of it (0..1) is taken away."""
    left = 1 - np.clip(share, 0, 1)
    return np.asarray(1 - left * left, np.float32)


def lost_by_blend(share: Level) -> Level:
    """Return the share of its power that noise loses where a share (0..1) of other is blended in.

    Two noises that know nothing of one another add up as powers: half of each has half the power.
    """
    part = np.clip(share, 0, 1)
    return np.asarray(2 * part * (1 - part), np.float32)
