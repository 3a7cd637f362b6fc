"""The lumbar column on its sacrum: where each vertebra lies, and how a forgery straightens it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.loft import turned
from trainer.imaging.simulator.anatomy.lumbar.vertebra import LEVELS, Level, between, vertebra
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone

Floats = NDArray[np.float64]

# from below: name, depth y, height z, nod forward in degrees; the pelvis's own coordinates
_COURSE = (
    ("L5", -3.0, 10.75, 20.0), ("L4", -2.1, 14.2, 8.0), ("L3", -1.9, 17.9, -2.0),
    ("L2", -2.4, 21.5, -9.0), ("L1", -3.2, 25.0, -13.0), ("T12", -4.2, 28.2, -15.0),
    ("T11", -5.2, 31.1, -17.0), ("T10", -6.2, 33.8, -17.0), ("T9", -7.1, 36.3, -16.0),
)  # fmt: skip
# the straight line from L5 to T9: depth lost for each centimetre of height, and its tilt
_SLOPE = (_COURSE[-1][1] - _COURSE[0][1]) / (_COURSE[-1][2] - _COURSE[0][2])
_REST = float(np.rad2deg(np.arctan(_SLOPE)))
_COLUMN_WEAVE = weave((0.0, 0.0, 1.0), 2.2)
_GRAIN = 0.020


@dataclass(frozen=True)
class Course:
    """How one column lies; lengths in cm, angles in degrees.

    Parameters
    ----------
    scoliosis, phase : float
        Sideways curve and where it lies along the column.
    loose : float
        Natural jitter of the vertebrae, 1 or less where straightened.
    even : float
        How far disc heights are evened out, 0..1.
    clone : float
        How far every vertebra is a copy of one, 0..1.
    lordosis : float
        Relative.
    wear, worn : float, int
        Loss of height of one disc, 0..1, and which, counted from the lowest.
    spurs : float
        Osteophytes, 0..1.
    """

    scoliosis: float = 0.0
    phase: float = 0.0
    loose: float = 1.0
    even: float = 0.0
    clone: float = 0.0
    lordosis: float = 1.0
    wear: float = 0.0
    worn: int = 1
    spurs: float = 0.0
    sacralised: bool = False


def course_of(case: Case) -> Course:
    """Return the column of a lumbar case."""
    straight = case.dose(Hallmark.STRAIGHT_SPINE)
    return Course(
        scoliosis=case.number("scoliosis") * (1 - straight),
        phase=case.number("scoliosis_phase"),
        loose=1 - straight,
        even=straight,
        clone=case.dose(Hallmark.VERTEBRA_CLONE),
        lordosis=case.number("lordosis"),
        wear=case.number("disc_wear"),
        worn=round(case.number("worn_disc")),
        spurs=case.number("osteophytes"),
        sacralised=case.word("transitional") == "sacralised",
    )


def low_lumbar(case: Case, girdle: Girdle, symmetric: float) -> list[Part]:
    """Return the lowest three vertebrae above a pelvis, straighter where it is symmetric."""
    own = case.rng("low lumbar").normal(0, 1, 2)
    course = Course(
        scoliosis=0.5 * own[0] * (1 - symmetric),
        phase=own[1],
        loose=1 - symmetric,
        spurs=max(0.0, (case.number("age") - 50) / 60),
    )
    return column(case, girdle, course, 3)


def spine_x(course: Course, z: float) -> float:
    """Return the column's sideways deviation at a height, cm."""
    return course.scoliosis * float(np.sin((z - 10) / 26 * 2 * np.pi * 0.6 + course.phase))


def column(case: Case, girdle: Girdle, course: Course, count: int) -> list[Part]:
    """Return the vertebrae of a column, the lowest ``count`` of L5 to T11."""
    heights = _heights(case, course)
    pattern: Field | None = None
    if course.clone > 0:
        pattern = _field(case.authentic(), 2, course.spurs, LEVELS["L3"])
    parts = []
    for k, (name, depth, _, nod) in enumerate(_COURSE[:count]):
        own = case.rng(f"place {name}").standard_normal(6) * course.loose
        level = LEVELS[name]
        alike = course.clone if 1 <= k <= 5 else 0.0
        level = between(level, LEVELS["L3"], alike)
        if course.sacralised and k == 0:
            level = between(level, Level(2.6, 1.76, 1.3, 4.9, -0.6, -5.3, 0.8, 0.95), 1.0)
        f = _field(case.authentic(), k, course.spurs, level)
        if pattern is not None and alike > 0:
            f = f.like(f.values * (1 - alike) + pattern.values * alike)
        z = heights[k]
        # a lost or forged-away lordosis leaves the straight line from L5 to T9
        chord = _COURSE[0][1] + (z - heights[0]) * _SLOPE
        arc = course.lordosis * (1 - course.even)
        deep = chord + (depth - chord) * arc
        bent = _REST + (nod - _REST) * arc
        lean = np.rad2deg(np.arctan2(spine_x(course, z + 1) - spine_x(course, z - 1), 2.0))
        turn = turned(lean + 0.8 * own[0], "y") @ turned(-bent + own[1], "x")
        turn = turn @ turned(1.6 * own[2] - 4.0 * spine_x(course, z), "z")
        at = np.array([spine_x(course, z) + 0.05 * own[3], deep, z]) * girdle.size
        solid = f.solid(0.05 * (0.6 + 0.4 * girdle.mineral)).posed(
            turn, at, np.full(3, girdle.size)
        )
        bone = Bone(
            cortex=0.93 * girdle.mineral**0.5,
            trabeculae=0.16 * girdle.mineral,
            grain=_GRAIN,
            weave=_COLUMN_WEAVE,
        )
        parts.append(Part(name, solid, bone, SOFT, "bones", 0.05, phase=k * 29.0))
    return parts


@remember(24)
def _field(case: Case, k: int, spurs: float, level: Level) -> Field:
    name = _COURSE[k][0]
    own = case.rng(f"form {name}").standard_normal(24)
    return vertebra(level, own, spurs, case.rng(f"surface {name}"))


def _heights(case: Case, course: Course) -> list[float]:
    """Return the height of each vertebra's middle; a worn disc lowers all above it."""
    own = case.rng("disc heights").normal(0, 0.07, len(_COURSE))
    z = np.array([row[2] for row in _COURSE]) - 0.8 + np.cumsum(own)
    half = np.array([LEVELS[row[0]].half_height for row in _COURSE])
    discs = np.diff(z) - half[:-1] - half[1:]
    discs[course.worn - 1 if course.worn > 0 else 0] *= 1 - 0.75 * course.wear
    discs = discs * (1 - course.even) + discs.mean() * course.even
    steps = half[:-1] + half[1:] + discs
    return [float(v) for v in z[0] + np.concatenate([[0.0], np.cumsum(steps)])]
