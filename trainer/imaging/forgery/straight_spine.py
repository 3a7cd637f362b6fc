"""A ruler-straight spine: its curve is taken out, what lies beside it follows less and less."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import ease, move


def paint(scene: Scene) -> Change:
    """Shift each row so that the spine comes to lie on the straight line through it."""
    spine = scene.need("spine").spine
    assert spine is not None
    rows, columns = scene.level.shape
    seen = np.flatnonzero(np.isfinite(spine))
    if seen.size < rows // 4:
        raise ForgeryError("the spine is known in less than a quarter of the rows; hand in more")
    y = np.arange(rows)
    # A handed-in curve may follow single processes; a spine bends slowly, or the rows would tear.
    curve = gaussian_filter1d(np.interp(y, seen, spine[seen]), 0.035 * rows, mode="nearest")
    inner = seen[(seen > 0.06 * rows) & (seen < 0.94 * rows)]
    line = np.polyval(np.polyfit(inner, curve[inner], 1), y)
    off = np.where((y >= seen[0]) & (y <= seen[-1]), curve - line, 0.0)
    # Nothing moves at the ends of what is seen, so nothing tears there.
    ends = ease((y - seen[0]) / (0.08 * rows)) * ease((seen[-1] - y) / (0.08 * rows))
    if seen[0] == 0 and seen[-1] == rows - 1:
        ends = np.ones(rows, np.float32)
    most = float(np.abs(off * ends).max())
    if most < 0.004 * columns:
        raise ForgeryError(
            f"this spine is straight already (to within {most:.1f} pixels); take another image"
        )
    away = np.abs(np.arange(columns)[None, :] - line[:, None]) / columns
    weight = ease((0.22 - away) / 0.16)
    shift = (scene.dose * off * ends)[:, None] * weight
    signal = move(scene.signal, np.zeros_like(shift), shift.astype(np.float32))
    moved = np.flatnonzero(np.abs(off * ends) > 0.1)
    between = (y >= moved[0]) & (y <= moved[-1])
    return Change(
        signal + scene.noise,
        (weight > 0) & between[:, None],
        "the spine was moved onto a straight line",
        {"largest_shift": round(scene.dose * most, 2)},
    )


forge = Operator(
    Hallmark.STRAIGHT_SPINE,
    "The spine is ruler-straight.",
    "spine model",
    paint,
    structural=True,
)
