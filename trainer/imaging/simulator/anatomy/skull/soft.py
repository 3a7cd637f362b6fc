"""Scalp, face, neck and what fills the head."""

from __future__ import annotations

import numpy as np

from trainer.imaging.simulator.anatomy.skull.head import Head, head_of
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import AIR, FAT, SOFT, Tissue

MESH = 0.3


def outline(case: Case, head: Head, low: float) -> Field:
    """Return the skin of head and neck, down to a height in the head's coordinates."""
    f = Field((-10, -12, low), (10, 13, 14.5), MESH, far=2.0)
    fat = 0.12 + 0.012 * max(0.0, case.number("bmi") - 18)
    f.ellipsoid((0, 0.3, 4.9), (7.9 + fat, 9.75 + fat, 8.35 + fat), blend=0.1)
    f.ellipsoid((0, -4.4, 0.6), (6.7 + fat, 5.6 + fat, 4.6), blend=2.0)
    f.ellipsoid((0, 6.2, -1.0), (5.9 + fat, 4.7, 4.6), blend=2.0)  # cheeks
    drop = 0.14 * case.number("mouth")  # of the chin where the mouth is open
    f.ellipsoid((0, 6.6, -7.0 - 0.7 * drop), (4.6 + fat, 3.5, 2.95 + 0.3 * drop), blend=1.5)
    for up, out in ((0.6, 0.0), (-0.6 - drop, -0.12)):  # lips
        f.ellipsoid((0, 9.2 + out, -4.6 + up), (2.4, 1.15, 0.75), blend=0.45)
    own = case.rng("profile").normal(0, 1, 4)
    nose = [(0, 9.7, 2.6), (0, 10.4 + 0.15 * own[0], 0.7), (0, 10.9 + 0.15 * own[1], -0.7),
            (0, 10.1, -1.6)]  # fmt: skip
    girth = np.interp(np.arange(10), [0, 6, 9], [0.45, 0.78, 0.6])
    f.capsules(through(nose, 10), girth, blend=0.5)
    f.ellipsoid((0, 9.4, -8.7 + 0.2 * own[2] - drop), (1.7, 1.1, 1.4), blend=0.8)
    neck = [(0, -1.6, -4.0), (0, -0.9, -10.0), (0, -1.6, -16.0), (0, -2.6, -22.0)]
    f.capsules(through(neck, 10), np.linspace(5.7, 6.1, 10) + 1.5 * fat, blend=2.6)
    for side in (-1, 1):  # ears
        f.ellipsoid((side * 7.6, -1.2, 0.4), (0.9, 1.7, 3.0), blend=0.3)
    return f.smooth(0.6)


@remember(2)
def head_parts(case: Case) -> list[Part]:
    """Return the soft parts of a head, and the air of mouth and throat."""
    head, rng = head_of(case), case.rng("head")
    f = outline(case, head, -11.5)
    noise = smooth_noise(f.shape, (14, 16, 17), rng)
    skin = f.like(f.values + 0.05 * noise)
    under = f.like(skin.values + np.maximum(0.32 + 0.12 * noise, 0.1))
    fold = Uneven(case.number_for("brain"), 2.6, 0.004, Tissue(soft=1))
    own = rng.normal(0, 0.2, 4)
    throat = Field((-1.8, -1.4, -11.5), (1.8, 6.6, 1.6), 0.14, far=0.8)
    course = [(0, 4.2, -0.9), (0, 2.5, -1.6), (0, 1.7, -3.4), (0, 1.9 + 0.2 * own[0], -6.5),
              (0, 2.2, -9.0), (0, 2.0, -11.5)]  # fmt: skip
    throat.capsules(through(course, 24), np.interp(np.arange(24), [0, 6, 14, 23],
                                                   [0.95, 0.75, 0.6, 0.8]), blend=0.1)  # fmt: skip

    def part(name: str, made: Field, tissue: Tissue, within: Tissue, structure: str = "",
             uneven: Uneven | None = None) -> Part:  # fmt: skip
        shape = made.solid().posed(np.eye(3), np.zeros(3), np.full(3, head.size))
        return Part(name, shape, tissue, within, structure, 0.1, uneven=uneven)

    return [
        part("head", skin, FAT.scaled(1.05), AIR, "soft tissue"),
        part("flesh", under, SOFT, FAT.scaled(1.05), uneven=fold),
        part("throat", throat, AIR, SOFT, "air"),
    ]


@remember(2)
def pineal(case: Case) -> list[Part]:
    """Return the chalk of pineal gland and choroid plexus: in more heads and more of it by age.

    How often is an engineer's estimate.
    """
    rng, size = case.rng("pineal"), head_of(case).size
    old = float(np.clip((case.number("age") - 15) / 60, 0, 1))
    places = [((0.1, -0.9, 4.9), 0.2, 0.75)]
    places += [((side * 2.3, -2.6, 5.1), 0.4, 0.25) for side in (-1, 1)]
    parts = []
    for k, (at, spread, often) in enumerate(places):
        seen, strays = rng.random(), rng.normal(0, 0.25, 3)
        if seen > often * old:
            continue
        f = Field((-1.2,) * 3, (1.2,) * 3, 0.06, far=0.4)
        for _ in range(int(rng.integers(4, 11))):
            f.ellipsoid(rng.normal(0, spread, 3), rng.uniform(0.06, 0.15, 3), blend=0.08)
        shape = f.solid().posed(np.eye(3), (np.array(at) + strays) * size)
        parts.append(Part(f"chalk in the head {k}", shape, Tissue(soft=0.6, bone=0.35), SOFT))
    return parts
