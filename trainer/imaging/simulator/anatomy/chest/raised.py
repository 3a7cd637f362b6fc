"""The shoulders of one who stands with raised arms, for the film from the side.

An engineer's estimates. The girdle rises with the arms: shoulder joints come to lie beside the
lungs' tips. Before and behind the armpit two folds of muscle go from the chest to the arm, and
between them the armpit is hollow, so that from the side the shoulders are no one mass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.fields import Field

Floats = NDArray[np.float64]

# how far the joint of a left shoulder rises, goes in and forward, in a body of average size
LIFT = np.array([-0.9, 0.7, 3.4])
# how far the blade's tip swings out and comes forward about the joint, degrees
SWING, ROUND = 26.0, 15.0
# courses of flesh (x, y, z, radius) on the left: the shoulder's roof, the arm, the fold of the
# pectoral muscle before the armpit, that of latissimus dorsi behind it
_ROOF = ((3.5, -4.2, -0.9, 4.0), (9.0, -4.2, -0.4, 3.4), (14.4, -3.2, 0.0, 3.3))
_ARM = ((15.4, -2.6, -0.6, 3.8), (15.2, 0.7, 7.0, 4.1), (14.7, 3.8, 14.5, 3.8))
_FOLDS = (
    ((9.0, 6.2, -12.0, 1.5), (13.0, 4.6, -6.6, 2.0), (15.0, 0.8, 0.5, 2.5)),
    ((12.6, -7.0, -14.0, 1.2), (14.4, -6.6, -9.0, 2.2), (15.3, -4.2, 0.2, 2.6)),
)


def shoulder(shape: Field, side: int, s: float, fat: float, own: Floats) -> None:
    """Join one shoulder and its raised arm to the body's outer shape, in place.

    Parameters
    ----------
    shape : Field
        Distance to the outer shape.
    side : int
        -1 right, 1 left.
    s, fat : float
        Size, and the layer of fat, cm.
    own : ndarray, shape (3,)
        How this side differs, standard normal: sides are never held quite alike.
    """
    across = np.array([side * s, s, s])
    sway = 0.35 * own
    for course, thick, blend in (
        (_ROOF, 0.5, 2.6), (_ARM, 0.7, 2.0), (_FOLDS[0], 0.35, 1.4), (_FOLDS[1], 0.35, 1.4),
    ):  # fmt: skip
        rows = np.array(course)
        rows[-1, :3] += sway
        shape.capsules(rows[:, :3] * across, (rows[:, 3] + thick * fat) * s, blend=blend)
