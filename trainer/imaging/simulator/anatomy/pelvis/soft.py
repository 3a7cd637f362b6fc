"""Skin, muscles, viscera and bladder about a pelvis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.belly import gas_parts, phleboliths
from trainer.imaging.simulator.anatomy.bowel import VISCERA
from trainer.imaging.simulator.anatomy.loft import loft
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle, bed
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import FAT, SOFT, Tissue

Map = NDArray[np.float32]

_TRUNK = (
    (-11.0, -7.0, 7.0, -6.0, 2.0), (-9.5, -13.0, 13.0, -9.5, 4.5), (-7.0, -16.4, 16.4, -10.8, 6.8),
    (-3.0, -17.6, 17.6, -11.5, 8.0), (3.0, -17.0, 17.0, -11.5, 8.6),
    (9.0, -15.8, 15.8, -10.8, 9.0), (22.0, -14.8, 14.8, -9.5, 9.0),
)  # fmt: skip
# courses of one side's muscles: x, y, z, radius
_MUSCLES = (
    ((4.5, -9, 8, 1.6), (8.5, -9, 2, 3.0), (11.5, -7.5, -3, 3.2), (13.2, -4.5, -9, 1.8)),
    ((11.5, -3.5, 11.5, 1.2), (13.2, -2.5, 7, 2.6), (14.2, -2, 2, 2.0), (14.4, -1.5, -1, 1.0)),
    ((14.2, 2.0, 9, 0.9), (14.8, 2.0, 3, 1.4), (14.6, 1.5, -5, 1.0)),
    ((4.5, -1, 20, 2.4), (6.5, 0.6, 10, 2.5), (9, 2.8, 3.5, 2.2), (11.2, 0, -5, 1.3)),
    ((11.6, 4.6, 5.5, 0.7), (11.2, 4.8, -3, 1.9), (10.8, 4.6, -12, 2.8), (10.2, 4, -26, 2.8)),
    ((13.6, 0.6, -5, 1.8), (13.8, 1.0, -12, 3.2), (13, 1, -26, 3.3)),
    ((2.4, 3.2, -4, 1.0), (5.4, 1.8, -10, 2.5), (7.6, 0.6, -18, 2.9), (8, 0, -26, 2.8)),
    ((6.8, -4.2, -6.5, 1.6), (8.6, -4.2, -13, 2.5), (9.2, -4, -26, 3.0)),
    ((5.6, -0.5, 1.5, 0.9), (4.9, 1.8, -1.2, 1.1), (6.5, -2.5, -3.0, 1.3), (9.5, -3, -3.2, 1.2)),
)  # fmt: skip
# bowel gas: x, y, z, reach, width
_GAS = (
    (0.4, -3.5, 4.8, 2.6, 1.5), (1.5, -3.0, 1.6, 1.4, 1.2), (-8.6, 3.5, 9.0, 3.2, 2.3),
    (8.8, 2.5, 8.6, 3.6, 1.6), (5.0, 2.0, 4.6, 3.0, 1.3), (-3.5, 4.0, 7.6, 2.6, 1.2),
    (2.0, 4.5, 11.0, 3.0, 1.4), (-6.0, 3.0, 12.5, 2.5, 1.5), (7.5, 3.0, 13.0, 2.5, 1.5),
)  # fmt: skip


def soft_parts(case: Case, girdle: Girdle) -> list[Part]:
    """Return everything but the bones."""
    s = girdle.size
    dose = case.dose(Hallmark.TOO_SYMMETRIC)
    skin, inner, bare, waves = _whole(case.authentic(), girdle)
    noises = [
        noise * np.float32(1 - dose / 2) + noise[::-1] * np.float32(dose / 2) for noise in waves
    ]
    wall = _muscles(case, bare, girdle)
    wall = np.maximum(wall, inner.values + 0.25 * noises[0] + 0.1 * noises[1])
    wall = np.maximum(wall, skin.values + 0.25)
    belly = bare.like()
    belly.ellipsoid(np.array([0, 0.5, 13]) * s, np.array([11.5, 7.2, 11]) * s, blend=0.1)
    belly.ellipsoid(np.array([0, -0.8, 3]) * s, np.array([6.3, 5.4, 7.2]) * s, blend=2.0)
    belly.values = np.maximum(belly.values + 0.2 * noises[0], np.maximum(-wall, skin.values + 0.4))
    muscle = case.number_for("muscle grain")
    lumps = Uneven(case.number_for("viscera"), 2.9, 0.03, Tissue(adipose=-1, soft=1))
    parts = [
        Part("body", skin.solid(), FAT, structure="soft tissue", least=0.05,
             uneven=Uneven(muscle, 2.8, 0.008, Tissue(adipose=1))),
        Part("muscle", bare.like(wall).smooth(0.4).solid(), SOFT, FAT),
        Part("viscera", belly.solid(), VISCERA, FAT, uneven=lumps),
    ]  # fmt: skip
    return parts + _contents(case.authentic(), girdle)


@remember(2)
def _contents(case: Case, girdle: Girdle) -> list[Part]:
    """Return bladder, bowel gas and phleboliths."""
    s = girdle.size
    full = case.number("bladder")
    bladder = Field((-7, -5, -3), (7, 8, 9), 0.3, far=2.0)
    own = case.rng("bladder").normal(0, 1, 3)
    bladder.ellipsoid(
        np.array([0.3 * own[0], 1.8, 0.6 + 1.5 * full]) * s,
        np.array([2.6 + 2.4 * full, 2.2 + 1.3 * full, 1.4 + 1.9 * full]) * s,
        blend=0.1,
    )
    parts = [Part("bladder", bladder.solid(), Tissue(soft=1.0), VISCERA)]
    places = [(x * s, y * s, z * s, r * s, w * s) for x, y, z, r, w in _GAS]
    parts += gas_parts(case.rng("gas"), places, case.number("gas"))
    return parts + phleboliths(case.rng("phleboliths"), s)


@remember(2)
def _whole(case: Case, girdle: Girdle) -> tuple[Field, Field, Field, list[Map]]:
    """Return skin, what lies under its fat, the muscle that bones are bedded in, noises."""
    grid = Field((-24.5, -16, -21.5), (24.5, 16, 22), 0.5, far=3.0)
    fat = 0.2 + 0.16 * max(0.0, case.number("bmi") - 17)
    bare = grid.like()
    for line, wide in bed(girdle):
        bare.capsules(line, wide, blend=0.4)
    skin = _skin(grid, girdle.size, fat)
    rng = case.rng("soft")
    waves = [smooth_noise(grid.shape, cells, rng) for cells in ((11, 8, 10), (34, 24, 32))]
    return skin.smooth(0.6), _skin(grid, girdle.size, 0.0), bare, waves


def _skin(grid: Field, s: float, fat: float) -> Field:
    f = grid.like(loft(grid, [tuple(v * s for v in row) for row in _TRUNK], grow=fat, power=2.4))  # type: ignore[misc]
    for side in (-1, 1):
        thigh = [(side * 10.3 * s, -1.2, -4.5 * s), (side * 10.0 * s, -0.4, -26 * s)]
        f.capsules(thigh, [7.3 * s + fat, 6.8 * s + 0.9 * fat], blend=2.5)
    return f


def _muscles(case: Case, bare: Field, girdle: Girdle) -> Map:
    """Return the distance to both sides' muscles; fat lies between them."""
    total, s = bare.like(bare.values), girdle.size
    own = case.number("asymmetry") * (1 - case.dose(Hallmark.TOO_SYMMETRIC))
    for side in (-1, 1):
        for k, course in enumerate(_MUSCLES):
            rows = np.array(course)
            both = case.rng(f"muscle {k}").normal(0, 0.2, 4)
            one = case.rng(f"muscle {k} {side}").normal(0, 0.25, 4) * own + both
            points = (rows[:, :3] + one[:3]) * [side, 1, 1] * s
            girth = rows[:, 3] * s * case.number("muscle") * (1 + 0.12 * one[3])
            total.capsules(points, girth, blend=0.15)
        hip = (side * 10.5 * s, -0.5, -2 * s)
        total.ellipsoid(hip, np.array([4.6, 3.4, 4.6]) * s, blend=0.5)
    for front in (-1, 1):  # abdominal wall and the back's long muscles
        total.ellipsoid((0, front * 7.6 * s - 1.2, 14 * s), np.array([12, 1.3, 12]) * s, blend=0.5)
    total.ellipsoid((0, -8.2 * s, 14 * s), np.array([6, 2.6, 14]) * s, blend=0.5)
    return total.values
