"""Ribs miscounted: a copy of one lies between it and the next, or one is gone."""

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
# A faint rib is copied as an average one: nobody counts what cannot be seen. A fainter one is not.
_MOST_LIFT = 3.0


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
    """Trace one rib over one lung; add its copy half an interspace lower, or take it away."""
    lung, right = _one_lung(scene)
    rows, columns = scene.level.shape
    step = max(1, min(rows, columns) // _SIDE)
    small = blur(scene.guide.signal, 0.6 * step)[::step, ::step]
    inside = lung[::step, ::step]
    band = rib_band(small, inside)
    gap = _gap(band)
    across = np.flatnonzero(inside.sum(axis=0) > 2.5 * gap)
    if across.size < 0.08 * small.shape[1]:
        raise ForgeryError("this lung is too small to trace a rib in; hand in larger lungs")
    low, high = across[0], across[-1] + 1
    path = _trace(band[:, low:high], inside[:, low:high], gap, scene)
    rib = np.interp(np.arange(columns), np.arange(low, high) * step, path * step)
    half = 0.42 * gap * step
    span = (int(low * step), int(high * step))
    rib = _followed(scene.guide.signal, rib, half, span)
    relief = _relief(scene.signal, rib, half, span)
    peak = float(np.quantile(relief.max(axis=0)[span[0] : span[1]], 0.6))
    if _MOST_LIFT * peak < LEAST_RELIEF:
        raise ForgeryError("ribs are not plain enough to tell apart; take a film that shows them")
    lost = bool(scene.rng.integers(2))
    drop = 0 if lost else round(0.5 * gap * step)
    mix = (0.25 + (0.75 if lost else 1.05) * scene.dose) * scene.dose**0.3
    if lost:
        relief = -relief
    else:
        relief = np.minimum(relief * np.clip(LEAST_RELIEF / peak, 1, _MOST_LIFT), 2 * LEAST_RELIEF)
    y, x = np.indices(scene.level.shape, dtype=np.float32)
    off = y - rib[None] - drop
    ends = ease((x - span[0]) / (12 * scene.unit)) * ease((span[1] - x) / (12 * scene.unit))
    weight = ends * ease((half - np.abs(off)) / (0.2 * gap * step))
    laid = map_coordinates(relief, [off + np.ceil(half), x], order=1, mode="constant")
    signal = scene.signal + mix * weight * laid
    side = "right" if right else "left"
    return Change(
        signal + scene.noise,
        weight > 0,
        f"a rib on the image's {side} was taken away"
        if lost
        else f"a rib on the image's {side} was copied into the space below it",
        {"lost": lost, "drop_rows": drop, "mix": round(mix, 3)},
    )


def _straightened(signal: Level, rib: Level, half: float) -> Level:
    """Return a rib straightened: a row a distance from its middle, a column each of the image's."""
    across = np.arange(-np.ceil(half), np.ceil(half) + 1, dtype=np.float32)
    rows = rib[None] + across[:, None]
    columns = np.broadcast_to(np.arange(signal.shape[1], dtype=np.float32), rows.shape)
    straight: Level = map_coordinates(signal, [rows, columns], order=1, mode="nearest")
    return straight


def _followed(signal: Level, rib: Level, half: float, span: tuple[int, int]) -> Level:
    """Return a rib's path with its small bends: where each place looks most like the whole."""
    low, high = span
    reach = max(1, round(0.4 * half))
    straight = gaussian_filter1d(_straightened(signal, rib, half + reach), 0.02 * (high - low), 1)
    straight = straight - gaussian_filter1d(straight, half, axis=0)
    usual = straight[reach:-reach, low:high].mean(axis=1, keepdims=True)
    tall = len(usual)
    alike = np.stack([(straight[k : k + tall] * usual).sum(axis=0) for k in range(2 * reach + 1)])
    alike = gaussian_filter1d(alike, 0.04 * (high - low), axis=1)
    bend = gaussian_filter1d(alike.argmax(axis=0) - float(reach), 0.04 * (high - low))
    followed: Level = rib + bend
    return followed


def _relief(signal: Level, rib: Level, half: float, span: tuple[int, int]) -> Level:
    """Return a rib's own relief, a row a distance from its middle, without what crosses it.

    The cross-section is followed along the rib and smoothed in that direction alone, so both its
    edges stay sharp.
    """
    low, high = span
    straight = gaussian_filter1d(_straightened(signal, rib, half), 0.05 * (high - low), axis=1)
    ground = np.linspace(straight[0], straight[-1], len(straight))
    relief: Level = np.clip(straight - ground, 0, None)
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
    "One rib too many, the copy of another between two ribs; or one too few.",
    "copying model",
    paint,
    structural=True,
)
