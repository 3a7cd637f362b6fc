"""What may have a place on a film: what was changed, or what on an authentic one imitates that."""

from __future__ import annotations

from enum import StrEnum

from trainer.core.words import Truth


class Misplaced(StrEnum):
    """What a key says against itself."""

    PLACE = "an authentic film has a place only where it imitates a hallmark"
    IMITATES = "only an authentic film imitates a hallmark"


def misplaced(truth: Truth, *, placed: bool, imitates: bool) -> Misplaced | None:
    """Return what a key says against itself; ``None`` where it can be true.

    Parameters
    ----------
    truth : Truth
        What the film is.
    placed : bool
        Something has a place on it, or is everywhere.
    imitates : bool
        A hallmark is named that it is mistaken for.
    """
    if truth.is_authentic:
        return Misplaced.PLACE if placed and not imitates else None
    return Misplaced.IMITATES if imitates else None
