"""Beam hardening: what a scanner that is calibrated for water gets wrong behind bone and metal.

A scanner takes the logarithm of a whole spectrum and corrects it as if all had been water. Behind
bone or metal the beam is harder than water leaves it, so the line integral comes out too small. The
difference alone, for each ray, goes through the same filtered backprojection as the noise: dark
bands between dense bones and bands and streaks about metal. A slice without anything dense costs
nothing. The whole way (a polychromatic projection of every material) is what a test holds it
against.

What is left out: the edge of metal is not sampled within a detector channel (no streaks from that),
scattered quanta, and the hardening by the bow-tie filter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from trainer.imaging.simulator.ct.scanner import (
    KERNELS,
    PITCH_CM,
    Technique,
    angles,
    channels,
    filtered,
    paths,
)
from trainer.imaging.simulator.ct.voxels import water_per_cm
from trainer.imaging.simulator.kernels.scan import backproject, project_voxels

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

BONE_HU, METAL_HU = 200.0, 2300.0  # from where on a voxel counts as holding bone, and as metal
_WATER_CM, _BONE_CM, _METAL_CM = 60.0, 16.0, 3.0  # longest paths of the table; beyond, the last
_STEPS = (61, 33, 49)


@dataclass(frozen=True, eq=False)
class Beam:
    """The detected spectrum.

    Parameters
    ----------
    weight : ndarray, shape (bins,)
        Share of the signal.
    water, bone, steel : ndarray, shape (bins,)
        Attenuation, 1/cm.
    """

    weight: Floats
    water: Floats
    bone: Floats
    steel: Floats

    def integral(self, water: Floats, bone: Floats, metal: Floats) -> Floats:
        """Return minus the logarithm of what passes through paths in cm (any one shape)."""
        path = (
            self.water * np.asarray(water)[..., None]
            + self.bone * np.asarray(bone)[..., None]
            + self.steel * np.asarray(metal)[..., None]
        )
        return np.asarray(-np.log((self.weight * np.exp(-path)).sum(-1)), float)

    def corrected(self, integral: Floats) -> Floats:
        """Return the line integral after the correction for water: linear in its path."""
        cm = np.linspace(0, 400, 2001)
        zero = np.zeros_like(cm)
        return np.asarray(
            water_per_cm() * np.interp(integral, self.integral(cm, zero, zero), cm), float
        )


@lru_cache(maxsize=1)
def beam() -> Beam:
    """Return the scanner's beam."""
    text = (files("trainer.imaging.simulator") / "data" / "ct.json").read_text("utf-8")
    raw = json.loads(text)["spectrum"]
    return Beam(*(np.array(raw[name]) for name in ("weight", "water", "bone", "steel")))


@lru_cache(maxsize=1)
def linear() -> tuple[float, float]:
    """Return attenuation of bone and of steel at the scanner's effective energy, 1/cm."""
    text = (files("trainer.imaging.simulator") / "data" / "ct.json").read_text("utf-8")
    raw = json.loads(text)["attenuation_per_cm"]
    return float(raw["bone"]), float(raw["steel"])


@lru_cache(maxsize=1)
def _error() -> Map:
    """Return how much the corrected line integral differs from the linear one, over the paths."""
    axes = [
        np.linspace(0, most, n)
        for most, n in zip((_WATER_CM, _BONE_CM, _METAL_CM), _STEPS, strict=True)
    ]
    water, bone, metal = np.meshgrid(*axes, indexing="ij")
    own = beam()
    told = own.corrected(own.integral(water, bone, metal))
    mu_bone, mu_metal = linear()
    return np.asarray(told - water_per_cm() * water - mu_bone * bone - mu_metal * metal, np.float32)


def materials(hu: Map) -> tuple[Map, Map]:
    """Return the shares of bone and of metal in voxels, by their numbers."""
    mu_water = water_per_cm()
    mu_bone, mu_metal = linear()
    full = 1000 * mu_bone / mu_water - 1045  # from soft tissue's number to compact bone's
    bone = np.where(hu > BONE_HU, (hu - 45) / full, 0)
    metal = np.where(hu > METAL_HU, (hu / 1000 + 1) * mu_water / mu_metal, 0)
    return (
        np.asarray(np.where(metal > 0, 0, bone), np.float32),
        np.asarray(metal, np.float32),
    )


def streaks(hu: Map, pixel: float, technique: Technique) -> Map:
    """Return what hardening adds to slices, HU.

    Parameters
    ----------
    hu : ndarray of float32, shape (slices, rows, columns)
        The object.
    pixel : float
        cm.
    technique : Technique
        Its kernel filters the error as it filters everything.
    """
    out = np.zeros_like(hu)
    kernel, at, side = KERNELS[technique.kernel], angles(), hu.shape[1]
    for k, image in enumerate(hu):
        if not (image > BONE_HU).any():
            continue
        error = missing(image, pixel)
        made = backproject(filtered(error, kernel, pixel), at, PITCH_CM, side, pixel)
        out[k] = made * np.float32(1000 / water_per_cm())
    return out


def missing(image: Map, pixel: float) -> Map:
    """Return by how much each measured line integral of one slice is off, (views, channels)."""
    bone, metal = (_integral(share, pixel) for share in materials(image))
    mu_bone, mu_metal = linear()
    rest = paths(image, pixel) - np.float32(mu_bone) * bone - np.float32(mu_metal) * metal
    water = np.maximum(rest / np.float32(water_per_cm()), 0)
    index = [
        np.minimum(path / most, 1) * (n - 1)
        for path, most, n in zip(
            (water, bone, metal), (_WATER_CM, _BONE_CM, _METAL_CM), _STEPS, strict=True
        )
    ]
    return np.asarray(map_coordinates(_error(), index, order=1, mode="nearest"), np.float32)


def _integral(share: Map, pixel: float) -> Map:
    """Return the path through a material of which few voxels are made, cm."""
    rows, columns = np.nonzero(share)
    out = np.zeros((len(angles()), channels()), np.float32)
    project_voxels(
        rows.astype(np.float32) - np.float32((share.shape[0] - 1) / 2),
        columns.astype(np.float32) - np.float32((share.shape[1] - 1) / 2),
        share[rows, columns], pixel, angles(), PITCH_CM, out,
    )  # fmt: skip
    return out
