"""The hand's skin and muscles, and how they swell over a fracture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.hand.bones import Skeleton, axis
from trainer.imaging.simulator.anatomy.limb.breaks import following, swelling
from trainer.imaging.simulator.anatomy.limb.flesh import clothe
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise

Floats = NDArray[np.float64]


def soft_of(case: Case, bones: Skeleton, top: float = 21.5) -> tuple[Field, Field]:
    """Return the skin's and the muscles' outer shapes, swollen about a break.

    Parameters
    ----------
    case : Case
        The case.
    bones : Skeleton
        Which the fingers follow.
    top : float
        How far up they are built, for a hand of size 1: beyond the film, cm.
    """
    s = case.number("size")
    share = following(case)
    chains = tuple(
        tuple(float(v) for v in _followed(chain, share).ravel()) for chain in bones.chains
    )
    bare = _bare(case.authentic(), chains, top)
    skin, muscle = bare.like(bare.values), bare.like(bare.values)
    depth = 0.16 + 0.22 * case.number("fat")
    muscle.values += np.float32(depth)
    # the bones of wrist and forearm lie under tendons, not in fat
    deep = [*bones.wrist.values(), bones.whole["radius"], bones.whole["ulna"]]
    clothe([(muscle, 0.1, 0.15), (skin, 0.25, 0.3)], deep)
    swollen = swelling(case)
    if bones.break_at is not None and swollen > 0:
        # lifted from where the skin is, so that a thick wrist swells as a thin finger does; muscle
        # more than skin, for fluid takes the place of the fat between them
        x, y, z = (m - np.float32(c) for m, c in zip(skin.mesh(), bones.break_at, strict=True))
        near = np.clip(1 - (x**2 + y**2 + (z / 1.3) ** 2) / np.float32((2.8 * s) ** 2), 0, 1) ** 3
        skin.values -= np.float32(swollen * 0.5 * s) * near
        muscle.values -= np.float32(swollen * (0.5 * s + 0.6 * depth)) * near
        muscle.values = np.maximum(muscle.values, skin.values + np.float32(0.12))
    return skin, muscle


def _followed(chain: Floats, share: float) -> Floats:
    """Return a finger's nodes, those between two joints on the straight way where share is 0."""
    at = chain[:, 3]
    joints = chain[at == np.rint(at)]
    straight = np.stack([np.interp(at, joints[:, 3], joints[:, k]) for k in range(3)], 1)
    return np.column_stack([straight + share * (chain[:, :3] - straight), at])


@remember(2)
def _bare(plain: Case, chains: tuple[tuple[float, ...], ...], top: float) -> Field:
    """Return the outline of a case's hand, its fingers along chains of (x, y, z, which joint)."""
    s = plain.number("size")
    f = Field((-8 * s, -3.5 * s, -11), (9.5 * s, 3.5 * s, top * s), 0.16, far=1.5)
    for k, flat in enumerate(chains):
        rows = np.reshape(flat, (-1, 4))
        chain, joint = rows[:, :3], rows[:, 3]
        way = chain[-1] - chain[-2]
        tip = chain[-1] + way / np.linalg.norm(way) * 0.12
        girth = (1.30, 1.15, 1.05, 0.94, 0.74) if k < 4 else (1.4, 1.28, 1.1, 0.86)
        points = np.vstack([chain[:-1], tip])
        radii = np.interp(joint, np.arange(len(girth)), girth) * s
        f.capsules(points, radii, blend=0.3 if k < 4 else 0.6)
    forearm = [(0.1 * s, 0, -11), (0.1 * s, 0, -3 * s), (0.1 * s, 0, 1.2 * s)]
    f.capsules(forearm, np.array([3.1, 2.75, 2.55]) * s, blend=0.6)
    palm = (
        ((1.3, 0, 3), (2.15, 0, 8.6)), ((0.3, 0, 3), (0.4, 0, 9.0)), ((-0.7, 0, 3), (-1.3, 0, 8.2)),
        ((-1.5, 0.2, 1.5), (-2.6, 0.2, 6.8)),
    )  # fmt: skip
    for ends in palm:
        f.capsules(np.array(ends) * s, 1.45 * s, blend=0.9)
    f.ellipsoid(
        np.array((2.3, 0.5, 3.4)) * s,
        np.array((1.35, 1.2, 2.6)) * s,
        axis((0.55, 0, 0.8)),
        blend=0.7,
    )
    web = [np.array((1.8, 0, 6.2)) * s, np.array((3.1, 0.3, 4.4)) * s]
    f.capsules(web, 0.5 * s, blend=0.9)
    x, y, z = f.mesh()
    # the palm bulges over the carpus and the thumb, the back is flat
    bulge = 1.9 + 0.8 * np.clip(x / s - 1.5, 0, 1)
    thick = np.where(y > 0, bulge, 1.3).astype(np.float32)
    even = (thick + 0.4 * np.clip(-z / 8, 0, 1)) * s
    f.values = np.maximum(f.values, (np.abs(y) - even) * np.float32(0.9)).astype(np.float32)
    cells = (20, 8, max(4, round(40 * f.shape[2] / 204)))
    f.values += 0.02 * smooth_noise(f.shape, cells, plain.rng("skin"))
    return f.smooth(0.6)
