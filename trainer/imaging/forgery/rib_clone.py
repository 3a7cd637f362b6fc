"""A rib too many: a copy of one rib lies between it and the next."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates
from scipy.signal import find_peaks

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.finding.paths import best_path
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease

_SIDE = 256
#: Height of a copied rib above its surroundings, at least, as a share of the grey range.
LEAST_RELIEF = 0.06


def rib_band(small: Level, inside: Mask) -> Level:
    """Return what rises above the lung's own grey along each column; 0 outside the lung."""
    tall = small.shape[0] / _SIDE
    weight = inside.astype(np.float32)
    ground = gaussian_filter1d(small * weight, 7 * tall, axis=0)
    ground = ground / (gaussian_filter1d(weight, 7 * tall, axis=0) + 1e-3)
    band: Level = gaussian_filter1d((small - ground) * weight, 1.2 * tall, axis=0) * weight
    return band


def _gap(band: Level) -> float:
    """Return the distance from rib to rib, in rows of the small image."""
    rows = band.shape[0]
    lags = np.arange(rows // 4)
    full = np.array([float((band[lag:] * band[: rows - lag]).sum()) for lag in lags])
    full /= full[0] + 1e-9
    peaks, _ = find_peaks(full)
    peaks = peaks[(peaks > 0.035 * rows) & (peaks < 0.16 * rows)]
    if not peaks.size or full[peaks].max() < 0.05:
        raise ForgeryError("ribs are not plain enough to tell apart; take a film that shows them")
    return float(peaks[full[peaks].argmax()])


def paint(scene: Scene) -> Change:
    """Trace one rib over one lung and add its copy half an interspace lower."""
    lung, right = _one_lung(scene)
    rows, columns = scene.level.shape
    step = max(1, min(rows, columns) // _SIDE)
    small = blur(scene.signal, 0.6 * step)[::step, ::step]
    inside = lung[::step, ::step]
    band = rib_band(small, inside)
    gap = _gap(band)
    across = np.flatnonzero(inside.sum(axis=0) > 2.5 * gap)
    if across.size < 0.08 * small.shape[1]:
        raise ForgeryError("this lung is too small to trace a rib in; hand in larger lungs")
    low, high = across[0], across[-1] + 1
    path = _trace(band[:, low:high], inside[:, low:high], gap, scene)
    rib = np.interp(np.arange(columns), np.arange(low, high) * step, path * step)
    drop = round(0.5 * gap * step)
    y, x = np.indices(scene.level.shape, dtype=np.float32)
    ends = ease((x - low * step) / (12 * scene.unit)) * ease((high * step - x) / (12 * scene.unit))
    near = ease((0.42 * gap * step - np.abs(y - rib[None] - drop)) / (0.2 * gap * step))
    weight = ends * near
    span = (int(low * step), int(high * step))
    copied = _relief(scene.signal, rib, 0.42 * gap * step, span, y - drop)
    mix = (0.25 + 1.05 * scene.dose) * scene.dose**0.3
    signal = scene.signal + mix * weight * copied
    return Change(
        signal + scene.noise,
        weight > 0,
        f"a rib on the image's {'right' if right else 'left'} was copied into the space below it",
        {"drop_rows": drop, "mix": round(mix, 3)},
    )


def _relief(signal: Level, rib: Level, half: float, span: tuple[int, int], y: Level) -> Level:
    """Return a rib's own relief at rows ``y``, without the vessels that cross it.

    The cross-section is followed along the rib and smoothed in that direction alone, so both its
    edges stay sharp. A faint rib is copied as an average one: nobody counts what cannot be seen.
    """
    columns = np.arange(signal.shape[1], dtype=np.float32)
    across = np.arange(-np.ceil(half), np.ceil(half) + 1, dtype=np.float32)
    rows = rib[None] + across[:, None]
    straight = map_coordinates(
        signal, [rows, np.broadcast_to(columns, rows.shape)], order=1, mode="nearest"
    )
    low, high = span
    straight = gaussian_filter1d(straight, 0.08 * (high - low), axis=1)
    straight = np.clip(straight - np.linspace(straight[0], straight[-1], len(across)), 0, None)
    peak = float(np.quantile(straight.max(axis=0)[low:high], 0.6)) + 1e-6
    straight = np.minimum(straight * np.clip(LEAST_RELIEF / peak, 1, 3), 2 * LEAST_RELIEF)
    at = y - rib[None] - across[0]
    relief: Level = map_coordinates(
        straight, [at, np.broadcast_to(columns, at.shape)], order=1, mode="constant"
    )
    return relief


def _one_lung(scene: Scene) -> tuple[Mask, bool]:
    """Return one lung field, drawn, and whether it lies on the image's right."""
    known = scene.need("lungs", "midline")
    assert known.lungs is not None and known.midline is not None
    right = bool(scene.rng.integers(2))
    side = np.arange(known.lungs.shape[1])[None, :] > known.midline[:, None]
    return known.lungs & (side == right), right


def _trace(band: Level, inside: Mask, gap: float, scene: Scene) -> Level:
    """Return the row of one rib at each column of a lung, smoothed; drawn among the plain ones."""
    score = band / (float(band[inside].std()) + 1e-9)
    room = np.roll(inside, -round(gap), axis=0)
    score = np.where(inside & room, score, score - 3.0)
    # Three ribs are traced; a found one is barred before the next is looked for.
    paths = []
    for _ in range(3):
        path = best_path(score.T, steepness=1, bend=0.15)
        paths.append(path)
        for column, row in enumerate(path):
            score[max(0, row - int(0.5 * gap)) : row + int(0.5 * gap) + 1, column] -= 4.0
    chosen = paths[int(scene.rng.integers(len(paths)))]
    line = np.arange(chosen.size)
    return np.polyval(np.polyfit(line, chosen, 3), line)


forge = Operator(
    Hallmark.RIB_CLONE,
    "One rib too many: the copy of another, between two ribs.",
    "copying model",
    paint,
    structural=True,
)
