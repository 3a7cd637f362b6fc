"""One way to ask for a part of the anatomy: known, or looked for with a confidence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.finding.body import find_body
from trainer.imaging.forgery.finding.bone import find_bone, find_shafts
from trainer.imaging.forgery.finding.chest import find_lungs, find_midline
from trainer.imaging.forgery.finding.marker import find_marker
from trainer.imaging.forgery.finding.spine import find_spine

Found = tuple[Any, float]
#: A part of the anatomy is used where its finder is at least this sure.
SURE = 0.5

# A finder takes the grey and what is known so far, and returns the part and its confidence.
FINDERS: dict[str, Callable[[Level, Anatomy], Found]] = {
    "body": lambda level, known: find_body(level),
    "bone": lambda level, known: find_bone(level, known.body),
    "shafts": lambda level, known: find_shafts(
        level, known.bone if _is_sure(known, "bone") else None
    ),
    "midline": lambda level, known: find_midline(
        level, known.body if _is_sure(known, "body") else None
    ),
    "lungs": lambda level, known: find_lungs(level, known.midline),
    "spine": lambda level, known: _with_midline(find_spine(level, known.midline), known),
    "marker": lambda level, known: find_marker(level),
}
# What a finder wants to know first, sure or not.
_FIRST = {
    "midline": ("body",),
    "lungs": ("midline",),
    "spine": ("midline",),
    "bone": ("body",),
    "shafts": ("bone",),
}


def _is_sure(known: Anatomy, part: str) -> bool:
    return getattr(known, part) is not None and known.sure.get(part, 1.0) >= SURE


def _with_midline(found: Found, known: Anatomy) -> Found:
    """Return a spine as it was found; beside a midline that is none it is none either."""
    value, sure = found
    return value, sure if _is_sure(known, "midline") else 0.0


def find(known: Anatomy, level: Level, part: str) -> tuple[Anatomy, float]:
    """Return the anatomy with a part known, and how sure it is.

    Parameters
    ----------
    known : Anatomy
        What is known already; a part that is there is not looked for again.
    level : ndarray of float32
        Grey, 0..1; of a stack the middle slice is searched.
    part : str
        A field of :class:`Anatomy`.

    Returns
    -------
    anatomy : Anatomy
        With the part, where anything was found.
    sure : float
        0..1; 1 for what was handed in, 0 where there is no finder and nothing was handed in.
    """
    if part in known.sure:
        return known, float(known.sure[part])
    if getattr(known, part) is not None:
        return known, 1.0
    finder = FINDERS.get(part)
    if finder is None:
        return known, 0.0
    for first in _FIRST.get(part, ()):
        known, _ = find(known, level, first)
    plane = level if level.ndim == 2 else level[level.shape[0] // 2]
    value, sure = finder(plane, known)
    return known.with_found(part, value, float(sure)), float(sure)
