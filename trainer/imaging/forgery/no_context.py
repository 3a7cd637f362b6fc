"""A nodule without consequences: round and smooth, no vessel leads to it, no pleura is drawn in."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.split import lost_by_paint
from trainer.imaging.forgery.texture import blur, ease


def paint(scene: Scene) -> Change:
    """Add the shadow of a smooth sphere to a lung field and fade what should run through it."""
    lungs = scene.need("lungs").lungs
    assert lungs is not None
    radius = float(scene.rng.uniform(16, 30)) * scene.unit
    row, column = place_in(scene, lungs, 1.8 * radius)
    rows, columns = np.indices(scene.level.shape, dtype=np.float32)
    away = np.hypot(rows - row, columns - column) / radius
    chord = blur(np.sqrt(np.clip(1 - away * away, 0, None)), 0.06 * radius + 0.4)
    inside = ease((1.12 - away) / 0.2)
    # A nodule of soft tissue: it lifts the grey a part of the way to the densest tissue near by.
    near = (away < 6) & lungs
    lung, dense = float(np.median(scene.signal[near])), float(np.quantile(scene.signal, 0.9))
    lift = (0.12 + 0.5 * scene.dose) * scene.dose**0.5 * max(dense - lung, 0.1)
    plain = blur(scene.signal, 0.35 * radius)
    faded = 0.75 * scene.dose * inside
    signal = scene.signal + faded * (plain - scene.signal) + lift * chord
    noise = scene.noise + scene.noise_under(lost_by_paint(faded))
    mask = away < 1.3
    return Change(
        signal + noise,
        mask,
        "a round smooth nodule was put into a lung, without vessel or pleural sign",
        {
            "row": round(row, 1),
            "column": round(column, 1),
            "radius": round(radius, 1),
            "lift": round(lift, 4),
        },
    )


def place_in(scene: Scene, lungs: Mask, margin: float) -> tuple[float, float]:
    """Return a random place well inside a lung."""
    room = distance_transform_edt(binary_erosion(lungs)) >= margin
    if not room.any():
        raise ForgeryError(
            f"no place in the lungs is {margin:.0f} pixels from their edge; hand in larger lungs"
        )
    places = np.argwhere(room)
    row, column = places[int(scene.rng.integers(len(places)))]
    return float(row), float(column)


forge = Operator(
    Hallmark.NO_CONTEXT,
    "A round nodule that no vessel leads to and that nothing round it has noticed.",
    "pasting model",
    paint,
    structural=True,
)
