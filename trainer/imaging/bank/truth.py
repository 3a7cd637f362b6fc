"""Where an image was altered: a mask or outlines, carried from the source to the film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.draw import polygon2mask

from trainer.imaging.bank.normalise import Prepared
from trainer.imaging.bank.stack import natural
from trainer.imaging.film import Mask


def film_mask(source: NDArray[np.float32] | Mask, prepared: Prepared) -> Mask:
    """Bring a mask of the source to its film.

    Parameters
    ----------
    source : ndarray
        ``(rows, columns)`` of the source image, ``(slices, rows, columns)`` of a stack; above 0
        where it was altered.
    prepared : Prepared
        The film and the part of the source it shows.

    Returns
    -------
    ndarray of bool
        Of the film's shape: where at least half of a pixel was altered.
    """
    if source.ndim == 3:
        return np.stack([film_mask(one, prepared) for one in source])
    rows, columns = prepared.film.pixels.shape[-2:]
    box = prepared.box
    image = Image.fromarray(np.where(source > 0, 255, 0).astype(np.uint8), mode="L")
    reduced = image.resize(
        (columns, rows), Image.Resampling.BOX, box=(box.left, box.top, box.right, box.bottom)
    )
    mask: Mask = np.asarray(reduced) >= 128
    return mask


def outline_mask(outlines: Sequence[Sequence[tuple[float, float]]], prepared: Prepared) -> Mask:
    """Return the mask of outlines that are given in source pixels.

    Parameters
    ----------
    outlines : sequence of outlines
        Each ``((x, y), ...)``, column and row of the source.
    prepared : Prepared
        The film and the part of the source it shows.

    Returns
    -------
    ndarray of bool
        ``(rows, columns)`` of the film, or of one of its slices.
    """
    rows, columns = prepared.film.pixels.shape[-2:]
    mask = np.zeros((rows, columns), np.bool_)
    for outline in outlines:
        corners = [prepared.point(x, y)[::-1] for x, y in outline]
        mask |= polygon2mask((rows, columns), corners)  # type: ignore[no-untyped-call]
    return mask


def file_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """Return a key that puts files in the order of their names, numbers read as numbers."""
    return natural(PurePosixPath(name).stem)


def slices_of_files(masks: Sequence[str], slices: Sequence[str]) -> list[int] | None:
    """Return which slice each mask belongs to.

    Parameters
    ----------
    masks : sequence of str
        Names of the masks, one a slice.
    slices : sequence of str
        Names of the slices' files, in the order of the film; their names need not be in order.

    Returns
    -------
    list of int or None
        By name where every mask is named like a slice, whatever the endings; else in the order of
        names where there are as many. ``None`` where neither tells.
    """
    stems = [PurePosixPath(name).stem for name in slices]
    wanted = [PurePosixPath(name).stem for name in masks]
    if set(wanted) <= set(stems) and len(set(stems)) == len(stems):
        return [stems.index(stem) for stem in wanted]
    if len(masks) != len(slices):
        return None
    by_name = sorted(range(len(slices)), key=lambda z: file_order(slices[z]))
    order = sorted(range(len(masks)), key=lambda i: file_order(masks[i]))
    found = [0] * len(masks)
    for z, i in zip(by_name, order, strict=True):
        found[i] = z
    return found
