"""What a reader is told after a call: the verdict in words, and the words of the hallmark."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.core.grading.authenticity import Cell, Verdict
from trainer.core.words import Hallmark, Truth

FEWEST_OTHERS = 5

#: The lens of the viewer that shows a hallmark best, offered after the call.
LENS_OF = {
    Hallmark.SMOOTH_CORTEX: "smoothness",
    Hallmark.TRABECULA: "detail",
    Hallmark.UNIFORM_GRAIN: "noise",
    Hallmark.TOO_SYMMETRIC: "asymmetry",
    Hallmark.SKIN_RIM: "detail",
    Hallmark.RENDER_LOOK: "smoothness",
    Hallmark.HALO_SEAM: "noise",
    Hallmark.CHECKERBOARD: "spectrum",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a film, as far as it names its twin.

    Parameters
    ----------
    truth : Truth
        What the film is.
    mimic : bool
        Whether an authentic one imitates a hallmark.
    """

    truth: Truth
    mimic: bool = False


def twin_label(film: Known, twin: Known | None) -> str:
    """Return what the viewer calls a film's twin.

    Parameters
    ----------
    film : Known
        The film at hand.
    twin : Known or None
        ``None`` for a twin that is no case of its own: it was kept to be compared with alone.
    """
    if not film.truth.is_authentic:
        made = twin is not None and not twin.truth.is_authentic
        return "twin with another change" if made else "twin without the change"
    if twin is None:
        return "its twin"
    if not twin.truth.is_authentic:
        return "twin with the hallmark"
    if film.mimic and not twin.mimic:
        return "twin without what imitates it"
    if twin.mimic and not film.mimic:
        return "twin that imitates a hallmark"
    return "twin, authentic too"


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict in words.

    Parameters
    ----------
    title, detail : str
        One short line, and one sentence below it.
    tone : str
        ``right``, ``wrong`` or ``open`` (nobody was right or wrong).
    """

    title: str
    detail: str
    tone: str


_TRUTH = {
    Truth.AUTHENTIC: "authentic",
    Truth.SYNTHETIC: "not authentic: made by a generator",
    Truth.TAMPERED: "not authentic: something was changed",
}

_CELL = {
    Cell.HIT: ("Right", "right"),
    Cell.CORRECT_REJECTION: ("Right", "right"),
    Cell.MISS: ("Missed", "wrong"),
    Cell.FALSE_ALARM: ("A false accusation", "wrong"),
    Cell.VERIFY: ("You would verify", "open"),
}


def headline(
    verdict: Verdict | None, truth: Truth, confidence: int | None, *, late: bool, marks: int
) -> Headline:
    """Return the verdict in words.

    Parameters
    ----------
    verdict : Verdict or None
        ``None`` when the time ran out before a call.
    truth : Truth
        What the film is.
    confidence : int or None
        1 to 5, as the reader gave it.
    late : bool
        Whether the call came after the limit.
    marks : int
        How many places were marked.
    """
    if verdict is None:
        return Headline(f"Time ran out. It is {_TRUTH[truth]}", "No call was made.", "open")
    word, tone = _CELL[verdict.cell]
    parts = [f"You were {confidence} of 5 sure"] if confidence else []
    if marks and not truth.is_authentic:
        found = sum(verdict.mark_hits)
        parts.append("marked the place" if found else "marked another place")
    elif marks:
        parts.append("marked a place where nothing was changed")
    detail = " and ".join(parts) + "." if parts else ""
    if verdict.cell is Cell.VERIFY:
        detail += " Asking the source is the right step when the film alone does not tell."
    if late:
        detail += " The call came after the limit: it is kept, but does not count."
    return Headline(f"{word}: it is {_TRUTH[truth]}", detail.strip(), tone)
