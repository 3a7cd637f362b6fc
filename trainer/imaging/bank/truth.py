"""Where an image was altered: a mask or outlines, carried from the source to the film."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.draw import polygon2mask

from trainer.imaging.bank.normalise import Prepared
from trainer.imaging.film import Mask


def film_mask(source: NDArray[np.float32], prepared: Prepared) -> Mask:
    """Bring a mask of the source to its film.

    Parameters
    ----------
    source : ndarray
        ``(rows, columns)`` of the source image; above 0 where it was altered.
    prepared : Prepared
        The film and the part of the source it shows.

    Returns
    -------
    ndarray of bool
        ``(rows, columns)`` of the film: where at least half of a pixel was altered.
    """
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
    """
    rows, columns = prepared.film.pixels.shape[-2:]
    mask = np.zeros((rows, columns), np.bool_)
    for outline in outlines:
        corners = [prepared.point(x, y)[::-1] for x, y in outline]
        mask |= polygon2mask((rows, columns), corners)  # type: ignore[no-untyped-call]
    return mask
