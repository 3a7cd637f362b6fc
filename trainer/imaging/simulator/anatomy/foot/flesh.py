"""Skin, fat, muscle and tendons of a left ankle and foot; see ``bones.py`` for axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.breaks import following, swelling
from trainer.imaging.simulator.anatomy.limb.flesh import Flesh, cast, chains, flesh
from trainer.imaging.simulator.anatomy.limb.follow import follow
from trainer.imaging.simulator.anatomy.limb.region import size
from trainer.imaging.simulator.anatomy.loft import about, loft, turned
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember

Floats = NDArray[np.float64]

# height, medial, lateral, back, front
_LEG = (
    (-4.6, -2.2, 2.7, -6.3, 2.2), (-2.6, -2.9, 3.3, -5.3, 3.2), (-1.0, -3.15, 3.55, -4.8, 3.1),
    (0.6, -3.05, 3.45, -4.65, 2.9),
    (2.0, -2.7, 3.25, -4.5, 2.6), (4.0, -2.35, 3.05, -4.35, 2.3), (6.0, -2.45, 3.1, -4.5, 2.3),
    (9.0, -3.1, 3.5, -5.2, 2.5), (15.0, -4.3, 4.4, -6.6, 2.9),
)  # fmt: skip
# courses (x, y, z, radius) of the sole and the back of the foot, without the toes
_FOOT = (
    ((0.2, -4.4, -5.4, 2.45), (0.2, -2.0, -5.2, 2.7), (-0.6, 1.0, -4.4, 2.75)),
    ((-0.8, 0.5, -4.0, 2.6), (-1.5, 4.5, -4.4, 2.15), (-2.1, 9.0, -5.5, 1.85),
     (-2.8, 13.3, -6.65, 1.65)),
    ((1.0, -2.5, -5.7, 2.2), (2.0, 3.0, -5.9, 1.95), (3.0, 8.0, -6.35, 1.55),
     (3.5, 12.2, -6.95, 1.25)),
    ((-0.2, 1.5, -2.2, 2.2), (-0.5, 5.0, -3.2, 1.9), (-0.2, 9.0, -4.8, 1.6),
     (-0.1, 13.6, -6.5, 1.3)),
    ((-1.4, 3.8, -3.2, 2.25), (-1.9, 6.6, -3.6, 2.0), (-2.6, 12.8, -6.1, 1.45)),
    ((1.1, 7.0, -5.2, 1.7), (1.3, 12.8, -6.8, 1.25)),
)  # fmt: skip
_MUSCLES = (
    # calcaneal tendon; soleus and the deep flexors; the front; peronei; tibialis posterior
    ((0.2, -4.1, 16, 1.7), (0.2, -4.0, 9, 1.15), (0.2, -3.85, 6, 0.55), (0.25, -3.95, 3, 0.40),
     (0.25, -4.4, 0, 0.42), (0.25, -5.15, -3.2, 0.5)),
    ((0, -2.6, 16, 2.3), (0, -2.3, 7, 1.45), (0, -2.0, 3, 0.85), (0.1, -2.3, 0.4, 0.5),
     (-0.3, -2.5, -2.0, 0.4)),
    ((0.7, 1.7, 16, 1.8), (0.6, 1.7, 7, 1.1), (0.3, 1.85, 3, 0.7), (-0.1, 2.3, 0, 0.55),
     (-0.5, 3.3, -1.1, 0.42), (-0.9, 5.6, -1.7, 0.3)),
    ((2.6, -1.9, 16, 1.5), (2.5, -2.0, 6, 0.95), (2.5, -2.05, 0, 0.42), (2.65, -1.5, -3.1, 0.38),
     (2.6, 1.5, -4.9, 0.38)),
    ((-1.7, -1.6, 9, 1.0), (-2.0, -1.6, 3, 0.5), (-2.25, -1.5, -0.5, 0.34),
     (-2.4, 1.0, -2.9, 0.32)),
    # the sole: three columns; what fills between the metatarsals
    ((-0.7, -3.6, -6.7, 0.55), (-1.2, 2.5, -6.0, 1.15), (-1.6, 9, -6.7, 0.95),
     (-2.3, 12.6, -7.4, 0.4)),
    ((1.4, -3.6, -6.7, 0.5), (2.4, 3, -6.5, 0.95), (3.0, 9, -7.0, 0.65)),
    ((0.4, -3.4, -6.7, 0.5), (0.4, 4.5, -6.2, 1.25), (0.4, 11, -7.1, 0.65)),
    ((-1.0, 8, -4.6, 1.2), (-1.4, 12.6, -6.3, 0.8)),
    ((0.2, 8, -4.7, 1.2), (0.2, 13, -6.4, 0.8)),
    ((1.6, 7.5, -5.2, 1.1), (2.0, 12, -6.7, 0.7)),
)  # fmt: skip
# where the leg's bulk lies when it leans: (x, y, radius)
_CALF = ((-0.6, 0.0, 2.35), (0.9, -0.2, 2.35), (0.2, -2.2, 2.3))
_ANKLE = ("fibula", "fibular shaft", "tibia", "medial malleolus", "calcaneus")


def soft(
    case: Case,
    rest: Mapping[str, Bony],
    bones: Sequence[Bony],
    toes: Sequence[Floats],
    broken_at: Floats | None,
    lean: float = 0.0,
) -> list[Part]:
    """Return the soft parts of a case, and the cast about them.

    Parameters
    ----------
    case : Case
        The case.
    rest : mapping of str to Bony
        The bones before anything broke, by name.
    bones : sequence of Bony
        In their places, whole or in pieces.
    toes : sequence of ndarray, shape (2, 3)
        Where each toe begins and ends.
    broken_at : ndarray, optional
        Middle of a fresh fracture.
    lean : float
        How far the leg leans back, degrees.
    """
    s = size(case)
    ends = tuple(tuple(float(v) for v in toe.ravel()) for toe in toes)
    skin, muscle = (f.like(f.values) for f in _bare(case.authentic(), ends, lean))
    follow([skin, muscle], rest, bones, following(case))
    swollen = swelling(case)
    if broken_at is not None and swollen > 0 and case.word("fracture_bone") in _ANKLE:
        effusion(muscle, s, swollen)
    made: Flesh = flesh(case, skin, muscle, bones, broken_at, clothes=0.10)
    _, depth, z = skin.mesh()
    behind = (depth - np.float32(-1.2 * s)) + 0 * z
    under = z + np.float32(5.2 * s) + 0 * depth
    return [*cast(case, made.skin, np.minimum(behind, under)), *made.parts]


@remember(2)
def _bare(plain: Case, toes: tuple[tuple[float, ...], ...], lean: float) -> tuple[Field, Field]:
    """Return skin and muscle of a case without its bones: what no injury changes."""
    s, fat = size(plain), 0.7 * (plain.number("fat") - 0.45)
    low, high = np.array([-5.6, -8.4, -9.6]) * s, np.array([5.8, 21.2, 15.2]) * s
    skin = Field(low - (1.4, 0.8, 0.8), np.add(high, (1.4, 0.8, 0)), 0.26, far=2.0)
    if lean:
        for x, y, r in _CALF:
            line = leant(np.array([(x, y, -1.0), (x, y, 5.0), (1.2 * x, 1.2 * y, 14)]) * s, lean, s)
            skin.capsules(line, np.array([r, r, 1.3 * r]) * s + 0.8 * fat, blend=0.9)
    else:
        rows = [tuple(v * s for v in row) for row in _LEG]
        skin.values = loft(skin, rows, grow=fat * 0.8, power=2.1, deepest=2.0)  # type: ignore[arg-type]
    for course in _FOOT:
        line = np.array(course) * s
        skin.capsules(line[:, :3], line[:, 3] + 0.25 * fat, blend=0.9)
    for k, ends in enumerate(toes):
        girth = np.array([1.35, 1.15] if k == 0 else [0.95, 0.78]) * s
        skin.capsules(np.reshape(ends, (2, 3)), girth, blend=0.35)
    # on the cassette or the ground the sole is flat
    _, _, z = skin.mesh()
    skin.values = np.maximum(skin.values, (-8.25 * s - z) * np.float32(0.9))
    courses = [
        np.column_stack([leant(c[:, :3], lean, 1.0), c[:, 3]]) for c in map(np.array, _MUSCLES)
    ]
    muscle = chains(skin.like(), courses, s, 0.12)
    return skin, muscle


def leant(points: Floats, degrees: float, s: float) -> Floats:
    """Return points of the leg leant back about the ankle; those of the foot stay."""
    turn, place = about(turned(degrees, "x"), (0, 0, -2.1 * s))
    share = np.clip(points[:, 2:] / s + 0.5, 0, 1)
    return np.asarray(points + share * (points @ turn.T + place - points), float)


def effusion(f: Field, s: float, much: float) -> None:
    """Fill the front and the back recess of the ankle joint (the teardrop signs)."""
    for centre, radii in (
        ((0.0, 2.35, -0.2), (1.9, 0.85, 1.25)),
        ((0.1, -2.35, -0.6), (1.6, 0.75, 1.1)),
    ):
        size_ = np.array(radii) * s * (0.45 + 0.55 * much)
        f.ellipsoid(np.array(centre) * s, size_, blend=0.4)
