"""The chest wall in slices: muscles as sheets with fat between them, and where a sheet ends.

Sheets are painted from outside inwards, each fat layer covered again by the muscle under it: a
layer thinner than the torso's grid stays whole, for the distances themselves are smooth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.torso import Torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.tissue import FAT, SOFT, Tissue

Map = NDArray[np.float32]

INTERCOSTAL_CM = 1.0  # how far out the muscles between the ribs reach
_FAT = Tissue(adipose=0.92, soft=0.08)
# depth below the neck, cm of an average man: front edge of latissimus, outer edge of pectoralis
_AT = np.array([0.0, 6.0, 10.0, 14.0, 17.0, 20.0, 26.0])
_LATISSIMUS = np.array([3.0, 2.0, 0.8, -0.6, -1.4, -2.0, -3.0])
_PECTORALIS = np.array([3.2, 4.0, 5.2, 7.2, 9.8, 13.0, 14.0])


def wall_parts(frame: Frame, soft: Torso) -> list[Part]:
    """Return the fat between and about the muscles, and the muscles under it."""
    s, (x, y, z) = frame.size, soft.grid.mesh()
    inner = soft.cage - np.float32(INTERCOSTAL_CM) - np.float32(0.12) * soft.noise
    outer = soft.muscle + np.float32(0.3)
    # midway between the innermost and the outermost muscle: two sheets where there is room
    between = (inner - (-soft.muscle)) / 2 + np.float32(0.10) * soft.noise
    room = inner - soft.muscle
    lean = np.float32(0.03 + 0.05 * soft.fat_cm)
    first = lean + np.float32(0.07) * soft.fine_noise
    second = lean + np.float32(0.05 + 0.05) * soft.fine_noise
    second = np.minimum(second, np.float32(0.25) * (room - np.float32(1.3)))
    h = np.asarray(-z / np.float32(s))
    front = np.interp(h, _AT, _LATISSIMUS).astype(np.float32) * np.float32(s)
    edge = np.interp(h, _AT, _PECTORALIS).astype(np.float32) * np.float32(s)
    wavy = np.float32(0.5) * soft.noise
    bare = np.maximum(
        np.maximum(front + wavy - y, y - edge + wavy), 3.0 * np.float32(s) - np.abs(x)
    )
    bare = np.minimum(bare, np.maximum(np.abs(x) - np.float32(1.3 * s), -y))  # before the sternum
    bare = np.maximum(np.minimum(bare, np.float32(2.0)), -between)

    def solid(distance: Map) -> Map:
        return np.asarray(distance, np.float32)

    return [
        Part(
            "fat where a muscle ends", soft.solid(solid(np.maximum(bare, soft.muscle - 0.05))), _FAT
        ),
        Part(
            "fat between the sheets", soft.solid(solid(np.maximum(between - second, outer))), _FAT
        ),
        Part("inner sheet", soft.solid(solid(np.maximum(between + second, outer))), SOFT),
        Part("fat on the ribs", soft.solid(solid(np.maximum(inner - first, outer))), FAT),
        Part("between the ribs", soft.solid(solid(np.maximum(inner + first, outer))), SOFT),
    ]
