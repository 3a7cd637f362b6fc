"""One vertebra repeated: its neighbours become copies of it."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from trainer.core.words import Hallmark
from trainer.imaging.forgery.anatomy import Columns
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.split import lost_by_blend
from trainer.imaging.forgery.texture import blur, ease, move


def spacing(signal: Level, spine: Columns) -> tuple[float, float]:
    """Return the distance from vertebra to vertebra in rows, and how regular it is.

    Parameters
    ----------
    signal : ndarray of float32
        Grey without noise.
    spine : ndarray of float32
        Column of the spine's middle at each row; NaN where there is none.

    Returns
    -------
    rows : float
        The lag of the first high peak of the profile's autocorrelation.
    regular : float
        The autocorrelation there, -1..1.
    """
    height, width = signal.shape
    reach = max(2, int(0.03 * width))
    seen = np.flatnonzero(np.isfinite(spine))
    seen = seen[(seen > 0.2 * height) & (seen < 0.97 * height)]
    columns = np.clip(spine[seen][:, None] + np.arange(-reach, reach + 1)[None], 0, width - 1)
    profile = signal[seen[:, None], np.rint(columns).astype(int)].mean(axis=1)
    band = blur(profile, 0.006 * height) - blur(profile, 0.05 * height)
    band = (band - band.mean()) * np.hanning(band.size)
    full = np.correlate(band, band, "full")[band.size - 1 :]
    full = full / (full[0] + 1e-12)
    low, high = int(0.04 * height), int(0.13 * height)
    peaks, _ = find_peaks(full[:high])
    peaks = peaks[peaks >= low]
    if not peaks.size or full[peaks].max() <= 0:
        return 0.0, 0.0
    tall = peaks[full[peaks] >= 0.75 * full[peaks].max()]
    return float(tall[0]), float(full[tall[0]])


def paint(scene: Scene) -> Change:
    """Copy one vertebra over two neighbours above and two below, along the spine's own curve."""
    spine = scene.need("spine").spine
    assert spine is not None
    rows, columns = scene.level.shape
    start, period = _one_vertebra(scene, spine)
    curve = np.interp(np.arange(rows), *_known(spine))
    curve = gaussian_filter1d(curve, 0.035 * rows, mode="nearest")
    grid: Level = np.indices(scene.level.shape, dtype=np.float32)
    y, x = grid[0], grid[1]
    count = np.floor((y - start) / period)
    phase = (y - start) / period - count
    off = x - curve[:, None]
    detail = scene.signal - blur(scene.signal, 0.55 * period)

    def copy(at: Level) -> Level:
        source = start + at * period
        there = np.interp(source, np.arange(rows), curve)
        return move(detail, source - y, there + off - x)

    cross = ease(1 - phase / 0.2)
    cloned = (1 - cross) * copy(phase) + cross * copy(phase + 1)
    half = float(max(0.075 * columns, 0.6 * period))
    weight: Level = ease((half - np.abs(off)) / (0.35 * half))
    position: Level = (y - start) / period
    weight = weight * ease(np.minimum(3 - position, position + 2) / 0.25)
    weight = weight * np.where(count == 0, 0, 1)
    mix = (0.2 + 0.8 * scene.dose) * scene.dose**0.3
    signal = scene.signal + mix * weight * (cloned - detail)
    noise = scene.noise + scene.noise_under(lost_by_blend(mix * weight))
    return Change(
        signal + noise,
        weight > 0,
        "one vertebra was copied over its neighbours",
        {"spacing_rows": round(period, 1), "source_row": round(start, 1), "mix": round(mix, 3)},
    )


def _one_vertebra(scene: Scene, spine: Columns) -> tuple[float, float]:
    """Return the first row and the height of the vertebra to be copied, its disc included."""
    rows = scene.level.shape[0]
    middles = scene.anatomy.vertebrae
    if middles is not None and len(middles) >= 3:
        scene.used["vertebrae"] = 1.0
        inner = [i for i in range(1, len(middles) - 1) if 0.25 < middles[i] / rows < 0.75]
        chosen = inner[int(scene.rng.integers(len(inner)))] if inner else len(middles) // 2
        height = (middles[chosen + 1] - middles[chosen - 1]) / 2
        return middles[chosen] - height / 2, height
    period, regular = spacing(scene.guide.signal, spine)
    if regular < 0.2:
        raise ForgeryError(
            f"vertebrae are not plain enough to tell apart (regularity {regular:.2f}, 0.20 needed);"
            " hand their rows in, or take a film that shows the spine"
        )
    return float(scene.rng.uniform(0.42, 0.58)) * rows, period


def _known(spine: Columns) -> tuple[np.ndarray, np.ndarray]:
    seen = np.flatnonzero(np.isfinite(spine))
    return seen, spine[seen]


forge = Operator(
    Hallmark.VERTEBRA_CLONE,
    "The same vertebra again and again: same pedicles, same end plates, same height.",
    "copying model",
    paint,
    structural=True,
)
