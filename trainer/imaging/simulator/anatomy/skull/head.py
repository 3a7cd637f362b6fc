"""The measures of a head, and how what is built for an average one is scaled to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import SOFT, Bone, Tissue
from trainer.imaging.simulator.tubes import Tubes

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Head:
    """The measures of one head.

    Parameters
    ----------
    size : float
        Relative to an average man.
    mineral : float
        Bone mineral, relative.
    pneumatised : float
        How large the sinuses and air cells are, relative.
    teeth : float
        Share of the teeth that are there.
    """

    size: float
    mineral: float
    pneumatised: float
    teeth: float


def head_of(case: Case) -> Head:
    """Return the measures of a case's head."""
    female = case.word("sex") == "female"
    old = float(np.clip((case.number("age") - 50) / 45, 0, 1))
    return Head(
        case.number("size") * (0.95 if female else 1.0),
        case.number("mineral") * (1 - (0.2 if female else 0.1) * old),
        case.number("pneumatised"),
        float(np.clip(1.12 - 0.7 * old**1.5, 0, 1)),
    )


def part_of(
    name: str,
    f: Field,
    head: Head,
    made_of: Bone | Tissue,
    cortex: float = 0.0,
    at: Floats | None = None,
    within: Tissue = SOFT,
) -> Part:
    """Return a field at the head's size as a part of its bones."""
    solid = f.solid(cortex) if cortex else f.solid()
    place = np.zeros(3) if at is None else at
    posed = solid.posed(np.eye(3), place * head.size, np.full(3, head.size))
    return Part(name, posed, made_of, within, "bones", 0.05, phase=float(len(name)))


def scaled(made: Tubes, size: float) -> Tubes:
    """Return tubes of an average head at another size."""
    return Tubes(
        made.nodes * size, made.mitres, made.sides, made.outer * size, made.inner * size,
        made.offset * size, made.joined,
    )  # fmt: skip
