"""Spine and sternum of a thorax."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.ribs import vertebra_depth
from trainer.imaging.simulator.anatomy.vertebra import VARIANTS, vertebra
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import SOFT, Bone

Floats = NDArray[np.float64]


def mineral_of(frame: Frame) -> float:
    """Return how much mineral the bones hold, 1 in youth."""
    return 1 - 0.25 * float(np.clip((frame.case.number("age") - 50) / 40, 0, 1))


@remember(2)
def spine_parts(frame: Frame) -> list[Part]:
    """Return cervical, thoracic and upper lumbar vertebrae along the spine's course."""
    s = frame.size
    centres, heights, end = vertebra_depth(s)
    widths = (0.93, 0.88, 0.84, 0.82, 0.82, 0.83, 0.85, 0.88, 0.92, 0.97, 1.02, 1.07)
    rows = [((h + 0.75) * s, 1.45 * s, 0.80, "cervical") for h in (-6.6, -4.95, -3.3, -1.6)]
    rows += [(float(centres[i]), float(heights[i]), widths[i], "thoracic") for i in range(12)]
    rows += [(end + (1.4 + 3.5 * i) * s, 2.7 * s, 1.16, "lumbar") for i in range(3)]
    if frame.standing:
        rows += [((h + 0.75) * s, 1.45 * s, 0.80, "cervical") for h in (-8.25, -9.9, -11.55)]
    mineral = mineral_of(frame)
    bone = Bone(cortex=0.9 * mineral, trabeculae=0.15 * mineral, grain=0.0)
    parts = []
    for k, (h, height, width, kind) in enumerate(rows):
        own = frame.case.rng(f"vertebra {k}").standard_normal(6) * (0.12 + 0.88 * frame.loose)
        template = vertebra(kind, k % VARIANTS)
        stretch = np.array(
            [width * (1 + 0.02 * own[3]), width, height / 2 / s * (1 + 0.02 * own[2])]
        )
        solid = template.posed(_lie(frame, h, own), _at(frame, h, own), stretch * s)
        parts.append(Part(f"vertebra {k + 1}", solid, bone, SOFT, "spine", phase=k * 37.0))
    return parts


def _at(frame: Frame, h: float, own: Floats) -> Floats:
    shift = 0.03 * frame.size * own[4] * frame.own
    return np.array([float(frame.spine_x(h)) + shift, float(frame.spine_y(h)), -h])


def _lie(frame: Frame, h: float, own: Floats) -> Floats:
    """Return a vertebra's own axes: along the spine's course, turned with its curve."""
    dx = float(frame.spine_x(h + 0.5) - frame.spine_x(h - 0.5))
    dy = float(frame.spine_y(h + 0.5) - frame.spine_y(h - 0.5))
    up = np.array([-dx + 0.012 * own[0] * frame.own, -dy, 1.0])
    up /= np.linalg.norm(up)
    side = np.array([1.0, 0, 0]) - up * up[0]
    side /= np.linalg.norm(side)
    ahead = np.cross(up, side)
    turn = np.deg2rad(1.2 * own[1] * frame.own + 4 * frame.scoliosis * np.cos(h / 6))
    first = side * np.cos(turn) + ahead * np.sin(turn)
    second = ahead * np.cos(turn) - side * np.sin(turn)
    return np.stack([first, second, up], 1)


@remember(2)
def sternum_part(frame: Frame) -> Part:
    """Return the sternum: manubrium and body with the joint between them."""
    s = frame.size
    f = Field((-4, -1, -22 * s), (4, 14, -2 * s), 0.2, far=1.5)
    x, y, z = f.mesh()
    h = -np.asarray(f.axes[2], float)
    ahead = [float(frame.front_y(v * s)) + 0.75 for v in (3.6, 5.2, 8.3, 13, 17.2)]
    depth = np.interp(h, np.array([3.0, 5.2, 8.3, 13, 17.5]) * s, ahead)
    half = np.interp(
        h,
        np.array([3.2, 4.2, 5.6, 8, 13, 16.6, 19.2]) * s,
        np.array([2.7, 2.6, 1.7, 1.4, 1.9, 1.2, 0.45]) * s,
    )
    depth, half = (np.asarray(v, np.float32)[None, None, :] for v in (depth, half))
    # thickest in the middle, thin at the sides, the back a little hollow
    across = np.asarray(np.abs(x) / half)
    along = np.asarray(np.abs(y - depth + 0.035 * x**2 / s) / (0.58 * s))
    oval = ((across**2.6 + along**2.2) ** (1 / 2.4) - 1) * np.float32(0.6 * s)
    plate = smooth_max(oval, np.maximum(-z - 19.2 * s, 3.0 * s + z), 0.3)
    plate = np.maximum(plate, np.float32(0.10) - np.abs(-z - 8.2 * s))
    f.values = np.minimum(plate, 1.5).astype(np.float32)
    f.values += 0.05 * smooth_noise(f.shape, (8, 12, 18), frame.case.rng("sternum"))
    mineral = mineral_of(frame)
    bone = Bone(cortex=0.9 * mineral, trabeculae=0.08 * mineral)
    return Part("sternum", f.solid(0.055), bone, SOFT, "sternum", least=0.05)
