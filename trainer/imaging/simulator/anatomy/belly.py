"""What trunk films share: bowel gas, phleboliths, chalk in arteries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.bowel import haustral, loop
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import SOFT, Tissue
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

NARROW = 1.45  # small bowel is narrower than this, cm, colon is not
STONE = Tissue(soft=0.5, bone=0.45)
CHALK = Tissue(bone=0.9)

# course and girth of an artery, from above; the aorta divides at the fourth lumbar vertebra
Artery = tuple[Sequence[tuple[float, float, float]], float]
AORTA: Artery = (((1.0, -0.6, 34), (1.4, 0.4, 20), (1.1, 0.6, 13.6)), 0.95)
ILIAC: tuple[Artery, ...] = (
    (((1.1, 0.6, 13.6), (3.6, -0.6, 9.6), (5.9, 0.4, 5.6), (7.9, 3.4, 1.8)), 0.5),
    (((1.1, 0.6, 13.6), (-2.4, -0.6, 9.8), (-5.6, 0.4, 5.6), (-7.9, 3.4, 1.8)), 0.5),
    (((7.9, 3.4, 1.8), (8.6, 3.6, -3.0), (8.2, 3.0, -12)), 0.42),
    (((-7.9, 3.4, 1.8), (-8.6, 3.6, -3.0), (-8.2, 3.0, -12)), 0.42),
)


def gas_parts(rng: Generator, places: Sequence[tuple[float, ...]], amount: float) -> list[Part]:
    """Return bowel gas: sacs of colon between folds, short loops of small bowel, no two alike.

    Parameters
    ----------
    rng : Generator
        Of where and how large they are.
    places : sequence of tuple
        Middle (x, y, z), then how far it reaches and how wide it may be, cm.
    amount : float
        How much gas there is, 1 usual; at 0 there is none.
    """
    parts = []
    for k, (x, y, z, reach, wide) in enumerate(places):
        chance, turn, bend, share = rng.uniform(0, 1, 4)
        own = np.random.default_rng(int(rng.integers(2**31)))
        if chance > 0.72 * amount:
            continue
        angle = turn * np.pi
        way = np.array([np.cos(angle), 0.15, np.sin(angle)]) * reach * (0.35 + 0.65 * share)
        side = np.array([-np.sin(angle), 0, np.cos(angle)]) * reach * (bend - 0.5)
        middle = np.array([x, y, z])
        line = through([middle - way, middle + side, middle + way], 60)
        if wide < NARROW:
            parts.append(loop(f"gas {k}", line, wide * (0.45 + 0.3 * share), False, own))
        else:
            width = wide * (0.45 + 0.35 * share) * (1 + 0.25 * np.cos(np.arange(60) / 10 + turn))
            parts.append(haustral(f"gas {k}", line, width, own))
    return parts


def phleboliths(rng: Generator, size: float) -> list[Part]:
    """Return calcified stones of the pelvic veins: none in most, a few in some."""
    count = max(0, round(rng.normal(0.5, 1.8)))
    parts = []
    for k in range(count):
        side = 1 if rng.random() < 0.5 else -1
        r = rng.uniform(0.12, 0.26)
        at = np.array([side * rng.uniform(4.2, 6.2), rng.uniform(-5, -2), rng.uniform(-2.8, 0.6)])
        f = Field((-0.5,) * 3, (0.5,) * 3, 0.06, far=0.4)
        f.ellipsoid((0, 0, 0), np.array([1, 1, rng.uniform(0.8, 1.2)]) * r, blend=0.01)
        parts.append(Part(f"phlebolith {k}", f.solid().posed(np.eye(3), at * size), STONE, SOFT))
    return parts


def arteries(case: Case, size: float, courses: Sequence[Artery]) -> list[Part]:
    """Return plaques in the walls of arteries: thin chalk, by age, none in most below fifty.

    How many there are by age is an engineer's estimate.

    Parameters
    ----------
    case : Case
        Its age counts, and its own disposition.
    size : float
        Relative to an average man.
    courses : sequence of tuple
        Course and girth of each artery, cm.
    """
    bent = float(case.rng("chalk").gamma(1.2, 0.8)) * max(0.0, case.number("age") - 48) / 22
    made: list[Tubes] = []
    for k, (points, girth) in enumerate(courses):
        rng = case.rng(f"chalk {k}")
        line = through(np.array(points, float) * size, 80)
        reach = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
        for _ in range(int(rng.poisson(min(5.0, bent) * reach / 7))):
            first, around = int(rng.integers(3, 72)), rng.uniform(0, 2 * np.pi)
            for strand in range(int(rng.integers(2, 8))):  # a plaque is a ragged sheet in the wall
                start = first + int(rng.integers(-3, 4))
                piece = line[start : start + int(rng.integers(3, 7))]
                turn = around + strand * 0.085 / girth + np.cumsum(rng.normal(0, 0.14, len(piece)))
                side = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
                thick = rng.uniform(0.035, 0.075) * size * rng.uniform(0.5, 1.5, len(piece))
                thick[[0, -1]] *= 0.2
                wall = piece + side * girth * size * (1 + rng.normal(0, 0.015))
                made.append(tube(wall, thick, number=len(made) + 1))
    if not made:
        return []
    return [Part("arterial chalk", Tubes.joinall(made), CHALK, SOFT, "arterial chalk", 0.01)]
