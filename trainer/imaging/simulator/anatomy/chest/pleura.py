"""Fluid and air in the pleural space: where they gather, upright and lying."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.fields import Field

Map = NDArray[np.float32]


def effused(frame: Frame, grid: Field, lung: Map, cage: Map) -> Map:
    """Return the lung that an effusion leaves: fluid gathers at the base, or behind when lying."""
    case = frame.case
    finding, size = case.word("finding"), case.number("finding_size")
    living = case.number("consequences")
    if finding == "effusion":
        side = 1 if case.word("finding_side") == "left" else -1
        return _flooded(frame, grid, lung, cage, side, size, living)
    if finding == "oedema" and living > 0:
        for side in (-1, 1):
            small = (0.02 + 0.16 * size) * living * (1.2 if side < 0 else 0.9)
            lung = _flooded(frame, grid, lung, cage, side, small, living)
    return lung


def _flooded(
    frame: Frame, grid: Field, lung: Map, cage: Map, side: int, size: float, living: float
) -> Map:
    """Return one side's lung above fluid: a level that climbs the wall, the meniscus.

    In a patient who lies, the fluid layers behind the lung and veils all of it.
    """
    s = frame.size
    _, y, z = grid.mesh()
    if frame.supine:
        depth = (0.5 + 5.0 * size) * s * np.clip((-z - 2 * s) / (12 * s), 0, 1)
        back = np.asarray(frame.back_y(-np.asarray(grid.axes[2], float)), np.float32)
        flooded = np.maximum(lung, back[None, None, :] + depth - y)
    else:
        dome = frame.dome_left if side > 0 else frame.dome_right
        level = dome - 3.8 * s + 7.0 * s * size
        rise = 2.0 * living * np.exp(-np.clip(-cage, 0, None) / 1.3)
        flooded = np.maximum(lung, (level + rise - z) / np.float32(1.2))
    return np.asarray(np.where(_beyond(frame, grid, side) > -0.5 * s, flooded, lung), np.float32)


def _beyond(frame: Frame, grid: Field, side: int) -> Map:
    """Return how far a place lies on one side of the mediastinum, wherever that was pushed."""
    x, _, z = grid.mesh()
    return np.asarray((x - frame.drift(z)) * side, np.float32)


def collapsed(frame: Frame, grid: Field, lung: Map) -> Map:
    """Return what of the lung is still aerated beside a pneumothorax.

    Air rises: to the apex and the side of a patient who stands, to the front and the costophrenic
    angle of one who lies. Under tension the lung shrinks to the hilum.
    """
    case = frame.case
    if case.word("finding") != "pneumothorax":
        return lung
    side, s = (1 if case.word("finding_side") == "left" else -1), frame.size
    x, y, z = grid.mesh()
    size = (0.8 + 3.2 * case.number("finding_size")) * s
    lateral = np.clip((x * side - 3.5 * s) / (5 * s), 0, 1)
    if frame.supine:
        ahead = np.clip((y - 1.0 * s) / (6 * s), 0, 1)
        depth = size * ahead * (0.25 + 0.75 * np.clip((-z - 8 * s) / (12 * s), 0, 1))
        depth = depth * (0.4 + 0.6 * lateral)
    else:
        depth = size * (0.10 + 0.90 * np.clip((z + 16 * s) / (14 * s), 0, 1)) * lateral
    if case.word("tension") == "tension":
        depth = depth + (1.5 + 2.5 * case.number("finding_size")) * s * lateral
    shrunk = lung + depth + np.float32(0.15) * np.sin(z / np.float32(1.7 * s)) * lateral
    return np.asarray(np.where(_beyond(frame, grid, side) > 0, shrunk, lung), np.float32)
