"""Skin, muscle, fat pads and effusion of a left elbow, straight or bent; see ``bones.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, turned_parts
from trainer.imaging.simulator.anatomy.limb.breaks import following, swelling
from trainer.imaging.simulator.anatomy.limb.dislocation import is_out
from trainer.imaging.simulator.anatomy.limb.flesh import cast, chains, flesh, pad
from trainer.imaging.simulator.anatomy.limb.follow import follow
from trainer.imaging.simulator.anatomy.limb.region import size
from trainer.imaging.simulator.anatomy.loft import turned
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.tissue import SOFT, Tissue

Floats = NDArray[np.float64]

_SKIN = (
    ((0, -0.7, 17, 4.4), (0, -0.6, 9, 3.9), (0, -0.6, 4.5, 3.2), (0, -0.4, 1.5, 2.9)),
    ((0, 1.3, 17, 3.7), (0, 1.2, 9, 3.2), (0.2, 1.1, 4.5, 2.4), (0.3, 1.4, 1.9, 1.9)),
    ((-1.5, -0.5, 4.5, 2.4), (-1.7, -0.3, 0.9, 2.4), (-1.2, 0.3, -1.5, 2.6)),
    ((1.3, -0.3, 4.5, 2.3), (1.4, 0, 0.6, 2.4), (1.6, 0.5, -1.5, 2.5)),
    ((0, 0, -0.5, 2.9), (0.4, 0.2, -3.5, 3.3), (0.9, 0.1, -7, 3.4), (1.9, 0, -16, 2.5)),
    ((1.6, 0.5, -0.6, 2.4), (1.8, 0.6, -4, 2.9), (2.1, 0.3, -9, 2.7), (2.6, 0, -16, 2.2)),
    ((-1.2, 0.2, -0.8, 2.5), (-0.9, 0.4, -4, 2.8), (0.2, 0.2, -10, 2.5), (1.2, 0, -16, 2.1)),
    ((-0.6, -1.7, 1.4, 1.15), (-0.6, -1.6, -0.8, 1.45), (-0.4, -1.2, -3, 1.6)),
)
_MUSCLES = (
    # biceps, brachialis, triceps and its tendon
    ((0, 1.3, 17, 2.6), (0, 1.1, 9, 2.2), (0.2, 1.0, 4.5, 1.5), (0.7, 1.0, 1.2, 0.75),
     (1.0, 0.7, -3.6, 0.45)),
    ((0, 0.6, 9, 1.9), (-0.2, 0.9, 4, 1.5), (-0.4, 1.2, 0.8, 1.1), (-0.5, 1.0, -2.2, 0.55)),
    ((0, -2.5, 17, 2.5), (0, -2.6, 9, 2.1), (-0.2, -2.4, 4.5, 1.15), (-0.5, -2.3, 2.2, 0.5)),
    ((-0.5, -2.35, 2.4, 0.45), (-0.6, -2.1, 1.2, 0.5)),
    # brachioradialis and the long extensors; flexors; the back; supinator and the deep ones
    ((2.0, 0, 7, 0.8), (2.4, 0.3, 2.5, 1.2), (2.4, 1.1, -2, 1.6), (2.4, 0.7, -7, 1.7),
     (2.9, 0.3, -16, 0.9)),
    ((-2.9, -0.6, 1.2, 0.65), (-2.3, 0.6, -2, 1.45), (-1.2, 0.5, -6, 1.8), (0.6, 0.3, -16, 1.2)),
    ((2.4, -0.6, 1, 0.6), (1.9, -1.2, -3, 1.4), (1.9, -1.2, -8, 1.5), (2.4, -0.6, -16, 0.9)),
    ((-1.4, -1.3, -1.5, 0.7), (-0.9, -1.2, -5, 1.3), (0.6, -0.9, -16, 0.9)),
    ((0.9, 0.1, -2.6, 1.25), (1.2, 0, -8, 1.5), (2.0, 0, -16, 1.2)),
)  # fmt: skip


def bent(points: Floats, degrees: float) -> Floats:
    """Return points of the arm, those below the joint bent about its axis.

    Parameters
    ----------
    points : ndarray, shape (n, 3)
        cm, for a limb of size 1.
    degrees : float
        0 straight, 90 bent square.
    """
    share = np.clip(0.5 - points[:, 2:] / 1.5, 0, 1)
    return np.asarray(points + share * (points @ turned(degrees, "x").T - points), float)


def soft(
    case: Case,
    bones: Mapping[str, Bony],
    rest: Mapping[str, Bony],
    pieces: Sequence[Bony],
    broken_at: Floats | None,
    flexion: float,
    out: tuple[Floats, Floats] | None,
) -> list[Part]:
    """Return the soft parts of a case, its fat pads, and the cast about them.

    Parameters
    ----------
    case : Case
        The case.
    bones : mapping of str to Bony
        Whole, in their places.
    rest : mapping of str to Bony
        The same before anything broke, where a dislocation has taken them.
    pieces : sequence of Bony
        Whole or broken, in their places.
    broken_at : ndarray, optional
        Middle of a fresh fracture.
    flexion : float
        Degrees.
    out : (turn, place), optional
        How the humerus has left the joint, and the upper arm's flesh with it.
    """
    s = size(case)
    pose = () if out is None else tuple(float(v) for part in out for v in part.ravel())
    skin, muscle = (f.like(f.values) for f in _bare(case.authentic(), flexion, pose))
    follow([skin, muscle], rest, pieces, following(case))
    made = flesh(case, skin, muscle, pieces, broken_at, reach=2.4, rise=0.5, clothes=0.10)
    _, y, z = skin.mesh()
    behind = np.asarray(y + 0 * z + np.float32(0.8 * s), np.float32)
    if flexion > 45:  # the splint runs along the back of the arm and the underside of the forearm
        behind = np.minimum(behind, z + 0 * y + np.float32(0.6 * s))
    parts = [*cast(case, made.skin, behind), *made.parts]
    pads = _pads(case, bones["humerus"], s)
    return parts + (pads if out is None else turned_parts(pads, *out))


def _lie(points: Floats, flexion: float, out: tuple[float, ...], s: float) -> Floats:
    """Return points of the arm bent, and those above the joint where the humerus took them."""
    lying = bent(points, flexion)
    if not out:
        return lying
    turn, place = np.reshape(out[:9], (3, 3)), np.array(out[9:]) / s
    share = np.clip(0.5 + points[:, 2:] / 2.5, 0, 1)
    return np.asarray(lying + share * (lying @ turn.T + place - lying), float)


@remember(2)
def _bare(plain: Case, flexion: float, out: tuple[float, ...]) -> tuple[Field, Field]:
    """Return skin and muscle of a case without its bones, bent, the upper arm where it went."""
    s, fat = size(plain), 0.55 * (plain.number("fat") - 0.3)
    courses = {
        name: [np.column_stack([_lie(c[:, :3], flexion, out, s), c[:, 3]]) for c in rows]
        for name, rows in (("skin", map(np.array, _SKIN)), ("muscle", map(np.array, _MUSCLES)))
    }
    points = np.vstack([c[:, :3] for c in courses["skin"]]) * s
    low, high = points.min(0) - 4.6 * s, points.max(0) + 4.6 * s
    high[2] = min(high[2], 14.0 * s)
    low[2], high[1] = max(low[2], -14.0 * s), min(high[1], 14.0 * s)
    skin = Field(low, high, 0.24, far=2.0)
    for course in courses["skin"]:
        skin.capsules(course[:, :3] * s, course[:, 3] * s + fat, blend=0.9)
    muscle = chains(skin.like(), courses["muscle"], s, 0.12)
    for centre, radii in (
        ((-0.3, 0.7, 2.0), (1.9, 1.2, 1.8)),
        ((-0.3, -1.9, 2.1), (1.5, 0.85, 1.5)),
        ((0.2, 0, 0), (3.1, 1.6, 1.5)),
    ):
        at = _lie(np.array([centre]), 0.0, out, s)[0]
        muscle.ellipsoid(at * s, np.array(radii) * s, blend=0.3)
    return skin, muscle


def _pads(case: Case, humerus: Bony, s: float) -> list[Part]:
    """Return the fat pads before and behind the humerus, lifted off it by an effusion.

    Where the joint is out its capsule is torn, and blood soaks what it had held.
    """
    torn = is_out(case)
    within = torn or case.word("fracture_bone") in _WITHIN
    lifted = swelling(case) * (0.5 if torn else 1.0) if within else 0.0
    left = 1 - 0.6 * swelling(case) if torn else 1.0
    fat = Tissue(adipose=left, soft=1 - left)
    parts = []
    for name, centre, radii, way, tilt in (
        ("anterior", (-0.3, 0.28, 2.0), (1.05, 0.27, 1.1), 1.0, -24.0),
        ("posterior", (-0.3, -1.25, 2.1), (1.0, 0.28, 1.1), -1.0, 16.0),
    ):
        own = case.rng(f"{name} fat pad").uniform(0.85, 1.15, 3)
        grid = Field(np.array([-2, -2.2, -2.4]) * s, np.array([2, 2.2, 2.4]) * s, 0.09, far=0.6)
        grid.ellipsoid((0, 0, 0), np.array(radii) * own * s, turned(tilt * lifted, "x"), blend=0.02)
        grid.smooth(1.2)
        at = np.add(centre, (0, way * (0.05 + 0.62 * lifted), 0.25 * lifted)) * s
        lie = Bony(name, grid, place=at)
        clear = np.maximum(grid.values, np.float32(0.06) - lie.distance_to(humerus.solid()))
        part = pad(f"{name} fat pad", grid, clear, fat, SOFT, "fat pads")
        parts += turned_parts([part], np.eye(3), at)
    return parts


_WITHIN = ("radial head", "olecranon", "supracondylar humerus")
