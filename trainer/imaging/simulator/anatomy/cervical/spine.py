"""Where the cervical vertebrae lie, and how a forgery straightens or repeats them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.cervical.vertebra import (
    DEVIATES,
    LONG,
    SIZES,
    atlas,
    axis,
    lower,
    with_spurs,
)
from trainer.imaging.simulator.anatomy.loft import turned
from trainer.imaging.simulator.anatomy.skull.head import Head
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone

Floats = NDArray[np.float64]

NAMES = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "T1", "T2")
# y and z of each in the head's coordinates and its nod forward in degrees: a usual lordosis
_COURSE = {
    "C1": (1.15, -3.4, -2.0), "C2": (0.35, -5.3, -10.0), "C3": (0.45, -7.2, -9.0),
    "C4": (0.65, -9.0, -5.0), "C5": (0.75, -10.75, 1.0), "C6": (0.55, -12.5, 8.0),
    "C7": (0.0, -14.3, 14.0), "T1": (-0.95, -16.2, 20.0), "T2": (-2.1, -18.2, 24.0),
}  # fmt: skip
_WEAVE = weave((0.0, 0.0, 1.0), 1.6)


@dataclass(frozen=True)
class Neck:
    """How one neck is held and worn.

    Parameters
    ----------
    lordosis : float
        Relative; below 0 the neck bends the other way.
    even : float
        How far discs and tilts are evened out, 0..1.
    clone : float
        How far C3 to C7 are copies of one, 0..1.
    wear : float
        Loss of height of the worn disc, 0..1, with spurs of the same.
    worn : int
        The disc that wears: 0 C5/6, 1 C6/7, 2 C4/5.
    wedged : str
        The vertebra that is crushed; empty for none.
    wedge : float
        Share of its front height that is lost.
    """

    lordosis: float = 1.0
    even: float = 0.0
    clone: float = 0.0
    wear: float = 0.0
    worn: int = 0
    wedged: str = ""
    wedge: float = 0.0


def places(case: Case, neck: Neck, count: int) -> list[tuple[Floats, float]]:
    """Return where each vertebra lies and its nod forward, degrees."""
    rows = np.array([_COURSE[name] for name in NAMES])
    own = case.rng("neck").normal(0, 1, (len(NAMES), 3)) * (1 - neck.even)
    y, z, nod = rows.T.copy()
    top, bottom = 1, 7
    chord = y[top] + (z - z[top]) * (y[bottom] - y[top]) / (z[bottom] - z[top])
    rest = np.rad2deg(np.arctan2(y[top] - y[bottom], z[top] - z[bottom]))
    arc = neck.lordosis * (1 - neck.even)
    held = slice(top, bottom + 1)
    y[held] = (chord + (y - chord) * arc)[held]
    nod[held] = (rest + (nod - rest) * arc)[held]
    worn = (5, 6, 4)[neck.worn]
    drop = np.where(np.arange(len(NAMES)) < worn, 0.42 * neck.wear, 0.0)
    z -= drop  # what is above comes down
    z += np.cumsum(0.05 * own[:, 0])
    if neck.wedged:
        k = NAMES.index(neck.wedged)
        nod[1:k] += 28 * neck.wedge
    return [
        (np.array([0.0, y[k] + 0.05 * own[k, 1], z[k]]), float(nod[k] + 1.5 * own[k, 2]))
        for k in range(count)
    ]


def vertebrae(case: Case, neck: Neck, head: Head, count: int) -> list[Part]:
    """Return the first ``count`` vertebrae under a head."""
    bone = Bone(
        cortex=0.92 * head.mineral**0.5, trabeculae=0.22 * head.mineral, grain=0.019, weave=_WEAVE
    )
    pattern = {}
    if neck.clone:
        for long in (False, True):
            pattern[long] = _field(case, "C5", 0.15, 0.0, long).values
    parts = []
    for k, (at, nod) in enumerate(places(case, neck, count)):
        name = NAMES[k]
        worn = name in (("C5", "C6"), ("C6", "C7"), ("C4", "C5"))[neck.worn]
        spurs = neck.wear if worn else 0.3 * neck.wear
        wedge = neck.wedge if name == neck.wedged else 0.0
        f = _field(case, name, spurs, wedge, name in LONG)
        if pattern and name in ("C3", "C4", "C5", "C6", "C7"):
            f = f.like(f.values * (1 - neck.clone) + pattern[name in LONG] * neck.clone)
        # each is turned a little of its own, so that joints of the two sides part
        own = case.rng(f"twist {name}").standard_normal(2) * (1 - neck.even)
        turn = turned(-nod, "x") @ turned(1.8 * own[0], "y") @ turned(2.2 * own[1], "z")
        solid = f.solid(0.045 * (0.6 + 0.4 * head.mineral))
        posed = solid.posed(turn, at * head.size, np.full(3, head.size))
        parts.append(Part(name, posed, bone, SOFT, "bones", 0.05, phase=k * 31.0))
    return parts


def _field(case: Case, name: str, spurs: float, wedge: float, long: bool) -> Field:
    f = _without_spurs(case.authentic(), name, wedge, long)
    if name not in SIZES:
        return f
    return with_spurs(f, name, case.rng(f"form {name}").standard_normal(DEVIATES), spurs, wedge)


@remember(24)
def _without_spurs(case: Case, name: str, wedge: float, long: bool) -> Field:
    own, rng = case.rng(f"form {name}").standard_normal(DEVIATES), case.rng(f"surface {name}")
    if name == "C1":
        return atlas(own, rng)
    if name == "C2":
        return axis(own, rng)
    return lower(name, own, wedge, rng, long=long)
