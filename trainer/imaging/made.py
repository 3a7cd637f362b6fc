"""What comes of a recipe: a film, and the whole truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainer.core.words import Hallmark, Truth
from trainer.imaging.film import Film, Mask


@dataclass(frozen=True, eq=False)
class Made:
    """A film, and the whole truth about it.

    Parameters
    ----------
    film : Film
        The film.
    truth : Truth
        What it is.
    hallmarks : tuple of Hallmark
        The signs it bears.
    mask : ndarray of bool or None
        Where it may differ from its authentic film; None for an authentic one.
    place : ndarray of bool or None
        Where the change is plain: what is outlined, and where a mark counts as a hit. Of an
        authentic film: where what imitates a hallmark is; None where it has no place.
    everywhere : bool
        The alteration, or what imitates one, is everywhere: no place is more right than another.
    structures : dict of str to ndarray of bool
        Where each structure and finding is seen.
    report : dict
        Numbers about its making.
    engine_version : str
        Of the engine that made it.
    """

    film: Film
    truth: Truth
    hallmarks: tuple[Hallmark, ...]
    mask: Mask | None
    place: Mask | None
    everywhere: bool
    structures: dict[str, Mask]
    report: dict[str, Any]
    engine_version: str
