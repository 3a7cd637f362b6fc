"""From a mask to outlines: what is drawn over the film, and what a mark is graded by."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.measure import approximate_polygon, find_contours

from trainer.imaging.film import Mask

Outline = list[list[float]]

# A region smaller than this share of the film is a speck: resampling made it, nobody saw it.
SMALLEST_REGION = 2e-5
# Neighbouring specks of one change are joined over this share of the shorter side.
JOIN = 0.004
MOST_CORNERS = 400


def outlines_of(mask: Mask, *, join: float = JOIN) -> list[Outline]:
    """Return closed outlines around the regions of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (rows, columns)
        Where the truth is.
    join : float
        Gaps up to this share of the shorter side are closed first, so that a speckled change is
        one region; 0 closes none.

    Returns
    -------
    list of list of [x, y]
        Polygons in native pixels, ``(0, 0)`` the centre of the top left pixel, largest region
        first, none with more than 400 corners. Empty for an empty mask.
    """
    if mask.ndim != 2:
        raise ValueError(f"an outline is drawn around a mask of 2 dimensions, this has {mask.ndim}")
    if not mask.any():
        return []
    radius = round(join * min(mask.shape))
    area = np.pad(mask, radius + 1)
    if radius:
        y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
        area = ndimage.binary_closing(area, structure=x * x + y * y <= radius * radius)
    labels, _count = ndimage.label(area)
    sizes = ndimage.sum_labels(np.ones_like(labels), labels, np.arange(1, labels.max() + 1))
    order = np.argsort(sizes)[::-1]
    least = SMALLEST_REGION * mask.size
    kept = [i + 1 for i in order if sizes[i] >= least] or [int(order[0]) + 1]
    return [_around(labels == i, radius + 1) for i in kept]


def _around(region: Mask, offset: int) -> Outline:
    """Return the outer contour of one region, with as few corners as keep it within a pixel."""
    contours = find_contours(region.astype(float), 0.5)  # type: ignore[no-untyped-call]
    outer = max(contours, key=len)
    tolerance = 0.8
    corners = approximate_polygon(outer, tolerance)  # type: ignore[no-untyped-call]
    while len(corners) > MOST_CORNERS:
        tolerance *= 1.6
        corners = approximate_polygon(outer, tolerance)  # type: ignore[no-untyped-call]
    return [[round(float(x) - offset, 1), round(float(y) - offset, 1)] for y, x in corners[:-1]]
