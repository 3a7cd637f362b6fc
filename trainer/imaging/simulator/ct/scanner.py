"""The scanner: what a kernel does to the object and to the noise, and how the noise arises.

Reconstruction is linear but for the logarithm, whose bend matters only where few quanta arrive. So
the object is filtered by the kernel's transfer function, and noise alone goes through projection
and filtered backprojection: the variance of each ray follows from what the ray crossed
(:func:`noise`), so noise is strong in the middle and in streaks where the body is wide. A test
compares it with the whole way (:func:`reconstruct`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import zoom

from trainer.imaging.simulator.ct.voxels import water_per_cm
from trainer.imaging.simulator.kernels.scan import backproject, project_parallel

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

VIEWS = 256
PITCH_CM = 0.1  # of the detector channels, at the axis of rotation
FIELD_CM = 50.0  # what the detector sees
# Quanta per channel and view in the raw beam for 1 mAs and 1 mm of slice: set so that 200 mAs and
# 5 mm with the soft kernel give about 10 HU in the middle of a 32 cm water phantom, as body
# scanners do (e.g. AAPM Report 39 acceptance figures).
QUANTA = 5700.0
ELECTRONIC = 30.0  # standard deviation of the read-out, quanta
COARSE = 4  # the variance is found on a grid so many times coarser
NEIGHBOUR = 0.22  # how much of a neighbouring slice's noise helical interpolation mixes in


@dataclass(frozen=True)
class Kernel:
    """A reconstruction kernel: its transfer function over the ramp.

    Parameters
    ----------
    half : float
        Frequency at which the transfer falls to a half, cycles per cm.
    lift : float
        How far the middle frequencies are raised; 0 for none.
    peak : float
        Where they are raised most, cycles per cm.
    steep : float
        Exponent of the fall.
    """

    half: float
    lift: float
    peak: float
    steep: float

    def transfer(self, frequency: Map) -> Map:
        """Return the modulation transfer at frequencies in cycles per cm."""
        f = np.asarray(frequency, np.float32)
        fall = np.exp2(-((f / np.float32(self.half)) ** np.float32(self.steep)))
        hill = (f / np.float32(self.peak)) ** 2
        return np.asarray(fall * (1 + np.float32(self.lift) * hill * np.exp(1 - hill)), np.float32)


# Frequencies at half transfer: about those of a body and a lung kernel (B30f 3.5, B60f to B70f 6 to
# 8 per cm); the lung kernel raises the middle frequencies, as they do.
KERNELS = {"soft": Kernel(4.0, 0.0, 3.0, 2.0), "lung": Kernel(7.5, 0.8, 3.2, 3.0)}


@dataclass(frozen=True)
class Technique:
    """How a series is taken.

    Parameters
    ----------
    mas : float
        Effective tube current-time product, mAs.
    slice_mm : float
        Slice thickness.
    kernel : str
        A name of :data:`KERNELS`.
    """

    mas: float
    slice_mm: float
    kernel: str

    @property
    def quanta(self) -> float:
        """Quanta per channel and view in the raw beam."""
        return QUANTA * self.mas * self.slice_mm


def angles(views: int = VIEWS) -> Floats:
    """Return the angles of the views over half a turn."""
    return np.linspace(0, np.pi, views, endpoint=False)


def channels() -> int:
    """Return the number of detector channels."""
    return round(FIELD_CM / PITCH_CM)


def blurred(hu: Map, kernel: Kernel, pixel: float) -> Map:
    """Return slices as the kernel shows them, noise-free.

    Parameters
    ----------
    hu : ndarray of float32, shape (slices, rows, columns)
        The object.
    kernel : Kernel
        The kernel.
    pixel : float
        cm.
    """
    margin = 12
    padded = np.pad(hu, ((0, 0), (margin, margin), (margin, margin)), mode="edge")
    rows, columns = (fft.next_fast_len(n, real=True) for n in padded.shape[1:])
    fy = np.fft.fftfreq(rows, pixel).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(columns, pixel).astype(np.float32)[None, :]
    gain = _transfer(kernel, np.hypot(fy, fx), pixel)
    out = np.empty_like(hu)
    inner = slice(margin, -margin)
    for k, image in enumerate(padded):
        spectrum = fft.rfft2(image, s=(rows, columns)) * gain
        whole = fft.irfft2(spectrum, s=(rows, columns))[: image.shape[0], : image.shape[1]]
        out[k] = whole[inner, inner]
    return out


def _transfer(kernel: Kernel, frequency: Map, pixel: float) -> Map:
    """Return the kernel with the interpolation between channels that backprojection does."""
    gain = kernel.transfer(frequency) * np.sinc(frequency * PITCH_CM) ** 2
    return np.asarray(gain * _limit(frequency, pixel), np.float32)


def _limit(frequency: Map, pixel: float) -> Map:
    """Return the fall to nothing just above what pixels can show: slices are not to alias."""
    over = np.clip((frequency * 2 * pixel - 0.8) / 0.3, 0, 1)
    return np.asarray(np.cos(np.pi / 2 * over) ** 2, np.float32)


def filtered(views: Map, kernel: Kernel, pixel: float) -> Map:
    """Return views under the ramp and the kernel, 1/cm, for slices of this pixel (cm)."""
    n = views.shape[1]
    size = fft.next_fast_len(2 * n, real=True)
    f = np.fft.rfftfreq(size, PITCH_CM).astype(np.float32)
    gain = _ramp(size) * kernel.transfer(f) * _limit(f, pixel)
    spectrum = fft.rfft(views, size, axis=1) * gain
    return np.asarray(fft.irfft(spectrum, size, axis=1)[:, :n], np.float32)


@lru_cache(maxsize=2)
def _ramp(size: int) -> Map:
    """Return the ramp of sampled views, made in space: the mean is right (Kak & Slaney 3.3)."""
    n = np.minimum(np.arange(size), size - np.arange(size))
    odd = n % 2 == 1
    h = np.zeros(size)
    h[0] = 1 / (4 * PITCH_CM**2)
    h[odd] = -1 / (np.pi * n[odd] * PITCH_CM) ** 2
    return np.asarray(np.fft.rfft(h).real * PITCH_CM, np.float32)


def bowtie() -> Map:
    """Return how the shaped filter falls off over the channels, 1 in the middle."""
    s = (np.arange(channels()) - (channels() - 1) / 2) * PITCH_CM
    chord = 2 * np.sqrt(np.clip(16.0**2 - s**2, 0, None))
    return np.asarray(np.exp(0.45 * water_per_cm() * (chord - 32.0)), np.float32)


def paths(hu: Map, pixel: float, views: int = VIEWS) -> Map:
    """Return the line integrals of one slice, smooth: found on a coarse grid and interpolated."""
    side = hu.shape[0] // COARSE
    cut = hu[: side * COARSE, : side * COARSE]
    mean = cut.reshape(side, COARSE, side, COARSE).mean((1, 3), dtype=np.float32)
    mu = np.maximum((mean / 1000 + 1) * np.float32(water_per_cm()), 0)
    few = max(8, views // COARSE)
    wide = channels() // COARSE
    coarse = project_parallel(
        np.asarray(mu, np.float32), pixel * COARSE, angles(few), wide, PITCH_CM * COARSE
    )
    turned = np.vstack([coarse, coarse[:1, ::-1]])  # half a turn on, a view is seen reversed
    grown = zoom(turned, ((views + 1) / (few + 1), channels() / wide), order=1, grid_mode=False)
    return np.asarray(grown[:views], np.float32)


def deviation(integral: Map, technique: Technique) -> Map:
    """Return the standard deviation of each measured line integral.

    Quantum and read-out noise of ``-log(counts)``, to first order; at least 4 counts are taken to
    arrive, where scanners filter adaptively.
    """
    counts = np.maximum(technique.quanta * bowtie()[None, :] * np.exp(-integral), 4)
    return np.asarray(np.sqrt(1 / counts + (np.float32(ELECTRONIC) / counts) ** 2), np.float32)


def noise(hu: Map, pixel: float, technique: Technique, rng: Generator) -> Map:
    """Return the noise of a series in HU.

    Parameters
    ----------
    hu : ndarray of float32, shape (slices, rows, columns)
        The object, which sets how many quanta arrive.
    pixel : float
        cm.
    technique : Technique
        How it is taken.
    rng : Generator
        Its draws depend on the series' size alone.

    Returns
    -------
    ndarray of float32
        Same shape.
    """
    kernel, at = KERNELS[technique.kernel], angles()
    slices, side, _ = hu.shape
    out = np.empty((slices + 2, side, side), np.float32)
    sigma = None
    for k in range(slices + 2):
        source = int(np.clip(k - 1, 0, slices - 1))
        if sigma is None or 1 < k <= slices:
            sigma = deviation(paths(hu[source], pixel), technique)
        drawn = rng.standard_normal((VIEWS, channels()), dtype=np.float32) * sigma
        out[k] = backproject(filtered(drawn, kernel, pixel), at, PITCH_CM, side, pixel)
    mixed = out[1:-1] + np.float32(NEIGHBOUR) * (out[:-2] + out[2:])
    mixed *= np.float32(1000 / water_per_cm() / np.sqrt(1 + 2 * NEIGHBOUR**2))
    return mixed


def reconstruct(hu: Map, pixel: float, technique: Technique, rng: Generator | None) -> Map:
    """Return one slice by the whole way: projection, quanta, logarithm, filtered backprojection.

    Slow; it is what :func:`blurred` and :func:`noise` are held against.

    Parameters
    ----------
    hu : ndarray of float32, shape (rows, columns)
        The object.
    pixel : float
        cm.
    technique : Technique
        How it is taken.
    rng : Generator or None
        Of the noise; None for none.
    """
    mu = np.maximum((hu / 1000 + 1) * np.float32(water_per_cm()), 0).astype(np.float32)
    views = project_parallel(mu, pixel, angles(), channels(), PITCH_CM)
    if rng is not None:
        sent = technique.quanta * bowtie()[None, :]
        counts = rng.poisson(sent * np.exp(-views)) + ELECTRONIC * rng.standard_normal(views.shape)
        views = -np.log(np.maximum(counts, 1) / sent)
    image = backproject(
        filtered(np.asarray(views, np.float32), KERNELS[technique.kernel], pixel),
        angles(), PITCH_CM, hu.shape[0], pixel,
    )  # fmt: skip
    return np.asarray(1000 * (image / water_per_cm() - 1), np.float32)
