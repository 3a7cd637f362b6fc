"""Pictures of a preview: a film before and after, and where it was changed."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from scipy.ndimage import binary_dilation, binary_erosion

from trainer.imaging import block, picture
from trainer.imaging.film import Film, Mask, Pixels

#: Of the line round a change: amber, as in the reading room.
LINE = (240, 179, 90, 255)


def widest_slice(mask: Mask) -> int:
    """Return the slice in which most was changed; 0 for a film.

    Parameters
    ----------
    mask : ndarray of bool
        ``(rows, columns)`` or ``(slices, rows, columns)``.
    """
    return 0 if mask.ndim == 2 else int(np.argmax(mask.sum(axis=(1, 2))))


def plane_png(pixels: Pixels, authentic: Pixels, index: int, film: Film) -> bytes:
    """Return one slice as an 8-bit PNG, through the window of the authentic film.

    Parameters
    ----------
    pixels, authentic : ndarray of uint16
        The film to show and the one whose window is taken, of one shape: otherwise a change would
        be seen as a change of brightness.
    index : int
        Which slice; 0 for a film.
    film : Film
        The full film, for what its values mean.
    """
    planes = [p if p.ndim == 2 else p[index] for p in (pixels, authentic)]
    shown, own = (
        Film(p, (1.0, 1.0), film.modality, film.region, film.view, film.slope, film.intercept)
        for p in planes
    )
    return picture.png(block.encode(shown, 0, block.default_window(own)))


def outline_png(mask: Mask, index: int) -> bytes:
    """Return the line round the changed parts of a slice, on nothing, as a PNG.

    A change that is everywhere has no line.
    """
    plane = mask if mask.ndim == 2 else mask[index]
    line = binary_dilation(plane) & ~binary_erosion(plane, border_value=1)
    if plane.all():
        line = np.zeros_like(plane)
    pixels = np.zeros((*plane.shape, 4), np.uint8)
    pixels[line] = LINE
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()
