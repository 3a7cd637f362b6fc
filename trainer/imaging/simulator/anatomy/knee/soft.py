"""Skin, fat and muscle of a left knee."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.knee.bones import FEMUR, FIBULA, PATELLA, TIBIA
from trainer.imaging.simulator.anatomy.loft import loft, pebble
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise

Floats = NDArray[np.float64]

_SKIN = (
    (-20.0, -5.0, 4.9, -6.8, 3.3), (-15.0, -5.3, 5.2, -7.2, 3.3), (-10.0, -5.5, 5.35, -7.4, 3.4),
    (-6.0, -5.2, 5.15, -6.5, 3.5), (-3.0, -4.85, 4.95, -5.4, 3.9), (-1.0, -4.85, 4.9, -5.0, 4.5),
    (1.5, -5.15, 5.0, -5.2, 5.4), (4.0, -5.35, 5.2, -5.6, 5.6), (7.0, -5.6, 5.6, -6.3, 5.5),
    (11.0, -6.2, 6.5, -7.2, 5.9), (20.0, -7.2, 8.2, -8.6, 7.0),
)  # fmt: skip
# course and girth of the muscles that show: (x, y, z, radius)
_MUSCLES = (
    # vastus medialis, vastus lateralis, quadriceps tendon
    ((-3.2, 1.3, 20, 3.1), (-3.5, 1.4, 11, 2.4), (-3.5, 1.7, 7, 1.6), (-3.0, 2.6, 4.4, 0.6)),
    ((4.6, 0.9, 20, 3.1), (4.0, 1.1, 12, 2.4), (3.7, 1.5, 8.8, 1.4), (2.9, 2.4, 6.4, 0.5)),
    ((0.9, 3.6, 20, 2.6), (0.6, 3.5, 12, 1.6), (0.4, 3.9, 6.5, 0.5)),
    # hamstrings, medial and lateral
    ((-2.2, -4.6, 20, 3.2), (-3.0, -4.3, 10, 2.1), (-3.5, -3.5, 3, 1.1), (-3.3, -2.0, -4, 0.6)),
    ((3.2, -4.6, 20, 3.0), (3.7, -4.1, 10, 1.8), (4.0, -3.4, 3, 0.8), (4.1, -2.6, -1.5, 0.5)),
    # gastrocnemius, both heads; soleus; anterior compartment
    ((-2.0, -3.9, 2.2, 0.8), (-2.4, -4.5, -2, 1.6), (-2.8, -4.6, -8, 2.4), (-2.4, -4.2, -20, 2.2)),
    ((2.0, -3.9, 2.0, 0.8), (2.3, -4.4, -2, 1.4), (2.5, -4.5, -8, 2.1), (2.2, -4.2, -20, 2.1)),
    ((0.3, -2.6, -3.5, 1.4), (0.5, -2.7, -10, 2.6), (0.4, -2.7, -20, 2.9)),
    ((3.1, 0.6, -3.2, 0.8), (3.2, 0.8, -8, 1.7), (2.9, 0.9, -20, 1.8)),
    # collateral ligaments and capsule beside the joint
    ((-4.15, -0.4, 4.2, 0.5), (-4.25, -0.3, 1.5, 0.5), (-3.9, 0, -1, 0.5), (-3, 0.3, -5.5, 0.45)),
    ((4.1, -0.5, 3.0, 0.45), (4.25, -0.9, 0.5, 0.5), (4.0, -1.8, -2, 0.5)),
    ((0.2, 4.4, 2.2, 0.6), (0.1, 3.6, -1.5, 0.5), (0.1, 3.0, -4.5, 0.6)),
)  # fmt: skip


def swelling(case: Case) -> float:
    """Return how much effusion and swelling a fracture brings with it, 0..1."""
    if case.word("finding") != "fracture":
        return 0.0
    lost = max(case.dose(Hallmark.CLEAN_FRACTURE), case.dose(Hallmark.NO_SOFT_TISSUE))
    return case.number("consequences") * (1 - lost)


def soft(case: Case, broken_at: Floats | None) -> tuple[Solid, Solid]:
    """Return skin and muscle of a case as those of a left knee."""
    s = case.number("size")
    grid = Field((-11, -12, -18.5), (12, 10.5, 18.5), 0.3, far=2.5)
    rng = case.rng("leg")
    slow = smooth_noise(grid.shape, (7, 7, 10), rng)
    quick = smooth_noise(grid.shape, (22, 22, 34), rng)
    fat = 0.25 + 1.5 * case.number("fat")
    sections = [tuple(v * s for v in row) for row in _SKIN]
    envelope = loft(grid, sections, power=2.05)  # type: ignore[arg-type]
    muscle = _muscle(case, grid, s)
    swollen = swelling(case)
    skin = grid.like(loft(grid, sections, grow=fat - 0.25, power=2.05))  # type: ignore[arg-type]
    if broken_at is not None and swollen > 0:
        _effusion(muscle, s, swollen)
        muscle.ellipsoid(
            broken_at, np.array([2.2, 2.6, 3.0]) * s * (0.6 + 0.4 * swollen), blend=1.0
        )
        x, y, z = broken_at
        bulge = np.array([5.0, 5.1, 6.5]) * s + fat - 0.25 + 1.0 * swollen
        skin.ellipsoid((0.14 * x, min(0.3 * y, 0.2) + 0.2, z), bulge, blend=1.5 * swollen + 0.05)
    muscle.values = np.maximum(muscle.values, envelope + 0.12 * slow + 0.05 * quick)
    skin.values += 0.10 * slow
    muscle.values = np.maximum(muscle.values, skin.values + 0.16)
    return skin.smooth(0.6).solid(), muscle.solid()


def _muscle(case: Case, grid: Field, s: float) -> Field:
    """Join the muscles; what lies between them is fat."""
    f = grid.like()
    bulk = case.number("muscle")
    for k, course in enumerate(_MUSCLES):
        rows = np.array(course)
        girth = 1 + (bulk - 1) * (0.6 if k < 9 else 0.0)
        sway = case.rng(f"muscle {k}").normal(0, 0.12, 3)
        one = grid.like().capsules((rows[:, :3] + sway) * s, rows[:, 3] * s * girth, blend=0.05)
        f.join(one.values, 0.10)
    # what clothes the bones themselves: periosteum, deep muscle, capsule
    for table, deep in ((FEMUR, 0.5), (TIBIA, 0.12)):
        f.join(loft(grid, [tuple(v * s for v in row) for row in table], grow=deep * s), 0.2)  # type: ignore[misc]
    f.capsules(np.array(FIBULA) * s, 1.1 * s, blend=0.4)
    f.join(pebble(grid, np.array(PATELLA) * s, np.array([2.4, 1.15, 2.4]) * s, 2.2), 0.3)
    f.ellipsoid((0, -0.6 * s, 0.6 * s), np.array([4.5, 3.7, 3.4]) * s, blend=0.5)
    f.ellipsoid((0.1 * s, 3.2 * s, 0.1 * s), np.array([1.9, 1.2, 1.7]) * s, blend=0.3, cut=True)
    return f


def pouch(f: Field, s: float, much: float) -> Field:
    """Join the pouch above the patella, as full as ``much`` says (0..1)."""
    return f.ellipsoid(
        np.array([0.3, 3.0, 6.6]) * s, np.array([3.3, 1.4, 3.0]) * s * (0.5 + 0.5 * much), blend=0.6
    )


def _effusion(f: Field, s: float, much: float) -> None:
    """Fill the pouch above the patella and the gutters beside the condyles."""
    pouch(f, s, much)
    for side in (-1, 1):
        f.ellipsoid(
            np.array([side * 3.9 + 0.1, 1.0, 4.4]) * s,
            np.array([1.2, 2.1, 3.2]) * s * (0.5 + 0.5 * much),
            blend=0.6,
        )
