"""A malformed marker: strokes that bend, double and break, on an untouched background."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt, map_coordinates

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease, field


def ink(patch: Level) -> tuple[Level, Level, float]:
    """Return a marker's alpha, the background under it, and the grey of its ink.

    Parameters
    ----------
    patch : ndarray of float32
        The marker's box; the marker is brighter than its background.

    Returns
    -------
    alpha : ndarray of float32
        0..1.
    ground : ndarray of float32
        The background, filled in under the strokes from beside them.
    grey : float
        Of the full stroke.

    Raises
    ------
    ForgeryError
        When no stroke stands out.
    """
    grey = float(np.quantile(patch, 0.99))
    rim = np.concatenate([patch[0], patch[-1], patch[:, 0], patch[:, -1]])
    # On a plate the letter stands on the plate's grey, not on that of the film beside it.
    low = max(float(np.median(rim)), float(np.median(patch)))
    if grey - low < 0.1:
        raise ForgeryError("no stroke stands out in the marker's box; hand in another box")
    strokes = binary_dilation(patch > low + 0.35 * (grey - low), iterations=2)
    free = (~strokes).astype(np.float32)
    size = max(2.0, min(patch.shape) / 8)
    ground = blur(patch * free, size) / (blur(free, size) + 1e-4)
    ground = np.where(strokes & (blur(free, size) > 1e-3), ground, np.where(strokes, low, patch))
    alpha = np.clip((patch - ground) / np.maximum(grey - ground, 0.05), 0, 1)
    return np.where(strokes, alpha, 0), ground, grey


def between(own: Level, other: Level, dose: float) -> Level:
    """Return strokes on the way from one drawing to another, each pixel by its distance to both.

    A stroke that is only in the one thins and goes, one that is only in the other comes and widens;
    no pixel turns back on the way, so that a larger dose is never the smaller change.

    Parameters
    ----------
    own, other : ndarray of float32
        The alpha of each, 0..1.
    dose : float
        0 the one, 1 the other.
    """
    far = max(1.0, 0.03 * own.shape[0])
    one, two = (np.clip(_depth(alpha), -far, far) for alpha in (own, other))
    at = [np.clip(0.5 + one + share * (two - one), 0, 1) for share in (0.0, dose)]
    return np.asarray(np.clip(own + at[1] - at[0], 0, 1), np.float32)


def _depth(alpha: Level) -> Level:
    """Return the distance into strokes, in pixels; below 0 outside of them."""
    inside = alpha > 0.5
    if not inside.any() or inside.all():
        return np.where(inside, np.float32(alpha.size), np.float32(-alpha.size))
    within = distance_transform_edt(inside) - 0.5
    outside = distance_transform_edt(~inside) - 0.5
    return np.asarray(np.where(inside, within, -outside), np.float32)


def paint(scene: Scene) -> Change:
    """Bend, thin and double the marker's strokes; the background is filled in, not bent."""
    box = scene.need("marker").marker
    assert box is not None
    grow = round(0.25 * (box.bottom - box.top))
    rows, columns = scene.level.shape
    place = (
        slice(max(0, box.top - grow), min(rows, box.bottom + grow)),
        slice(max(0, box.left - grow), min(columns, box.right + grow)),
    )
    patch, noise = scene.level[place], scene.noise[place]
    alpha, ground, grey = ink(patch)
    height = patch.shape[0]
    # Two scales of bending: the letter's skeleton and the stroke's edge.
    bend = [
        0.75 * field(patch.shape, height / 6, scene.rng)
        + 0.25 * field(patch.shape, height / 14, scene.rng)
        for _ in range(2)
    ]
    y, x = np.indices(patch.shape, dtype=np.float32)
    reach = 0.11 * height
    bent = map_coordinates(alpha, [y + reach * bend[0], x + reach * bend[1]], order=1)
    ghost = map_coordinates(alpha[:, ::-1], [y + reach * bend[1], x - reach * bend[0]], order=1)
    breaks = ease((field(patch.shape, height / 9, scene.rng) + 0.4) / 0.5)
    drawn = between(alpha, np.maximum(bent * breaks, 0.85 * ghost), scene.dose)
    edge = np.minimum.reduce([y, x, height - 1 - y, patch.shape[1] - 1 - x]) / (0.1 * height)
    drawn = alpha + ease(edge) * (drawn - alpha)
    # Under old strokes there is no noise to keep; it is taken from the mirror image of the box.
    clean = np.where(alpha > 0.15, noise[::-1, ::-1] * (alpha[::-1, ::-1] <= 0.15), noise)
    level, mask = scene.level.copy(), np.zeros((rows, columns), np.bool_)
    smooth = ground - np.where(alpha > 0.15, 0, noise)
    redrawn = smooth + drawn * (grey - smooth) + clean * (1 - drawn)
    touched = np.abs(drawn - alpha) > 0.01
    level[place] = np.where(touched, redrawn, patch)
    mask[place] = touched
    return Change(
        level,
        mask,
        "the marker's strokes were bent, broken and doubled",
        {"row": (box.top + box.bottom) // 2, "column": (box.left + box.right) // 2},
    )


forge = Operator(
    Hallmark.BAD_TEXT,
    "The marker's letters bend, break or double: almost writing.",
    "lettering model",
    paint,
)
