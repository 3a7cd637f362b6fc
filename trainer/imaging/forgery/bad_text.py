"""A malformed marker: strokes that bend, double and break, on an untouched background."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.ndimage import binary_dilation, distance_transform_edt, map_coordinates, zoom

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease, field, spread
from trainer.imaging.observers import residual

# How far from its edge a stroke, and the ground beside it, is free of the other: pixels.
_WITHIN, _BESIDE = 2.0, 3.0
_PARTS = 4  # parts of a pixel in which a stroke's edge is looked for
_CALM = 0.8  # blur, in pixels, that keeps noise from moving a stroke's edge
_FAR = 0.5  # pixels by which an edge moves that is drawn anew
_ENOUGH = 12  # pixels from which a spread is read
_WHITE = 0.3  # share of the strokes at the box's last grey from which they are white all through


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


def between(own: Level, other: Level, dose: float) -> tuple[Level, Level]:
    """Return strokes on the way from one drawing to another, each pixel by its distance to both.

    A stroke that is only in the one thins and goes, one that is only in the other comes and widens.
    What lies far from where it went is drawn anew, with edges as soft as a film's; else the outline
    of what went would stay.

    Parameters
    ----------
    own, other : ndarray of float32
        The alpha of each, 0..1.
    dose : float
        0 the one, 1 the other.

    Returns
    -------
    drawn : ndarray of float32
        Its alpha, 0..1.
    anew : ndarray of float32
        How much of each pixel was drawn anew, 0..1; the rest is the one's own.
    """
    far = max(1.0, 0.03 * own.shape[0])
    one, two = (np.clip(_depth(alpha), -far, far) for alpha in (own, other))
    there = blur(np.clip(0.5 + one + dose * (two - one), 0, 1), _CALM)
    anew = blur(ease(dose * np.abs(two - one) / _FAR), _CALM)
    return np.asarray(own + anew * (there - own), np.float32), anew


def _depth(alpha: Level) -> Level:
    """Return the distance into strokes, in pixels; below 0 outside of them.

    The edge lies between pixels, where alpha is a half: else one that is near a half by chance of
    its noise moves the edge by a whole pixel.
    """
    rows, columns = alpha.shape
    inside = zoom(blur(alpha, _CALM), _PARTS, order=1, grid_mode=True, mode="nearest") > 0.5
    if not inside.any() or inside.all():
        return np.full(alpha.shape, alpha.size if inside.any() else -alpha.size, np.float32)
    depth = np.where(inside, distance_transform_edt(inside), 1 - distance_transform_edt(~inside))
    mean = (depth - 0.5).reshape(rows, _PARTS, columns, _PARTS).mean((1, 3)) / _PARTS
    return np.asarray(mean, np.float32)


def strengths(patch: Level, alpha: Level) -> tuple[float, float]:
    """Return how strong the noise is (SD) on the ground beside a marker's strokes and on them.

    Strokes that are white all through, and letters that were burned in, have none. Strokes too thin
    to be looked into are taken to have the ground's.

    Parameters
    ----------
    patch : ndarray of float32
        The marker's box.
    alpha : ndarray of float32
        Its strokes, 0..1.
    """
    depth = _depth(alpha)
    fine = residual(patch)
    beside, within = fine[depth <= -_BESIDE], fine[depth >= _WITHIN]
    ground = spread(beside) if beside.size >= _ENOUGH else 0.0
    strokes = patch[depth > 0]
    if strokes.size and np.mean(strokes >= patch.max()) > _WHITE:
        return ground, 0.0
    return ground, spread(within) if within.size >= _ENOUGH else ground


def malformed(alpha: Level, dose: float, rng: Generator) -> tuple[Level, Level]:
    """Return strokes on their way to being bent, broken and doubled, as :func:`between` does."""
    rows, columns = alpha.shape
    # Two scales of bending: the letter's skeleton and the stroke's edge.
    bend = [
        0.75 * field(alpha.shape, rows / 6, rng) + 0.25 * field(alpha.shape, rows / 14, rng)
        for _ in range(2)
    ]
    y, x = np.indices(alpha.shape, dtype=np.float32)
    reach = 0.11 * rows
    bent = map_coordinates(alpha, [y + reach * bend[0], x + reach * bend[1]], order=1)
    ghost = map_coordinates(alpha[:, ::-1], [y + reach * bend[1], x - reach * bend[0]], order=1)
    breaks = ease((field(alpha.shape, rows / 9, rng) + 0.4) / 0.5)
    drawn, anew = between(alpha, np.maximum(bent * breaks, 0.85 * ghost), dose)
    edge = ease(np.minimum.reduce([y, x, rows - 1 - y, columns - 1 - x]) / (0.1 * rows))
    return np.asarray(alpha + edge * (drawn - alpha), np.float32), edge * anew


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
    patch = scene.level[place]
    alpha, ground, grey = ink(patch)
    drawn, anew = malformed(alpha, scene.dose, scene.rng)
    # Strokes have their noise in their alpha and lose it with it, the ground where it is covered.
    # What is lost is drawn anew, as strong as it is on strokes or ground, and from the film's own
    # bits: two exposures that are painted alike have different noise here too.
    beside, within = strengths(patch, alpha)
    lost = np.where(ground == patch, drawn, anew)
    fresh = scene.own_chance().standard_normal(patch.shape, np.float32)
    noise = fresh * np.sqrt(1 - np.square(1 - lost)) * (beside + drawn * (within - beside))
    touched = np.abs(drawn - alpha) > 0.01
    level, mask = scene.level.copy(), np.zeros((rows, columns), np.bool_)
    level[place] = np.where(touched, ground + drawn * (grey - ground) + noise, patch)
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
