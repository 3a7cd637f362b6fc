"""Plates and screws, as left in a bone by surgeons; sizes of the AO small-fragment set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Choice
from trainer.imaging.simulator.tissue import STEEL, TITANIUM
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

CHOICE = Choice(
    ("none", "plate", "cast", "splint"), "metal or cast", weights=(0.91, 0.04, 0.025, 0.025)
)


def screw(head: ArrayLike, tip: ArrayLike, number: int, core: float = 0.125) -> list[Tubes]:
    """Return one screw: a head, then a threaded core that ends in a point.

    Parameters
    ----------
    head, tip : array-like, shape (3,)
        World points, cm.
    number : int
        > 0, its own.
    core : float
        Radius of the core; the thread stands out by 0.045 cm at a pitch of 0.125 cm.
    """
    a, b = np.asarray(head, float), np.asarray(tip, float)
    long = float(np.linalg.norm(b - a))
    way = (b - a) / long
    cap = tube([a - 0.12 * way, a, a + 0.14 * way], [0.22, 0.30, 0.14], number=number)
    turns = np.arange(0.14, long - 0.05, 0.0625)
    radii = core + 0.045 * (np.arange(len(turns)) % 2)
    nodes = [*(a + t * way for t in turns), b]
    return [cap, tube(nodes, [*radii, 0.02], number=number)]


def plate(
    course: ArrayLike,
    outward: ArrayLike,
    screws: Sequence[tuple[float, float]],
    *,
    steel: bool,
    width: float = 0.5,
    core: float = 0.125,
) -> list[Part]:
    """Return a plate along a bone with its screws.

    Parameters
    ----------
    course : array-like, shape (n, 3)
        Along the bone's surface, world, cm.
    outward : array-like, shape (3,)
        Away from the bone.
    screws : sequence of (share, length)
        Place along the plate, 0..1, and length in cm.
    steel : bool
        Steel, or titanium.
    width : float
        Half width of the plate, cm.
    core : float
        See :func:`screw`.
    """
    nodes = np.asarray(course, float)
    n = np.asarray(outward, float) / np.linalg.norm(outward)
    way = nodes[-1] - nodes[0]
    across = np.cross(way, n)
    across /= np.linalg.norm(across)
    raised = nodes + 0.12 * n
    bar = tube(raised, width, 0.15, side=across)
    reach = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(raised, axis=0), axis=1))])
    made = []
    for k, (share, long) in enumerate(screws):
        head = np.array([np.interp(share * reach[-1], reach, raised[:, i]) for i in range(3)])
        lean = 0.06 * np.sin(2.4 * k) * way / np.linalg.norm(way)
        made += screw(head, head - (n + lean) * long, k + 1, core)
    metal = STEEL if steel else TITANIUM
    return [
        Part("plate", bar, metal.scaled(0.8), structure="hardware"),
        Part("screws", Tubes.joinall(made), metal.scaled(0.9), structure="hardware"),
    ]
