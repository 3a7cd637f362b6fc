"""The side marker: a small bright glyph with sharp edges near the film's border."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import find_objects, label, maximum_filter, minimum_filter

from trainer.imaging.forgery.anatomy import Box
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.finding.small import fit
from trainer.imaging.forgery.texture import blur


def find_marker(level: Level) -> tuple[Box | None, float]:
    """Return the box round the side marker, and how sure it is.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.

    Returns
    -------
    box : Box or None
        A few pixels wider than the glyph.
    sure : float
        From the glyph's contrast, the sharpness of its edges and how plain its surroundings are.
    """
    rows, columns = level.shape
    side = min(rows, columns)
    soft = blur(level, 0.5)
    # What an opening by a small square takes away is bright and narrow: strokes, not shoulders.
    narrow = max(5, round(0.02 * side)) | 1
    stroke = soft - maximum_filter(minimum_filter(soft, narrow), narrow)
    cut = max(0.15, 0.45 * float(stroke.max()))
    regions, _ = label(stroke > cut, np.ones((3, 3)))
    best: tuple[float, Box | None] = (0.0, None)
    for number, place in enumerate(find_objects(regions), start=1):
        height, width = (s.stop - s.start for s in place)
        if not _glyph_like(height, width, side, regions[place] == number):
            continue
        middle = ((place[0].start + place[0].stop) / 2, (place[1].start + place[1].stop) / 2)
        border = min(middle[0], rows - middle[0], middle[1], columns - middle[1]) / side
        inside = min(place[0].start, place[1].start, rows - place[0].stop, columns - place[1].stop)
        if border > 0.3 or inside < 2:
            continue
        pad = max(2, height // 4)
        box = Box(
            max(0, place[0].start - pad),
            max(0, place[1].start - pad),
            min(rows, place[0].stop + pad),
            min(columns, place[1].stop + pad),
        )
        score = _plain(level, box, regions[place] == number, place)
        if score > best[0]:
            best = (score, box)
    return best[1], best[0]


def _glyph_like(height: int, width: int, side: int, glyph: np.ndarray) -> bool:
    filled = float(glyph.mean())
    tall = 0.014 * side <= height <= 0.1 * side
    return tall and 0.25 <= width / height <= 1.6 and 0.12 < filled < 0.85 and glyph.sum() > 12


def _plain(level: Level, box: Box, glyph: np.ndarray, place: tuple[slice, ...]) -> float:
    """Return how much a glyph stands out from plain surroundings."""
    inner = level[place]
    around = level[box.top : box.bottom, box.left : box.right].copy()
    rim = np.concatenate([around[0], around[-1], around[:, 0], around[:, -1]])
    ink = inner[glyph]
    contrast = float(np.median(ink) - np.median(rim))
    even = float(np.std(ink)) / max(contrast, 1e-3)
    rough = float(np.std(rim)) / max(contrast, 1e-3)
    return fit(contrast, 0.1, 0.3) * fit(0.45 - even, 0.0, 0.2) * fit(0.45 - rough, 0.0, 0.25)
