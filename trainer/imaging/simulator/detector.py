"""The detector: quantum noise, scintillator blur, electronic noise, gain structure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import fft

from trainer.imaging.simulator.kernels.detector import count, expected, read_out

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


@dataclass(frozen=True, eq=False)
class Noise:
    """What chance does to one exposure, before its strength: standard normal deviates.

    Parameters
    ----------
    quanta, readout, gain : ndarray of float32
        Of the quanta counted, the read-out noise and the gain that is left, per pixel.
    """

    quanta: Map
    readout: Map
    gain: Map

    @staticmethod
    def draw(shape: tuple[int, int], rng: Generator) -> Noise:
        """Draw the noise of one exposure: twins share it."""
        return Noise(*(rng.standard_normal(shape, dtype=np.float32) for _ in range(3)))


def expose(signal: Map, detector: Detector, pixel_cm: float, noise: Noise) -> Map:
    """Return what the detector reads, in units of the raw beam.

    The noise of each pixel is one normal deviate bent to Poisson's skewness (Cornish-Fisher), so
    that the same deviate gives the same noise wherever two signals agree. It is drawn
    before the scintillator blurs, so that it has the blur's colour.

    Parameters
    ----------
    signal : ndarray of float32
        Mean signal, 1 in the raw beam.
    detector : Detector
        The panel.
    pixel_cm : float
        Pixel size.
    noise : Noise
        Of the signal's shape.
    """
    rows, columns = signal.shape
    size = tuple(fft.next_fast_len(n + 2 * _PAD, real=True) for n in (rows, columns))
    per_pixel = np.float32(detector.quanta_mm2 * detector.swank * (pixel_cm * 10) ** 2)
    counts = np.zeros(size, np.float32)
    count(signal, per_pixel, noise.quanta, _PAD, counts)
    spectrum = fft.rfft2(counts, overwrite_x=True)
    spectrum *= _transfer(size, detector.blur_mm, pixel_cm * 10)
    return np.asarray(
        read_out(
            fft.irfft2(spectrum, s=size, overwrite_x=True),
            _PAD,
            noise.readout,
            noise.gain,
            np.float32(detector.electronic),
            np.float32(detector.structure),
            per_pixel,
        )
    )


def noise_of(signal: Map, detector: Detector, pixel_cm: float) -> Map:
    """Return the relative noise expected where the detector reads ``signal`` (before its blur)."""
    per_pixel = np.float32(detector.quanta_mm2 * detector.swank * (pixel_cm * 10) ** 2)
    return np.asarray(expected(signal, per_pixel, np.float32(detector.electronic)))


def _transfer(size: tuple[int, ...], blur_mm: float, pixel_mm: float) -> Map:
    """Return the scintillator's MTF at the frequencies of a real transform."""
    fy = np.fft.fftfreq(size[0], pixel_mm).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(size[1], pixel_mm).astype(np.float32)[None, :]
    mtf = np.float32(4 * blur_mm * blur_mm) * (fy * fy + fx * fx)
    mtf += 1
    return np.asarray(np.reciprocal(mtf, out=mtf), np.float32)
