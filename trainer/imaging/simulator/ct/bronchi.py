"""Bronchi: each beside the artery of its lobe, out to where the wall is thinner than a voxel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.lungs import airway_part, artery_trees
from trainer.imaging.simulator.anatomy.chest.torso import Torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.tissue import AIR, SOFT
from trainer.imaging.simulator.tubes import Tubes, tube

Floats = NDArray[np.float64]

WALL_CM = 0.11  # of the large airways
SMALLEST_CM = 0.055  # the artery's radius below which its bronchus is not drawn
LARGEST_CM = 0.30  # a lobe's bronchus is no wider, whatever its artery
# An airway's lumen is about as wide as its artery, its wall a fifth of that: bronchus to artery 0.7
# (outer to outer about 1) in healthy adults (Matsuoka et al., AJR 2003).
_RATIO, _WALL = 0.78, 0.22
# ends of the airways of :func:`airway_part` (average thorax): right upper, lower, left the same
_ENDS = (((-4.4, 0.0, -9.6), (-4.0, -1.8, -16.2)), ((5.2, 0.2, -10.4), (4.7, -3.4, -15.8)))


def airways(frame: Frame, soft: Torso) -> list[Part]:
    """Return the airways with their walls."""
    s, air = frame.size, airway_part(frame)
    assert isinstance(air.shape, Solid)
    wall = replace(air.shape, distance=air.shape.distance - np.float32(WALL_CM * s))
    lumens = Tubes.joinall([
        beside(tree, _end(frame, number)) for number, tree in enumerate(artery_trees(frame, soft))
    ])  # fmt: skip
    walls = replace(lumens, outer=lumens.outer * (1 + 2 * _WALL) + 0.02 * s)
    return [
        Part("airway walls", wall, SOFT),
        Part("bronchial wall", walls, SOFT, inside_of="lungs"),
        Part("bronchial air", lumens, AIR, inside_of="lungs"),
        air,
    ]


def _end(frame: Frame, number: int) -> Floats:
    """Return where the large airway of a tree's lobe ends."""
    return frame.pushed(*_ENDS[number // 2][number % 2])


def beside(tree: Tubes, start: Floats) -> Tubes:
    """Return the airway of an artery tree: parallel to it, touching, never crossing over.

    The direction in which a bronchus lies from its artery is carried along each branch without
    turning about it, and handed on at each fork.

    Parameters
    ----------
    tree : Tubes
        Of :func:`trees.grow`, a parent's branch before its children's.
    start : ndarray, shape (3,)
        The airway's end from which the first bronchus comes, cm.
    """
    if len(tree.nodes) < 2:
        return Tubes.none()
    radius = np.minimum(tree.outer[:, 0], LARGEST_CM)
    first = start - tree.nodes[0]
    handed: dict[bytes, Floats] = {tree.nodes[0].tobytes(): first / (np.linalg.norm(first) + 1e-9)}
    begins = np.flatnonzero(np.r_[True, tree.joined[:-1] == 0])
    ends = np.r_[begins[1:], len(tree.nodes)]
    made: list[Tubes] = []
    for a, b in zip(begins, ends, strict=True):
        way = handed.get(tree.nodes[a].tobytes())
        if way is None or radius[a : a + 2].max() < SMALLEST_CM:
            continue
        points, own = _course(tree.nodes[a:b], tree.outer[a:b, 0], radius[a:b], way, handed)
        kept = int(np.argmax(own < SMALLEST_CM)) if (own < SMALLEST_CM).any() else len(own)
        if kept < 2:
            continue
        points, own = points[:kept], own[:kept] * _RATIO
        if a == 0:
            lead = through(np.stack([start, (start + points[0]) / 2 + 0.1 * way, points[0]]), 8)
            points = np.vstack([lead[:-1], points])
            own = np.r_[np.full(7, own[0]), own]
        made.append(tube(points, own, side=(0.3, 0.9, 0.2)))
    return Tubes.joinall(made)


def _course(
    nodes: Floats, artery: Floats, radius: Floats, way: Floats, handed: dict[bytes, Floats]
) -> tuple[Floats, Floats]:
    """Return the centre line beside one branch; writes into ``handed`` what forks need."""
    along = np.gradient(nodes, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-12
    out = np.empty_like(nodes)
    for k, (at, direction) in enumerate(zip(nodes, along, strict=True)):
        flat = way - direction * float(way @ direction)
        size = float(np.linalg.norm(flat))
        if size > 0.15:  # along the branch itself there is no beside: keep the last
            way = flat / size
        out[k] = at + way * (artery[k] + radius[k] * (_RATIO + 2 * _WALL * _RATIO))
        handed[at.tobytes()] = way
    return out, radius
