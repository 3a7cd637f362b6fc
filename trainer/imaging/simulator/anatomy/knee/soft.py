"""Skin, fat and muscle of a left knee, straight or bent; effusion, the level of fat on blood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.knee.bones import FEMUR, FIBULA, PATELLA, PIVOT, TIBIA
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.breaks import following, swelling
from trainer.imaging.simulator.anatomy.limb.flesh import cast, flesh, pad
from trainer.imaging.simulator.anatomy.limb.follow import follow
from trainer.imaging.simulator.anatomy.limb.region import size
from trainer.imaging.simulator.anatomy.loft import loft, pebble
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.tissue import FAT, SOFT

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


# The joint is opened by the break, so that marrow fat runs into it and floats on the blood.
_OPEN = ("lateral plateau", "supracondylar femur", "patella")
LEVEL = 0.55  # share of the pouch's depth that is fat, from the front
_BEND = 5.0  # the flesh bends over so many cm along the limb


def soft(
    case: Case,
    rest: Mapping[str, Bony],
    bones: Sequence[Bony],
    broken_at: Floats | None,
    flexion: float,
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
    broken_at : ndarray, optional
        Middle of a fresh fracture.
    flexion : float
        Degrees.
    """
    s = size(case)
    skin, muscle = (f.like(f.values) for f in _bare(case.authentic(), flexion))
    follow([skin, muscle], rest, bones, following(case))
    swollen = swelling(case)
    if broken_at is not None and swollen > 0 and case.word("fracture_bone") in _OPEN:
        _effusion(muscle, s, swollen)
    made = flesh(case, skin, muscle, bones, broken_at, reach=5.2, rise=1.2, clothes=0.12)
    behind = np.broadcast_to(skin.mesh()[1] + np.float32(0.8 * s), skin.shape)
    return [*cast(case, made.skin, np.asarray(behind, np.float32)), *made.parts]


@remember(2)
def _bare(plain: Case, flexion: float) -> tuple[Field, Field]:
    """Return skin and muscle of a case without its bones, bent: what no injury changes."""
    s = size(plain)
    # a bent shank reaches further back than a straight one
    grid = Field((-11, -12 - 0.12 * flexion, -18.5), (12, 10.5, 18.5), 0.32, far=2.5)
    thin = 1.5 * (plain.number("fat") - 0.15)
    sections = [tuple(v * s for v in row) for row in _SKIN]
    muscle = _muscle(plain, grid, s)
    skin = grid.like(loft(grid, sections, grow=thin, power=2.05))  # type: ignore[arg-type]
    muscle.values = np.maximum(muscle.values, skin.values + np.float32(thin + 0.25))
    if flexion:
        where = unbent(grid, flexion, s)
        for f in (skin, muscle):
            f.values = np.minimum(f.solid().at(*where), np.float32(grid.far))
    return skin, muscle


def unbent(grid: Field, degrees: float, s: float) -> tuple[Floats, Floats, Floats]:
    """Return where each point of a bent knee lies while it is straight.

    Parameters
    ----------
    grid : Field
        Whose points.
    degrees : float
        0 straight.
    s : float
        Size.
    """
    _, py, pz = (p * s for p in PIVOT)
    x, y, z = (m.astype(float) for m in grid.mesh())
    half = np.deg2rad(degrees) / 2
    # how far a point lies down the limb, along the bisector of the bend
    down = (y - py) * -np.sin(half) + (z - pz) * -np.cos(half)
    turn = 2 * half * np.clip(0.5 + (down - 1.5 * s) / (_BEND * s), 0, 1)
    cos, sin = np.cos(turn), np.sin(turn)
    own_y = py + cos * (y - py) - sin * (z - pz)
    own_z = pz + sin * (y - py) + cos * (z - pz)
    full = grid.shape
    return (np.broadcast_to(x, full), np.broadcast_to(own_y, full), np.broadcast_to(own_z, full))


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
    f.join(pebble(grid, np.array(PATELLA) * s, np.array([2.4, 1.05, 2.4]) * s, 2.2), 0.3)
    f.ellipsoid((0, -0.6 * s, 0.6 * s), np.array([4.5, 3.7, 3.4]) * s, blend=0.5)
    f.ellipsoid((0.1 * s, 3.2 * s, 0.1 * s), np.array([1.9, 1.2, 1.7]) * s, blend=0.3, cut=True)
    return f


def pouch(f: Field, s: float, much: float) -> Field:
    """Join the pouch above the patella, as full as ``much`` says (0..1)."""
    return f.ellipsoid(
        np.array([0.3, 3.0, 6.6]) * s, np.array([3.3, 1.4, 3.0]) * s * (0.5 + 0.5 * much), blend=0.6
    )


def _effusion(f: Field, s: float, much: float) -> None:
    """Fill the pouch above the patella and the gutters beside the condyles; the femur stays."""
    pouch(f, s, much)
    for side in (-1, 1):
        f.ellipsoid(
            np.array([side * 3.9 + 0.1, 1.0, 4.4]) * s,
            np.array([1.2, 2.1, 3.2]) * s * (0.5 + 0.5 * much),
            blend=0.6,
        )


def level(case: Case) -> list[Part]:
    """Return the layer of marrow fat that floats on blood in the pouch (lipohaemarthrosis).

    The patient lies on the back, so the layer is in front and its edge runs along the thigh. Here
    those have it whose break reaches the joint and who lie with the film beside the knee.
    """
    much = swelling(case)
    if case.view != "lateral" or much < 0.25 or case.word("fracture_bone") not in _OPEN:
        return []
    s = size(case)
    f = Field(np.array([-4.2, 0.5, 2.5]) * s, np.array([4.6, 5.5, 10.8]) * s, 0.12, far=0.8)
    pouch(f, s, much)
    y = f.mesh()[1]
    front = np.float32((3.0 + 1.4 * (0.5 + 0.5 * much) * (1 - 2 * LEVEL * much)) * s)
    # it stays clear of the walls: those are of soft tissue
    layer = np.maximum(f.values + np.float32(0.22), front - y)
    return [pad("marrow fat", f, layer, FAT, SOFT, "fat level")]
