"""A film as a picture for a page: 8 bits, through its default window. To read by, not to call."""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from trainer.imaging.block import decode

# Raised whenever the same block would give another picture.
VERSION = "1"
#: A whole film is never sent larger than this; a crop of that size keeps every pixel.
LONGEST = 1400
#: Longer side of a thumbnail, and the version of how it is made.
THUMBNAIL = 256
THUMBNAIL_VERSION = "1"

Box = tuple[int, int, int, int]


def box_of(crop: tuple[float, float, float, float] | None, columns: int, rows: int) -> Box:
    """Return a crop in whole native pixels.

    Parameters
    ----------
    crop : tuple of float or None
        Left, top, width, height as shares of the film, 0 to 1; None is the whole film.
    columns, rows : int
        Of the film.

    Returns
    -------
    tuple of int
        Left, top, width, height; inside the film, at least one pixel a side.
    """
    if crop is None:
        return 0, 0, columns, rows
    left = min(round(crop[0] * columns), columns - 1)
    top = min(round(crop[1] * rows), rows - 1)
    width = max(1, min(round(crop[2] * columns), columns - left))
    height = max(1, min(round(crop[3] * rows), rows - top))
    return left, top, width, height


def grey(block: bytes) -> NDArray[np.uint8]:
    """Return a block's pixels through its default window, DICOM PS3.3 C.11.2.1.2.1 (LINEAR).

    Parameters
    ----------
    block : bytes
        As :func:`trainer.imaging.block.encode` makes it.

    Returns
    -------
    ndarray of uint8, shape (rows, columns)
        0 is black, 255 white.
    """
    pixels, window = decode(block)
    slope, intercept = struct.unpack_from("<ff", block, 16)
    value = pixels.astype(np.float32) * slope + intercept
    width = max(window.width, 1.0 + 1e-6)  # the standard asks for 1 or more; 1 is a threshold
    shade = ((value - (window.centre - 0.5)) / (width - 1.0) + 0.5) * 255.0
    shown: NDArray[np.uint8] = np.clip(np.rint(shade), 0, 255).astype(np.uint8)
    return shown


def png(block: bytes, crop: tuple[float, float, float, float] | None = None) -> bytes:
    """Return a film or a crop of it as an 8-bit PNG without any other chunk.

    Parameters
    ----------
    block : bytes
        The film.
    crop : tuple of float, optional
        Left, top, width, height as shares of the film.

    Returns
    -------
    bytes
        The PNG; its longer side is at most :data:`LONGEST`, shrunk by area so that grain does not
        alias.
    """
    shades = grey(block)
    left, top, width, height = box_of(crop, shades.shape[1], shades.shape[0])
    picture = Image.fromarray(shades[top : top + height, left : left + width])
    scale = LONGEST / max(width, height)
    if scale < 1:
        picture = picture.resize(
            (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX
        )
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def thumbnail(block: bytes, longest: int = THUMBNAIL) -> bytes:
    """Return a small picture of a film as an 8-bit PNG, for a contact sheet.

    Parameters
    ----------
    block : bytes
        The film.
    longest : int
        Of its longer side in pixels; a smaller film keeps its size.
    """
    pixels, window = decode(block)
    slope, intercept = struct.unpack_from("<ff", block, 16)
    picture = Image.fromarray(pixels.astype(np.float32), mode="F")
    scale = longest / max(pixels.shape)
    if scale < 1:  # made small before the window is applied: a tenth of the work
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        picture = picture.resize(size, Image.Resampling.BOX)
    value = np.asarray(picture) * slope + intercept
    shade = (value - window.centre) / max(window.width, 1.0) * 255.0 + 127.5
    out = io.BytesIO()
    Image.fromarray(np.clip(np.rint(shade), 0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()
