"""Spine, shoulder girdle and sternum of a thorax."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.ribs import vertebra_depth
from trainer.imaging.simulator.anatomy.chest.torso import arm_angle
from trainer.imaging.simulator.anatomy.vertebra import VARIANTS, vertebra
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import steps, through
from trainer.imaging.simulator.fields import Field, axes_from, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import SOFT, Bone
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]


def _mineral(frame: Frame) -> float:
    return 1 - 0.25 * float(np.clip((frame.case.number("age") - 50) / 40, 0, 1))


def _own(frame: Frame, purpose: str, side: int, count: int, spread: float) -> Floats:
    right = frame.case.rng(f"{purpose} -1").normal(0, spread, count)
    if side < 0:
        return right
    left = frame.case.rng(f"{purpose} 1").normal(0, spread, count)
    return left * frame.own + right * (1 - frame.own)


@remember(2)
def spine_parts(frame: Frame) -> list[Part]:
    """Return cervical, thoracic and upper lumbar vertebrae along the spine's course."""
    s = frame.size
    centres, heights, end = vertebra_depth(s)
    widths = (0.93, 0.88, 0.84, 0.82, 0.82, 0.83, 0.85, 0.88, 0.92, 0.97, 1.02, 1.07)
    rows = [((h + 0.75) * s, 1.45 * s, 0.80, "cervical") for h in (-6.6, -4.95, -3.3, -1.6)]
    rows += [(float(centres[i]), float(heights[i]), widths[i], "thoracic") for i in range(12)]
    rows += [(end + (1.4 + 3.5 * i) * s, 2.7 * s, 1.16, "lumbar") for i in range(3)]
    mineral = _mineral(frame)
    bone = Bone(cortex=0.9 * mineral, trabeculae=0.15 * mineral)
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
def shoulder_parts(frame: Frame) -> list[Part]:
    """Return clavicles, humeri and scapulae."""
    mineral = _mineral(frame)
    tubular = Bone(cortex=0.9 * mineral, trabeculae=0.16 * mineral)
    flat = Bone(cortex=1.0 * mineral, trabeculae=0.12 * mineral)
    parts = []
    for side in (-1, 1):
        word = "left" if side > 0 else "right"
        parts += [
            Part(f"clavicle {word}", _clavicle(frame, side), tubular, SOFT, "clavicles", 0.05),
            Part(f"humerus {word}", _humerus(frame, side), tubular, SOFT, "humeri", 0.05),
            Part(f"scapula {word}", _scapula(frame, side), flat, SOFT, "scapulae", 0.05),
        ]
    return parts


def _clavicle(frame: Frame, side: int) -> Tubes:
    s, n = frame.size, 110
    own = _own(frame, "clavicle", side, 8, 0.22)
    rise = frame.case.number("shoulder_rise") * 0.5 + own[5]
    control = np.array([
        (1.75, 3.6 + own[0], -3.4), (4.4, 4.9 + own[1], -2.9 + 0.5 * own[6]),
        (8.0, 4.0, -1.9 + 0.4 * rise), (11.5, 0.8 + own[2], -1.2 + 0.7 * rise),
        (14.0, -0.9, -1.0 + rise), (15.3, -1.2 + own[3], -1.2 + rise),
    ]) * [side, 1, 1] * s  # fmt: skip
    u = np.linspace(0, 1, n)
    lumpy = np.interp(u, np.linspace(0, 1, 12), _own(frame, "clavicle bumps", side, 12, 1.0))
    girth = (0.88 if frame.female else 1.0) * s * (1 + 0.03 * lumpy)
    high = (
        0.60 * (1 + 0.6 * np.clip((0.16 - u) / 0.16, 0, 1) ** 1.2) * (1 - 0.12 * np.sin(np.pi * u))
    )
    high = (high + 0.10 * np.clip((u - 0.8) / 0.2, 0, 1)) * girth
    thick = high * (1 - 0.30 * np.clip((u - 0.55) / 0.3, 0, 1)) * np.clip((1 - u) / 0.03, 0.5, 1)
    cortex = 0.13 * np.sin(np.pi * np.clip(u, 0.02, 0.98)) ** 0.7 + 0.04
    cortex = cortex * (1 + 0.1 * lumpy)
    return tube(
        through(control, n),
        thick,
        high,
        marrow=(np.maximum(thick - cortex, 0.06), np.maximum(high - cortex, 0.06)),
        side=(0.1, 0.3, 1.0),
        number=60 + (side > 0),
    )


