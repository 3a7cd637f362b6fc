"""The lumbar column on its sacrum: where each vertebra lies, and how a forgery straightens it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.loft import turned
from trainer.imaging.simulator.anatomy.lumbar.vertebra import (
    LEVELS,
    Crush,
    Level,
    between,
    vertebra,
)
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone, Tissue

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
    sacralised : bool
        L5 is part of the sacrum.
    broken, crush : str, Crush
        The vertebra that gave way, and how; empty for none.
    follow : float
        How far the column above it follows: comes down and bends forward.
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
    broken: str = ""
    crush: Crush | None = None
    follow: float = 1.0


def course_of(case: Case) -> Course:
    """Return the column of a lumbar case."""
    straight = case.dose(Hallmark.STRAIGHT_SPINE)
    kind, follow = case.word("fracture"), case.number("consequences")
    loss = case.number("fracture_loss")
    driven = max(0.0, 0.9 * (loss - 0.25)) * min(follow, 1.0)
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
        broken=case.word("fracture_level") if kind != "none" else "",
        crush=Crush(kind, loss, driven) if kind != "none" else None,
        follow=follow * (1 - straight),
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
        pattern = _field(case.authentic(), 2, course.spurs, LEVELS["L3"], None)
    parts: list[Part] = []
    bend: tuple[Floats, Floats] | None = None
    for k, (name, depth, _, nod) in enumerate(_COURSE[:count]):
        own = case.rng(f"place {name}").standard_normal(6) * course.loose
        level = LEVELS[name]
        if course.sacralised and k == 0:
            level = between(level, Level(2.6, 1.76, 1.3, 4.9, -0.6, -5.3, 0.8, 0.95), 1.0)
        crush = course.crush if name == course.broken else None
        f = _field(case.authentic(), k, course.spurs, level, crush)
        if pattern is not None and 1 <= k <= 5:
            f = f.like(f.values * (1 - course.clone) + pattern.values * course.clone)
            level = between(level, LEVELS["L3"], course.clone)
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
        if bend and name != course.broken:
            turn, at = bend[0] @ turn, bend[0] @ (at - bend[1]) + bend[1]
        # end plates are thicker than walls
        high = np.abs(np.asarray(f.axes[2], float)) / level.half_height
        shell = np.interp(high, [0.0, 0.6, 0.92, 1.15], [0.034, 0.040, 0.075, 0.055])
        shell = np.asarray(shell * (0.6 + 0.4 * girdle.mineral), np.float32)
        solid = f.solid(shell).posed(turn, at, np.full(3, girdle.size))
        if crush is not None:
            bend = _follows(course, crush, level, at)
        bone = Bone(
            cortex=0.93 * girdle.mineral**0.5,
            trabeculae=0.16 * girdle.mineral,
            grain=_GRAIN,
            weave=_COLUMN_WEAVE,
        )
        parts.append(Part(name, solid, bone, SOFT, "bones", 0.05, phase=k * 29.0))
        if crush is not None:
            band = _band(level, crush).posed(turn, at, np.full(3, girdle.size))
            parts.append(Part(f"{name} crushed", band, Tissue(bone=0.16 * girdle.mineral)))
    return parts


def _follows(
    course: Course, crush: Crush, level: Level, at: Floats
) -> tuple[Floats, Floats] | None:
    """Return the turn of the column above a broken vertebra, and the point it turns about."""
    angle = 0.0
    if crush.kind == "wedge":
        angle = np.degrees(np.arctan2(2 * level.half_height * crush.loss, 1.9 * level.half_depth))
    elif crush.kind == "crush":
        angle = 0.3 * np.degrees(crush.loss)
    if angle * course.follow < 0.1:
        return None
    return turned(-0.8 * angle * course.follow, "x"), at + np.array([0, -level.half_depth, 0])


def _band(level: Level, crush: Crush) -> Solid:
    """Return the trabeculae that were driven into each other, below the broken end plate."""
    h, w, d = level.half_height, level.half_width, level.half_depth
    f = Field((-w - 0.3, -d - 0.3, -h - 0.3), (w + 0.3, d + 0.3, h + 0.3), 0.12, far=0.6)
    share = {"wedge": 1.3, "biconcave": 1.0, "crush": 1.7}[crush.kind]
    low = h - 2 * h * crush.loss * share * 0.62 - 0.22
    lie = np.array([[1, 0, 0], [0, 1, 0.35 * crush.loss], [0, -0.8 * crush.loss, 1.0]])
    lie = lie / np.linalg.norm(lie, axis=0) if crush.kind == "wedge" else np.eye(3)
    f.ellipsoid(
        (0, 0.1 * d, low), (0.86 * w, 0.82 * d, 0.24), np.ascontiguousarray(lie), blend=0.05
    )
    return f.solid()


@remember(24)
def _field(case: Case, k: int, spurs: float, level: Level, crush: Crush | None) -> Field:
    name = _COURSE[k][0]
    own = case.rng(f"form {name}").standard_normal(24)
    return vertebra(level, own, spurs, case.rng(f"surface {name}"), crush, wide=k <= 5)


def _heights(case: Case, course: Course) -> list[float]:
    """Return the height of each vertebra's middle; a worn disc lowers all above it."""
    own = case.rng("disc heights").normal(0, 0.07, len(_COURSE))
    z = np.array([row[2] for row in _COURSE]) - 0.8 + np.cumsum(own)
    half = np.array([LEVELS[row[0]].half_height for row in _COURSE])
    discs = np.diff(z) - half[:-1] - half[1:]
    discs[course.worn - 1 if course.worn > 0 else 0] *= 1 - 0.75 * course.wear
    fall = _fall(course)
    discs = discs * (1 - course.even) + discs.mean() * course.even
    steps = half[:-1] + half[1:] + discs - fall[:-1]
    return [float(v) for v in z[0] + np.concatenate([[0.0], np.cumsum(steps)])]


def _fall(course: Course) -> Floats:
    """Return by how much what stands on each vertebra comes down, cm."""
    fall = np.zeros(len(_COURSE))
    if course.crush is not None:
        k = [row[0] for row in _COURSE].index(course.broken)
        share = {"wedge": 0.3, "biconcave": 0.1, "crush": 0.85}[course.crush.kind]
        fall[k] = 2 * LEVELS[course.broken].half_height * course.crush.loss * share * course.follow
    return fall
