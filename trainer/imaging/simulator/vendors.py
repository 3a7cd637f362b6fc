"""What a vendor makes of the detector's reading: log, multi-scale enhancement, tone curve.

Laplacian pyramid with a power-law gain (after Vuylsteke & Schoeters, MUSICA, SPIE 1994), noise
equalised by what the exposure lets expect, and a tone curve anchored on anatomy. Most of the finest
detail is carried past the tone curve and added to the grey levels, so that noise and detail are as
plain in the mediastinum as in the lung: real films are that even. Three vendors with different
looks, so that processing is not a tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from trainer.imaging.simulator.blur import gaussian
from trainer.imaging.simulator.kernels.images import halve, look_up, redouble

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

_LUT_SIZE = 2048
# So many of the finest bands may go past the tone curve.
_FINE = 2


@dataclass(frozen=True)
class Vendor:
    """A processing style.

    Parameters
    ----------
    name : str
        A letter, not a maker.
    gains : tuple of float
        Gain of each pyramid band, finest first; the last serves all coarser ones.
    power : float
        Exponent of the band's power law, below 1 lifts weak detail.
    latitude : float
        Contrast kept in the coarsest base, below 1 compresses.
    equalise : float
        How far the finest bands follow the expected noise, 0 not at all, 1 fully.
    contrast : float
        Spread of the tone curve's anchors about mid grey, relative.
    lift : float
        Added to every anchor of the tone curve: a darker or a lighter house style.
    past : float
        Share of the two finest bands that goes past the tone curve, at the curve's mean slope.
    shade : float
        Grey level at which it shows what the collimator's blades covered (DICOM's Shutter
        Presentation Value).
    """

    name: str
    gains: tuple[float, ...]
    power: float
    latitude: float
    equalise: float
    contrast: float
    lift: float
    past: float
    shade: float

    def level(self, anchor: float) -> float:
        """Return the grey level at which this vendor shows an anchor."""
        return float(np.clip(_PIVOT + (anchor - _PIVOT) * self.contrast + self.lift, 0.02, 0.985))

    def at(self, force: float, contrast: float) -> Vendor:
        """Return the style as its preset for an examination: 0 plain logarithm, 1 in full.

        Parameters
        ----------
        force : float
            How far gains, power law, latitude and noise equalisation depart from what changes
            nothing; above 1 further than usual.
        contrast : float
            How far the tone curve's contrast and lift do.
        """
        return replace(
            self,
            gains=tuple(1 + (gain - 1) * force for gain in self.gains),
            power=1 - (1 - self.power) * force,
            latitude=1 - (1 - self.latitude) * force,
            equalise=min(1.0, self.equalise * (EVEN + (1 - EVEN) * force)),
            past=1 - (1 - self.past) * force,
            contrast=1 + (self.contrast - 1) * contrast,
            lift=self.lift * contrast,
        )


# a is even, b hard and full of contrast, c flat with much detail.
VENDORS = {
    "a": Vendor(
        "a", (1.70, 1.60, 1.40, 1.20, 1.05, 0.95, 0.88, 0.80), 0.82, 0.68, 0.54, 0.95, 0.0, 0.76,
        0.02,
    ),
    "b": Vendor(
        "b", (1.70, 1.65, 1.60, 1.35, 1.10, 0.90, 0.75, 0.65), 0.78, 0.55, 0.54, 1.30, 0.0, 0.79,
        0.05,
    ),
    "c": Vendor(
        "c", (2.40, 2.10, 1.55, 1.15, 1.02, 0.98, 0.92, 0.85), 0.84, 0.72, 0.52, 0.60, 0.02, 0.72,
        0.10,
    ),
}  # fmt: skip
# Share of its equalisation of noise that a style keeps in its softest preset.
EVEN = 0.6
# How much of what lies under this width, in pixels, is added again on the way to the archive.
_UNSHARP, _UNSHARP_PIXELS = 0.4, 0.65
# The grey level about which a vendor's contrast turns.
_PIVOT = 0.45


@dataclass(frozen=True, eq=False)
class Tone:
    """One anchor of the tone curve: this share of this area is shown at this grey level."""

    area: Mask
    quantile: float
    level: float


@dataclass(frozen=True, eq=False)
class Curve:
    """A tone curve: processed density to grey level 0..1, as a table of even steps.

    ``slope`` is its mean slope between the first and the last anchor.
    """

    low: float
    high: float
    levels: Map
    slope: float

    def __call__(self, density: Map) -> Map:
        """Return grey levels."""
        return np.asarray(look_up(density, self.low, self.high, self.levels))


def density_of(reading: Map) -> Map:
    """Return the log density of what the detector read, larger where more was absorbed."""
    return np.asarray(-np.log(np.clip(reading, np.float32(1e-4), np.float32(1.25))), np.float32)


def enhance(
    density: Map,
    noise: Map,
    vendor: Vendor,
    detail: float = 1.0,
    thinnest: float = -9.0,
    beyond: float = 1 / 3,
) -> tuple[Map, Map]:
    """Return processed density, larger where more was absorbed, and what of it is fine detail.

    Parameters
    ----------
    density : ndarray of float32
        Of :func:`density_of`.
    noise : ndarray of float32
        Relative noise expected of each pixel.
    vendor : Vendor
        The style.
    detail : float
        How much of the style's lift of fine bands is wanted: vendors set it by body part.
    thinnest : float
        Density of the thinnest anatomy. What the raw beam hit is no anatomy, and would throw a halo
        into what lies beside it.
    beyond : float
        Share of the contrast that is kept below the thinnest anatomy.
    """
    below = np.minimum(density - np.float32(thinnest), 0)
    density = density - np.float32(1 - beyond) * below
    depth = max(2, min(8, int(np.log2(min(density.shape))) - 3))
    bands = []
    level = density
    for _ in range(depth):
        down = halve(level)
        bands.append(level - redouble(down, *level.shape))
        level = down
    middle = np.float32(np.median(level))
    image = middle + (level - middle) * np.float32(vendor.latitude)
    quiet = _quieten(noise, vendor.equalise)
    fine = np.zeros((1, 1), np.float32)
    for k in range(depth - 1, -1, -1):
        full = vendor.gains[min(k, len(vendor.gains) - 1)]
        gain = np.float32(full if full <= 1 else 1 + (full - 1) * detail)
        band = _lift(bands[k], np.float32(vendor.power)) * gain
        if k < 3:
            band *= quiet[k][: band.shape[0], : band.shape[1]]
        image = redouble(image, *band.shape) + band
        if k < _FINE:
            fine = band if k == _FINE - 1 else redouble(fine, *band.shape) + band
    return image, fine


def develop(density: Map, fine: Map, curve: Curve, vendor: Vendor) -> Map:
    """Return grey levels of what :func:`enhance` gave.

    Parameters
    ----------
    density, fine : ndarray of float32
        Of :func:`enhance`.
    curve : Curve
        Of :func:`tone_curve`.
    vendor : Vendor
        Says how much of the fine detail goes past the curve.
    """
    past = np.float32(vendor.past) * fine
    return np.asarray(curve(density - past) + np.float32(curve.slope) * past, np.float32)


def tone_curve(density: Map, tones: list[Tone], vendor: Vendor) -> Curve:
    """Return the tone curve that puts the anchors at their levels.

    Parameters
    ----------
    density : ndarray of float32
        Of :func:`enhance`.
    tones : list of Tone
        At least two; areas too small to judge (under 50 pixels) are left out.
    vendor : Vendor
        Its contrast and lift are applied to the levels.

    Raises
    ------
    ValueError
        When fewer than two areas are large enough.
    """
    found = sorted(
        (float(np.quantile(density[t.area], t.quantile)), vendor.level(t.level))
        for t in tones
        if np.count_nonzero(t.area) >= 50
    )
    if len(found) < 2:
        raise ValueError("the tone curve needs two areas of anatomy in view, too little is there")
    x = np.array([f[0] for f in found])
    y = np.sort([f[1] for f in found])
    for q in range(1, len(x)):
        x[q] = max(x[q], x[q - 1] + 0.05)
    knots = np.concatenate([[x[0] - 2.5 * (x[1] - x[0])], x, [x[-1] + 1.5]])
    levels = np.concatenate([[0.0], y, [min(1.0, y[-1] + 0.06)]])
    grid = np.linspace(knots[0], knots[-1], _LUT_SIZE)
    curve = gaussian_filter1d(PchipInterpolator(knots, levels)(grid), 40, mode="nearest")
    slope = (y[-1] - y[0]) / (x[-1] - x[0])
    return Curve(float(knots[0]), float(knots[-1]), curve.astype(np.float32), float(slope))


def sharpen(values: Map) -> Map:
    """Return grey levels as an archive stores them: reduced from a finer film, then sharpened.

    Unsharp masking over less than a pixel: real films carry more power near the Nyquist frequency
    than a film that was rendered at its final size.
    """
    soft = gaussian(values, _UNSHARP_PIXELS, 3.0)
    return np.asarray(values + np.float32(_UNSHARP) * (values - soft), np.float32)


def _quieten(noise: Map, strength: float) -> list[Map]:
    """Return, for the three finest bands, the gain that evens out the expected noise."""
    reference = np.float32(np.median(noise[::8, ::8]))
    gains = []
    for k in range(3):
        here = noise[:: 2**k, :: 2**k]
        share = np.float32(strength * (1.0, 0.8, 0.4)[k])
        gains.append(np.clip(reference / here, np.float32(0.08), np.float32(2.5)) ** share)
    return gains


def _lift(band: Map, power: np.float32) -> Map:
    """Return the band under a power law that is straight through 0, so noise stays bounded."""
    middle, straight = np.float32(0.55), np.float32(0.06)
    size = np.abs(band)
    slope = np.where(
        size < straight,
        (straight / middle) ** (power - 1),
        (np.maximum(size, straight) / middle) ** (power - 1),
    )
    return band * slope
