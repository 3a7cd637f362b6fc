"""From a case to a film; and a forged film beside its authentic twin.

A twin shares everything with its authentic film but the parts that were changed: camera, noise,
marker, collimation, processing constants. The mask is where the noise-free path lengths differ;
outside it the twin's film is the authentic one to the bit. At its rim, where the two differ by
less than the noise, they are blended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from trainer.imaging.film import Film, Mask, Pixels
from trainer.imaging.simulator.beam import beam, transmit
from trainer.imaging.simulator.body import Paths, Projector
from trainer.imaging.simulator.camera import Camera
from trainer.imaging.simulator.case import Case, Region
from trainer.imaging.simulator.detector import Detector, Noise, expose, noise_of
from trainer.imaging.simulator.kernels.images import quantise
from trainer.imaging.simulator.kernels.sums import some, weighed_difference
from trainer.imaging.simulator.looks import Breaks, Contact, Look, Parts, Without, grown
from trainer.imaging.simulator.marker import INITIALS, Marker, collimate, draw_marker
from trainer.imaging.simulator.tissue import MATERIALS
from trainer.imaging.simulator.twins import CHANGED, around, figures, plain, where
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
# Even noise of digitisation and archiving, as a share of white: real films have it in air as well.
FLOOR = 0.004


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
        self._chance: dict[str, tuple[Noise, Map]] = {}
        shape, pixel = self.camera.shape, self.camera.pixel_cm
        self._shutter = collimate(shape, pixel, case.rng("collimator"), region.blades)
        self._blades = Blades(self._shutter)
        self._lead = self._marker()
        self._lettered = around(self._lead > 0, 0) if self._lead.any() else None

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
        values -= clean
        mask, weight = where(change, values, self.camera.pixel_cm)
        report = self._numbers(paths) | figures(mask, change, values)
        place = plain(change, mask, self.camera.pixel_cm)
        return Photograph(self._film(export(clean, values, weight)), paths, mask, place, report)

    def beyond(self, case: Case) -> Mask:
        """Return where this session's body plainly differs from another's.

        Parameters
        ----------
        case : Case
            The same patient without something.
        """
        before, _ = self._develop_authentic()
        change = self.change(before, self._projector.project(self.region.build(case)))
        return plain(change, np.abs(change) > CHANGED, self.camera.pixel_cm)

    def place_of(self, looks: Sequence[Look]) -> Mask:
        """Return where this session's film shows looks that imitate a hallmark, within its field.

        Parameters
        ----------
        looks : sequence of Look
            Those of a film: neither everywhere nor in slices.
        """
        parts = self.region.build(self.case).parts
        found = np.zeros(self.camera.shape, np.bool_)
        for look in looks:
            if isinstance(look, Without):
                bare = self.beyond(self.region.changed(self.case, look.values))
                found |= grown(bare, look.rim / self.camera.pixel_cm)
            elif isinstance(look, Parts | Contact | Breaks):
                found |= look.on(parts, self._projector, self.case.values)
            else:
                raise TypeError(f"{look} has no place on a film")
        return found & (self._shutter > 0.5)

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
        values -= clean
        _, weight = where(self.change(before, shot.paths), values, self.camera.pixel_cm)
        return export(clean, values, weight)

    def change(self, before: Paths, after: Paths) -> Map:
        """Return the difference of two bodies' noise-free log attenuation."""
        mu = beam(self.region.tube(self.case).beam).effective.astype(np.float32)
        crossed = np.flatnonzero(some(before.materials) | some(after.materials))
        return np.asarray(weighed_difference(before.materials, after.materials, crossed, mu))

    def _develop_authentic(self) -> tuple[Paths, Map]:
        if self._authentic is None:
            paths = self._projector.project(self.region.build(self.case))
            self._authentic = (paths, self._develop(paths))
        return self._authentic

    def _develop(self, paths: Paths, draw: str = "") -> Map:
        pixel = self.camera.pixel_cm
        if draw not in self._chance:
            shape = self.camera.shape
            floor = self.case.rng("floor" + draw).standard_normal(shape, dtype=np.float32)
            floor *= np.float32(FLOOR)
            self._chance[draw] = Noise.draw(shape, self.case.rng("noise" + draw)), floor
        chance, floor = self._chance[draw]
        signal = self._signal(paths)
        panel = self._exposed(signal, paths)
        density = self._blades.fill(density_of(expose(signal, panel, pixel, chance)))
        noise = self._blades.fill(noise_of(signal, panel, pixel))
        if self._thinnest is None:
            self._thinnest = self._least(density, paths)
        density, fine = enhance(
            density, noise, self._vendor, self.region.detail, self._thinnest, self.region.beyond
        )
        if self._curve is None:
            self._curve = tone_curve(density, self.region.tones(paths), self._vendor)
        values = sharpen(develop(density, fine, self._curve, self._vendor))
        values += floor
        self._blades.draw(values, self._vendor.shade)
        return values

    def _signal(self, paths: Paths) -> Map:
        """Return the mean signal behind a body and the marker."""
        materials, marked = paths.materials, self._lettered
        if marked is not None:
            here = materials[MATERIALS.index("lead")][marked]
            bare = here.copy()
            here += self._lead[marked]
        tube, pixel = self.region.tube(self.case), self.camera.pixel_cm
        signal = transmit(materials, tube, pixel, self._shutter)
        if marked is not None:
            here[...] = bare
        return signal

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
                    longer = (usual / float(np.median(behind))) ** self.region.suited
                    self._panel = replace(self._panel, quanta_mm2=self._panel.quanta_mm2 * longer)
        return self._panel

    def _least(self, density: Map, paths: Paths) -> float:
        """Return the density of the thinnest anatomy that the region's film is to show."""
        if not self.region.thinnest:
            return -9.0
        inside = paths.structures[self.region.thinnest][::4, ::4] > 1
        seen = density[::4, ::4][inside & (self._shutter[::4, ::4] > 0.9)]
        return float(np.quantile(seen, 0.02)) if seen.size else -9.0

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
            **{
                f"seen_{name}": float(np.count_nonzero(mask)) / mask.size
                for name, mask in paths.masks().items()
            },
        }


