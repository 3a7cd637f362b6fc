"""The shoulder girdle: clavicles, scapulae, the upper ends of the humeri."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.arms import akimbo, arm_angle, drawn, shrugged
from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.raised import LIFT, ROUND, SWING
from trainer.imaging.simulator.anatomy.chest.skeleton import mineral_of
from trainer.imaging.simulator.anatomy.loft import about, moved, turned
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import steps, through
from trainer.imaging.simulator.fields import Field, axes_from
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import SOFT, Bone
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

# the socket of the left scapula in a body of average size whose shoulders hang as usual
_SOCKET = np.array([15.0, -3.95, -4.4])
# how the arm lies: from the head of the humerus to the elbow, at the side and raised
_HANGING, _RAISED = np.array([0.16, 0.08, -1.0]), np.array([-0.06, 0.42, 1.0])


@remember(2)
def shoulder_parts(frame: Frame) -> list[Part]:
    """Return clavicles, humeri and scapulae."""
    mineral = mineral_of(frame)
    tubular = Bone(cortex=0.9 * mineral, trabeculae=0.16 * mineral)
    flat = Bone(cortex=1.0 * mineral, trabeculae=0.14 * mineral)
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
    s, n = frame.size, 64
    own = 0.22 * frame.draws("clavicle", side, 8)
    rise = (
        frame.case.number("shoulder_rise") * 0.5
        + own[5]
        + shrugged(frame, side)
        + (2.2 if frame.raised else 0.0)
        + (1.6 if frame.reaching else 0.0)
    )
    out = drawn(frame)
    control = np.array([
        (1.75, 3.6 + own[0], -3.4 + 0.6 * own[7]), (4.4, 4.9 + own[1], -2.9 + 0.5 * own[6]),
        (8.0, 4.0, -1.9 + 0.4 * rise), (11.5 + 0.4 * out, 0.8 + own[2], -1.2 + 0.7 * rise),
        (14.0 + 0.8 * out, -0.9, -1.0 + rise), (15.3 + out, -1.2 + own[3], -1.2 + rise),
    ]) * [side, 1, 1] * s  # fmt: skip
    u = np.linspace(0, 1, n)
    lumpy = np.interp(u, np.linspace(0, 1, 12), frame.draws("clavicle bumps", side, 12))
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


def _humerus(frame: Frame, side: int) -> Solid:
    """Return the upper two thirds of one humerus, its head before the socket."""
    s = frame.size * (0.92 if frame.female else 1.0)
    own = frame.draws("humerus", side, 6)
    low = (
        -34.0 if frame.supine and not frame.sliced else -27.0
    )  # in bed the arms lie along the body, within the film
    f = Field((-3.2, -3.4, low), (3.8, 3.4, 3.2), 0.2, far=1.2)
    f.ellipsoid((0, 0, 0), np.array([2.30, 2.25, 2.32]) * s, blend=0.05)
    f.ellipsoid(np.array([1.75, 0.35, -0.55]) * s, np.array([1.05, 1.35, 1.75]) * s, blend=0.45)
    f.ellipsoid(np.array([0.9, 1.55, -1.0]) * s, np.array([0.85, 0.85, 1.1]) * s, blend=0.35)
    shaft = np.array(
        [(0.55, 0, -1.6), (0.8, 0, -3.4), (0.9, 0, -6.0), (0.9, 0, -14), (0.9, 0, low - 1)]
    )
    f.capsules(shaft * s, np.array([1.75, 1.42, 1.14, 1.08, 1.10]) * s, blend=0.5)
    f.values += 0.03 * smooth_noise(f.shape, (6, 6, 30), frame.case.rng(f"humerus {side}"))
    z = np.asarray(f.axes[2], float) / s
    thick = steps(z, [-9, -5.5, -3.0, -1.0, 0.5, 2.4], [0.42, 0.26, 0.12, 0.075, 0.06, 0.05])
    solid = f.solid(thick * s, hollow=0.9)
    if side < 0:
        solid = solid.mirrored()
    before = np.array([drawn(frame) + 1.95, 0.55 + 0.1 * own[0], 0.35 + 0.15 * own[1]])
    before[2] += shrugged(frame, side)
    at = (_SOCKET + before + (LIFT if frame.reaching else 0.0)) * frame.size
    way = _RAISED.copy() if frame.raised else _HANGING.copy()
    way[0] += 0.03 * arm_angle(frame, side)
    if frame.standing:
        way[:2] = akimbo(frame, side)
    turn = _along(way * [side, 1, 1], np.deg2rad(side * (12 + 9 * own[2])))
    return solid.posed(turn, at * [side, 1, 1])


def _along(way: Floats, twist: float) -> Floats:
    """Return axes whose third points against ``way``, the first to the side; turned about it."""
    up = -way / np.linalg.norm(way)
    ahead = np.cross(up, [1.0, 0.0, 0.0])
    ahead /= np.linalg.norm(ahead)
    across = np.cross(ahead, up)
    c, s = np.cos(twist), np.sin(twist)
    return np.stack([across * c + ahead * s, ahead * c - across * s, up], 1)


def _scapula(frame: Frame, side: int) -> Solid:
    """Return one scapula, built as a left one and mirrored."""
    s = frame.size
    own = 0.22 * frame.draws("scapula", side, 8)
    out, up = drawn(frame) + 0.8 + 1.8 * own[0], shrugged(frame, side)
    f = Field((2.5, -14.5, -17.5), (20.0, 3.0, 2.0), 0.2, far=1.2)

    def at(x: float, y: float, z: float) -> Floats:
        return np.array([(x + out) * s, (y + 0.55 * out) * s, (z + up) * s])

    top, tip = at(7.6, -9.4, -2.0 + 2 * own[1]), at(10.4 + own[4], -10.6, -14.2 + 2.5 * own[2])
    socket, neck = at(14.2, -4.4, -4.4 + own[3]), at(13.4, -5.1, -5.2)
    coracoid, ridge = at(12.8, -1.2, -3.4), at(7.9, -10.2, -4.6)
    f.plate((top, tip, neck), 0.15, blend=0.05)
    border = through([tip, at(12.6, -8.4, -9.6), neck, socket], 14)
    thick = [0.32, 0.38, 0.44, 0.46, 0.47, 0.48, 0.50, 0.52, 0.58, 0.64, 0.72, 0.85, 1.0, 1.15]
    f.capsules(border, np.array(thick) * s, blend=0.25)
    medial = through([top, at(7.3, -10.4, -7), at(8.4, -11, -11), tip], 10)
    f.capsules(medial, 0.25 * s, blend=0.2)
    upper = through([top, at(10.2, -7.6, -2.5), coracoid + np.array([-0.6, -1.6, -0.2])], 8)
    f.capsules(upper, np.array([0.2, 0.16, 0.17, 0.18, 0.22, 0.3, 0.42, 0.5]) * s, blend=0.2)
    f.plate((ridge, at(13.0, -6.8, -2.5), at(12.2, -5.8, -4.4)), 0.13)
    _acromion(f, at, ridge, s)
    hook = [
        socket + np.array([-1, 0.4, 0.6]), at(13.2, -3.2, -3.0), coracoid,
        coracoid + np.array([0.8, 0.9, -0.7]),
    ]  # fmt: skip
    f.capsules(through(hook, 10), np.linspace(0.68, 0.42, 10) * s)
    f.ellipsoid(
        socket + np.array([1.25, 0.35, 0]) * s,
        (0.45 * s, 1.1 * s, 1.5 * s),
        axes_from((0.93, 0.35, 0.1)),
        blend=0.1,
        cut=True,
    )
    rng = frame.case.rng("scapula surface")
    f.values += 0.035 * smooth_noise(f.shape, (12, 12, 14), rng)
    f.values += 0.015 * smooth_noise(f.shape, (30, 30, 36), rng)
    solid = f.solid(0.07)
    placed = solid if side > 0 else solid.mirrored()
    if not frame.raised:
        return placed
    # in a scanner the weight of the body holds the blade against the ribs
    joint = socket * [side, 1, 1]
    if not frame.reaching:
        return _swung(placed, joint, side, 10.0)
    lifted = moved(_swung(placed, joint, side, SWING), np.eye(3), LIFT * [side, 1, 1] * s)
    # round the chest, so that its tip lies under the armpit and not behind the back
    return moved(lifted, *about(turned(ROUND, "x"), joint + LIFT * [side, 1, 1] * s))


def _acromion(
    f: Field, at: Callable[[float, float, float], Floats], ridge: Floats, s: float
) -> None:
    """Join the scapular spine, which rises as a ridge and flattens into the acromion."""
    neck, rear = at(13.4, -7.2, -1.7), at(15.3, -5.4, -1.5)
    outer, front, inner = at(16.2, -3.4, -1.35), at(15.5, -1.6, -0.95), at(14.5, -2.9, -0.75)
    spine = through([ridge, at(10.8, -9.5, -3.6), at(12.4, -8.2, -2.3), neck, rear], 12)
    f.capsules(spine, np.linspace(0.20, 0.36, 12) * s, blend=0.15)
    for corners in ((neck, rear, inner), (rear, outer, inner), (outer, front, inner)):
        f.plate(corners, 0.30 * s, blend=0.25)
    f.capsules([rear, outer, front], np.array([0.36, 0.36, 0.33]) * s, blend=0.2)


def _swung(scapula: Solid, socket: Floats, side: int, degrees: float) -> Solid:
    """Return a scapula as it lies under a raised arm: its tip swung outward about the socket."""
    a = np.deg2rad(-degrees) * side
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    return scapula.posed(turn, socket - turn @ socket)
