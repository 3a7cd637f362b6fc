"""A pasted box: quieter inside, with a seam round it; in a stack a cuboid."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease


def centre(scene: Scene, half: float) -> tuple[float, float]:
    """Return a place in the body with room for a box; the middle third where no body is found."""
    rows, columns = scene.image.shape[-2:]
    room = np.zeros((rows, columns), np.bool_)
    room[rows // 4 : -rows // 4, columns // 4 : -columns // 4] = True
    if scene.may("body") and scene.anatomy.body is not None:
        deep = distance_transform_edt(np.pad(scene.anatomy.body, 1))[1:-1, 1:-1] > 1.5 * half
        room = deep if deep.any() else room
    places = np.argwhere(room)
    row, column = places[int(scene.rng.integers(len(places)))]
    return float(row), float(column)


def _paste(signal: Level, noise: Level, out: Level, dose: float, unit: float, lift: float) -> Level:
    """Return one slice with the box; ``out`` is the distance outwards from its edge, in pixels."""
    inside = ease(0.5 - out / (2.5 * unit))
    plain = blur(signal, 2.2 * unit)
    changed = signal + 0.5 * dose * inside * (plain - signal)
    quiet = noise * (1 - 0.75 * dose * inside)
    ring = np.exp(-np.square(out / (2.0 * unit)))
    seam = blur(signal, 4 * unit) - signal
    pasted: Level = changed + quiet + ring * dose * (0.8 * seam + 0.045) + lift * dose * inside
    return pasted


def paint(scene: Scene) -> Change:
    """Paste a smoother, quieter, slightly lifted box and leave a seam round it."""
    unit = max(scene.unit, 0.5)
    half = float(scene.rng.uniform(38, 62)) * unit
    row, column = centre(scene, half)
    lift = float(scene.rng.choice([-1.0, 1.0])) * 0.03
    rows, columns = scene.image.shape[-2:]
    y, x = np.indices((rows, columns), dtype=np.float32)
    out = np.maximum(np.abs(y - row), np.abs(x - column)) - half
    touched = out < 5.5 * unit
    fade = ease((5.5 * unit - out) / (1.5 * unit))
    level, mask = scene.level.copy(), np.zeros(scene.image.shape, np.bool_)
    if scene.image.ndim == 2:
        pasted = _paste(scene.signal, scene.noise, out, scene.dose, unit, lift)
        level, mask = level + fade * (pasted - level), touched
        first, last = 0, 0
    else:
        deep = scene.image.shape[0]
        span = max(1, deep // 4)
        first = int(scene.rng.integers(0, deep - span + 1))
        last = first + span - 1
        for index in range(first, last + 1):
            pasted = _paste(scene.signal[index], scene.noise[index], out, scene.dose, unit, lift)
            level[index] += fade * (pasted - level[index])
            mask[index] = touched
    return Change(
        level,
        mask,
        "a smoother, quieter box was pasted in with a seam round it",
        {
            "row": round(row, 1),
            "column": round(column, 1),
            "half_side": round(half, 1),
            "first_slice": first,
            "last_slice": last,
        },
    )


forge = Operator(
    Hallmark.HALO_SEAM,
    "A box with a seam round it; inside, the noise is quieter than outside.",
    "pasting model",
    paint,
    dimensions=(2, 3),
)
