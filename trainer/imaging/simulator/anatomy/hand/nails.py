"""Nails: thin curved plates of horn on the backs of the finger tips."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.tissue import AIR, Tissue

# Horn is about a quarter denser than flesh. That and the sizes are an engineer's estimate: radius
# of its curve, half its width, from its root to its free edge, half its thickness; cm.
HORN = Tissue(soft=1.25)
_CURVE, _WIDE, _LONG, _HALF = 0.66, 0.52, 1.25, 0.026
_BEYOND = 0.1  # how far it reaches beyond the tuft, cm
_BROAD = {1: 1.25, 5: 0.82}  # thumb and little finger, relative to the others


def nails(bones: Mapping[str, Bony], s: float) -> list[Part]:
    """Return the five nails of a hand, each on its distal phalanx.

    Parameters
    ----------
    bones : mapping of str to Bony
        The distal phalanges, in their places.
    s : float
        Size of the hand.
    """
    return [_nail(bones[f"distal phalanx {k}"], k, s * _BROAD.get(k, 1.0)) for k in range(1, 6)]


def _nail(bone: Bony, number: int, s: float) -> Part:
    inside = np.flatnonzero((bone.field.values < 0).any((0, 1)))
    tip = float(bone.field.axes[2][inside[-1]])
    f = Field((-0.8 * s, -0.8 * s, -1.5 * s), (0.8 * s, -0.2 * s, 0.4), 0.04, far=0.3)
    x, y, z = f.mesh()
    sheet = np.abs(np.sqrt(x**2 + y**2) - np.float32(_CURVE * s)) - np.float32(_HALF)
    # its corners are round, its root is an arc
    middle = np.float32(_BEYOND - _LONG * s / 2)
    sides = (np.abs(x) / np.float32(_WIDE * s)) ** 4
    rim = sides + (np.abs(z - middle) / np.float32(_LONG * s / 2)) ** 4 - 1
    f.values = smooth_max(sheet, rim * np.float32(0.12 * s), 0.02)
    place = bone.world((0.0, 0.0, tip))
    return Part(f"nail {number}", f.solid().posed(bone.turn, place), HORN, AIR)
