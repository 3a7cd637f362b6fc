"""Cloned gas: one bubble again and again."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_laplace

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease

_COPIES = 4


def _depth(mask: Mask) -> Level:
    """Return the distance to the mask's edge; the image's border is an edge too."""
    depth: Level = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return depth


def bubble(scene: Scene, inside: Mask) -> tuple[int, int, float]:
    """Return row, column and radius of the plainest gas bubble in the belly.

    The largest scale-normalised Laplacian (Lindeberg 1998) of a dark blob.

    Raises
    ------
    ForgeryError
        When nothing dark and round stands out.
    """
    step = max(1, min(scene.level.shape) // 256)
    small = blur(scene.signal, 0.5 * step)[::step, ::step]
    within = inside[::step, ::step]
    best = (0.0, 0, 0, 0.0)
    for sigma in (3.0, 4.2, 6.0, 8.5):
        room = _depth(within) > 2.4 * sigma
        if not room.any():
            continue
        round_dark = np.where(room, sigma**2 * gaussian_laplace(small, sigma), -np.inf)
        row, column = np.unravel_index(int(round_dark.argmax()), small.shape)
        if round_dark[row, column] > best[0]:
            best = (float(round_dark[row, column]), int(row), int(column), sigma)
    if best[0] < 0.05:
        raise ForgeryError("no gas bubble stands out in the belly; take an image that shows one")
    return best[1] * step, best[2] * step, best[3] * np.sqrt(2) * step


def paint(scene: Scene) -> Change:
    """Copy one bubble to four places round it, whole pixels away, without its noise."""
    rows, columns = scene.level.shape
    inside = np.zeros((rows, columns), np.bool_)
    inside[rows // 20 : -rows // 20, columns // 10 : -columns // 10] = True
    if scene.may("body") and scene.anatomy.body is not None:
        inside &= scene.anatomy.body
    if scene.may("lungs") and scene.anatomy.lungs is not None:
        lowest = np.flatnonzero(scene.anatomy.lungs.any(axis=1))
        inside[: int(np.quantile(lowest, 0.85)) if lowest.size else 0] = False
        inside &= ~scene.anatomy.lungs
    row, column, radius = bubble(scene, inside)
    reach = 1.9 * radius
    y, x = np.indices(scene.level.shape, dtype=np.float32)
    window = ease((reach - np.hypot(y - row, x - column)) / (0.55 * reach))
    ground = blur(scene.signal, 2.2 * radius)
    detail = np.clip(ground - scene.signal, 0, None) * window
    room = _depth(inside) > 1.2 * radius
    places = _places(scene, room, (row, column), 2.2 * radius)
    mix = (0.2 + 0.8 * scene.dose) * scene.dose**0.3
    signal, mask = scene.signal.copy(), np.zeros((rows, columns), np.bool_)
    for down, across in places:
        copied = _shifted(detail, down, across)
        signal -= mix * copied
        mask |= _shifted(window, down, across) > 0
    return Change(
        signal + scene.noise,
        mask,
        f"one gas bubble was copied to {len(places)} places",
        {"row": row, "column": column, "radius": round(float(radius), 1), "copies": len(places)},
    )


def _places(
    scene: Scene, room: Mask, source: tuple[int, int], apart: float
) -> list[tuple[int, int]]:
    """Return whole-pixel displacements to places that do not overlap."""
    taken = [source]
    spots = np.argwhere(room)
    away = np.hypot(spots[:, 0] - source[0], spots[:, 1] - source[1])
    spots = spots[(away > apart) & (away < 6 * apart)]
    for _ in range(400):
        if len(taken) > _COPIES or not len(spots):
            break
        row, column = (int(v) for v in spots[int(scene.rng.integers(len(spots)))])
        if all(np.hypot(row - r, column - c) > apart for r, c in taken):
            taken.append((row, column))
    if len(taken) == 1:
        raise ForgeryError("there is no room to copy the gas bubble to; take a larger image")
    return [(r - source[0], c - source[1]) for r, c in taken[1:]]


def _shifted(level: np.ndarray, down: int, across: int) -> np.ndarray:
    out = np.zeros_like(level)
    rows, columns = level.shape
    to = (
        slice(max(0, down), min(rows, rows + down)),
        slice(max(0, across), columns + min(0, across)),
    )
    of = (
        slice(max(0, -down), min(rows, rows - down)),
        slice(max(0, -across), columns - max(0, across)),
    )
    out[to] = level[of]
    return out


forge = Operator(
    Hallmark.GAS_SHAPE,
    "The same gas bubble in several places.",
    "copying model",
    paint,
    structural=True,
)
