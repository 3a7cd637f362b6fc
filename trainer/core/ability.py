"""What a reader's answers say about the reader: every measure with its interval and its least n.

Which answers are eligible is decided by the caller (``services/progress.py``): the first time the
reader saw that film or a twin of it, answered in time, not chosen by any adaptive rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from trainer.core.stats import auc, calibration, sdt
from trainer.core.stats.auc import Area
from trainer.core.stats.calibration import Calibration
from trainer.core.stats.intervals import Interval, mean_of, shrunk, wilson
from trainer.core.stats.sdt import Detection
from trainer.core.words import Choice

#: Answers of one hallmark's films before its line is shown.
FAMILY_FROM = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """One eligible answer.

    Parameters
    ----------
    authentic : bool
        What the film is.
    choice : Choice
        What was said.
    confidence : int
        1 to 5.
    hallmarks : tuple of str
        What gives a film away that is not authentic.
    mimic_of : str
        The hallmark that an authentic film imitates, or empty.
    """

    authentic: bool
    choice: Choice
    confidence: int
    hallmarks: tuple[str, ...] = ()
    mimic_of: str = ""

    @property
    def says_fake(self) -> bool | None:
        """The call as yes or no; ``None`` for *cannot tell*."""
        return None if self.choice is Choice.VERIFY else self.choice is Choice.NOT_AUTHENTIC

    @property
    def right(self) -> bool:
        """Whether the call was right; *cannot tell* is not."""
        return self.says_fake is not None and self.says_fake != self.authentic


class Stage(StrEnum):
    """How much the answers can carry."""

    NONE = "none"
    EARLY = "early"  # 10 of each class: half width about 24 points
    PLAIN = "plain"  # 20 of each class: about 18 points


@dataclass(frozen=True, slots=True)
class Family:
    """How a reader does on one hallmark's films.

    Parameters
    ----------
    hallmark : str
        Its id.
    imitated : bool
        False: films that bear it, found or not. True: authentic films that imitate it, left
        alone or not.
    right, n : int
        Counts.
    share : Interval or None
        Drawn towards the reader's own mean over that class; ``None`` below 8 answers.
    """

    hallmark: str
    imitated: bool
    right: int
    n: int
    share: Interval | None


@dataclass(frozen=True, slots=True)
class Ability:
    """What one reader's eligible answers on one class of pool say.

    Parameters
    ----------
    fakes, reals : int
        Eligible answers of each class.
    stage : Stage
        How much they can carry; the shares are ``None`` before ``EARLY``.
    found, kept, accused : Interval or None
        Not authentic films called so; authentic films left alone; authentic films accused.
    balanced : Interval or None
        Mean of ``found`` and ``kept``.
    verify : Interval or None
        Share of *cannot tell*.
    detection, area, calibration : or None
        ``None`` until there are answers enough.
    calls : int
        Two-way calls, for what is still missing.
    families : tuple of Family
        Most answered first.
    """

    fakes: int
    reals: int
    stage: Stage
    found: Interval | None
    kept: Interval | None
    accused: Interval | None
    balanced: Interval | None
    verify: Interval | None
    detection: Detection | None
    area: Area | None
    calibration: Calibration | None
    calls: int
    families: tuple[Family, ...]


def ability(answers: Sequence[Answer], rng: np.random.Generator) -> Ability:
    """Return every measure that the answers can carry.

    Parameters
    ----------
    answers : sequence of Answer
        Eligible answers, in any order; none is allowed.
    rng : numpy.random.Generator
        For the bootstrap of calibration.
    """
    fakes = [a for a in answers if not a.authentic]
    reals = [a for a in answers if a.authentic]
    least = min(len(fakes), len(reals))
    stage = Stage.PLAIN if least >= sdt.SHOW_FROM else Stage.EARLY
    if least < sdt.EARLY_FROM:
        stage = Stage.NONE
    shares: dict[str, Interval | None] = dict.fromkeys(("found", "kept", "accused", "balanced"))
    if stage is not Stage.NONE:
        found, kept = _share(fakes, Choice.NOT_AUTHENTIC), _share(reals, Choice.AUTHENTIC)
        accused = _share(reals, Choice.NOT_AUTHENTIC)
        shares = {
            "found": found,
            "kept": kept,
            "accused": accused,
            "balanced": mean_of(found, kept),
        }
    two_way = [a for a in answers if a.says_fake is not None]
    return Ability(
        fakes=len(fakes),
        reals=len(reals),
        stage=stage,
        **shares,
        verify=_share(answers, Choice.VERIFY) if len(answers) >= 2 * sdt.EARLY_FROM else None,
        detection=_detection(two_way),
        area=_area(fakes, reals) if least >= auc.SHOW_FROM else None,
        calibration=_calibration(two_way, rng) if len(two_way) >= calibration.SHOW_FROM else None,
        calls=len(two_way),
        families=_families(fakes, reals),
    )


def _share(answers: Sequence[Answer], choice: Choice) -> Interval:
    return wilson(sum(a.choice is choice for a in answers), len(answers))


def _detection(two_way: Sequence[Answer]) -> Detection | None:
    fakes = [a.says_fake for a in two_way if not a.authentic]
    reals = [a.says_fake for a in two_way if a.authentic]
    if not fakes or not reals:
        return None
    hits, alarms = fakes.count(True), reals.count(True)
    found = sdt.detect(hits, len(fakes) - hits, alarms, len(reals) - alarms)
    return found if found.enough else None


def _area(fakes: Sequence[Answer], reals: Sequence[Answer]) -> Area:
    x, y = ([auc.rating(a.says_fake, a.confidence) for a in rows] for rows in (fakes, reals))
    return auc.area_under(x, y)


def _calibration(two_way: Sequence[Answer], rng: np.random.Generator) -> Calibration:
    return calibration.calibrate(
        [a.confidence for a in two_way],
        [bool(a.says_fake) for a in two_way],
        [not a.authentic for a in two_way],
        rng,
    )


def _families(fakes: Sequence[Answer], reals: Sequence[Answer]) -> tuple[Family, ...]:
    made = []
    for imitated, rows in ((False, fakes), (True, reals)):
        centre = (sum(a.right for a in rows) + 0.5) / (len(rows) + 1)
        names = {h for a in rows for h in ((a.mimic_of,) if imitated else a.hallmarks) if h}
        for name in names:
            own = [a for a in rows if name in ((a.mimic_of,) if imitated else a.hallmarks)]
            right, n = sum(a.right for a in own), len(own)
            share = shrunk(right, n, centre) if n >= FAMILY_FROM else None
            made.append(Family(name, imitated, right, n, share))
    return tuple(sorted(made, key=lambda f: (f.imitated, -f.n, f.hallmark)))
