"""Cloned gas: one bubble again and again."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_laplace, maximum_filter

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease

_COPIES = 4
# How plainly a bubble stands out, in shares of the grey range; and what of its mean rise the least
# of its eight sides must have: 1 for a disc, 0 and less for a corner.
_LEAST, _EVEN = 0.05, 0.35


def _depth(mask: Mask) -> Level:
    """Return the distance to the mask's edge; the image's border is an edge too."""
    depth: Level = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return depth


def bubble(scene: Scene, inside: Mask) -> tuple[int, int, float]:
    """Return row, column and radius of the plainest gas bubble in the belly.

    The largest scale-normalised Laplacian (Lindeberg 1998) of a blob that is darker than what lies
    on each side of it: the corner of a lung or of a marker's plate is dark to one side alone.

    Raises
    ------
    ForgeryError
        When nothing dark and round stands out.
    """
    step = max(1, min(scene.level.shape) // 256)
    small = blur(scene.signal, 0.5 * step)[::step, ::step]
    within = inside[::step, ::step]
    found: list[tuple[float, int, int, float]] = []
    for sigma in (3.0, 4.2, 6.0, 8.5):
        round_dark = sigma**2 * gaussian_laplace(small, sigma)
        peak = round_dark == maximum_filter(round_dark, int(2 * sigma) | 1)
        peak &= (_depth(within) > 2.4 * sigma) & (round_dark >= _LEAST)
        found += [(float(round_dark[r, c]), int(r), int(c), sigma) for r, c in np.argwhere(peak)]
    for _, row, column, sigma in sorted(found, reverse=True):
        if _dark_all_round(small, row, column, np.sqrt(2) * sigma):
            return row * step, column * step, sigma * np.sqrt(2) * step
    raise ForgeryError("no gas bubble stands out in the belly; take an image that shows one")


def _dark_all_round(level: Level, row: int, column: int, radius: float) -> bool:
    """Tell whether what lies about a blob is brighter than it on each of eight sides."""
    y, x = np.indices(level.shape, dtype=np.float32)
    y, x = y - row, x - column
    away = np.hypot(y, x)
    core = float(level[away < 0.5 * radius].mean())
    side = np.floor((np.arctan2(y, x) / np.pi + 1) * 4).astype(int) % 8
    ring = (away > 1.3 * radius) & (away < 1.9 * radius)
    rise = [float(level[ring & (side == k)].mean()) - core for k in range(8)]
    return min(rise) > _EVEN * float(np.mean(rise))


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
    row, column, radius = bubble(scene.guide, inside)
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
