"""Skin, muscle, lung and axilla about a left shoulder; see ``bones.py`` for axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, turned_parts
from trainer.imaging.simulator.anatomy.limb.breaks import following
from trainer.imaging.simulator.anatomy.limb.flesh import flesh, pad
from trainer.imaging.simulator.anatomy.limb.follow import follow
from trainer.imaging.simulator.anatomy.limb.region import size
from trainer.imaging.simulator.anatomy.loft import loft
from trainer.imaging.simulator.body import Part, Uneven
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.tissue import FAT, SOFT, Tissue, lung
from trainer.imaging.simulator.trees import Growth, grow

Floats = NDArray[np.float64]
Pose = tuple[Floats, Floats]

# height, right, left, back, front
_TRUNK = (
    (-18.0, -29.0, -2.6, -11.4, 8.9), (-11.0, -29.0, -2.9, -11.4, 8.5),
    (-6.0, -29.0, -3.5, -10.8, 7.5),
    (-1.0, -28.0, -4.6, -9.5, 6.2), (3.0, -25.0, -6.2, -8.0, 5.2), (6.0, -22.0, -9.5, -6.5, 5.0),
    (10.0, -21.0, -11.0, -6.0, 4.8), (14.0, -21.0, -11.0, -6.0, 5.0),
)  # fmt: skip
_LUNG = (
    (-18.0, -15.0, -4.3, -9.6, 6.6), (-11.0, -15.0, -4.8, -9.4, 6.2),
    (-6.0, -15.0, -5.9, -8.9, 5.2),
    (-2.0, -14.8, -7.3, -8.0, 3.6), (0.8, -14.4, -9.2, -6.8, 1.8), (2.9, -14.0, -11.2, -5.4, 0.2),
    (3.9, -13.2, -12.2, -4.2, -1.8),
)  # fmt: skip
# the deltoid's three parts: where they begin on the shoulder's roof, where they end on the humerus,
# half their thickness
_DELTOID = (
    ((0.6, 1.6, 2.6), (1.4, 0.8, -10.5), 1.15),
    ((2.0, -0.6, 2.5), (1.8, 0.0, -11.0), 1.25),
    ((0.2, -2.4, 2.4), (1.4, -0.8, -10.5), 1.2),
)
_HILUM, _TWIGS = (-14.5, -1.5, -9.5), 220


def soft(
    case: Case,
    rest: Mapping[str, Bony],
    bones: Sequence[Bony],
    broken_at: Floats | None,
    out: Pose | None,
) -> list[Part]:
    """Return the soft parts of a case: trunk, arm, axilla, lung.

    Parameters
    ----------
    case : Case
        The case.
    rest : mapping of str to Bony
        The bones before they broke or left their joint, by name.
    bones : sequence of Bony
        In their places now.
    broken_at : ndarray, optional
        Middle of a fresh injury.
    out : (turn, place), optional
        How far the flesh of a dislocated arm has gone with its humerus.
    """
    s, plain = size(case), case.authentic()
    skin, muscle = (f.like(f.values) for f in _bare(plain))
    share = following(case)
    follow([skin, muscle], rest, bones, share, still=_cage() * s)
    if out is not None and share > 0:
        _tighten(case, skin, muscle, out)
    made = flesh(
        case, skin, muscle, bones, broken_at, reach=4.2, rise=0.6, clothes=0.25, rounded=1.3
    )
    return [*made.parts, *_planes(muscle, s, out), *_lung(plain, s)]


def _tighten(case: Case, skin: Field, muscle: Field, out: Pose) -> None:
    """Join the deltoid muscle, drawn taut from the acromion to where its shaft has gone.

    Over an empty socket it falls in: the shoulder is square, its roof a corner.
    """
    s, fat = size(case), 0.7 * (case.number("fat") - 0.45)
    turn, place = out
    for roof, low, girth in _DELTOID:
        ends = np.array([roof, turn @ np.array(low) + place / s])
        line = np.linspace(ends[0], ends[1], 5) * s
        sag = 0.5 * np.sin(np.linspace(0, np.pi, 5))[:, None] * np.array([-0.8, 0, 0]) * s
        skin.capsules(line + sag, girth * s + 0.7 * fat + 0.55, blend=1.6)
        muscle.capsules(line + sag, girth * s, blend=1.0)


def _cage() -> Floats:
    """Return points about the lung, where the ribs lie: the chest stays where it is."""
    heights = np.linspace(-17, 4, 12)
    rows = np.array(sorted(_LUNG))
    right, left, back, front = (np.interp(heights, rows[:, 0], rows[:, k]) for k in range(1, 5))
    around = np.linspace(0, 2 * np.pi, 24, endpoint=False)[:, None]
    x = (left + right) / 2 + (left - right) / 2 * np.cos(around)
    y = (front + back) / 2 + (front - back) / 2 * np.sin(around)
    return np.stack(np.broadcast_arrays(x, y, heights), -1).reshape(-1, 3)


@remember(2)
def _bare(plain: Case) -> tuple[Field, Field]:
    """Return skin and muscle of a case without its bones: what no injury changes."""
    s, fat = size(plain), 0.9 * (plain.number("fat") - 0.45)
    skin = Field(
        np.array([-19.5, -13.5, -18.5]) * s, np.array([7.5, 11.5, 13.0]) * s, 0.42, far=3.0
    )
    rows = [tuple(v * s for v in row) for row in _TRUNK]
    skin.values = loft(skin, rows, grow=fat, power=2.1, deepest=3.0)  # type: ignore[arg-type]
    for course in (
        ((-13, -2.0, 9, 5.4), (-9, -2.4, 3.6, 4.2), (-3.5, -1.2, 1.0, 4.3)),
        ((-3.0, -0.6, 0.6, 4.7), (0.4, -0.2, -0.1, 4.85), (1.2, 0, -4.5, 4.55)),
        ((0.9, 0, -4, 4.4), (2.0, 0, -12, 4.2), (2.8, 0, -20, 4.0)),
        ((-0.5, 2.4, -3.0, 2.0), (-4.5, 4.4, -4.5, 2.2), (-10, 5.4, -6, 2.4)),
        ((-1.0, -2.8, -4.0, 2.0), (-4.5, -5.2, -7.0, 2.2), (-9, -7.6, -11, 2.4)),
    ):
        line = np.array(course, float) * s
        skin.capsules(line[:, :3], line[:, 3] + 0.7 * fat, blend=1.6)
    under = 0.55 + 0.9 * plain.number("fat")
    muscle = skin.like(skin.values + np.float32(under))
    # the hollow of the axilla between chest wall, pectoral and latissimus, full of fat
    muscle.ellipsoid(
        np.array([-4.4, -0.3, -6.4]) * s, np.array([1.5, 2.4, 4.2]) * s, blend=1.6, cut=True
    )
    # the ribs and the muscles between them lie about the lung, with hardly any fat
    cage = loft(skin, [tuple(v * s for v in row) for row in _LUNG], grow=1.15 * s, power=2.3)  # type: ignore[misc]
    muscle.join(np.maximum(cage, skin.values + np.float32(0.3)), 0.4)
    return skin, muscle


def _planes(muscle: Field, s: float, out: Pose | None) -> list[Part]:
    """Return the fat under the deltoid muscle, a thin dark line over the tuberosity."""
    grid = Field(np.array([-1.5, -3.5, -4.5]) * s, np.array([5, 3.5, 4]) * s, 0.14, far=0.6)
    outer = grid.like().ellipsoid(
        (0.55 * s, 0, -0.3 * s), np.array([3.05, 3.1, 3.4]) * s, blend=0.02
    )
    inner = grid.like().ellipsoid(
        (0.55 * s, 0, -0.3 * s), np.array([2.9, 2.95, 3.25]) * s, blend=0.02
    )
    x, _, z = grid.mesh()
    side = np.maximum(np.float32(1.2 * s) - x, z - np.float32(1.9 * s))
    shell = np.maximum(np.maximum(outer.values, -inner.values), side)
    turn, place = (np.eye(3), np.zeros(3)) if out is None else out
    lie = Bony("fat", grid, turn=turn, place=place)
    within = lie.distance_to(muscle.solid()) + np.float32(0.15)
    shell = np.maximum(shell, within)
    return turned_parts([pad("subdeltoid fat", grid, shell, FAT, SOFT)], turn, place)


@remember(2)
def _lung(case: Case, s: float) -> list[Part]:
    f = Field(np.array([-17.5, -11, -17.5]) * s, np.array([-3, 8, 5.2]) * s, 0.4, far=2.0)
    rows = [tuple(v * s for v in row) for row in _LUNG]
    f.values = loft(f, rows, power=2.3, deepest=2.0)  # type: ignore[arg-type]
    air = lung(0.24)
    haze = Uneven(case.number_for("lung vessels"), 2.6, 0.02, Tissue(soft=1), 0.5)
    f.smooth(0.8)
    inside = np.argwhere(f.values < -0.5) * f.spacing + f.corner
    rng = case.rng("lung vessels")
    leaves = inside[rng.integers(0, len(inside), _TWIGS)] + rng.uniform(-0.2, 0.2, (_TWIGS, 3))
    growth = Growth(balance=0.35, tip=0.034 * s, trunk=0.5 * s, exponent=2.6)
    tree = grow(np.array(_HILUM) * s, leaves, growth)
    return [
        Part("lung", f.solid(), air, SOFT, "lung", uneven=haze),
        Part("lung vessels", tree, SOFT, air, inside_of="lung"),
    ]
