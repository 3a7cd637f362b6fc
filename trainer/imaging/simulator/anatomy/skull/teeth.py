"""Teeth: crowns of enamel about a pulp, roots, what dentists put in."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.anatomy.skull.head import Head, part_of
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import Tissue

Floats = NDArray[np.float64]

ENAMEL = Tissue(bone=1.3)
DENTINE = Tissue(bone=1.0)
FILLING = Tissue(steel=0.8)
BITE = -4.55
# half width along the arch and thickness across it of incisors, canines, premolars, molars, cm,
# from the midline outwards; how long their roots are
_KINDS = (
    (0.36, 0.30, 1.2), (0.30, 0.30, 1.25), (0.36, 0.38, 1.6), (0.33, 0.42, 1.3), (0.33, 0.44, 1.3),
    (0.50, 0.50, 1.25), (0.48, 0.50, 1.15),
)  # fmt: skip


def dental_arch(n: int) -> Floats:
    """Return points round the upper dental arch, from right to left; height 0."""
    t = np.linspace(-1, 1, n)
    return np.stack([2.7 * t, 8.9 - 4.4 * np.abs(t) ** 2.1, 0 * t], 1)


def teeth(head: Head, up: int, rng: Generator) -> list[Part]:
    """Return the teeth that are left in one jaw: 1 the upper, -1 the lower."""
    low, high = ((3.6, -4.9), (10.0, -2.2)) if up > 0 else ((3.4, -7.2), (9.8, -4.2))
    roots, crowns, fillings = (
        Field((-3.7, *low), (3.7, *high), 0.09, far=0.4) for _ in range(3)
    )  # fmt: skip
    filled = False
    for k, base in enumerate(dental_arch(14)):
        there, treated = rng.random(2)
        stray, lean = rng.normal(0, 0.06, 3), rng.normal(0, 0.14)
        wide, deep, long = np.array(_KINDS[int(abs(k - 6.5))]) * rng.normal(1, 0.05, 3)
        if there > head.teeth:
            continue
        edge = np.array([*base[:2], BITE + up * 0.06]) + stray
        edge[1] -= 0.25 if up < 0 else 0.0  # the upper teeth bite over the lower
        neck = edge + np.array([0, -0.15 * lean, up * 0.75])
        _crown(crowns, edge, neck, wide, deep, up, rng)
        molar = deep > 0.45
        spread = (-0.24, 0.24) if molar else (0.0,)
        for out in spread:
            tip = neck + np.array([0, out - 0.3 * lean - 0.1, up * long * rng.normal(1, 0.08)])
            girth = 0.24 if molar else 0.72 * min(wide, deep)
            roots.capsules([neck + np.array([0, 0.8 * out, 0]), tip], [girth, 0.09], blend=0.08)
            roots.capsules([neck, tip], [0.07, 0.03], blend=0.03, cut=True)  # the pulp's canal
        if molar and treated < 0.3:
            at = edge + np.array([0, rng.normal(0, 0.12), up * 0.12])
            size = (0.22, rng.uniform(0.12, 0.34), rng.uniform(0.09, 0.2))
            fillings.ellipsoid(at, size, blend=0.05)
            filled = True
    word = "upper" if up > 0 else "lower"
    made = [
        part_of(f"{word} roots", roots, head, DENTINE),
        part_of(f"{word} crowns", crowns, head, ENAMEL),
    ]
    if filled:
        roughen(fillings, rng, 0.04, (0.3, 0.15))
        made.append(part_of(f"{word} fillings", fillings, head, FILLING, within=ENAMEL))
    return made


def _crown(
    f: Field, edge: Floats, neck: Floats, wide: float, deep: float, up: int, rng: Generator
) -> None:
    """Join a crown: narrow at its neck, a cutting edge in front, cusps behind."""
    girth = min(wide, deep)
    if deep < 0.4:
        f.capsules([neck, edge], [0.8 * girth, 0.12], blend=0.08)
        return
    middle = 0.55 * edge + 0.45 * neck
    f.ellipsoid(middle, (deep, wide, 0.42), blend=0.08)
    for out in (-0.5, 0.5):
        cusp = edge + np.array([0, out * wide, -up * 0.03 + rng.normal(0, 0.03)])
        f.ellipsoid(cusp + np.array([0, 0, up * 0.16]), (0.9 * deep, 0.5 * wide, 0.2), blend=0.1)
    f.ellipsoid(middle + np.array([0, 0, up * 0.12]), (0.16, 0.2, 0.16), blend=0.08, cut=True)
