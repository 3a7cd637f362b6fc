"""Ribs: twelve on each side, each with its own course, width and cortex; and their fractures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import SQUARENESS, Frame
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import steps, through
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.tissue import SOFT, Bone
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

COUNT = 12
_HEIGHT = np.linspace(1.62, 2.35, COUNT)  # of each thoracic vertebra
_DISC = np.linspace(0.38, 0.52, COUNT)
_TOP = np.concatenate([[0], np.cumsum(_HEIGHT + _DISC)])
# where each rib's bone ends (degrees round the cage from the spine) and how far it has dropped
_END = (150, 150, 147, 144, 141, 138, 134, 124, 112, 101, 76, 52)
_DROP = (4.2, 6.4, 8.4, 9.8, 10.8, 11.6, 12.2, 12.0, 10.8, 9.4, 7.0, 4.4)


@dataclass(frozen=True, eq=False)
class Rib:
    """One rib's centre line and section; lengths in cm."""

    number: int
    side: int
    path: Floats
    facing: Floats
    thick: Floats
    high: Floats
    marrow_thick: Floats
    marrow_high: Floats
    shift: Floats

    def tube(self, part: slice = slice(None), move: Floats | None = None) -> Tubes:
        """Return the rib, or a stretch of it moved by ``move``, as a tube."""
        path = self.path[part] if move is None else self.path[part] + move
        return tube(
            path,
            self.thick[part],
            self.high[part],
            marrow=(self.marrow_thick[part], self.marrow_high[part]),
            side=self.facing[part],
            offset=self.shift[part],
            number=2 * self.number + (self.side > 0) + 1,
        )


def vertebra_depth(size: float) -> tuple[Floats, Floats, float]:
    """Return depth of the centre and height of each thoracic vertebra, and where the last ends."""
    return (_TOP[:COUNT] + _HEIGHT / 2) * size, _HEIGHT * size, float(_TOP[COUNT]) * size


@remember(2)
def ribs(frame: Frame) -> list[Rib]:
    """Return the twenty-four ribs of a case, numbered from 1."""
    return [_rib(frame, i, side) for i in range(COUNT) for side in (-1, 1)]


def _rib(frame: Frame, i: int, side: int) -> Rib:
    s, n = frame.size, 84 if i < 10 else 54
    loose = 0.35 + 0.65 * frame.loose
    shared = frame.case.rng(f"rib pair {i}").standard_normal(10)
    own = (0.6 * shared + frame.draws(f"rib {i}", side, 10)) * loose
    path = through(_course(frame, i, side, own), n)
    u = np.linspace(0, 1, n)
    bumps = frame.draws(f"rib bumps {i}", side, 14 + 14)
    lumpy = np.interp(u, np.linspace(0, 1, 14), bumps[:14]) * loose
    waver = np.interp(u, np.linspace(0, 1, 14), bumps[14:]) * loose
    high, thick = 0.60 + 0.04 * np.sin(i), 0.34
    if frame.female:
        high, thick = high * 0.92, thick * 0.92
    if i == 0:
        high, thick = high * 0.80, thick * 0.9
    section = (
        0.74 + 0.26 * np.clip((u - 0.02) / 0.12, 0, 1) + 0.16 * np.clip((u - 0.78) / 0.22, 0, 1)
    )
    section = section * (1 + 0.03 * own[5] * np.sin(7 * u + own[6]) + 0.02 * lumpy)
    if i >= 10:
        section, high = section * np.clip((1 - u) / 0.12, 0.25, 1), high * 0.8
    first, second = thick * s * section, high * s * section * (1 + 0.03 * waver)
    cortex = _cortex(frame, u, own[7])
    facing = _facing(frame, path, i)
    up = np.cross(np.gradient(path, axis=0), facing)[:, 2]
    groove = steps(u, [0, 0.5, 0.7, 1], [0.55, 0.55, 0.2, 0.0])
    return Rib(
        number=i + 1,
        side=side,
        path=path,
        facing=facing,
        thick=first,
        high=second,
        marrow_thick=np.maximum(first - cortex, 0.05),
        marrow_high=np.maximum(second - 0.95 * cortex, 0.08),
        shift=-np.sign(up) * cortex * groove,
    )


def _course(frame: Frame, i: int, side: int, own: Floats) -> Floats:
    """Return the control points of one rib: head, tubercle, then round the cage."""
    s = frame.size
    tone = frame.draws("rib cage", side, 4)
    centres, heights, _ = vertebra_depth(s)
    start = float(centres[i] - 0.25 * heights[i])
    x0, y0 = float(frame.spine_x(start)), float(frame.spine_y(start))
    slope = frame.case.number("rib_slope")
    drop = (_DROP[i] * (1 + 0.05 * tone[0]) + 0.5 * own[1] + 0.25 * tone[1]) * s
    drop *= (1 - 0.05 * frame.inspiration) * slope
    theta = np.linspace(28 if i > 0 else 40, _END[i] + 3 * own[0], 40)
    t = (theta - theta[0]) / (theta[-1] - theta[0])
    # the head goes with the tilt of its vertebra, the cage beyond it less and less
    raised = side * float(frame.lean(start))
    lean = 3.0 * s * raised * np.cos(np.pi / 2 * t)
    h = start + 0.1 + (drop - 0.1) * (0.5 * t + 0.5 * t**1.7)
    # one side hangs lower than the other, and arches otherwise behind
    bow = (0.22 * own[2] + 0.32 * tone[2]) * np.sin(np.pi * t)
    bow += 0.44 * tone[3] * np.sin(np.pi * np.sqrt(t)) + 0.10 * own[3] * np.sin(2 * np.pi * t)
    # the first is short and stiff
    h += bow * (0.4 if i == 0 else 1.0) - lean
    angle, off = np.deg2rad(theta), 0.40 * s + 0.05 * own[4]
    across = np.abs(np.sin(angle)) ** (2 / SQUARENESS)
    ahead = -np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / SQUARENESS)
    front, back = frame.front_y(h), frame.back_y(h)
    x = side * (frame.width(h) + off) * across * frame.share(h, side) + 0.5 * frame.spine_x(h)
    y = (front + back) / 2 + ((front - back) / 2 + off) * ahead
    round_cage = np.stack([x, y, -h], 1)
    up = raised * s
    head = np.array([x0 + side * 1.35 * s, y0 - 0.5 * s, 1.35 * up - (start - 0.1 * s)])
    tubercle = np.array([x0 + side * 3.0 * s, y0 - 2.35 * s, 3.0 * up - start])
    clear = np.abs(round_cage[:, 0] - x0) > (4.6 * s if i > 0 else 4.0 * s)
    rest = round_cage[clear] if clear.sum() >= 4 else round_cage[-4:]
    kept = rest[::3] if (len(rest) - 1) % 3 == 0 else np.vstack([rest[::3], rest[-1:]])
    neck = (head + tubercle) / 2 + np.array([0, -0.05, 0.05])
    return np.vstack([head, neck, tubercle, kept])


