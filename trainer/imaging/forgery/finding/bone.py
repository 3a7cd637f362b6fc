"""Bone against soft tissue, and the straight pieces of long bones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import binary_opening, distance_transform_edt, label, maximum_filter
from skimage.feature import hessian_matrix
from skimage.filters import threshold_otsu

from trainer.imaging.film import Mask
from trainer.imaging.forgery.anatomy import Shaft
from trainer.imaging.forgery.contract import Level
from trainer.imaging.forgery.finding.small import enlarge, fit, shrink
from trainer.imaging.forgery.texture import blur

_SIGMAS = (3.0, 4.5, 6.5, 9.0)


def find_bone(level: Level, body: Mask | None) -> tuple[Mask, float]:
    """Return where bone is likely, and how sure that is.

    Bone is brighter than the soft tissue round it. The cut is Otsu's on the grey less its
    surroundings; it is sure where the two classes are well apart, as in a limb. In the trunk, where
    soft tissue is as dense as bone, it is not sure and says so.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.
    body : ndarray of bool, optional
        The patient; the whole image where unknown.

    Returns
    -------
    mask : ndarray of bool
        Likely bone.
    sure : float
        From Otsu's separability (variance between / total), a plausible share of the body, and
        air beside it.
    """
    small, _ = shrink(level, 320)
    inside = np.ones(small.shape, np.bool_)
    if body is not None:
        step = [
            np.linspace(0, n - 1, s).astype(int)
            for n, s in zip(body.shape, small.shape, strict=True)
        ]
        inside = body[np.ix_(*step)]
    weight = blur(inside.astype(np.float32), 24) + 1e-6
    around = blur(np.where(inside, small, 0), 24) / weight
    ground = float(np.quantile(small[inside], 0.25))
    lifted = small - np.minimum(around, 0.5 * (around + ground))
    values = lifted[inside]
    cut = float(threshold_otsu(values))  # type: ignore[no-untyped-call]
    high, low = values[values > cut], values[values <= cut]
    share = high.size / values.size
    between = share * (1 - share) * (float(high.mean()) - float(low.mean())) ** 2
    separable = between / (float(values.var()) + 1e-9)
    bone = binary_opening((lifted > cut) & inside)
    regions, count = label(bone)
    if count:
        sizes = np.bincount(regions.ravel())
        sizes[0] = 0
        bone = sizes[regions] >= 0.002 * bone.size
    # A limb shows air beside it; where the body fills the film, what is bright need not be bone.
    air = 1 - float(inside.mean())
    plausible = fit(share, 0.05, 0.1) * fit(0.75 - share, 0.0, 0.1) * fit(air, 0.12, 0.3)
    return enlarge(bone, level.shape), fit(separable, 0.6, 0.7) * plausible


def find_shafts(level: Level, bone: Mask | None) -> tuple[tuple[Shaft, ...], float]:
    """Return straight pieces of long bones, the plainest first, and how sure the first is.

    Ridges of the smoothed image at several widths (eigenvalues of the scale-normalised Hessian,
    Lindeberg 1998) that go on straight for twice their width.

    Parameters
    ----------
    level : ndarray of float32
        ``(rows, columns)``, 0..1.
    bone : ndarray of bool, optional
        Where bone is; the whole image where unknown.

    Returns
    -------
    shafts : tuple of Shaft
        At most 12.
    sure : float
        0..1, from the ridge's contrast against its two sides.
    """
    source = level if bone is None else 0.3 * bone.astype(np.float32)
    small, factor = shrink(source, 384)
    thin = _ridge_strength(small, 1.3)[0]  # of cables and wires, which are no bones
    found = [one for sigma in _SIGMAS for one in _ridges(small, sigma, factor, thin)]
    if bone is not None:
        found = _measured(found, bone)
    found.sort(key=lambda pair: -pair[0])
    kept: list[tuple[float, Shaft]] = []
    for score, shaft in found:
        apart = 2.5 * shaft.half_width
        if all(np.hypot(k.row - shaft.row, k.column - shaft.column) > apart for _, k in kept):
            kept.append((score, shaft))
    if not kept:
        return (), 0.0
    good = tuple(shaft for score, shaft in kept[:12] if score > 0.6 * kept[0][0])
    return good, fit(kept[0][0], 0.03, 0.09)


def _measured(found: list[tuple[float, Shaft]], bone: Mask) -> list[tuple[float, Shaft]]:
    """Return the shafts inside bone, with the bone's own half width."""
    depth = distance_transform_edt(bone)
    measured = []
    for score, shaft in found:
        row, column = int(shaft.row), int(shaft.column)
        reach = max(1, int(0.5 * shaft.half_width))
        near = depth[
            max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1
        ]
        width = float(near.max())
        if bone[row, column] and width > 0.6 * shaft.half_width:
            measured.append((score, replace(shaft, half_width=width)))
    return measured


def _ridge_strength(small: Level, sigma: float) -> tuple[Level, Level]:
    """Return how much each place is a straight bright ridge, and the ridge's direction."""
    rr, rc, cc = (
        np.asarray(h, np.float32) * sigma**2
        for h in hessian_matrix(  # type: ignore[no-untyped-call]
            small, sigma, use_gaussian_derivatives=False, order="rc"
        )
    )
    root = np.sqrt(np.square((rr - cc) / 2) + rc * rc)
    across_value = (rr + cc) / 2 - root
    along_value = (rr + cc) / 2 + root
    strength = np.clip(-across_value - 2 * np.abs(along_value), 0, None)
    # The direction belongs to the eigenvector with the larger eigenvalue.
    return strength, 0.5 * np.arctan2(2 * rc, rr - cc)


def _ridges(small: Level, sigma: float, factor: float, thin: Level) -> list[tuple[float, Shaft]]:
    """Return the straight bright ridges of one width with their contrast."""
    strength, angle = _ridge_strength(small, sigma)
    margin = int(4 * sigma) + 2
    strength[:margin] = strength[-margin:] = 0
    strength[:, :margin] = strength[:, -margin:] = 0
    peaks = (strength == maximum_filter(strength, int(3 * sigma))) & (strength > 0.01)
    peaks &= maximum_filter(thin, int(2 * sigma)) < 1.2 * strength
    found = []
    for row, column in zip(*np.nonzero(peaks), strict=True):
        down, across = float(np.cos(angle[row, column])), float(np.sin(angle[row, column]))
        contrast = _straight(small, row, column, down, across, sigma)
        if contrast > 0:
            place = (float((row + 0.5) * factor - 0.5), float((column + 0.5) * factor - 0.5))
            found.append((contrast, Shaft(*place, down, across, 1.25 * sigma * factor)))
    return found


def _straight(
    small: Level, row: float, column: float, down: float, across: float, sigma: float
) -> float:
    """Return the smallest contrast of a ridge against its flanks along twice its width."""
    along = np.linspace(-2.5, 2.5, 9) * sigma
    grey = []
    for off in (-2.2, 0.0, 2.2):
        rows = row + along * down - off * sigma * across
        columns = column + along * across + off * sigma * down
        at_row = np.clip(np.rint(rows).astype(int), 0, small.shape[0] - 1)
        at_column = np.clip(np.rint(columns).astype(int), 0, small.shape[1] - 1)
        grey.append(small[at_row, at_column])
    contrast = np.minimum(grey[1] - grey[0], grey[1] - grey[2])
    return float(np.quantile(contrast, 0.2))
