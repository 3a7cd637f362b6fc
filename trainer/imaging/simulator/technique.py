"""How a region is photographed: film, distances, tube, panel; and how patients lie before it.

Regions differ in numbers, not in how a camera is aimed. A region states a :class:`Technique`, which
makes the region::

    TECHNIQUE = Technique(film=(4, 5), centre=middle, distance=110, behind=9, turn=180, ...)
    KNEE_AP = TECHNIQUE.region("knee", "ap", QUANTITIES, build, tones, structural=STRUCTURAL)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.beam import Tube
from trainer.imaging.simulator.body import Body, Paths
from trainer.imaging.simulator.camera import Camera, aim
from trainer.imaging.simulator.case import Case, Number, Quantity, Region, Structural, Value
from trainer.imaging.simulator.detector import Detector
from trainer.imaging.simulator.vendors import Tone

Point = tuple[float, float, float]


class Parts(TypedDict):
    """What a region takes over from its technique."""

    camera: Callable[[Case, int], Camera]
    tube: Callable[[Case], Tube]
    detector: Callable[[Case], Detector]


class Rest(TypedDict, total=False):
    """What a region may state besides; see :class:`~trainer.imaging.simulator.case.Region`."""

    structural: Mapping[Hallmark, Structural]
    blades: float
    detail: float
    force: float
    contrast: float
    beyond: float
    settle: Callable[[dict[str, Value], frozenset[str]], None] | None
    thinnest: str
    chambers: tuple[str, float] | None
    marker_places: tuple[tuple[float, float, float, float], tuple[float, float, float, float]]


@dataclass(frozen=True)
class Technique:
    """One way to photograph one region.

    A case's quantities ``rotation``, ``tilt``, ``roll``, ``shift_x``, ``shift_y`` and ``cutoff``
    are used where the region has them; ``field`` (the longer side of the film at the patient, cm),
    ``beam`` and ``exposure`` it must have.

    Parameters
    ----------
    film : tuple of int
        Columns to rows of the film.
    centre : callable
        Case to the world point on the central ray of a well-centred film, cm.
    distance : float
        Source to detector, cm.
    behind : float
        From the centre to the detector, cm.
    turn : float
        Of the body about its long axis, degrees: 0 PA, 180 AP, 90 or -90 lateral.
    mirrored : bool or callable
        Show the film left-right reversed; may depend on the case.
    focal_mm, heel, scatter, motion_mm : float
        See :class:`~trainer.imaging.simulator.beam.Tube`.
    magnification : float
        Of the structures that matter.
    quanta : float
        Detected quanta per mm2 in the raw beam at the usual exposure.
    blur_mm : float
        Width of the scintillator's MTF.
    widen : callable, optional
        Case to a factor of the field.
    """

    film: tuple[int, int]
    centre: Callable[[Case], Point]
    distance: float = 115.0
    behind: float = 14.0
    turn: float = 0.0
    mirrored: bool | Callable[[Case], bool] = False
    focal_mm: float = 1.0
    magnification: float = 1.08
    heel: float = 0.10
    scatter: float = 0.22
    motion_mm: float = 0.0
    quanta: float = 1e6
    blur_mm: float = 0.13
    widen: Callable[[Case], float] | None = None

    def parts(self) -> Parts:
        """Return what a region takes over."""
        return {"camera": self.camera, "tube": self.tube, "detector": self.detector}

    def region(
        self,
        name: str,
        view: str,
        quantities: Mapping[str, Quantity],
        build: Callable[[Case], Body],
        tones: Callable[[Paths], list[Tone]],
        **rest: Unpack[Rest],
    ) -> Region:
        """Return a region that is photographed so; see :class:`Region` for what is given."""
        return Region(
            name=name,
            view=view,
            quantities=quantities,
            build=build,
            tones=tones,
            **self.parts(),
            **rest,
        )

    def camera(self, case: Case, columns: int) -> Camera:
        """Return the camera of a case for a film of so many columns."""
        across, along = self.film
        rows = columns * along // across
        field = case.number("field") * (self.widen(case) if self.widen else 1.0)
        return aim(
            columns=columns,
            rows=rows,
            width=field * columns / max(columns, rows),
            centre=self._aimed(case.values, self.centre(case)),
            source_to_detector=self.distance,
            detector_behind=self.behind,
            turn=self.turn + _of(case.values, "rotation"),
            tilt=_of(case.values, "tilt"),
            roll=_of(case.values, "roll"),
            mirrored=self.mirrored(case) if callable(self.mirrored) else self.mirrored,
        )

    def tube(self, case: Case) -> Tube:
        """Return the tube's settings."""
        return Tube(
            case.word("beam"), self.focal_mm, self.magnification, self.heel, self.scatter,
            self.motion_mm, _of(case.values, "cutoff"),
        )  # fmt: skip

    def detector(self, case: Case) -> Detector:
        """Return the panel at the case's exposure."""
        return Detector(self.quanta * case.number("exposure"), blur_mm=self.blur_mm)

    def _aimed(self, values: Mapping[str, object], centre: Point) -> Point:
        """Return the centre as the radiographer hit it: off sideways and along the body."""
        x, y, z = centre
        sideways, along = _of(values, "shift_x"), _of(values, "shift_y")
        if abs(np.sin(np.deg2rad(self.turn))) > 0.7:
            return x, y + sideways, z + along
        return x + sideways, y, z + along


def _of(values: Mapping[str, object], name: str) -> float:
    value = values.get(name, 0.0)
    assert isinstance(value, float | int), f"{name} is a number"
    return float(value)


def positioning(
    rotation: float, tilt: float, roll: float, shift: tuple[float, float]
) -> dict[str, Quantity]:
    """Return how patients lie: quantities that are 0 on average and spread so much.

    Parameters
    ----------
    rotation, tilt, roll : float
        Standard deviations, degrees; the limits are four times that.
    shift : tuple of float
        Standard deviations of the centring, sideways and along the body, cm.
    """

    def about(spread: float, what: str) -> Quantity:
        return Number(-4 * spread, 4 * spread, 0, spread, what)

    return {
        "rotation": about(rotation, "rotation about the long axis, degrees"),
        "tilt": about(tilt, "tilt of the tube along the body, degrees"),
        "roll": about(roll, "turn in the film's plane, degrees"),
        "shift_x": about(shift[0], "film off centre sideways, cm"),
        "shift_y": about(shift[1], "film off centre along the body, cm"),
    }
