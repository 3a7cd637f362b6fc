"""Skin, muscles, kidneys, viscera, gas and lower ribs about a lumbar spine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.belly import gas_parts
from trainer.imaging.simulator.anatomy.bowel import VISCERA
from trainer.imaging.simulator.anatomy.loft import loft, mirrored
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle, bed
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, axes_from
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import FAT, SOFT, Bone, Tissue, lung
from trainer.imaging.simulator.tubes import tube

Map = NDArray[np.float32]
Floats = NDArray[np.float64]
SOLID_ORGAN = Tissue(soft=1.02)

_TRUNK = (
    (-8.0, -16.8, 16.8, -11.0, 7.5), (4.0, -16.6, 16.6, -11.2, 8.4),
    (12.0, -14.8, 14.8, -10.4, 9.0),
    (18.0, -13.4, 13.4, -10.0, 9.2), (26.0, -13.6, 13.6, -10.9, 9.6),
    (33.0, -14.1, 14.1, -12.0, 10.0), (42.0, -14.6, 14.6, -13.4, 10.4),
)  # fmt: skip
_PSOAS = ((2.5, -3.4, 26, 0.6), (3.4, -2.4, 21.5, 1.6), (4.5, -1.3, 16.5, 2.3), (6.2, 0.2, 11, 2.5),
          (8.4, 2.4, 4, 2.1))  # fmt: skip
_GAS = (
    (-9.0, 3.5, 10.5, 3.4, 2.2), (-9.5, 2.5, 19.0, 3.0, 2.0), (-6.5, 5.5, 23.5, 3.2, 2.0),
    (1.5, 6.0, 22.0, 4.2, 2.0), (8.5, 4.0, 25.5, 3.0, 2.2), (9.4, 1.5, 16.5, 3.4, 1.6),
    (8.6, 2.5, 9.6, 3.2, 1.6), (2.5, 4.5, 14.0, 2.6, 1.1), (-3.5, 4.5, 12.5, 2.4, 1.1),
    (0.4, -3.5, 4.6, 2.4, 1.5), (5.0, 4.5, 30.0, 3.4, 2.6),
)  # fmt: skip


@remember(2)
def soft_parts(case: Case, girdle: Girdle) -> list[Part]:
    """Return everything but spine and pelvis."""
    s = girdle.size
    grid = Field((-25, -17, -6), (25, 18, 41), 0.5, far=3.0)
    rng = case.rng("soft")
    slow, quick = (smooth_noise(grid.shape, c, rng) for c in ((11, 8, 10), (34, 24, 32)))
    fat = 0.2 + 0.17 * max(0.0, case.number("bmi") - 17)
    trunk = [tuple(v * s for v in row) for row in _TRUNK]
    skin = grid.like(loft(grid, trunk, grow=fat, power=2.3)).smooth(0.6)  # type: ignore[arg-type]
    inner = loft(grid, trunk, power=2.3, deepest=4.0) + 0.28 * slow  # type: ignore[arg-type]
    psoas, deep = _muscles(case, grid, girdle)
    # the wall is no layer of one thickness, and the fat within it is a stripe of varying width
    other = slow[::-1, :, ::-1]
    wall = np.abs(inner + 0.8 + 0.1 * quick) - (0.68 + 0.16 * other)
    stripe = 1.66 + np.clip(0.22 + 0.18 * other - 0.12 * quick, 0.0, 0.7)
    deep.values = np.minimum(deep.values, wall)
    deep.values = np.maximum(deep.values, skin.values + 0.3)
    kidneys, liver = _organs(case, grid, s)
    kidneys.values = np.maximum(kidneys.values, inner + 1.8)
    lungs = grid.like(np.maximum(above_domes(case, grid, s), inner + 1.75))
    lungs.values = np.maximum(lungs.values, 0.1 - np.minimum(deep.values, kidneys.values))
    liver.values = np.maximum(np.maximum(liver.values, inner + stripe), 0.3 - kidneys.values)
    liver.values = np.maximum(liver.values + 0.12 * quick, 0.25 - lungs.values)
    # fat lies about what is behind the bowel, and about the edges of liver and spleen
    apart = np.minimum(psoas.values, kidneys.values) - 0.28 + 0.1 * quick
    apart = np.minimum(apart, liver.values - np.clip(0.22 + 0.16 * slow, 0.02, 0.6))
    apart = np.minimum(apart, lungs.values - 0.25)
    belly = np.maximum(inner + stripe, -apart)
    back = np.asarray(-grid.mesh()[1] - 1.2 * s + 0.4 * quick, np.float32)
    belly = np.maximum(np.maximum(belly, back), -deep.values)
    lumps = Uneven(case.number_for("viscera"), 2.9, 0.03, Tissue(adipose=-1, soft=1))
    grain = Uneven(case.number_for("grain"), 2.8, 0.008, Tissue(adipose=1))
    parts = [
        Part("body", skin.solid(), FAT, structure="soft tissue", least=0.05, uneven=grain),
        Part("muscle", deep.solid(), SOFT, FAT),
        Part("psoas", psoas.solid(), SOFT, FAT, "psoas", 0.5),
        Part("kidneys", kidneys.solid(), SOFT, FAT),
        Part("liver and spleen", liver.solid(), SOLID_ORGAN, FAT),
        Part("lung bases", lungs.solid(), lung(0.24), FAT, "lungs", 0.3),
        Part("viscera", grid.like(belly).smooth(0.5).solid(), VISCERA, FAT, uneven=lumps),
    ]
    places = [(x * s, y * s, z * s, r * s, w * s) for x, y, z, r, w in _GAS]
    return parts + gas_parts(case.rng("gas"), places, case.number("gas"))


def _muscles(case: Case, grid: Field, girdle: Girdle) -> tuple[Field, Field]:
    psoas, deep, s = grid.like(), grid.like(), girdle.size
    for line, wide in bed(girdle):
        deep.capsules(line, wide, blend=0.4)
    for side in (-1, 1):
        own = case.rng(f"psoas {side}").normal(0, 1, 3)
        rows = np.array(_PSOAS)
        points = (rows[:, :3] + [0.15 * own[0], 0, 0]) * [side, 1, 1] * s
        psoas.capsules(
            points, rows[:, 3] * s * case.number("muscle") * (1 + 0.08 * own[1]), blend=0.1
        )
        for course, girth in (
            (
                ((3.2, -6.6, 2), (3.4, -6.2, 12), (3.6, -6.8, 24), (3.4, -8.4, 41)),
                (2.2, 2.8, 3.0, 2.4),
            ),
            (((8.2, -5.6, 11), (6.6, -5.6, 18), (4.6, -6.2, 27)), (1.1, 1.5, 0.9)),
        ):
            deep.capsules(np.array(course) * [side, 1, 1] * s, np.array(girth) * s, blend=0.2)
    # what fills in round the vertebrae: discs, ligaments, great vessels
    core = [(0, -3.4, 7), (0, -2.4, 12), (0, -2.0, 18), (0, -3.0, 25), (0, -5.5, 34)]
    deep.capsules(np.array(core) * s, 2.7 * s, blend=0.6)
    deep.capsules(np.array([(0, -6.2, 4), (0, -5.8, 18), (0, -8.6, 36)]) * s, 2.3 * s, blend=0.6)
    vessels = [(1.2, 0.6, 13.5), (1.4, 0.4, 20), (1.0, -0.6, 34)]
    deep.capsules(np.array(vessels) * s, 1.0 * s, blend=0.4)
    return psoas, deep


def above_domes(case: Case, grid: Field, s: float) -> Map:
    """Return the distance above the diaphragm: high in the middle, deep in the recess behind."""
    x, y, z = (m / np.float32(s) for m in grid.mesh())
    own = case.rng("domes").normal(0, 0.7, 2)
    domes = []
    for side, high, stray in ((-1, 37.4, own[0]), (1, 36.8, own[1])):
        fall = 0.05 * (x - side * 6.8) ** 2 + 0.07 * np.clip(0.5 - y, 0, 12) ** 2
        domes.append(high + stray - fall)
    slope = 1 / np.hypot(1, 0.5)
    away = np.float32(2.6) - np.abs(x + 0 * y)  # between them lies the heart, on the diaphragm
    return np.asarray(np.maximum((np.where(x < 0, *domes) - z) * slope, away) * s, np.float32)


def _organs(case: Case, grid: Field, s: float) -> tuple[Field, Field]:
    """Return the kidneys; liver and spleen."""
    f, g = grid.like(), grid.like()
    own = case.rng("organs").normal(0, 0.4, (4, 3))
    for k, side in enumerate((-1, 1)):
        at = np.array([side * 6.4, -4.2, 22.8 + 0.6 * side]) + own[k]
        lie = axes_from((-side * 0.22, 0.1, 1))
        f.ellipsoid(at * s, np.array([5.4, 2.5, 2.2]) * s, lie, blend=0.1)
    g.ellipsoid((np.array([-6, 1.5, 33]) + own[2]) * s, np.array([8.5, 7.5, 7.0]) * s, blend=0.2)
    g.ellipsoid((np.array([-9.5, 0.5, 27]) + own[2]) * s, np.array([3.5, 5, 4.5]) * s, blend=2.5)
    g.ellipsoid((np.array([9.6, -3.5, 31]) + own[3]) * s, np.array([3, 4.2, 4.6]) * s, blend=0.2)
    return f, g


Rib = tuple[str, float, tuple[tuple[float, float, float], ...]]
# name, girth, and the course of a left rib: each node strays by one of the rib's own deviates
RIBS: tuple[Rib, ...] = (
    ("rib 12", 0.42, ((2.4, -6.0, 28.0), (5.0, -7.6, 27.2), (9.6, -7.0, 24.2))),
    ("rib 11", 0.5, ((2.2, -6.9, 31.0), (6.5, -8.8, 29.6), (11.5, -6.6, 26.2), (13.4, -2.4, 23.2))),
    (
        "rib 10",
        0.5,
        ((2.2, -7.8, 33.7), (6.8, -9.8, 32.4), (12.2, -7.2, 29.2), (14.0, -2.0, 26.2), (13, 4, 24)),
    ),
)


def _in_the_wall(line: Floats) -> Floats:
    """Return a rib's course with what would lie outside the trunk's wall drawn into it."""
    table = np.array(_TRUNK)
    right, left, back, front = (
        np.interp(line[:, 2], table[:, 0], table[:, k]) for k in range(1, 5)
    )
    middle = np.stack([(left + right) / 2, (front + back) / 2], 1)
    half = np.stack([(left - right) / 2, (front - back) / 2], 1)
    reach = ((np.abs(line[:, :2] - middle) / half) ** 2.3).sum(1) ** (1 / 2.3)
    drawn = np.minimum(reach, 0.93) / np.maximum(reach, 1e-6)
    return np.column_stack([middle + (line[:, :2] - middle) * drawn[:, None], line[:, 2]])


@remember(2)
def rib_parts(case: Case, size: float, bone: Bone, courses: tuple[Rib, ...] = RIBS) -> list[Part]:
    """Return the lowest three pairs of ribs, along other courses where some are given."""
    parts = []
    u = np.linspace(0, 1, 40)
    for side, word in ((-1, "right"), (1, "left")):
        for k, (name, girth, course) in enumerate(courses):
            own = case.rng(f"{name} {word}").normal(0, 0.3, 3)
            stray = np.linspace(0, 1, len(course))[:, None] * own * [1, 0.5, 1.5]
            line = _in_the_wall(through(np.array(course) + stray, 40)) * size
            high = girth * size * (1 + 0.2 * np.sin(np.pi * u))
            high = high * np.clip((1.02 - u) / 0.12, 0.25, 1)
            thick = 0.6 * high
            marrow = (np.maximum(high - 0.10, 0.04), np.maximum(thick - 0.08, 0.03))
            shape = tube(line, high, thick, marrow=marrow, side=(0.0, 0.25, 1.0), number=3 + k)
            part = Part(f"{name} {word}", shape, bone, SOFT, "bones", 0.05)
            parts.append(part if side > 0 else mirrored(part))
    return parts
