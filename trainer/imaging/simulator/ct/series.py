"""From a case to a series of slices; and a forged series beside its authentic twin.

Twins share patient, table, noise and every setting. A change in the body changes what the kernel
shows; noise is the authentic series' own, so **outside the mask twins are equal to the bit** (the
kernel's faint skirt, below half a Hounsfield unit, is cut off).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    binary_closing,
    binary_dilation,
    gaussian_filter,
    gaussian_gradient_magnitude,
)

from trainer.core.words import Hallmark, Modality
from trainer.imaging.film import Film, Mask, Pixels
from trainer.imaging.simulator.anatomy.chest.frame import frame_of
from trainer.imaging.simulator.anatomy.chest.torso import torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case, CaseError, Region
from trainer.imaging.simulator.ct import chest, tamper
from trainer.imaging.simulator.ct.hardening import streaks
from trainer.imaging.simulator.ct.pathology import EDGES
from trainer.imaging.simulator.ct.scanner import KERNELS, Technique, blurred, noise
from trainer.imaging.simulator.ct.voxels import Box, Grid, voxelise
from trainer.imaging.simulator.looks import Look, Step, Without, grown

Map = NDArray[np.float32]

COLUMNS = 320
INTERCEPT = -1024.0
MOST = 4095  # 12 bits, as scanners store
MOST_COLUMNS, MOST_VOXELS = 768, 60_000_000  # about 1.5 GiB while it is made
THIN_CM = 0.13  # slices are painted at most so thick, and averaged
CHANGED_HU = 0.5
PLAIN_HU = 30.0
STEP_MM = 1.0  # a shift from slice to slice that can be seen


@dataclass(frozen=True, eq=False)
class Series:
    """One simulated series and what is known of it; see :class:`film.Photograph`."""

    film: Film
    structures: dict[str, Mask]
    mask: Mask | None
    place: Mask | None
    report: dict[str, float]


class Scan:
    """One patient in one scanner: takes the authentic series and, if wished, its forged twin.

    Parameters
    ----------
    region : Region
        What is shown.
    case : Case
        The authentic patient and technique.
    columns : int
        Rows and columns of each slice.
    """

    def __init__(self, region: Region, case: Case, columns: int = COLUMNS) -> None:
        self.region, self.case = region, case
        self.technique = Technique(
            case.number("mas"), float(case.word("slice_mm")), case.word("kernel")
        )
        step = self.technique.slice_mm / 10
        self._per_slice = max(1, int(np.ceil(step / THIN_CM)))
        _check_size(round(case.number("slices")), self._per_slice, columns)
        self.grid = self._grid(columns, step)
        self._thin = Grid(
            (
                self.grid.corner[0],
                self.grid.corner[1],
                self.grid.corner[2] + step / 2 * (1 - 1 / self._per_slice),
            ),
            self.grid.pixel,
            step / self._per_slice,
            self.grid.slices * self._per_slice,
            columns,
            columns,
        )
        self._parts: list[Part] = [*chest.couch(case, self._thin), *chest.patient(case)]
        self._texture = chest.texture(case, self._thin)
        self._body: Map | None = None

    def authentic(self) -> Series:
        """Return the authentic series."""
        self._take()
        return Series(self._film(self._shown), self._structures, None, None, self._numbers())

    def forged(self, case: Case) -> Series:
        """Return the series of the forged patient, the twin of this scan's authentic one.

        Parameters
        ----------
        case : Case
            The same patient with a hallmark.
        """
        self._take()
        made = {
            Hallmark.NO_CONTEXT: self._changed,
            Hallmark.Z_BREAK: self._broken,
            Hallmark.HALO_SEAM: self._pasted,
            Hallmark.HU_NOISE: self._foreign,
        }
        if case.hallmark is None or case.strength == 0:
            empty = np.zeros(self.grid.shape, np.bool_)
            return Series(self._film(self._shown), self._structures, empty, empty, self._numbers())
        shown, mask, place = made[case.hallmark](case)
        k, row, column = tamper.voxel(self.grid, chest.lesion(case))
        report = self._numbers() | {
            "largest_change": float(np.abs(shown - self._shown).max()),
            "mask_share": float(mask.mean()),
            "lesion_slice": float(k), "lesion_row": row, "lesion_column": column,
            "removed": float(tamper.removes(case)),
        }  # fmt: skip
        return Series(self._film(shown), self._structures, mask, place, report)

    def beyond(self, case: Case) -> Mask:
        """Return where the structures are seen that this scan's patient has and another has not.

        Parameters
        ----------
        case : Case
            The same patient without something.
        """
        self._take()
        others = {part.structure for part in chest.patient(case)}
        seen = np.zeros(self.grid.shape, np.bool_)
        for name in self._structures.keys() & {p.structure for p in self._parts} - others:
            seen |= self._structures[name]
        return seen

    def place_of(self, looks: Sequence[Look]) -> Mask:
        """Return where this series shows looks that imitate a hallmark.

        Parameters
        ----------
        looks : sequence of Look
            Those of a series: a thing that a body can lack, or a step.
        """
        found = np.zeros(self.grid.shape, np.bool_)
        for look in looks:
            if isinstance(look, Without):
                bare = self.beyond(self.region.changed(self.case, look.values))
                found |= np.stack([grown(one, look.rim / self.grid.pixel) for one in bare])
            elif isinstance(look, Step):
                found |= self._stepped()
            else:
                raise TypeError(f"{look} has no place in a series")
        return found

    def _take(self) -> None:
        if self._body is not None:
            return
        painted = voxelise(self._parts, self._thin, EDGES)
        chest.vary(self.case, self._thin, painted.hu, self._texture)
        self._body = painted.hu
        self._sharp = self._thick(painted.hu)
        self._structures = {
            name: self._thick(held.astype(np.float32)) > 0.5
            for name, held in painted.structures.items()
        }
        self._hardened = streaks(self._sharp, self.grid.pixel, self.technique)
        self._clean = self._developed(self._sharp)
        rng = self.case.rng("scanner noise")
        self._noise = noise(self._sharp, self.grid.pixel, self.technique, rng)
        self._shown = self._look(self._clean, self._noise)

    def _changed(self, case: Case) -> tuple[Map, Mask, Mask]:
        return self._within(self._altered(case))

    def _broken(self, case: Case) -> tuple[Map, Mask, Mask]:
        clean = self._developed(tamper.broken(case, self.grid, self._sharp))
        shown, mask, place = self._within(clean)
        joined = binary_closing(place, iterations=3) & mask
        return shown, mask, joined if joined.any() else mask

    def _pasted(self, case: Case) -> tuple[Map, Mask, Mask]:
        clean = self._altered(case)
        made = tamper.pasted(case, self.grid, clean, self._noise, self._shown)
        return made.hu, made.mask, made.mask

    def _foreign(self, case: Case) -> tuple[Map, Mask, Mask]:
        own = tamper.foreign(case, self._noise, self._structures["body"])
        everywhere = np.ones(self.grid.shape, np.bool_)
        return self._look(self._clean, own), everywhere, everywhere

    def _developed(self, sharp: Map) -> Map:
        """Return slices under the kernel, with what the patient's bone and metal do to them."""
        kernel = KERNELS[self.technique.kernel]
        return blurred(sharp, kernel, self.grid.pixel) + self._hardened

    def _altered(self, case: Case) -> Map:
        """Return the forged patient under the kernel."""
        assert self._body is not None

        def vary(box: Box, hu: Map) -> None:
            chest.vary(self.case, self._thin.part(box), hu, self._texture.part(box))

        body = tamper.changed_body(case, self._parts, self._thin, self._body, vary)
        return self._developed(self._thick(body))

    def _within(self, clean: Map) -> tuple[Map, Mask, Mask]:
        """Return forged slices, equal to the authentic ones outside the mask; mask and place."""
        change = np.abs(clean - self._clean)
        mask = binary_dilation(change > CHANGED_HU) if (change > CHANGED_HU).any() else change > 1e9
        shown = np.where(mask, self._look(clean, self._noise), self._shown)
        strength = gaussian_filter(change, (0, 0.7, 0.7))
        place = (strength > min(PLAIN_HU, 0.5 * float(strength.max()))) & mask
        return shown, mask, place

    def _look(self, clean: Map, own: Map) -> Map:
        """Return slices as the reconstruction's look shows them.

        Iterative reconstruction takes noise away, most where nothing has an edge, and leaves
        coarser grain; the learned kind takes more, and its grain is waxy. Both keep true edges.
        """
        look = self.case.word("recon")
        if look == "fbp":
            return clean + own
        keep, coarse = (0.5, 0.7) if look == "iterative" else (0.3, 1.1)
        edges = np.stack([gaussian_gradient_magnitude(c, 1.0) for c in clean])
        near = np.clip(edges / 60.0, 0, 1) * np.float32(0.5)
        grain = gaussian_filter(own, (0.4, coarse, coarse))
        level = np.float32(own.std() / max(float(grain.std()), 1e-6))
        return np.asarray(clean + keep * (1 - near) * grain * level * 0.8 + near * own, np.float32)

    def _thick(self, thin: Map) -> Map:
        """Return slices from thin ones: the breath between them, then the mean over each."""
        held = self._breathed(thin)
        n, k = self.grid.slices, self._per_slice
        mean = held.reshape(n, k, *held.shape[1:]).mean(1, dtype=np.float32)
        return np.asarray(mean, np.float32)

    def _breathed(self, volume: Map) -> Map:
        """Return the volume with what breathing moved: from one slice on all but the spine."""
        step = self.case.number("breath") / 10
        if step <= 0:
            return volume
        grid, n = self._thin, self._thin.slices
        first, share = self._breath(), self._lifted(grid)
        out = volume.copy()
        for j in range(grid.rows):
            lower = np.arange(first, n) - step * share[j] / grid.step
            below = np.clip(np.floor(lower).astype(int), 0, n - 2)
            part = np.clip(lower - below, 0, 1).astype(np.float32)[:, None]
            row = j + 0.35 * step * share[j] / grid.pixel
            j0 = min(int(row), grid.rows - 2)
            for_row = np.float32(row - j0)
            mixed = volume[:, j0] * (1 - for_row) + volume[:, j0 + 1] * for_row
            out[first:, j] = mixed[below] * (1 - part) + mixed[below + 1] * part
        return out

    def _breath(self) -> int:
        """Return the first thin slice after the breath."""
        return int(self._thin.slices * self.case.rng("breath").uniform(0.35, 0.65))

    def _lifted(self, grid: Grid) -> Map:
        """Return each row's share of the breath's step: all in front, none at the spine."""
        front, back = 8.0, -6.0
        return np.asarray(np.clip((grid.y() - back) / (front - back), 0, 1))

    def _stepped(self) -> Mask:
        """Return what a breath moved, in the slices on both sides of it."""
        self._take()
        found = np.zeros(self.grid.shape, np.bool_)
        # a slice that the breath fell into is averaged of both sides
        before, after = self._breath() // self._per_slice - 1, -(-self._breath() // self._per_slice)
        beside = slice(max(before, 0), after + 1)
        moved = self.case.number("breath") * self._lifted(self.grid) >= STEP_MM
        found[beside] = self._structures["body"][beside] & moved[:, None]
        return found

    def _grid(self, columns: int, step: float) -> Grid:
        """Return the grid: about the patient, the lesion anywhere in the stack but its ends."""
        case, frame = self.case, frame_of(self.case)
        soft = torso(frame)
        middle_z = chest.centre(case)
        slices = round(case.number("slices"))
        share = case.rng("stack").uniform(0.2, 0.8)
        top = min(middle_z + share * slices * step, -4.5 * frame.size)
        x, y = (np.asarray(a, float) for a in soft.grid.axes[:2])
        z = np.asarray(soft.grid.axes[2], float)
        held = soft.body[:, :, (z < top) & (z > top - slices * step - 1)] < 0
        across, along = x[held.any((1, 2))], y[held.any((0, 2))]
        field = float(max(across.max() - across.min(), along.max() - along.min()) + 1.5)
        field *= case.number("field")
        pixel = field / columns
        middle = (float(across.mean()), float((along.min() + along.max()) / 2) - 1.0)
        off = case.rng("centring").normal(0, 0.4, 2)
        half = pixel * (columns - 1) / 2
        corner = (middle[0] + off[0] - half, middle[1] + off[1] + half, round(top - step / 2, 2))
        return Grid(corner, pixel, step, slices, columns, columns)

    def _film(self, hu: Map) -> Film:
        grid = self.grid
        return Film(
            export(hu),
            (grid.pixel * 10, grid.pixel * 10),
            Modality.CT,
            self.region.name,
            self.region.view,
            1.0,
            INTERCEPT,
            tuple(round((grid.corner[2] - k * grid.step) * 10, 3) for k in range(grid.slices)),
        )

    def _numbers(self) -> dict[str, float]:
        body = self._structures["body"]
        return {
            "pixel_mm": self.grid.pixel * 10,
            "mas": self.technique.mas,
            "slice_mm": self.technique.slice_mm,
            "noise_hu": float(self._noise[body].std()),
            "corner_x_mm": float(self.grid.corner[0]) * 10,
            "corner_y_mm": float(self.grid.corner[1]) * 10,
        }


def _check_size(slices: int, parts: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise CaseError(f"columns: a slice has at most {MOST_COLUMNS}, not {columns}")
    voxels = slices * parts * columns**2
    if voxels > MOST_VOXELS:
        fit = int(MOST_VOXELS / parts / columns**2)
        raise CaseError(
            f"slices: {slices} of {columns} x {columns} at this thickness are {voxels / 1e6:.0f} "
            f"million voxels, the limit is {MOST_VOXELS / 1e6:.0f}: take at most {fit} slices, or "
            "fewer columns"
        )


def export(hu: Map) -> Pixels:
    """Return stored values: the one last step of every series, authentic or forged."""
    return np.asarray(np.clip(np.rint(hu - np.float32(INTERCEPT)), 0, MOST), np.uint16)
