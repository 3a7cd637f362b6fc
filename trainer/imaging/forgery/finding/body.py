"""The patient against air and border."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, binary_fill_holes, binary_opening, label

from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.finding.small import enlarge, fit, shrink
from trainer.imaging.forgery.texture import blur


def find_body(level: Level) -> tuple[Mask, float]:
    """Return the body's mask and how sure it is.

    Air is dark and reaches the border. The cut is looked for between the darkest border and the
    middle grey: the one where the mask's edge falls on the steepest slope.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.

    Returns
    -------
    mask : ndarray of bool
        The whole image where no air is seen; the confidence of an *edge* is then 0.
    sure : float
        0..1: how much steeper the outline is than the image at large, and how much air there is.
    """
    small, _ = shrink(level, 256)
    soft = blur(small, 1.5)
    slope = np.hypot(*np.gradient(soft))
    border = np.concatenate([soft[0], soft[-1], soft[:, 0], soft[:, -1]])
    dark, middle = float(np.quantile(border, 0.02)), float(np.median(soft))
    best, best_score, best_cut = np.ones(small.shape, np.bool_), 0.0, dark
    for cut in np.linspace(dark + 0.02, max(dark + 0.04, 0.8 * middle + 0.2 * dark), 14):
        body = _body_at(soft, float(cut))
        edge = body & ~binary_erosion(body, border_value=1)
        if edge.sum() < 40 or not 0.15 < body.mean() < 0.985:
            continue
        score = float(np.median(slope[edge])) / (float(np.median(slope)) + 1e-4)
        if score > best_score:
            best, best_score, best_cut = body, score, float(cut)
    if best_score == 0:
        return np.ones(level.shape, np.bool_), 0.0
    sure = fit(best_score, 1.5, 6.0) * fit(1 - float(best.mean()), 0.005, 0.03)
    # The coarse outline is brought to the pixel: near it the full image decides.
    inner = enlarge(binary_erosion(best, iterations=2, border_value=1), level.shape)
    outer = enlarge(binary_dilation(best, iterations=2), level.shape)
    fine = blur(level, max(1.0, level.shape[0] / 500)) > best_cut
    return inner | (outer & fine), sure


def _body_at(soft: Level, cut: float) -> Mask:
    """Return what is not air for one cut: air is dark and touches the border."""
    regions, count = label(soft < cut)
    rim = np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    air = np.isin(regions, rim[rim > 0]) if count else np.zeros(soft.shape, np.bool_)
    body = binary_opening(np.pad(~air, 4, mode="edge"), iterations=2)[4:-4, 4:-4]
    regions, count = label(body)
    if count > 1:
        sizes = np.bincount(regions.ravel())
        sizes[0] = 0
        body = sizes[regions] >= 0.05 * sizes.max()
    filled: Mask = binary_fill_holes(body)
    return filled
