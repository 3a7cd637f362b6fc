"""From a case to a film; and a forged film beside its authentic twin.

A twin shares everything with its authentic film but the parts that were changed: camera, noise,
marker, collimation, processing constants. The mask is where the noise-free path lengths differ;
outside it the twin's film is the authentic one to the bit. At its rim, where the two differ by
less than the noise, they are blended.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    binary_dilation,
    binary_opening,
    distance_transform_edt,
)

from trainer.imaging.film import Film, Mask, Pixels
from trainer.imaging.simulator.beam import beam, transmit
from trainer.imaging.simulator.blur import gaussian
from trainer.imaging.simulator.body import Paths, Projector
from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.case import Case, Region
from trainer.imaging.simulator.detector import Detector, expose, noise_of
from trainer.imaging.simulator.marker import INITIALS, Marker, collimate, draw_marker
from trainer.imaging.simulator.tissue import MATERIALS
from trainer.imaging.simulator.vendors import (
    VENDORS,
    Curve,
    density_of,
    develop,
    enhance,
    sharpen,
    tone_curve,
)

Map = NDArray[np.float32]

COLUMNS = 1024
WHITE = 65535
# Noise-free log attenuation from which a pixel counts as changed: half the quantum noise of a
# usual film, so that nothing a reader could see lies outside.
CHANGED = 0.004
# Even noise of digitisation and archiving, as a share of white: real films have it in air as well.
FLOOR = 0.004
# Grey level (of 1) from which a change that processing spread is taken into the mask.
SHOWN = 0.008
# Width of the rim in which a twin passes into its authentic film.
RIM_CM = 0.5
# A change is plain, and shown as the place, from this share of the strongest on; between the log
# attenuation that noise hides and one that nobody overlooks.
PLAIN_SHARE = 0.1
PLAIN = (0.008, 0.03)


@dataclass(frozen=True, eq=False)
class Photograph:
    """One simulated film and what is known of it.

    Parameters
    ----------
    film : Film
        The film.
    paths : Paths
        What the rays crossed.
    mask : ndarray of bool or None
        Where a twin may differ from its authentic film.
    place : ndarray of bool or None
        Where the difference is plain: what is outlined, and where a mark counts as a hit.
    report : dict
        Numbers about its making.
    """

    film: Film
    paths: Paths
    mask: Mask | None
    place: Mask | None
    report: dict[str, float]

    @property
    def structures(self) -> dict[str, Mask]:
        """Where each structure is seen."""
        return self.paths.masks()


class Session:
    """One patient before one detector: takes the authentic film and, if wished, its forged twin.

    Parameters
    ----------
    region : Region
        What is shown.
    case : Case
        The authentic patient and exposure.
    columns : int
        Width of the film in pixels.
    """

    def __init__(self, region: Region, case: Case, columns: int = COLUMNS) -> None:
        self.region, self.case = region, case
        self.camera: Camera = region.camera(case, columns)
        self._projector = Projector(self.camera)
        self._vendor = VENDORS[case.word("vendor")].at(region.force, region.contrast)
        self._curve: Curve | None = None
        self._thinnest: float | None = None
        self._panel: Detector | None = None
        self._authentic: tuple[Paths, Map] | None = None
        shape, pixel = self.camera.shape, self.camera.pixel_cm
        self._shutter = collimate(shape, pixel, case.rng("collimator"), region.blades)
        self._lead = self._marker()

    def authentic(self) -> Photograph:
        """Return the authentic film."""
        paths, values = self._develop_authentic()
        return Photograph(self._film(export(values)), paths, None, None, self._numbers(paths))

    def forged(self, case: Case) -> Photograph:
        """Return the film of a forged body, the twin of this session's authentic one.

        Parameters
        ----------
        case : Case
            The same patient with a structural hallmark.
        """
        before, clean = self._develop_authentic()
        paths = self._projector.project(self.region.build(case))
        change = self.change(before, paths)
        values = self._develop(paths)
        mask, weight = self._where(change, values - clean)
        film = export(clean + weight * (values - clean))
        report = self._numbers(paths) | {
            "largest_change": float(np.abs(change).max()),
            "mean_change_in_mask": float(np.abs(change[mask]).mean()) if mask.any() else 0.0,
            "mask_share": float(mask.mean()),
            "largest_step_at_rim": self._rim_step(mask, values - clean),
        }
        return Photograph(self._film(film), paths, mask, self._plain(change, mask), report)

    def again(self, shot: Photograph) -> Pixels:
        """Return the film of a second exposure: other quanta, all else equal.

        The difference of the two is noise and nothing else, whatever the anatomy.

        Parameters
        ----------
        shot : Photograph
            Of this session, authentic or forged.
        """
        before, _ = self._develop_authentic()
        clean = self._develop(before, " again")
        if shot.mask is None:
            return export(clean)
        values = self._develop(shot.paths, " again")
        _, weight = self._where(self.change(before, shot.paths), values - clean)
        return export(clean + weight * (values - clean))

    def change(self, before: Paths, after: Paths) -> Map:
        """Return the difference of two bodies' noise-free log attenuation."""
        mu = beam(self.region.tube(self.case).beam).effective.astype(np.float32)
        total = np.zeros(self.camera.shape, np.float32)
        for m, weight in enumerate(mu):
            if before.materials[m].any() or after.materials[m].any():
                total += weight * (after.materials[m] - before.materials[m])
        return total

    def _develop_authentic(self) -> tuple[Paths, Map]:
        if self._authentic is None:
            paths = self._projector.project(self.region.build(self.case))
            self._authentic = (paths, self._develop(paths))
        return self._authentic

    def _develop(self, paths: Paths, draw: str = "") -> Map:
        pixel = self.camera.pixel_cm
        materials = paths.materials
        lead = MATERIALS.index("lead")
        materials[lead] += self._lead
        signal = transmit(materials, self.region.tube(self.case), pixel, self._shutter)
        materials[lead] -= self._lead
        panel = self._exposed(signal, paths)
        reading = expose(signal, panel, pixel, self.case.rng("noise" + draw))
        noise = noise_of(signal, panel, pixel)
        covered = self._shutter < 0.6
        if covered.any():
            reading, noise = beyond_blades(reading, covered), beyond_blades(noise, covered)
        density = density_of(reading)
        if self._thinnest is None:
            self._thinnest = self._least(density, paths)
        density, fine = enhance(
            density, noise, self._vendor, self.region.detail, self._thinnest, self.region.beyond
        )
        if self._curve is None:
            self._curve = tone_curve(density, self.region.tones(paths), self._vendor)
        values = sharpen(develop(density, fine, self._curve, self._vendor))
        floor = self.case.rng("floor" + draw).standard_normal(values.shape, dtype=np.float32)
        values = values + np.float32(FLOOR) * floor
        shade = np.float32(self._vendor.shade)
        seen = np.clip((self._shutter - 0.5) / 0.25, 0, 1)
        return np.asarray(shade + (values - shade) * seen, np.float32)

    def _exposed(self, signal: Map, paths: Paths) -> Detector:
        """Return the panel at its exposure: as set by hand, or ended by the chambers behind it.

        A forged twin gets the authentic film's exposure.
        """
        if self._panel is None:
            self._panel = self.region.detector(self.case)
            if self.region.chambers is not None:
                structure, usual = self.region.chambers
                behind = signal[::4, ::4][paths.structures[structure][::4, ::4] > 8]
                if behind.size >= 50:
                    longer = usual / float(np.median(behind))
                    self._panel = replace(self._panel, quanta_mm2=self._panel.quanta_mm2 * longer)
        return self._panel

    def _least(self, density: Map, paths: Paths) -> float:
        """Return the density of the thinnest anatomy that the region's film is to show."""
        if not self.region.thinnest:
            return -9.0
        inside = paths.structures[self.region.thinnest][::4, ::4] > 1
        seen = density[::4, ::4][inside & (self._shutter[::4, ::4] > 0.9)]
        return float(np.quantile(seen, 0.02)) if seen.size else -9.0

    def _where(self, change: Map, shown: Map) -> tuple[Mask, Map]:
        """Return the mask and the weight of the forged film, 1 inside and 0 outside the mask.

        Besides the changed paths, the mask holds what processing and scatter made visible about
        them: a grey-level change, averaged over a few pixels, that a reader could see.
        """
        pixel = self.camera.pixel_cm
        visible = np.abs(gaussian(shown, 0.1 / pixel)) > SHOWN
        changed = np.abs(change) > CHANGED
        if not changed.any():
            return np.zeros(change.shape, bool), np.zeros(change.shape, np.float32)
        weight = np.zeros(change.shape, np.float32)
        here = around(changed | visible, int((RIM_CM + 0.2) / pixel) + 2)
        near = distance_transform_edt(~binary_opening((changed | visible)[here])) * pixel
        ramp = np.clip(1 - (near - 0.1) / RIM_CM, 0, 1).astype(np.float32)
        weight[here] = ramp * ramp * (3 - 2 * ramp)
        weight[changed] = 1.0
        return weight > 0, weight

    def _plain(self, change: Map, mask: Mask) -> Mask:
        """Return where a change is plain to see, averaged over a millimetre or two."""
        if not mask.any():
            return mask
        strength = gaussian(np.abs(change), 0.15 / self.camera.pixel_cm)
        least = np.clip(PLAIN_SHARE * np.quantile(strength[mask], 0.995), *PLAIN)
        plain = (strength > least) & mask
        return np.asarray(plain if plain.any() else mask, bool)

    @staticmethod
    def _rim_step(mask: Mask, difference: Map) -> float:
        """Return the largest grey-level change just outside the mask that blending took away."""
        ring = binary_dilation(mask, iterations=2) & ~mask
        return float(np.abs(difference[ring]).max()) if ring.any() else 0.0

    def _marker(self) -> Map:
        rng = self.case.rng("marker")
        drawn = rng.random() < 0.75
        left = self.case.values.get("side", "left" if drawn else "right") == "left"
        place = self.region.marker_places[0 if left else 1]
        marker = Marker(
            letter="L" if left else "R",
            initials=INITIALS[int(rng.integers(len(INITIALS)))],
            place=(float(rng.uniform(*place[:2])), float(rng.uniform(*place[2:]))),
            tilt=float(rng.normal(0, 5)),
        )
        if self.case.word("marker") == "none":
            return np.zeros(self.camera.shape, np.float32)
        return draw_marker(self.camera.shape, self.camera.pixel_cm, marker)

    def _film(self, pixels: Pixels) -> Film:
        spacing = self.camera.pixel_cm * 10
        return Film(pixels, (spacing, spacing), region=self.region.name, view=self.region.view)

    def _numbers(self, paths: Paths) -> dict[str, float]:
        panel = self._panel or self.region.detector(self.case)
        return {
            "pixel_mm": self.camera.pixel_cm * 10,
            "quanta_per_mm2": panel.quanta_mm2,
            **{f"seen_{k}": float(m.mean()) for k, m in paths.masks().items()},
        }


def around(mask: Mask, margin: int) -> tuple[slice, slice]:
    """Return the rows and columns of what is marked, and so many pixels more on each side."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )


def beyond_blades(image: Map, covered: Mask) -> Map:
    """Return the image with what the blades covered filled from its nearest open pixel.

    Vendors find the collimated field before they process it; else the blades' edge would throw a
    halo into the film. Filled on a quarter of the rows and columns, which is all that halos need.

    Parameters
    ----------
    image : ndarray of float32
        Anything per pixel.
    covered : ndarray of bool
        Where the blades were.
    """
    step = 4
    nearest = distance_transform_edt(
        covered[::step, ::step], return_distances=False, return_indices=True
    )
    small = image[::step, ::step][tuple(nearest)]
    wide = np.repeat(np.repeat(small, step, 0), step, 1)[: image.shape[0], : image.shape[1]]
    return np.where(covered, wide, image)


def export(values: Map) -> Pixels:
    """Return the film's pixels: the one last step of every film, authentic or forged.

    Parameters
    ----------
    values : ndarray of float
        Grey levels, 0 black to 1 white; what lies outside is cut.
    """
    return np.asarray(np.rint(np.clip(values, 0, 1) * np.float32(WHITE)), np.uint16)