def _humerus(frame: Frame, side: int) -> Tubes:
    s, n = frame.size, 150
    out = 0.5 * arm_angle(frame, side)
    control = np.array([
        (16.0, -2.9, -2.4), (16.7, -2.7, -3.7), (17.5, -2.4, -6.2), (18.8 + 0.5 * out, -1.8, -13),
        (20.7 + 0.5 * out, -1.3, -22), (23 + 1.6 * out, -0.5, -36),
    ]) * [side, 1, 1] * s  # fmt: skip
    u = np.linspace(0, 1.6, n)
    cap = np.sqrt(np.clip(1 - (1 - np.clip(u / 0.055, 0, 1)) ** 2, 0.04, 1))
    head = 1.28 * np.exp(-((np.clip(u - 0.045, 0, 1) / 0.085) ** 2))
    radius = (1.08 + head + 0.30 * np.exp(-(((u - 0.16) / 0.09) ** 2))) * cap
    radius = radius * s * (0.9 if frame.female else 1.0)
    cortex = steps(u, [0, 0.08, 0.18, 0.4, 1], [0.05, 0.07, 0.14, 0.36, 0.40]) * s
    inner = np.maximum(radius - cortex, 0.05)
    return tube(
        through(control, n),
        radius,
        0.97 * radius,
        marrow=(inner, 0.97 * inner),
        side=(0.0, 1.0, 0.0),
        number=70 + (side > 0),
    )


def _scapula(frame: Frame, side: int) -> Solid:
    """Return one scapula, built as a left one and mirrored."""
    s = frame.size
    own = _own(frame, "scapula", side, 8, 0.22)
    out = frame.case.number("protraction") + own[0]
    f = Field((3.5, -14.0, -17.5), (19.5, 3.0, 2.0), 0.2, far=1.2)

    def at(x: float, y: float, z: float) -> Floats:
        return np.array([(x + 0.9 * out) * s, (y + 0.5 * out) * s, z * s])

    top, tip = at(7.6, -9.4, -2.0 + own[1]), at(10.4, -10.6, -14.2 + own[2])
    socket, neck = at(14.2, -4.4, -4.4 + own[3]), at(13.4, -5.1, -5.2)
    acromion, coracoid, ridge = at(15.4, -3.2, -0.9), at(12.8, -1.2, -3.4), at(7.9, -10.2, -4.6)
    f.plate((top, tip, neck), 0.12, blend=0.05)
    border = through([tip, at(12.6, -8.4, -9.6), neck, socket], 14)
    thick = [0.30, 0.36, 0.40, 0.42, 0.42, 0.43, 0.45, 0.48, 0.54, 0.6, 0.7, 0.85, 1.0, 1.15]
    f.capsules(border, np.array(thick) * s, blend=0.25)
    medial = through([top, at(7.3, -10.4, -7), at(8.4, -11, -11), tip], 10)
    f.capsules(medial, 0.20 * s, blend=0.2)
    upper = through([top, at(10.2, -7.6, -2.5), coracoid + np.array([-0.6, -1.6, -0.2])], 8)
    f.capsules(upper, np.array([0.2, 0.16, 0.17, 0.18, 0.22, 0.3, 0.42, 0.5]) * s, blend=0.2)
    plate = (ridge, at(13.0, -6.8, -2.5), at(12.2, -5.8, -4.4))
    f.plate(plate, 0.10)
    spine = through([ridge, at(11.0, -9.4, -3.5), at(14.2, -6.6, -1.3), acromion], 12)
    f.capsules(spine, np.linspace(0.22, 0.60, 12) * s, blend=0.2)
    f.ellipsoid(
        acromion + np.array([0.3, 0.2, -0.1]),
        (1.15 * s, 1.7 * s, 0.40 * s),
        axes_from((0.9, 0.3, -0.3)),
    )
    hook = [
        socket + np.array([-1, 0.4, 0.6]), at(13.2, -3.2, -3.0), coracoid,
        coracoid + np.array([0.6, 0.8, -0.6]),
    ]  # fmt: skip
    f.capsules(through(hook, 10), np.linspace(0.78, 0.45, 10) * s)
    f.ellipsoid(
        socket + np.array([1.25, 0.35, 0]) * s,
        (0.45 * s, 1.1 * s, 1.5 * s),
        axes_from((0.93, 0.35, 0.1)),
        blend=0.1,
        cut=True,
    )
    rng = frame.case.rng("scapula surface")
    f.values += 0.045 * smooth_noise(f.shape, (12, 12, 14), rng)
    f.values += 0.02 * smooth_noise(f.shape, (30, 30, 36), rng)
    solid = f.solid(0.085)
    return solid if side > 0 else solid.mirrored()


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
        np.array([3.2, 4.2, 5.6, 8, 13, 17.5]) * s,
        np.array([2.7, 2.6, 1.7, 1.4, 1.9, 0.7]) * s,
    )
    depth, half = (np.asarray(v, np.float32)[None, None, :] for v in (depth, half))
    plate = smooth_max(np.abs(x) - half, np.abs(y - depth) - np.float32(0.5 * s), 0.3)
    plate = smooth_max(plate, np.maximum(-z - 17.8 * s, 3.0 * s + z), 0.3)
    plate = np.maximum(plate, np.float32(0.10) - np.abs(-z - 8.2 * s))
    f.values = np.minimum(plate, 1.5).astype(np.float32)
    f.values += 0.05 * smooth_noise(f.shape, (8, 12, 18), frame.case.rng("sternum"))
    mineral = _mineral(frame)
    bone = Bone(cortex=0.9 * mineral, trabeculae=0.08 * mineral)
    return Part("sternum", f.solid(0.055), bone, SOFT, "sternum", least=0.05)
