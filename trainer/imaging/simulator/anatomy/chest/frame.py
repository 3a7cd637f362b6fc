"""The measures of one thorax: profiles of the cage, the spine's course, inspiration, asymmetry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from trainer.core.words import Hallmark
from trainer.imaging.simulator.case import Case

Floats = NDArray[np.float64]

TOP = -2.7  # height of the lung apex below the origin at the neck's root
# depth below the apex (cm of an average man): cage half width; front; back
_DEPTH = np.array([0, 0.15, 0.5, 1, 2, 3.5, 5.5, 8, 11, 15, 19, 23, 27, 31, 36])
_FRONT_AT = [-3, -1.5, 0, 2, 5, 8, 12, 16, 20, 24, 28, 34]
_FRONT = [-1.8, -0.4, 1.2, 2.9, 4.8, 6.2, 7.5, 8.3, 8.7, 8.9, 8.8, 8.5]
_BACK = [-3.0, -5.2, -6.5, -7.8, -8.8, -9.3, -9.5, -9.4, -9.2, -8.7, -7.9, -7.0]
SQUARENESS = 2.3  # exponent of the cage's superelliptic section

# quantities that the torso's shapes do not depend on
_ELSEWHERE = frozenset({"vendor", "exposure", "marker", "beam"})


@dataclass(frozen=True, eq=False)
class Frame:
    """One thorax in numbers; lengths in cm, depth ``h`` counted downwards from the neck.

    Parameters
    ----------
    size : float
        Scale, 1 for an average man.
    own : float
        How much of the natural asymmetry is left: 1, or less in a symmetric forgery.
    loose : float
        How much of the natural jitter along the spine is left: 1, or less in a rigid forgery.
    """

    case: Case
    size: float
    female: bool
    own: float
    loose: float
    inspiration: float
    scoliosis: float
    phase: float
    kyphosis: float
    skew: float
    half_width: PchipInterpolator
    front: PchipInterpolator
    back: PchipInterpolator
    dome_right: float
    dome_left: float
    heart_z: float
    heart_size: float

    def key(self) -> tuple[object, ...]:
        """Return what tells this thorax from others: the patient, and what a forgery changed."""
        case = self.case
        same = tuple((k, v) for k, v in case.values.items() if k not in _ELSEWHERE)
        return case.seed, same, self.own, self.loose

    def width(self, h: ArrayLike) -> Floats:
        """Return the cage's inner half width at a depth."""
        return np.asarray(self.half_width(self._held(h)), float)

    def front_y(self, h: ArrayLike) -> Floats:
        """Return how far forward the cage reaches at a depth."""
        return np.asarray(self.front(self._held(h)), float)

    def back_y(self, h: ArrayLike) -> Floats:
        """Return how far back the cage reaches at a depth."""
        return np.asarray(self.back(self._held(h)), float)

    def spine_x(self, h: ArrayLike) -> Floats:
        """Return the spine's sideways deviation at a depth."""
        at = np.asarray(h, float)
        wave = np.sin(at / 28 * 2 * np.pi * 0.8 + self.phase)
        return np.asarray(self.scoliosis * (wave + 0.2 * np.sin(at / 8 + 2 * self.phase)), float)

    def spine_y(self, h: ArrayLike) -> Floats:
        """Return the spine's depth (kyphosis) at a depth."""
        at = np.asarray(h, float)
        bow = np.sin(np.clip((at + 4) / 32, 0, 1.2) * np.pi * 0.93)
        return np.asarray((-3.6 - self.kyphosis * 3.1 * bow) * self.size, float)

    def point(self, x: float, y: float, z: float) -> Floats:
        """Return a point of the average thorax at this one's size."""
        return np.array([x, y, z]) * self.size

    def _held(self, h: ArrayLike) -> Floats:
        low, high = self.half_width.x[0], self.half_width.x[-1]
        return np.asarray(np.clip(np.asarray(h, float), low, high), float)


def frame_of(case: Case) -> Frame:
    """Return the measures of a case's thorax."""
    rng = case.rng("frame")
    female = case.word("sex") == "female"
    size = (0.93 if female else 1.0) * (1 + 0.03 * case.number("stature"))
    symmetric = case.dose(Hallmark.TOO_SYMMETRIC)
    rigid = case.dose(Hallmark.STRAIGHT_SPINE)
    own = 1 - symmetric
    heights = (TOP + _DEPTH) * size
    widths = np.r_[0.3, 14.7 * (1 - np.exp(-((_DEPTH[1:] / 5.6) ** 0.72)))]
    widths[-3:] = widths[-4] * np.array([0.985, 0.95, 0.90])
    widths *= size * (1 + 0.02 * rng.standard_normal()) * (1 + 0.012 * case.number("build"))
    inspiration = case.number("inspiration")
    depth = case.number("chest_depth")
    right = -(21.6 + 1.5 * inspiration) * size
    drop = float(np.clip(case.number("left_dome_drop"), -0.3, 2.4))
    at = np.concatenate([heights[:1] - 1.0, heights])
    heart = case.number("heart")
    if case.word("finding") == "cardiomegaly":
        heart *= 1.22 + 0.25 * case.number("finding_size")
    return Frame(
        case=case,
        size=size,
        female=female,
        own=own,
        loose=1 - rigid,
        inspiration=inspiration,
        scoliosis=case.number("scoliosis") * own * (1 - rigid),
        phase=case.number("scoliosis_phase"),
        kyphosis=1 + (case.number("kyphosis") - 1) * (1 - rigid),
        skew=0.014 * case.number("asymmetry") * own,
        half_width=PchipInterpolator(at, np.concatenate([[0.25], widths])),
        front=PchipInterpolator(at, np.interp(at / size, _FRONT_AT, _FRONT) * size * depth),
        back=PchipInterpolator(at, np.interp(at / size, _FRONT_AT, _BACK) * size),
        dome_right=right,
        dome_left=right - drop * own,
        heart_z=-(17.2 + 1.0 * inspiration) * size,
        heart_size=heart * (1 - 0.04 * inspiration),
    )
