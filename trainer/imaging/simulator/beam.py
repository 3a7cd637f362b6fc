"""The beam: polychromatic Beer-Lambert, heel effect, scatter, focal spot."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from trainer.imaging.simulator.blur import gaussian
from trainer.imaging.simulator.kernels.beam import attenuate, shape_beam
from trainer.imaging.simulator.kernels.images import add_enlarged, shrink
from trainer.imaging.simulator.kernels.sums import some
from trainer.imaging.simulator.tissue import MATERIALS

Map = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Beam:
    """A spectrum in energy bins, as the detector weighs it.

    Parameters
    ----------
    weight : ndarray, shape (bins,)
        Share of the detected energy.
    attenuation : ndarray, shape (materials, bins)
        Linear attenuation, 1/cm, in the order of ``tissue.MATERIALS``.
    """

    weight: Floats
    attenuation: Floats

    @property
    def effective(self) -> Floats:
        """Return the energy-weighted attenuation of each material, 1/cm."""
        return np.asarray(self.attenuation @ self.weight, float)


@lru_cache(maxsize=1)
def _table() -> dict[str, Beam]:
    text = (files("trainer.imaging.simulator") / "data" / "beams.json").read_text("utf-8")
    raw = json.loads(text)
    assert tuple(raw["materials"]) == MATERIALS, "data/beams.json was made for other materials"
    return {
        name: Beam(np.array(b["energy_weight"]), np.array(b["attenuation_per_cm"]))
        for name, b in raw["beams"].items()
    }


def beam(name: str) -> Beam:
    """Return a beam of the table ``data/beams.json``.

    Raises
    ------
    ValueError
        When there is no such beam; the message names those there are.
    """
    table = _table()
    if name not in table:
        raise ValueError(f"no beam {name!r}: the table has {', '.join(table)}")
    return table[name]


@dataclass(frozen=True)
class Tube:
    """The X-ray tube and what stands between it and the detector.

    Parameters
    ----------
    beam : str
        Spectrum, by its name in the table.
    focal_mm : float
        Focal spot, mm.
    magnification : float
        Of the structures that matter, 1 at the detector.
    heel : float
        Fall of the primary along the anode-cathode axis, share of the centre's.
    scatter : float
        Scatter let through, as a multiple of primary times its own log attenuation: about 0.2
        behind a grid at the chest, 0.05 for a hand.
    motion_mm : float
        Standard deviation of the blur that breath and heartbeat leave during the exposure, mm.
    cutoff : float
        Share of the primary that a grid off its focus takes away at the right edge of the film and
        spares at the left; below 0 the other way round.
    """

    beam: str
    focal_mm: float = 1.0
    magnification: float = 1.08
    heel: float = 0.10
    scatter: float = 0.22
    motion_mm: float = 0.0
    cutoff: float = 0.0


def transmit(materials: NDArray[np.float32], tube: Tube, pixel_cm: float, shutter: Map) -> Map:
    """Return the mean signal at the detector, 1 where the raw beam falls.

    Parameters
    ----------
    materials : ndarray of float32, shape (materials, rows, columns)
        Path lengths in cm.
    tube : Tube
        The tube.
    pixel_cm : float
        Detector pixel.
    shutter : ndarray of float32
        Share of the beam that the collimator lets through, per pixel.

    Returns
    -------
    ndarray of float32
        Primary plus scatter, blurred by focal spot and motion; noise-free.
    """
    spectrum = beam(tube.beam)
    primary = attenuate(
        materials,
        np.flatnonzero(some(materials)),
        spectrum.attenuation.astype(np.float32),
        spectrum.weight.astype(np.float32),
    )
    source = np.maximum(primary, np.float32(3e-4))
    np.log(source, out=source)
    np.negative(source, out=source)
    shape_beam(primary, source, tube.heel, shutter)
    # two-Gaussian scatter kernel, near and far (after Boone & Seibert 1988 in spirit)
    # lamellae that do not point at the focus shade the primary, more and more towards one side
    # (engineer's estimate: linear); scatter comes from everywhere and is not shaded so
    if tube.cutoff:
        across = np.linspace(0, tube.cutoff, primary.shape[1], dtype=np.float32)
        primary *= 1 - across - np.float32(max(-tube.cutoff, 0.0))
    kernels = [(2.2 / pixel_cm, 0.6 * tube.scatter), (6.5 / pixel_cm, 0.4 * tube.scatter)]
    add_wide_blurs(primary, source, kernels)
    penumbra = tube.focal_mm * (tube.magnification - 1) / 2
    blur = float(np.hypot(penumbra, tube.motion_mm)) * 0.1 / pixel_cm
    return gaussian(primary, blur, 3.0) if blur > 0.15 else primary


def add_wide_blurs(out: Map, image: Map, kernels: list[tuple[float, float]]) -> None:
    """Add wide Gaussian blurs of an image, made on a smaller grid, to ``out``.

    Parameters
    ----------
    out, image : ndarray of float32, of one shape
        What is added to, in place, and what is blurred.
    kernels : list of pairs of float
        Standard deviation in pixels and share of each; the narrowest sets the grid, five of whose
        pixels go to its deviation.
    """
    step = max(1, int(min(sigma for sigma, _ in kernels) / 5))
    small = shrink(image, step)
    total = np.zeros_like(small)
    for sigma, share in kernels:
        total += np.float32(share) * gaussian_filter(small, sigma / step, mode="nearest")
    add_enlarged(out, total, step)
