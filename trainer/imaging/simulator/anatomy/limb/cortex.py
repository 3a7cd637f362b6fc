"""The cortex of a bone as it differs from place to place.

A shaft's cortex is thickest where it bends most, and within it is uneven by a few tenths of a
millimetre however thick it is; a joint's face lies on a plate; elsewhere the end of a bone has
hardly any, and what there is comes and goes. A solid knows its cortex by one number a plane
(:class:`Solid`), so the distances *inside* are drawn together where the cortex shall be thicker:
the outline stays, and the marrow begins deeper.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter, label

from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.textures import smooth_noise

Map = NDArray[np.float32]

THINNEST = 0.38  # of the stated thickness; thinner than that it is nowhere
THICKEST = 1.9
_BARE, _FACE = 0.66, 1.4  # of a bone's end without and with a joint
_ROUND = 0.7  # cells over which the edges of joints are rounded
_BESIDE = 2.5  # cells over which what is outside a bone is drawn together with what is inside
# Size in cm; how uneven a cortex is within at that size, relative where it is thin; and at most,
# cm: unevenness does not grow with the thickness. Engineer's estimates.
_SCALLOPS = ((3.1, 0.32, 0.028), (0.45, 0.60, 0.015))


def plated(f: Field, s: float, table: ArrayLike) -> Map:
    """Return a cortex along a bone's third axis.

    Parameters
    ----------
    f : Field
        The bone.
    s : float
        Its size.
    table : array-like, shape (n, 2)
        Place along the axis and thickness, for a bone of size 1, cm.
    """
    at, thick = np.asarray(table, float).T
    return np.asarray(np.interp(f.axes[2] / s, at, thick) * s, np.float32)


def uneven(bone: Bony, rng: Generator, strong: tuple[float, float] = (0.0, 0.0)) -> Bony:
    """Return a bone whose cortex differs from place to place: the last step of its making.

    Parameters
    ----------
    bone : Bony
        Fitted to its neighbours, which is how its faces are known.
    rng : Generator
        Of the scallops.
    strong : tuple of float
        How much thicker the shaft is on the side of its own first and second axis, relative.
    """
    f = bone.field if bone.face is None else _in_one_piece(bone.field)
    thick = np.asarray(bone.cortex, np.float32)
    total = np.zeros(f.shape, np.float32)
    for size, share, most in _SCALLOPS:
        cells = tuple(max(4, int(n * f.spacing / size)) for n in f.shape)
        bounded = np.float32(share) / (1 + thick * np.float32(share / most))
        total += bounded * smooth_noise(f.shape, cells, rng)
    much = np.exp(total)
    if bone.face is not None:
        much *= np.float32(_BARE) + np.float32(_FACE - _BARE) * bone.face
    if any(strong):
        much *= _lopsided(f, strong)
    np.clip(much, THINNEST, THICKEST, out=much)
    # beside the surface the distances outside are drawn together as much, so that it stays
    drawn = np.clip(
        (np.float32(_BESIDE) - f.values / np.float32(f.spacing)) / np.float32(_BESIDE - 1), 0, 1
    )
    values = f.values + f.values * drawn * (np.float32(THINNEST) / much - 1)
    cortex = np.asarray(np.asarray(bone.cortex, np.float32) * np.float32(THINNEST), np.float32)
    return replace(bone, field=f.like(values), cortex=cortex)


def _in_one_piece(f: Field) -> Field:
    """Return a bone without what parting leaves: crumbs and pores at thin rims, edges."""
    values = f.values
    for sign in (-1, 1):
        pieces, count = label(values * sign > 0)
        if count > 1:
            stray = (pieces > 0) & (pieces != np.bincount(pieces.ravel())[1:].argmax() + 1)
            values = np.where(stray, np.float32(-sign * 0.03), values)
    return f.like(gaussian_filter(values, _ROUND))


def _lopsided(f: Field, strong: tuple[float, float]) -> Map:
    """Return how much thicker a shaft's cortex is on one side of its middle, plane by plane."""
    inside = f.values < 0
    count = np.maximum(inside.sum((0, 1)), 1)
    out = np.ones(f.shape, np.float32)
    wide = np.sqrt(count / np.pi).astype(np.float32) * np.float32(f.spacing)
    for k, share in enumerate(strong):
        if not share:
            continue
        along = inside.sum(1 - k)
        axis = f.axes[k]
        middle = (along * axis[:, None]).sum(0) / count
        way = (axis[:, None] - middle.astype(np.float32)) / np.maximum(wide, 0.1)
        way = np.clip(way, -1, 1) * np.float32(share)
        out *= 1 + (way[:, None, :] if k == 0 else way[None, :, :])
    return out
