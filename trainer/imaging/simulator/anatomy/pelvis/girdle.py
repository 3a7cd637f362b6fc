"""What varies between pelves, and the landmarks that their bones share.

Own origin midway between the hip joints; +x is left, +y front, +z up; cm of an average man, scaled
by ``size``. Hip joint 8.9 lateral, anterior superior spines 24 apart and in one frontal plane with
the symphysis: near the 8.6 of Bell et al. (Hum Mov Sci 1989), 14 % of the distance between the
spines towards the middle from each. What no source is named for is an engineer's estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import Bone

Floats = NDArray[np.float64]

GRAIN = 0.021
HIP = (8.9, 0.0, 0.0)
HEAD = 2.42
# joint space 4.2 (SD 0.9) mm on AP films of 446 hips (Lequesne et al., Ann Rheum Dis 2004)
SPACE = 0.42
_FLAT = weave((0.3, 0.2, 0.9), 1.3)
_STRESSED = weave((-0.55, 0.0, 0.83), 1.8)


@dataclass(frozen=True)
class Girdle:
    """What varies between pelves and between the two sides of one.

    Parameters
    ----------
    size : float
        Relative to an average man.
    female : bool
        A wider inlet, a lower and wider arch.
    mineral : float
        Relative mineral density.
    narrowing : float
        Loss of the hip's joint space, 0..1.
    spurs : float
        Osteophytes of the hip, 0..1.
    """

    size: float
    female: bool
    mineral: float
    narrowing: float = 0.0
    spurs: float = 0.0

    def bone(self, trabeculae: float, lie: str = "flat") -> Bone:
        """Return what a bone of this pelvis is made of."""
        share = trabeculae * self.mineral
        way = _STRESSED if lie == "stressed" else _FLAT
        return Bone(cortex=0.93 * self.mineral**0.5, trabeculae=share, grain=GRAIN, weave=way)

    def at(self, points: ArrayLike, own: Floats | None = None) -> Floats:
        """Return points of the average left side in this pelvis, each strayed by ``own``."""
        p = np.array(points, float)
        if self.female:  # wider and lower: Gray's Anatomy, sexual dimorphism
            p = p * [1.04, 0.98, 0.95]
            p[..., 0] += np.sign(p[..., 0]) * np.clip(-p[..., 2], 0, 7) * 0.14
        if own is not None:
            p = p + own[: p.size].reshape(p.shape)
        return p * self.size

    def socket_radius(self) -> float:
        """Return the radius of the socket: head and cartilage, cm."""
        return (HEAD + SPACE - 0.22 * self.narrowing) * self.size


# muscle and tendon that bones of the girdle are wrapped in, one side: x, y, z, radius
_BED = (
    ((12.2, 4.6, 7.0, 1.2), (13.8, 2.2, 10.1, 1.3), (13.0, -0.9, 11.8, 1.2),
     (11.0, -4.0, 12.6, 1.3), (8.0, -7.2, 11.6, 1.6), (4.8, -9.0, 8.2, 1.7)),
    ((8.4, -2.8, -2.0, 2.3), (7.0, -3.3, -5.6, 2.1), (4.6, -0.2, -6.2, 1.6), (1.8, 3.6, -4.4, 1.5),
     (1.5, 4.6, -2.0, 1.4)),
    ((7.6, 2.2, 1.6, 1.8), (4.6, 4.8, -0.4, 1.4), (1.5, 4.7, -2.0, 1.4)),
    ((11.8, 4.2, 7.0, 1.2), (10.4, 3.6, 4.0, 1.6), (9.6, 1.6, 2.6, 2.2)),
    ((0.0, -9.2, 7.0, 2.6), (0.0, -10.2, 3.0, 1.9), (0.0, -9.0, -1.0, 1.5), (0.0, -7.4, -3.2, 1.1)),
    ((4.0, -7.0, 6.4, 2.4), (2.6, -8.6, 2.0, 1.7)),
    ((5.2, -3.6, 6.8, 1.4), (7.2, -1.0, 4.6, 1.4), (9.4, 1.2, 4.4, 1.3)),
)  # fmt: skip


def bed(girdle: Girdle) -> list[tuple[Floats, Floats]]:
    """Return courses and girths, cm, of the muscle about both sides' bones.

    A bone displaces soft tissue; where a film's muscles left it in fat it would be too bright.
    """
    made = []
    for course in _BED:
        rows = np.array(course)
        points = girdle.at(rows[:, :3])
        made += [(points * [side, 1, 1], rows[:, 3] * girdle.size) for side in (-1, 1)]
    return made
