"""A film: the pixels a reader is shown, and what every room may know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Modality

Pixels = NDArray[np.uint16]
Mask = NDArray[np.bool_]

SMALLEST_SIDE = 64
LARGEST_SIDE = 16_384


class FilmError(ValueError):
    """An image that cannot be a film; the message says what was wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Film:
    """One radiograph or one stack of slices, ready to be shown.

    Parameters
    ----------
    pixels : ndarray of uint16
        ``(rows, columns)`` for a radiograph, ``(slices, rows, columns)`` for a stack. Larger is
        whiter (MONOCHROME2). Signed sources are stored with ``intercept``.
    spacing_mm : tuple of float
        Distance between the centres of neighbouring rows and of neighbouring columns, > 0.
    modality : Modality
        The kind of acquisition.
    region, view : str
        Lower-case words of the field: ``chest``, ``hand``, ``knee``; ``pa``, ``ap``, ``lateral``.
    slope, intercept : float
        Stored value to modality value (Hounsfield units for CT): DICOM PS3.3 C.11.1.
    slice_mm : tuple of float
        Position of each slice along the stack's normal, strictly monotonic; empty for one film.
    placed : bool
        False where the source says nothing of where its slices lie: ``slice_mm`` then only counts
        them.
    """

    pixels: Pixels
    spacing_mm: tuple[float, float]
    modality: Modality = Modality.XR
    region: str = ""
    view: str = ""
    slope: float = 1.0
    intercept: float = 0.0
    slice_mm: tuple[float, ...] = ()
    placed: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be shown: wrong type, shape, spacing."""
        if self.pixels.dtype != np.uint16 or self.pixels.ndim not in (2, 3):
            raise FilmError(
                f"a film is uint16 with 2 or 3 dimensions, this is {self.pixels.dtype} "
                f"with {self.pixels.ndim}"
            )
        rows, columns = self.pixels.shape[-2:]
        if not (min(rows, columns) >= SMALLEST_SIDE and max(rows, columns) <= LARGEST_SIDE):
            raise FilmError(
                f"a film has between {SMALLEST_SIDE} and {LARGEST_SIDE} pixels a side, "
                f"this has {columns} x {rows}"
            )
        if min(self.spacing_mm) <= 0 or not np.all(np.isfinite(self.spacing_mm)):
            raise FilmError(f"pixel spacing must be above 0 mm, this is {self.spacing_mm}")
        if self.pixels.ndim == 3 and len(self.slice_mm) != self.pixels.shape[0]:
            raise FilmError(
                f"a stack names the position of each slice: {self.pixels.shape[0]} slices, "
                f"{len(self.slice_mm)} positions"
            )

    def with_pixels(self, pixels: Pixels) -> Film:
        """Return the same film with other pixels of the same shape."""
        if pixels.shape != self.pixels.shape:
            raise FilmError(f"shape {pixels.shape} is not the film's {self.pixels.shape}")
        return replace(self, pixels=pixels)