def _cortex(frame: Frame, u: Floats, own: float) -> Floats:
    age = frame.case.number("age")
    base = 0.070 - 0.018 * np.clip((age - 40) / 40, 0, 1) - (0.008 if frame.female else 0)
    along = steps(u, [0, 0.1, 0.3, 0.45, 0.6, 0.75, 1], [0.8, 1.1, 1.6, 2.0, 1.5, 0.65, 0.35])
    return np.asarray(base * (1 + 0.15 * np.sin(5 * u + own)) * along, float)


def _facing(frame: Frame, path: Floats, i: int) -> Floats:
    """Return the direction of the rib's thin axis: outward, upward for the first."""
    if i == 0:
        return np.broadcast_to(np.array([0, 0.406, 0.914]), path.shape).copy()
    h = -path[:, 2]
    middle = (frame.front_y(h) + frame.back_y(h)) / 2
    out = path - np.stack([0.5 * frame.spine_x(h), middle, path[:, 2]], 1)
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True), float)


@dataclass(frozen=True)
class RibBreak:
    """Where and how a rib is broken.

    Parameters
    ----------
    number, side : int
        Which rib, from 1; -1 right, 1 left.
    at : float
        Place along the bone, 0 at the spine to 1 at the cartilage.
    step, gap : float
        Shift across and along, cm.
    """

    number: int
    side: int
    at: float
    step: float
    gap: float


def rib_parts(frame: Frame, broken: RibBreak | None) -> list[Part]:
    """Return the ribs as parts of the body."""
    age = frame.case.number("age")
    mineral = 1 - 0.25 * float(np.clip((age - 50) / 40, 0, 1))
    bone = Bone(cortex=0.95 * mineral, trabeculae=0.17 * mineral)
    parts = []
    for rib in ribs(frame):
        here = broken and (rib.number, rib.side) == (broken.number, broken.side)
        shape = _broken(rib, broken) if here and broken else rib.tube()
        side = "left" if rib.side > 0 else "right"
        parts.append(Part(f"rib {rib.number} {side}", shape, bone, SOFT, "ribs", least=0.05))
    return parts


def _broken(rib: Rib, broken: RibBreak) -> Tubes:
    """Return a rib in two pieces: the front one dropped at the break, fading to its end."""
    k = int(np.clip(broken.at * len(rib.path), 3, len(rib.path) - 4))
    along = rib.path[k + 1] - rib.path[k]
    along /= np.linalg.norm(along)
    across = np.cross(along, rib.facing[k])
    across *= np.sign(across[2]) / np.linalg.norm(across)
    n = len(rib.path) - k
    fade = np.clip(1 - 3 * np.arange(n) / len(rib.path), 0, 1)[:, None] ** 1.5
    move = -fade * across * broken.step + along * broken.gap / 2
    back = rib.tube(slice(None, k + 1), np.zeros((k + 1, 3)) - along * broken.gap / 2)
    return Tubes.joinall([back, rib.tube(slice(k, None), move)])


@remember(2)
def cartilage_parts(frame: Frame) -> list[Part]:
    """Return calcified costal cartilage: flecks and rims beyond the bone's end, by age."""
    age = frame.case.number("age")
    flecks = []
    for rib in ribs(frame):
        rng = frame.case.rng(f"cartilage {rib.number} {rib.side}")
        calcified = rng.random() < (age - 35) / 55
        if rib.number > 10 or not calcified:
            continue
        end = rib.path[-1]
        depth = float(frame.front_y(-end[2] - 0.5)) + 0.6
        beyond = 0.25 * rib.number if rib.number > 6 else 0.0
        goal = np.array([rib.side * (1.9 + beyond), depth, end[2] + 0.28 * rib.number - 0.6])
        way = (goal - end) / np.linalg.norm(goal - end)
        for _ in range(int(rng.integers(6, 30))):
            at = end + (goal - end) * rng.random() ** 1.6 * 0.45 + rng.normal(0, [0.2, 0.1, 0.28])
            reach = (way + rng.normal(0, 0.4, 3)) * rng.uniform(0.1, 0.45)
            radius = np.array([0.015, 1, 0.8, 0.015]) * rng.uniform(0.02, 0.06)
            points = at + reach * np.array([0, 0.3, 0.7, 1])[:, None]
            flecks.append(tube(points, radius, number=99))
    if not flecks:
        return []
    return [Part("costal cartilage", Tubes.joinall(flecks), Bone(grain=0.0), SOFT)]
