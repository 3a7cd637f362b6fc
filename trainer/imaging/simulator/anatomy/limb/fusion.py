"""Joints bridged by bone: a forgery, or an inborn fusion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony

Floats = NDArray[np.float64]

_FLARE = 0.25  # how much wider a bridge is where it meets the other bone, cm
# What a border's distances are multiplied by, so that it has next to no cortex; on both sides of it
# alike, or between the nodes of the two grids each bone would reach into the other.
_STEEP = np.float32(9)
_WIDEST = 1.15  # what is bridged lies so far from both bones together at most, in spaces
_THROUGH = 0.2  # how far a bridge goes into the other bone, through its plate


def grown_together(
    bones: Sequence[Bony],
    places: Iterable[tuple[str, str, tuple[float, float, float]]],
    dose: float,
    s: float,
    gap: float,
    shape: tuple[float, float, float] = (1.0, 1.0, 1.0),
    wide: tuple[float, float] = (0.30, 1.55),
) -> list[Bony]:
    """Return bones whose joints are bridged by bone: a forgery, or a fusion.

    Parameters
    ----------
    bones : sequence of Bony
        In their places.
    places : iterable of (bone, neighbour, world point)
        Joints, the point for a limb of size 1; the first of each takes the bridge. One of whose
        bones is broken, and so goes by other names, stays as it is.
    dose : float
        0 none, 1 wholly.
    s : float
        Size of the limb.
    gap : float
        Widest space that is bridged, cm.
    shape : tuple of float
        How far a bridge reaches along the bone's own axes, relative.
    wide : (float, float)
        Radius of the bridge as it begins and at full dose, cm: no wider than the joint.
    """
    if dose <= 0:
        return list(bones)
    out = {bone.name: bone for bone in bones}
    for name, other, point in places:
        if name not in out or other not in out:
            continue
        centre = np.array(point) * s
        reach = (wide[0] + (wide[1] - wide[0]) * dose) * s
        bone, second = out[name], out[other]
        far = reach * max(shape)
        here = bone.window(_cube(centre, far + 0.4))
        there = second.window(_cube(centre, far + 0.6))
        if here is None or there is None:
            continue
        part = bone.windowed(here)
        f = part.field
        bridge = f.like().ellipsoid(bone.own(centre), reach * np.array(shape), blend=0.01)
        mine, theirs = f.values, part.distance_to(second.solid())
        # what lies between the two is filled, through the plate of the other, which gives way: no
        # bone is counted twice, and neither side of the new border has a plate
        between = mine + theirs - np.float32(_WIDEST * gap * s)
        between = np.maximum(between, _STEEP * (-theirs - np.float32(_THROUGH * s)))
        # it widens towards the other bone, and runs out into its own, as one bone would
        spread = np.float32(_FLARE * s) * np.exp(-np.maximum(theirs, 0) / np.float32(_FLARE * s))
        f.join(np.maximum(bridge.values - spread, between), 0.04 + 0.3 * dose * s)
        out[name] = bone.with_part(here, f.values)
        part = second.windowed(there)
        cut = -_STEEP * part.distance_to(out[name].solid())
        out[other] = second.with_part(there, np.maximum(part.field.values, cut))
    return list(out.values())


def _cube(centre: Floats, half: float) -> Floats:
    corners = [[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
    return centre + half * np.array(corners, float)
