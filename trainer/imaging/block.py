"""The block: what the browser gets for one slice. The same in kind and size for every case.

Layout, little-endian, 64 bytes of header and then the pixels row by row::

    0  magic      4s   b"TTB1"
    4  header     u32  64
    8  columns    u32
    12 rows       u32
    16 slope      f32  stored value -> modality value (PS3.3 C.11.1)
    20 intercept  f32
    24 centre     f32  default window, in modality values (PS3.3 C.11.2)
    28 width      f32
    32 row_mm     f32  spacing between rows
    36 column_mm  f32  spacing between columns
    40 reserved   24 bytes of zero
    64 pixels     u16 x rows x columns
       padding    zeros up to the sitting's size

A compressed length tells how smooth an image is, so a block is never compressed; a length tells
which image it is, so every block of a sitting is padded to one length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from trainer.core.words import Modality
from trainer.imaging.film import Film, FilmError, Pixels

MAGIC = b"TTB1"
HEADER_BYTES = 64
_HEADER = struct.Struct("<4sIIIffffff24x")

# The default window spans these quantiles of the film, for every film alike.
WINDOW_QUANTILES = (0.005, 0.995)


@dataclass(frozen=True, slots=True)
class Window:
    """A linear window in modality values: DICOM PS3.3 C.11.2.1.2."""

    centre: float
    width: float


LUNG, SOFT_TISSUE = Window(-600, 1500), Window(40, 400)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a block: shape, scale, default window and spacing, as laid out above."""

    columns: int
    rows: int
    slope: float
    intercept: float
    centre: float
    width: float
    row_mm: float
    column_mm: float

    @classmethod
    def of(cls, block: bytes) -> Head:
        """Read the head of a block; raise :class:`FilmError` where it is none."""
        if len(block) < HEADER_BYTES or block[:4] != MAGIC:
            raise FilmError("not a pixel block: it does not begin with TTB1")
        return cls(*_HEADER.unpack_from(block)[2:])


def default_window(film: Film) -> Window:
    """Return the window a film opens with, computed the same way for every film.

    Parameters
    ----------
    film : Film
        One film or a stack; a stack has one window for all its slices.

    Returns
    -------
    Window
        Spans the 0.5 and 99.5 percentiles in modality values; never narrower than 1. Hounsfield
        units mean the same in every series, so CT opens as it is read: the chest in the lung
        window, the rest in that of soft tissue. A window made from the pixels would differ between
        twins.
    """
    if film.modality is Modality.CT:
        return LUNG if film.region == "chest" else SOFT_TISSUE
    low, high = np.quantile(film.pixels, WINDOW_QUANTILES)
    low, high = (float(v) * film.slope + film.intercept for v in (low, high))
    return Window(centre=(low + high) / 2, width=max(abs(high - low), 1.0))


def encode(film: Film, index: int = 0, window: Window | None = None) -> bytes:
    """Return the block of one slice, unpadded.

    Parameters
    ----------
    film : Film
        The film or stack.
    index : int
        Which slice, from 0; 0 for a radiograph.
    window : Window, optional
        The window to open with; :func:`default_window` where none is given.

    Raises
    ------
    FilmError
        When there is no such slice.
    """
    slices = film.pixels[None] if film.pixels.ndim == 2 else film.pixels
    if not 0 <= index < slices.shape[0]:
        raise FilmError(f"no slice {index}: the film has {slices.shape[0]}")
    window = window or default_window(film)
    rows, columns = slices.shape[1:]
    header = _HEADER.pack(
        MAGIC,
        HEADER_BYTES,
        columns,
        rows,
        film.slope,
        film.intercept,
        window.centre,
        window.width,
        *film.spacing_mm,
    )
    pixels: bytes = slices[index].astype("<u2", copy=False).tobytes()
    return header + pixels


def decode(block: bytes) -> tuple[Pixels, Window]:
    """Return the pixels and the default window of a block; the inverse of :func:`encode`.

    Raises
    ------
    FilmError
        When the block is cut short or is no block.
    """
    if len(block) < HEADER_BYTES or block[:4] != MAGIC:
        raise FilmError("not a pixel block: it does not begin with TTB1")
    _, start, columns, rows, _, _, centre, width, _, _ = _HEADER.unpack_from(block)
    wanted = start + rows * columns * 2
    if len(block) < wanted:
        raise FilmError(f"the pixel block is cut short: {len(block)} of {wanted} bytes")
    pixels = np.frombuffer(block, "<u2", rows * columns, start).reshape(rows, columns)
    return pixels.astype(np.uint16), Window(centre, width)
