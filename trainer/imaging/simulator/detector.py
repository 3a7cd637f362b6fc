"""The detector: quantum noise, scintillator blur, electronic noise, gain structure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import fft

Map = NDArray[np.float32]

_PAD = 24


@dataclass(frozen=True)
class Detector:
    """A flat panel.

    Parameters
    ----------
    quanta_mm2 : float
        Detected quanta per square millimetre in the raw beam.
    swank : float
        Swank factor, the share of quanta that the energy spread leaves effective.
    blur_mm : float
        Width of the scintillator's Lorentzian MTF, 1 / (1 + (2 blur f)^2) with f in lp/mm.
    electronic : float
        Standard deviation of the read-out noise, in quanta per pixel.
    structure : float
        Standard deviation of the gain left after correction, relative.
    """

    quanta_mm2: float
    swank: float = 0.80
    blur_mm: float = 0.13
    electronic: float = 2.0
    structure: float = 0.001


def expose(signal: Map, detector: Detector, pixel_cm: float, rng: Generator) -> Map:
    """Return what the detector reads, in units of the raw beam.

    The noise of each pixel is one normal deviate bent to Poisson's skewness (Cornish-Fisher), so
    that the same generator state gives the same noise wherever two signals agree. It is drawn
    before the scintillator blurs, so that it has the blur's colour.

    Parameters
    ----------
    signal : ndarray of float32
        Mean signal, 1 in the raw beam.
    detector : Detector
        The panel.
    pixel_cm : float
        Pixel size.
    rng : Generator
        Source of the noise; four draws of the image's size whatever the signal.
    """
    per_pixel = np.float32(detector.quanta_mm2 * detector.swank * (pixel_cm * 10) ** 2)
    mean = signal * per_pixel
    z = rng.standard_normal(signal.shape, dtype=np.float32)
    counts = mean + np.sqrt(mean) * z + (z * z - 1) / 6
    np.maximum(counts, 0, out=counts)
    counts = _blur(counts, detector.blur_mm, pixel_cm * 10)
    counts += np.float32(detector.electronic) * rng.standard_normal(signal.shape, dtype=np.float32)
    gain = rng.standard_normal(signal.shape, dtype=np.float32)
    counts *= 1 + np.float32(detector.structure) * gain
    return np.asarray(counts / per_pixel, np.float32)


def noise_of(signal: Map, detector: Detector, pixel_cm: float) -> Map:
    """Return the relative noise expected where the detector reads ``signal`` (before its blur)."""
    per_pixel = np.float32(detector.quanta_mm2 * detector.swank * (pixel_cm * 10) ** 2)
    counts = np.maximum(signal * per_pixel, 1)
    return np.asarray(np.sqrt(1 / counts + (np.float32(detector.electronic) / counts) ** 2))


def _blur(counts: Map, blur_mm: float, pixel_mm: float) -> Map:
    padded = np.pad(counts, _PAD, mode="reflect")
    rows, columns = (fft.next_fast_len(n, real=True) for n in padded.shape)
    fy = np.fft.fftfreq(rows, pixel_mm).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(columns, pixel_mm).astype(np.float32)[None, :]
    mtf = 1 / (1 + np.float32(4 * blur_mm * blur_mm) * (fy * fy + fx * fx))
    spectrum = fft.rfft2(padded, s=(rows, columns))
    spectrum *= mtf
    out = fft.irfft2(spectrum, s=(rows, columns))
    return np.asarray(out[_PAD : _PAD + counts.shape[0], _PAD : _PAD + counts.shape[1]], np.float32)
