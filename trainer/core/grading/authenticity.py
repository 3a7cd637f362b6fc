"""Grading a call: was it right, was the hallmark named, was the place found.

A false accusation weighs as much as a miss: the score of a sitting is the mean of the share of
authentic films left alone and the share of the others found (balanced accuracy), so that calling
everything fake, or nothing, is worth no more than guessing. *Cannot tell, would verify at the
source* is worth what a guess is worth on average: a half.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from trainer.core.words import Choice, Hallmark, Point, Truth

GRADER_VERSION = "2"

# A mark hits when it lies in the outline or within this share of the film's shorter side of it:
# a fingertip on a phone covers about as much. Fixed before any answer was seen.
MARK_TOLERANCE = 0.03

# In a stack it must also lie in a slice that was changed, or no farther from one than this, or in
# the very next slice: a change fades out over some slices, and where it begins to show is a matter
# of the eye. 5 mm is one slice of a routine chest CT.
DEPTH_TOLERANCE_MM = 5.0

CONFIDENCE = (1, 2, 3, 4, 5)


class Cell(StrEnum):
    """The cell of the two-by-two table a call falls in; a positive is a film not authentic."""

    HIT = "hit"
    MISS = "miss"
    FALSE_ALARM = "false_alarm"
    CORRECT_REJECTION = "correct_rejection"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place the reader marked: one or more points, the hallmark meant, how sure (1 to 5)."""

    points: tuple[Point, ...]
    kind: str = "point"
    hallmark: Hallmark | None = None
    confidence: int | None = None

    @property
    def centre(self) -> Point:
        """The mean of the mark's points."""
        n = len(self.points)
        return Point(
            sum(p.x for p in self.points) / n, sum(p.y for p in self.points) / n, self.points[0].z
        )


@dataclass(frozen=True, slots=True)
class Call:
    """What a reader said of a film.

    Parameters
    ----------
    choice : Choice
        Authentic, not authentic, or cannot tell.
    confidence : int
        1 (a guess) to 5 (certain).
    hallmarks : tuple of Hallmark
        What gives it away, in the reader's eyes.
    marks : tuple of Mark
        Where, in native pixels.
    """

    choice: Choice
    confidence: int
    hallmarks: tuple[Hallmark, ...] = ()
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a confidence that is no step of the scale."""
        if self.confidence not in CONFIDENCE:
            raise ValueError(f"confidence is 1 to 5, not {self.confidence}")


@dataclass(frozen=True, slots=True)
class Outline:
    """A closed polygon around what was changed in one slice.

    Parameters
    ----------
    points : tuple
        Corners ``(x, y)`` in native pixels; the last joins the first.
    z : int
        The slice, from 0; 0 for a radiograph.
    """

    points: tuple[tuple[float, float], ...]
    z: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """The truth of a case.

    Parameters
    ----------
    truth : Truth
        What the film is.
    hallmarks : tuple of Hallmark
        What gives it away; empty for an authentic film.
    outlines : tuple of Outline
        Around what was changed, slice by slice.
    everywhere : bool
        The change is all over the film: any mark is in it.
    shorter_side : int
        Pixels of the film's shorter side, for the tolerance of marks.
    slice_mm : tuple of float
        Position of each slice along the normal of a stack; empty where it is not known, and then
        only the neighbouring slices are near enough.
    """

    truth: Truth
    hallmarks: tuple[Hallmark, ...] = ()
    outlines: tuple[Outline, ...] = ()
    everywhere: bool = False
    shorter_side: int = 1024
    slice_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a call was worth.

    Parameters
    ----------
    cell : Cell
        Where it falls in the two-by-two table.
    right : bool or None
        ``None`` for *cannot tell*.
    credit : float
        1, 0, or a half for *cannot tell*.
    named : bool or None
        Whether one of the true hallmarks was named; ``None`` where there was none to name or
        the reader named none.
    mark_hits : tuple of bool
        For each mark, whether it lies where the truth is; on an authentic film always false.
    """

    cell: Cell
    right: bool | None
    credit: float
    named: bool | None
    mark_hits: tuple[bool, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON."""
        return asdict(self) | {"mark_hits": list(self.mark_hits)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """Return the verdict that :meth:`as_json` wrote."""
        return cls(**data | {"cell": Cell(data["cell"]), "mark_hits": tuple(data["mark_hits"])})


def grade(call: Call, key: Key) -> Verdict:
    """Grade one call against the truth.

    Parameters
    ----------
    call : Call
        What the reader said.
    key : Key
        What the film is.

    Returns
    -------
    Verdict
        The cell, the credit, and whether hallmark and place were found.
    """
    fake = not key.truth.is_authentic
    if call.choice is Choice.VERIFY:
        cell, right, credit = Cell.VERIFY, None, 0.5
    else:
        says_fake = call.choice is Choice.NOT_AUTHENTIC
        cell = {
            (True, True): Cell.HIT,
            (True, False): Cell.MISS,
            (False, True): Cell.FALSE_ALARM,
            (False, False): Cell.CORRECT_REJECTION,
        }[fake, says_fake]
        right = fake == says_fake
        credit = float(right)
    named = set(call.hallmarks) | {m.hallmark for m in call.marks if m.hallmark}
    return Verdict(
        cell=cell,
        right=right,
        credit=credit,
        named=bool(named & set(key.hallmarks)) if fake and named else None,
        mark_hits=tuple(_mark_hits(mark, key) for mark in call.marks),
    )


def _mark_hits(mark: Mark, key: Key) -> bool:
    if key.truth.is_authentic:
        return False
    if key.everywhere:
        return True
    tolerance = MARK_TOLERANCE * key.shorter_side
    centre = mark.centre
    return any(
        distance_to(outline.points, centre) <= tolerance
        for outline in key.outlines
        if _near(centre.z, outline.z, key.slice_mm)
    )


def _near(a: int, b: int, slice_mm: Sequence[float]) -> bool:
    """Return whether two slices are near enough for a mark in one to mean the other."""
    if abs(a - b) <= 1:
        return True
    if not (0 <= a < len(slice_mm) and 0 <= b < len(slice_mm)):
        return False
    return abs(slice_mm[a] - slice_mm[b]) <= DEPTH_TOLERANCE_MM


def distance_to(outline: Sequence[tuple[float, float]], point: Point) -> float:
    """Return the distance in pixels from a point to a closed polygon, 0 inside it.

    Parameters
    ----------
    outline : sequence of (float, float)
        Corners in native pixels; the last joins the first. Fewer than one corner is infinitely
        far.
    point : Point
        The place.
    """
    if not outline:
        return math.inf
    a = np.asarray(outline, float)
    b = np.roll(a, -1, axis=0)
    p = np.array([point.x, point.y])
    crosses = (a[:, 1] > p[1]) != (b[:, 1] > p[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at_x = a[:, 0] + (p[1] - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    if np.count_nonzero(crosses & (p[0] < at_x)) % 2:
        return 0.0
    edge = b - a
    length = np.maximum((edge**2).sum(axis=1), 1e-12)
    along = np.clip(((p - a) * edge).sum(axis=1) / length, 0, 1)
    return float(np.sqrt((((a + along[:, None] * edge) - p) ** 2).sum(axis=1)).min())


def void(verdict: Verdict) -> Verdict:
    """Return the verdict of a late answer: kept and shown, worth nothing."""
    return replace(verdict, credit=0.0)
