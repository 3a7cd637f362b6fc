"""Midline and lungs of a frontal trunk film."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import (
    binary_closing,
    binary_fill_holes,
    binary_opening,
    find_objects,
    label,
    map_coordinates,
)

from trainer.imaging.film import Mask
from trainer.imaging.forgery.anatomy import Columns
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.finding.bone import find_bone
from trainer.imaging.forgery.finding.small import enlarge, fit, shrink
from trainer.imaging.forgery.texture import blur

_SIDE = 192


def find_midline(level: Level, body: Mask | None) -> tuple[Columns, float]:
    """Return the column of the body's midline at each row, and how sure it is.

    The straight, slightly tilted line about which the coarse image equals its mirror image best.
    A hand or a skull from the side has a fairly symmetric outline and no midline. So the inside of
    the body must be symmetric too, fill a good part of the film as a trunk does, and not consist
    of bone seen plainly against air, as a limb does.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.
    body : ndarray of bool, optional
        The patient; the whole image where unknown.

    Returns
    -------
    midline : ndarray of float32
        One column a row.
    sure : float
        From the correlation of the two halves, and what speaks for a trunk.
    """
    small, factor = shrink(level, _SIDE)
    coarse = blur(small, 2.5)
    rows, columns = coarse.shape
    band = slice(rows // 10, rows - rows // 10)
    best = (-1.0, columns / 2, 0.0)
    low, high = 0.34 * columns, 0.66 * columns
    y = np.arange(rows) - (rows - 1) / 2
    for tilt in np.linspace(-0.09, 0.09, 7):
        shift = np.rint(tilt * y).astype(int)
        upright = np.stack([np.roll(r, -s) for r, s in zip(coarse, shift, strict=True)])[band]
        for middle in np.arange(low, high, 1.0):
            half = int(min(middle, columns - 1 - middle))
            left = upright[:, int(middle) - half : int(middle)]
            right = upright[:, int(middle) + 1 : int(middle) + 1 + half][:, ::-1]
            agree = float(np.corrcoef(left.ravel(), right.ravel())[0, 1])
            agree -= 0.15 * abs(middle / columns - 0.5) + 0.3 * abs(tilt)
            if agree > best[0]:
                best = (agree, float(middle), float(tilt))
    agree, middle, tilt = best
    full = np.arange(level.shape[0]) / factor - (rows - 1) / 2
    line = ((middle + tilt * full + 0.5) * factor - 0.5).astype(np.float32)
    # The best at the end of the search is no best: a hip to one side has no midline in the middle.
    inside = low + 1 < middle < high - 2
    if not inside:
        return line, 0.0
    return line, fit(agree, 0.25, 0.65) * _trunk(level, small, body, line / factor)


def _trunk(level: Level, small: Level, body: Mask | None, line: Columns) -> float:
    """Return how much speaks for a trunk with a midline, 0..1."""
    patient: Level = np.ones(small.shape, np.float32)
    if body is not None:
        patient = (shrink(body.astype(np.float32), _SIDE)[0] > 0.9).astype(np.float32)
    around = blur(small * patient, 20) / (blur(patient, 20) + 1e-6)
    fine = blur(small, 2.5) - around
    rows = small.shape[0]
    middle = line[np.linspace(0, line.size - 1, rows).round().astype(int)]
    y, x = np.indices(small.shape, dtype=np.float32)
    there = np.array([y, 2 * middle[:, None] - x])
    mirror = map_coordinates(fine, there, order=1, mode="nearest")
    both = (patient > 0) & (map_coordinates(patient, there, order=0, mode="constant") > 0)
    both &= x < middle[:, None]
    both[: rows // 10] = both[-(rows // 10) :] = False
    if both.sum() < 100:
        return 0.0
    alike = float(np.corrcoef(fine[both], mirror[both])[0, 1])
    bony = find_bone(level, body)[1]
    return fit(alike, 0.1, 0.25) * fit(float(both.mean()), 0.18, 0.24) * fit(0.6 - bony, 0.0, 0.2)


def find_lungs(level: Level, midline: Columns | None) -> tuple[Mask, float]:
    """Return the lung fields and how sure they are.

    Two dark regions, one each side of the midline, inside the film; the cut between lung and the
    rest that makes the two largest plausible regions wins.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.
    midline : ndarray of float32, optional
        Column of the midline at each row.

    Returns
    -------
    mask : ndarray of bool
        Both lungs; empty where none are found.
    sure : float
        From the balance of the two sizes, their area and their contrast.
    """
    small, _factor = shrink(level, _SIDE)
    soft = blur(small, 1.2)
    rows, columns = soft.shape
    middle = (
        columns / 2 if midline is None else float(np.median(midline)) * columns / level.shape[1]
    )
    core = soft[rows // 6 : int(0.75 * rows), columns // 8 : -columns // 8]
    best: tuple[float, Mask | None] = (0.0, None)
    for quantile in np.linspace(0.12, 0.62, 22):
        score, mask = _pair(soft, float(np.quantile(core, quantile)), middle)
        if mask is not None and score > best[0]:
            best = (score, mask)
    found = best[1]
    if found is None:
        return np.zeros(level.shape, np.bool_), 0.0
    found = binary_fill_holes(binary_closing(np.pad(found, 8), iterations=4))[8:-8, 8:-8]
    return enlarge(found, level.shape), _lung_confidence(soft, found, middle)


def _pair(soft: Level, cut: float, middle: float) -> tuple[float, Mask | None]:
    """Return the best left and right dark region for one cut, and their score."""
    rows, columns = soft.shape
    dark = soft < cut
    dark[: int(0.03 * rows)] = False
    regions, count = label(binary_opening(dark))
    sides: list[list[tuple[int, int]]] = [[], []]
    for number, place in enumerate(find_objects(regions), start=1):
        height, width = (s.stop - s.start for s in place)
        size = int((regions[place] == number).sum())
        inside = place[1].start > 1 and place[1].stop < columns - 1 and place[0].stop < rows - 1
        plausible = 0.025 < size / soft.size < 0.32 and size > 0.35 * height * width
        right = (place[1].start + place[1].stop) / 2 > middle
        # A lung begins beside the mediastinum; air beside an arm does not.
        gap = place[1].start - middle if right else middle - place[1].stop
        if inside and plausible and gap < 0.17 * columns:
            sides[int(right)].append((size, number))
    if count == 0 or not (sides[0] and sides[1]):
        return 0.0, None
    left, right = max(sides[0]), max(sides[1])
    mask = np.isin(regions, [left[1], right[1]])
    # What has run out over the shoulders or into the neck is no longer a pair of lungs.
    spilt = float(mask[: rows // 8].sum()) / float(mask.sum())
    score = (min(left[0], right[0]) + 0.3 * max(left[0], right[0])) * (1 - min(1.0, 6 * spilt))
    return float(score), mask


def _lung_confidence(soft: Level, lungs: Mask, middle: float) -> float:
    columns = np.arange(soft.shape[1])[None, :]
    left, right = (
        float((lungs & (columns < middle)).mean()),
        float((lungs & (columns >= middle)).mean()),
    )
    balance = min(left, right) / max(left, right, 1e-6)
    rim = binary_closing(lungs, iterations=1)
    ring = blur(lungs.astype(np.float32), 6) > 0.05
    contrast = float(np.median(soft[ring & ~rim])) - float(np.median(soft[lungs]))
    spilt = float(lungs[: soft.shape[0] // 8].sum()) / float(lungs.sum())
    sure = fit(balance, 0.2, 0.5) * fit(left + right, 0.06, 0.14) * fit(contrast, 0.02, 0.1)
    return sure * fit(0.12 - spilt, 0.0, 0.08)
