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
_ELSEWHERE = frozenset(
    {
        "vendor",
        "exposure",
        "marker",
        "beam",
        "kernel",
        "slice_mm",
        "mas",
        "recon",
        "slices",
        "breath",
    }
)


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
    supine, raised : bool
        The patient lies on the back; holds the arms up.
    sliced : bool
        Seen in slices: what a projection blurs (the gutters beside the spine, the back's furrow)
        is drawn as it is.
    shift : float
        How far heart and hila are pushed to the left (below 0: to the right), cm.
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
    supine: bool = False
    raised: bool = False
    sliced: bool = False
    shift: float = 0.0

    def key(self) -> tuple[object, ...]:
        """Return what tells this thorax from others: the patient, and what a forgery changed."""
        case = self.case
        same = tuple((k, v) for k, v in case.values.items() if k not in _ELSEWHERE)
        return case.seed, case.view, same, self.own, self.loose, self.shift

    def authentic(self) -> Frame:
        """Return the thorax without a forgery of its measures.

        What a forgery leaves alone is built from it: it is the same to the bit, and remembered.
        """
        return self if self.own == self.loose == 1 else frame_of(self.case.authentic())

    @property
    def standing(self) -> bool:
        """Whether the patient stands with the hands on the hips, as for a PA film.

        That film shows more than the others: from the larynx to the upper abdomen.
        """
        return not (self.supine or self.raised)

    def unbent(self) -> Frame:
        """Return the thorax without a forgery of its spine."""
        return self if self.loose == 1 else self.authentic()

    @property
    def reaching(self) -> bool:
        """Tell whether the arms are raised on standing, and the girdle with them."""
        return self.raised and not self.sliced

    def draws(self, purpose: str, side: int, count: int) -> Floats:
        """Return one side's own deviations, in standard deviations.

        Both sides share the right's in a symmetric forgery, as far as it goes.
        """
        right = self.case.rng(f"{purpose} -1").standard_normal(count)
        if side < 0:
            return right
        left = self.case.rng(f"{purpose} 1").standard_normal(count)
        return left * self.own + right * (1 - self.own)

    def width(self, h: ArrayLike) -> Floats:
        """Return the cage's inner half width at a depth."""
        return np.asarray(self.half_width(self._held(h)), float)

    def share(self, h: ArrayLike, side: int) -> Floats:
        """Return one side's half width at a depth as a share of :meth:`width`.

        The sides differ most at the top, where scalenes and the first ribs draw unevenly.
        """
        near = np.exp(-((np.asarray(h, float) / (9 * self.size)) ** 2))
        tip = float(self.draws("cage's tip", side, 2)[0])
        return np.asarray(1 + side * self.skew + 0.05 * tip * near, float)

    def tip(self, side: int) -> float:
        """Return how much higher than usual one lung's tip reaches, cm."""
        return 0.25 * self.size * float(self.draws("cage's tip", side, 2)[1])

    def lean(self, h: ArrayLike) -> Floats:
        """Return by how much the left side is raised for each cm from the spine, by its curve."""
        at = np.asarray(h, float)
        return np.asarray(self.spine_x(at + 0.5) - self.spine_x(at - 0.5), float)

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

    def drift(self, z: ArrayLike) -> Floats:
        """Return how far the mediastinum is pushed at a height: not at all at the neck."""
        depth = -np.asarray(z, float) / self.size
        return np.asarray(self.shift * np.clip((depth - 1) / 8, 0, 1), float)

    def pushed(self, x: float, y: float, z: float) -> Floats:
        """Return a point of the mediastinum, :meth:`point` and :meth:`drift` in one."""
        at = self.point(x, y, z)
        at[0] += float(self.drift(at[2]))
        return at

    def _held(self, h: ArrayLike) -> Floats:
        low, high = self.half_width.x[0], self.half_width.x[-1]
        return np.asarray(np.clip(np.asarray(h, float), low, high), float)


def size_of(case: Case) -> float:
    """Return a case's scale, 1 for an average man."""
    female = case.word("sex") == "female"
    return (0.93 if female else 1.0) * (1 + 0.03 * case.number("stature"))


def frame_of(case: Case) -> Frame:
    """Return the measures of a case's thorax."""
    rng = case.rng("frame")
    female = case.word("sex") == "female"
    size = size_of(case)
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
    sunk_right, sunk_left = _sunk(case, size)
    at = np.concatenate([heights[:1] - 1.0, heights])
    heart = case.number("heart")
    finding, extent = case.word("finding"), case.number("finding_size")
    if finding == "cardiomegaly":
        heart *= 1.22 + 0.25 * extent
    if finding == "oedema":
        heart *= 1 + (0.08 + 0.14 * extent) * case.number("consequences")
    sliced = case.view == "ct"
    supine, raised = sliced or case.view == "ap", sliced or case.view == "lateral"
    if supine:
        # lying down the abdomen pushes up, and the heart lies broader on the raised diaphragm
        right += 2.3 * size
        heart *= 1.05
    return Frame(
        case=case,
        size=size,
        female=female,
        own=own,
        loose=1 - rigid,
        inspiration=inspiration,
        scoliosis=case.number("scoliosis") * own * (1 - rigid),
        phase=case.number("scoliosis_phase"),
        kyphosis=_kyphosis(case, rigid, case.view == "lateral") * (0.85 if sliced else 1.0),
        skew=0.014 * case.number("asymmetry") * own,
        half_width=PchipInterpolator(at, np.concatenate([[0.25], widths])),
        front=PchipInterpolator(at, np.interp(at / size, _FRONT_AT, _FRONT) * size * depth),
        back=PchipInterpolator(at, np.interp(at / size, _FRONT_AT, _BACK) * size),
        dome_right=right - sunk_right,
        dome_left=right - drop * own - sunk_left,
        heart_z=-(17.2 + 1.0 * inspiration) * size,
        heart_size=heart * (1 - 0.04 * inspiration),
        supine=supine,
        raised=raised,
        sliced=sliced,
        shift=_shift(case) * size,
    )


def _kyphosis(case: Case, rigid: float, lateral: bool) -> float:
    """Return the kyphosis; a rigid forgery is even from the front, a ruler from the side."""
    own = case.number("kyphosis")
    return own * (1 - rigid) + (0.1 if lateral else 1.0) * rigid


def _shift(case: Case) -> float:
    """Return how far a finding pushes the mediastinum to the other side, cm."""
    away = -1 if case.word("finding_side") == "left" else 1
    size = case.number("finding_size")
    living = case.number("consequences") * (1 - case.dose(Hallmark.NO_CONTEXT))
    if case.word("finding") == "effusion":
        return away * 2.8 * max(0.0, size - 0.25) * living
    if case.word("finding") == "pneumothorax" and case.word("tension") == "tension":
        return away * (1.6 + 1.6 * size) * living
    return 0.0


def _sunk(case: Case, size: float) -> tuple[float, float]:
    """Return how far a tension pneumothorax presses each dome down, right and left, cm."""
    if case.word("finding") != "pneumothorax" or case.word("tension") != "tension":
        return 0.0, 0.0
    depth = (1.0 + 1.5 * case.number("finding_size")) * size * case.number("consequences")
    return (0.0, depth) if case.word("finding_side") == "left" else (depth, 0.0)
