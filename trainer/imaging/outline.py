"""From a mask to outlines: what is drawn over the film, and what a mark is graded by."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from scipy import ndimage
from skimage.measure import approximate_polygon, find_contours

from trainer.imaging.film import Mask

Outline = list[list[float]]


class Place(TypedDict):
    """An outline and the slice it lies in; the slice is 0 for a radiograph."""

    z: int
    points: Outline


# A region smaller than this share of the film is a speck: resampling made it, nobody saw it.
SMALLEST_REGION = 2e-5
# Neighbouring specks of one change are joined over this share of the shorter side.
JOIN = 0.004
# A change in many places (every vessel of a lung) is outlined as the few regions they fill.
MOST_REGIONS = 16
WIDEST_JOIN = 0.04
MOST_CORNERS = 400


def places_of(mask: Mask, *, join: float = JOIN) -> list[Place]:
    """Return the outlines of a mask, slice by slice.

    Parameters
    ----------
    mask : ndarray of bool, shape (rows, columns) or (slices, rows, columns)
        Where the truth is.
    join : float
        As in :func:`outlines_of`.

    Returns
    -------
    list of Place
        In the order of the slices; within a slice the largest region first.
    """
    slices = mask[None] if mask.ndim == 2 else mask
    return [
        {"z": z, "points": outline}
        for z, one in enumerate(slices)
        for outline in outlines_of(one, join=join)
    ]


def outlines_of(mask: Mask, *, join: float = JOIN) -> list[Outline]:
    """Return closed outlines around the regions of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (rows, columns)
        Where the truth is.
    join : float
        Gaps up to this share of the shorter side are closed first, so that a speckled change is
        one region; 0 closes none. Doubled while there are more than 16 regions, up to 0.04.

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
    regions = _regions(mask, join)
    while len(regions) > MOST_REGIONS and 0 < join < WIDEST_JOIN:
        join = min(2 * join, WIDEST_JOIN)
        regions = _regions(mask, join)
    return [_around(region) for region in regions]


def _regions(mask: Mask, join: float) -> list[Mask]:
    """Return the regions of a mask, the largest first, with gaps closed and specks left out."""
    radius = round(join * min(mask.shape))
    area = np.pad(mask, radius + 1)
    if radius:
        far = ndimage.distance_transform_edt(~area)
        grown = far <= radius
        area = ndimage.distance_transform_edt(grown) > radius
        area |= np.pad(mask, radius + 1)
    area = area[radius + 1 : -radius - 1, radius + 1 : -radius - 1]
    labels, _count = ndimage.label(area)
    sizes = np.bincount(labels.ravel())[1:]
    order = np.argsort(sizes)[::-1]
    least = SMALLEST_REGION * mask.size
    kept = [i + 1 for i in order if sizes[i] >= least] or [int(order[0]) + 1]
    return [np.asarray(labels == i, bool) for i in kept]


def _around(region: Mask) -> Outline:
    """Return the outer contour of one region, with as few corners as keep it within a pixel."""
    contours = find_contours(np.pad(region, 1).astype(float), 0.5)  # type: ignore[no-untyped-call]
    outer = max(contours, key=len)
    tolerance = 0.8
    corners = approximate_polygon(outer, tolerance)  # type: ignore[no-untyped-call]
    while len(corners) > MOST_CORNERS:
        tolerance *= 1.6
        corners = approximate_polygon(outer, tolerance)  # type: ignore[no-untyped-call]
    return [[round(float(x) - 1, 1), round(float(y) - 1, 1)] for y, x in corners[:-1]]
