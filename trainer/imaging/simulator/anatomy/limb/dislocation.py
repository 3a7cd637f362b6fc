"""Dislocations: bones that have left their joint, and what that brings.

A shoulder leaves its socket forwards in about 95 %, the head then lies under the coracoid, and the
socket's rim may dent its back, the Hill-Sachs fracture (PMC3048639). Where elbows and fingers go,
and how far, is an engineer's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.loft import about, turned
from trainer.imaging.simulator.case import Case

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Way:
    """How bones leave a joint, for a limb of size 1.

    Parameters
    ----------
    carried : tuple of str
        The bones that leave.
    joint : tuple of float
        Where the joint is, world, cm.
    shift : tuple of float
        How far they go, cm.
    axis, degrees : str, float
        How they turn about the joint.
    dents : tuple of str
        What they lean on and are dented by: the first bone carried gives way to it.
    """

    carried: tuple[str, ...]
    joint: tuple[float, float, float]
    shift: tuple[float, float, float]
    axis: str = "y"
    degrees: float = 0.0
    dents: tuple[str, ...] = ()


def is_out(case: Case) -> bool:
    """Tell whether a case's joint is dislocated."""
    return case.word("finding") == "dislocation"


def motion(case: Case, way: Way, s: float, share: float = 1.0) -> tuple[Floats, Floats]:
    """Return the pose by which a dislocated case's bones have left their joint: turn and place.

    Parameters
    ----------
    case : Case
        Which strays a little from the way.
    way : Way
        How they leave.
    s : float
        Size.
    share : float
        Of the way.
    """
    own = case.rng("dislocation").uniform(-1, 1, 4)
    shift = np.array(way.shift) * s * (1 + 0.12 * own[:3]) * share
    turn = turned(way.degrees * (1 + 0.3 * float(own[3])) * share, way.axis)
    return about(turn, np.array(way.joint) * s, shift)


def put_out(
    case: Case, bones: Mapping[str, Bony], way: Way, s: float
) -> tuple[dict[str, Bony], Floats | None]:
    """Return the bones of a case, out of joint if it says so, and where the joint was.

    Parameters
    ----------
    case : Case
        Its finding.
    bones : mapping of str to Bony
        In their places.
    way : Way
        How they leave.
    s : float
        Size.
    """
    if not is_out(case):
        return dict(bones), None
    pose = motion(case, way, s)
    joint = np.array(way.joint) * s
    out = {n: b.moved(*pose) if n in way.carried else b for n, b in bones.items()}
    first = way.carried[0]
    for other in way.dents:
        out[first] = out[first].away_from(out[other].solid(), 0.03, share=1)
    return out, joint + 0.5 * (pose[0] @ joint + pose[1] - joint)
