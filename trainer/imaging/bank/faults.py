"""Faults in what a curator wrote: all of them collected, each with its place and its cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Parameters
    ----------
    file : str
        The file it concerns: the manifest, a dataset.toml or an image.
    row : int
        Line of the manifest as an editor counts it, 0 where there is none.
    what, cure : str
        One plain sentence each, without the full stop.
    field : str
        The column or the field of ``dataset.toml`` it is about, where it is about one alone.
    """

    file: str
    row: int
    what: str
    cure: str
    field: str = ""

    def __str__(self) -> str:
        place = f"{self.file}, row {self.row}" if self.row else self.file
        return f"{place}: {self.what}. {self.cure[:1].upper()}{self.cure[1:]}."


def meant(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean X?`` or a list of what is known."""
    options = list(known)
    near = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    return f"did you mean {near[0]}? Otherwise use" if near else "use"
