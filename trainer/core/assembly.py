"""Drawing the cases of a sitting: pool + blueprint + rng in, cases in order out.

What order and counts may tell is kept small on purpose. The share of not-authentic films of a
sitting is itself drawn, and each film is then an independent draw: with fixed counts or a cap on
runs, whoever bets on the class that was rarer so far wins more than half of the time (.59 with a
12 to 13 quota, .54 with a cap of three; independent draws .50; this scheme .52). One thing is
asked on top: at least three films in ten of each class, so that both halves of the score rest on
something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.core.words import Hallmark, Provenance, Truth

PREVALENCE = (0.4, 0.6)
LEAST_SHARE = 0.3
MIMIC_SHARE = 1 / 3


class PoolError(ValueError):
    """The pool cannot fill the sitting; the message says what is short and by how much."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that could be drawn.

    Parameters
    ----------
    id : str
        The case.
    truth : Truth
        What it is.
    provenance : Provenance
        Its class; a sitting never mixes two.
    kin : str
        Cases that share anatomy share this; a sitting holds one of them at most.
    hallmarks : tuple of Hallmark
        What gives it away.
    mimic_of : Hallmark or None
        For an authentic film: the hallmark it imitates.
    seen : int
        How often this reader has been shown it.
    """

    id: str
    truth: Truth
    provenance: Provenance
    kin: str
    hallmarks: tuple[Hallmark, ...] = ()
    mimic_of: Hallmark | None = None
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a sitting is made of.

    Parameters
    ----------
    cases : int
        How many, 1 or more.
    hallmarks : frozenset of Hallmark
        The hallmarks in play; empty is all. Restricts the not-authentic films, and the mimics
        among the authentic ones.
    """

    cases: int
    hallmarks: frozenset[Hallmark] = frozenset()


def draw(
    pool: Sequence[Candidate], blueprint: Blueprint, rng: np.random.Generator
) -> tuple[str, ...]:
    """Draw the cases of one sitting.

    Parameters
    ----------
    pool : sequence of Candidate
        All that may be drawn, of one provenance class.
    blueprint : Blueprint
        How many and which.
    rng : numpy.random.Generator
        Makes the draw; the same rng and pool give the same sitting.

    Returns
    -------
    tuple of str
        Ids of cases in the order of showing, no two of one kin. Films the reader has seen least
        come first; at least a third of the authentic ones imitate a hallmark in play where the
        pool has that many.

    Raises
    ------
    PoolError
        When the pool mixes provenance classes or is too small.
    """
    classes = {c.provenance for c in pool}
    if len(classes) > 1:
        raise PoolError(
            "the pool mixes " + " and ".join(sorted(classes)) + " films: a sitting keeps to one "
            "class, because the two differ in ways that are not the lesson"
        )
    fakes, reals = _in_play(pool, blueprint.hallmarks)
    wanted = _classes(blueprint.cases, rng)
    n_fake = int(wanted.sum())
    picked_fakes, used = _pick(fakes, n_fake, frozenset(), rng)
    picked_reals = _pick_reals(reals, blueprint.cases - n_fake, used, rng)
    short = blueprint.cases - len(picked_fakes) - len(picked_reals)
    if short:
        raise PoolError(
            f"the bank has too few films for this quiz: {blueprint.cases} wanted, "
            f"{len({c.kin for c in fakes})} not authentic and {len({c.kin for c in reals})} "
            f"authentic ones of different anatomy are there, {short} short"
        )
    rows = {True: iter(picked_fakes), False: iter(picked_reals)}
    return tuple(next(rows[bool(fake)]).id for fake in wanted)


def at_hand(pool: Sequence[Candidate], blueprint: Blueprint) -> int:
    """Count the films of a sitting that a pool is sure to provide, however the draw falls.

    Parameters
    ----------
    pool : sequence of Candidate
        All that may be drawn.
    blueprint : Blueprint
        How many and which.

    Returns
    -------
    int
        0 to ``blueprint.cases``; at ``blueprint.cases``, :func:`draw` never runs short.
    """
    fakes, reals = _in_play(pool, blueprint.hallmarks)
    fake_kin, real_kin = {c.kin for c in fakes}, {c.kin for c in reals}
    twins = len(fake_kin & real_kin)
    found = []
    least = _least(blueprint.cases)
    for wanted in range(least, blueprint.cases - least + 1):
        drawn = min(wanted, len(fake_kin))
        left = len(real_kin) - min(drawn, twins)  # at worst, each that is drawn has a twin
        found.append(drawn + min(left, blueprint.cases - wanted))
    return min(found)


def _in_play(
    pool: Sequence[Candidate], hallmarks: frozenset[Hallmark]
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the films that are not authentic, and the authentic ones, that a sitting may hold."""
    fakes = [
        c
        for c in pool
        if not c.truth.is_authentic and (not hallmarks or hallmarks.intersection(c.hallmarks))
    ]
    reals = [
        c
        for c in pool
        if c.truth.is_authentic and (not hallmarks or not c.mimic_of or c.mimic_of in hallmarks)
    ]
    return fakes, reals


def _least(cases: int) -> int:
    """Return how many films of each class a sitting has at least."""
    return min(int(np.ceil(LEAST_SHARE * cases)), cases // 2)


def _classes(cases: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Draw for each place whether its film is authentic (False) or not (True)."""
    least = _least(cases)
    while True:
        prevalence = rng.uniform(*PREVALENCE)
        fake = rng.random(cases) < prevalence
        if least <= fake.sum() <= cases - least:
            return fake


def _pick(
    pool: Sequence[Candidate], n: int, used: frozenset[str], rng: np.random.Generator
) -> tuple[list[Candidate], frozenset[str]]:
    """Pick ``n`` of different kin, the least seen first, at random among equals."""
    order = sorted(pool, key=lambda c: c.id)  # the order of the rows in a database tells nothing
    order = [order[i] for i in rng.permutation(len(order))]
    order.sort(key=lambda c: c.seen)
    picked: list[Candidate] = []
    kin = set(used)
    for candidate in order:
        if len(picked) == n:
            break
        if candidate.kin not in kin:
            kin.add(candidate.kin)
            picked.append(candidate)
    rng.shuffle(picked)
    return picked, frozenset(kin)


def _pick_reals(
    reals: Sequence[Candidate], n: int, used: frozenset[str], rng: np.random.Generator
) -> list[Candidate]:
    """Pick authentic films, a third of them or more imitating a hallmark where there are some."""
    mimics = [c for c in reals if c.mimic_of]
    share = int(np.ceil(n * MIMIC_SHARE))
    first, used = _pick(mimics, share, used, rng)
    rest, _ = _pick([c for c in reals if c not in first], n - len(first), used, rng)
    both = first + rest
    rng.shuffle(both)
    return both


def seen_counts(shown: Sequence[str], kin: Mapping[str, str]) -> Counter[str]:
    """Count how often each kin was shown: twins count as the same film.

    Parameters
    ----------
    shown : sequence of str
        Case ids, one entry a showing.
    kin : mapping
        Case id to kin.
    """
    return Counter(kin[case] for case in shown if case in kin)