class Blades:
    """The collimator's blades, which vendors find before they process what lies between.

    Else the blades' edge would throw a halo into the film. What they covered is filled from its
    nearest open pixel, on a quarter of the rows and columns, which is all that halos need.

    Parameters
    ----------
    shutter : ndarray of float32
        Share of the beam that the collimator lets through, per pixel.
    """

    def __init__(self, shutter: Map) -> None:
        covered = shutter < 0.6
        self._covered = np.flatnonzero(covered)
        seen = np.clip((shutter - np.float32(0.5)) / np.float32(0.25), 0, 1)
        self._seen = seen if seen.min() < 1 else None
        if not len(self._covered):
            return
        step = 4
        nearest = distance_transform_edt(
            covered[::step, ::step], return_distances=False, return_indices=True
        )
        rows, columns = np.divmod(self._covered, covered.shape[1])
        down, across = (axis[rows // step, columns // step] * step for axis in nearest)
        self._source = down * covered.shape[1] + across

    def fill(self, image: Map) -> Map:
        """Return anything per pixel, in place, with what the blades covered filled in."""
        if len(self._covered):
            flat = image.reshape(-1)
            flat[self._covered] = flat[self._source]
        return image

    def draw(self, values: Map, shade: float) -> None:
        """Shade grey levels, in place, where the blades let little of the beam through."""
        if self._seen is not None:
            values -= np.float32(shade)
            values *= self._seen
            values += np.float32(shade)


def export(values: Map, change: Map | None = None, weight: Map | None = None) -> Pixels:
    """Return the film's pixels: the one last step of every film, authentic or forged.

    Parameters
    ----------
    values : ndarray of float32
        Grey levels, 0 black to 1 white; what lies outside is cut.
    change, weight : ndarray of float32, optional
        What a forgery adds to them, and how much of it is taken, 0 to 1.
    """
    if change is None or weight is None:
        return np.asarray(quantise(values, np.float32(WHITE)), np.uint16)
    return np.asarray(quantise(values + weight * change, np.float32(WHITE)), np.uint16)
