"""What others reached, for comparison: only where comparing is fair, always with its interval.

A figure may stand beside a reader's own when the set had a similar make-up: about half of it not
authentic, the readers told so, clinical films. It is a reference, not a ranking: the films differ.
Figures without an interval, from secondary sources or on other kinds of image are not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from trainer.core.stats.intervals import Interval
from trainer.core.words import Provenance

#: Share of not authentic films within which a set counts as half and half.
SIMILAR = (0.4, 0.6)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published result.

    Parameters
    ----------
    id, label : str
        Stable id, and who and what in a few words.
    accuracy : Interval
        Mean accuracy over readers with its 95 % interval; ``n`` is the number of readers. On a
        set that is half and half, accuracy is the balanced score.
    films : int
        How many films the set had.
    doi : str
        Where it was published.
    """

    id: str
    label: str
    accuracy: Interval
    films: int
    doi: str


PUBLISHED = (
    Benchmark(
        id="tordjman_gpt4o",
        label="17 radiologists, ChatGPT radiographs",
        accuracy=Interval(0.75, 0.68, 0.81, 17),
        films=154,
        doi="10.1148/radiol.252094",
    ),
    Benchmark(
        id="tordjman_roentgen",
        label="17 radiologists, RoentGen chest films",
        accuracy=Interval(0.70, 0.62, 0.78, 17),
        films=110,
        doi="10.1148/radiol.252094",
    ),
)


def comparable(provenance: Provenance, fakes: int, reals: int) -> tuple[Benchmark, ...]:
    """Return the figures that may stand beside a reader's own.

    Parameters
    ----------
    provenance : Provenance
        Simulated films are not comparable with the studies' clinical ones: none.
    fakes, reals : int
        What the reader was shown; far from half and half: none.
    """
    if provenance is not Provenance.CLINICAL or not fakes + reals:
        return ()
    return PUBLISHED if SIMILAR[0] <= fakes / (fakes + reals) <= SIMILAR[1] else ()
