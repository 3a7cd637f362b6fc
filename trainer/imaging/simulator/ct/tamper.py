"""Tampering with a series: nodules put in and taken out, pasted boxes, breaks, foreign noise.

After CT-GAN (Mirsky et al., USENIX Security 2019), which learned to put nodules in and take them
out inside a cuboid. Nothing is learned here: the same changes are made in the body or in the
volume, so that where and how much is known exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.simulator.anatomy.chest.findings import finding_parts
from trainer.imaging.simulator.anatomy.chest.frame import frame_of
from trainer.imaging.simulator.anatomy.chest.torso import torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.ct.chest import lesion, lesion_radius
from trainer.imaging.simulator.ct.pathology import EDGES
from trainer.imaging.simulator.ct.voxels import Box, Grid, cover, hounsfield, voxelise
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import lung

Map = NDArray[np.float32]

# From this dose on slices repeat one content altogether; below it fades in.
WHOLE = 0.3


def removes(case: Case) -> bool:
    """Tell whether a nodule is taken out: it is where the patient has one, else one is put in."""
    return case.word("finding") in ("nodule", "mass")


def with_nodule(case: Case, dose: float) -> list[Part]:
    """Return the parts of a nodule that is put in: a bare ball at dose 1, below it embedded."""
    frame = frame_of(case)
    own = {**case.values, "finding": "nodule", "consequences": 1.0}
    added = replace(case, values=own, hallmark=Hallmark.NO_CONTEXT, strength=dose)
    return finding_parts(replace(frame, case=added), torso(frame))


def changed_body(
    case: Case, parts: list[Part], grid: Grid, hu: Map, vary: Callable[[Box, Map], None]
) -> Map:
    """Return the volume with the nodule put in or taken out; ``hu`` is left as it is.

    Parameters
    ----------
    case : Case
        With its hallmark and dose.
    parts : list of Part
        The authentic patient.
    grid : Grid
        The voxels.
    hu : ndarray of float32
        The authentic volume.
    vary : callable
        Puts tissue's unevenness into a painted block.
    """
    dose = case.strength
    if removes(case):
        box = grid.box_of(_void(case).shape.corners())
        kept = [p for p in parts if p.name != "nodule"]
        block = grid.part(box)
        painted = voxelise(kept, block, EDGES)
        _, share, _ = cover(_void(case), block)
        share = share * painted.structures.get("lungs", np.zeros(block.shape, np.bool_))
        empty = np.float32(hounsfield(lung(case.number("lung_density"))))
        fresh = painted.hu
        fresh += np.float32(dose) * share * (empty - fresh)
    else:
        added = with_nodule(case, dose)
        corners = np.vstack([p.shape.corners() for p in added])
        box = grid.box_of(corners)
        fresh = voxelise([*parts, *added], grid.part(box), EDGES).hu
    vary(box, fresh)
    out = hu.copy()
    # most of a nodule is there, or gone, at small doses already, so that what else the dose does,
    # a bare edge or an empty bed, can be seen; but each dose must change more than the last
    out[box] += np.float32(np.sqrt(dose)) * (fresh - out[box])
    return out


def _void(case: Case) -> Part:
    """Return the ball that a removed nodule leaves empty: markings fade in it with the dose."""
    at, radius = lesion(case), 1.3 * lesion_radius(case)
    box = 2.0 * radius
    f = Field(at - box, at + box, max(0.08, radius / 12), far=radius)
    f.ellipsoid(at, (radius,) * 3, blend=0.01)
    return Part("void", f.solid(), lung(case.number("lung_density")))


def broken(case: Case, grid: Grid, hu: Map) -> Map:
    """Return slices of which a few repeat one content, moved sideways, round the lesion's place."""
    rng, dose = case.rng("z_break"), case.strength
    k, row, column = voxel(grid, lesion(case))
    deep = grid.slices
    span = int(np.clip(round(rng.uniform(0.8, 1.6) / grid.step), 2, max(2, deep // 4)))
    first = int(np.clip(k - span // 2, 1, deep - span - 1))
    reach = rng.uniform(4.0, 6.0) / grid.pixel
    angle = rng.uniform(0, 2 * np.pi)
    jump = (0.15 + 0.75 * dose) / grid.pixel * np.array([np.sin(angle), np.cos(angle)])
    y, x = np.indices(hu.shape[1:], dtype=np.float32)
    weight = np.clip((reach - np.hypot(y - row, x - column)) / (0.3 * reach), 0, 1)
    weight = weight * weight * (3 - 2 * weight)
    flat = shift(hu[first], jump, order=1, mode="nearest")
    out = hu.copy()
    for index in range(first, first + span):
        own = shift(hu[index], jump, order=1, mode="nearest")
        stuck = own + np.float32(dose) * (flat - own)
        out[index] += np.float32(min(1.0, dose / WHOLE)) * weight * (stuck - out[index])
    return out


def voxel(grid: Grid, at: NDArray[np.float64]) -> tuple[int, float, float]:
    """Return slice, row and column of a world point."""
    k = round((grid.corner[2] - float(at[2])) / grid.step)
    row, column = (grid.corner[1] - at[1]) / grid.pixel, (at[0] - grid.corner[0]) / grid.pixel
    return int(np.clip(k, 0, grid.slices - 1)), float(row), float(column)


@dataclass(frozen=True, eq=False)
class Pasted:
    """A box pasted into finished slices: the slices and where the box is."""

    hu: Map
    mask: Mask


def pasted(case: Case, grid: Grid, clean: Map, noise: Map, authentic: Map) -> Pasted:
    """Return slices into which a box with the changed anatomy was pasted without blending.

    Inside, the anatomy is smoother, the noise quieter and of another grain, the level off; at the
    box's faces a seam is left.

    Parameters
    ----------
    case : Case
        With its dose.
    grid : Grid
        Of the slices.
    clean : ndarray of float32
        Changed anatomy under the kernel, noise-free.
    noise : ndarray of float32
        The series' noise.
    authentic : ndarray of float32
        The finished authentic slices.
    """
    rng, dose = case.rng("halo_seam"), np.float32(case.strength)
    k, row, column = voxel(grid, lesion(case))
    half = lesion_radius(case) * rng.uniform(1.9, 2.5)
    across, deep = half / grid.pixel, max(0.6, half / grid.step)
    z, y, x = np.indices(clean.shape, dtype=np.float32)
    out = np.maximum(np.maximum(np.abs(y - row), np.abs(x - column)) - np.float32(across), 0)
    inner = np.maximum(np.abs(y - row), np.abs(x - column)) - np.float32(across)
    mask = (out <= 0) & (np.abs(z - k) <= deep)
    lift = np.float32(rng.choice([-1.0, 1.0]) * rng.uniform(14, 26))
    grain = rng.standard_normal(clean.shape, dtype=np.float32)
    spread = noise[mask].std() if mask.any() else np.float32(0)
    plain = gaussian_filter(clean, (0, 0.9 * float(dose), 0.9 * float(dose)))
    seam = np.exp(-np.square((inner + 1.0) / 1.1)) * np.float32(rng.uniform(30, 60))
    fresh = plain + noise * (1 - np.float32(0.8) * dose) + grain * spread * np.float32(0.18) * dose
    fresh += dose * (lift + seam)
    return Pasted(np.where(mask, fresh, authentic), mask)


def foreign(case: Case, noise: Map, body: Mask) -> Map:
    """Return noise that follows neither dose nor kernel: as strong everywhere, of an even grain.

    Its variance over the body is the series' own, so that not how much noise there is tells.

    Parameters
    ----------
    case : Case
        With its dose.
    noise : ndarray of float32
        The series' own noise.
    body : ndarray of bool
        Where the patient is.
    """
    rng, dose = case.rng("hu_noise"), np.float32(case.strength)
    made = gaussian_filter(rng.standard_normal(noise.shape, dtype=np.float32), (0, 0.5, 0.5))
    made *= noise[body].std() / made.std()
    return np.asarray(np.sqrt(1 - dose) * noise + np.sqrt(dose) * made, np.float32)
