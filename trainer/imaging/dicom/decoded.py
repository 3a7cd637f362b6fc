"""A decoded file: its pixels as numbers, and what is privately known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Pixels of all frames of one file together. A 35-megapixel mammogram or 240 CT slices fit; the
#: decoded numbers stay below 256 MiB.
MOST_PIXELS = 64_000_000
#: Pixels of a CT stack whose slices lie in files of their own: 600 slices of 512 x 512 and a little
#: more. Such a stack is read slice by slice and held as 16-bit numbers, 320 MiB.
MOST_STACK_PIXELS = 160_000_000
#: Packed numbers: fifteenths of a Hounsfield unit above the lowest, so whole units stay exact.
PACKED_STEP, PACKED_LOWEST, PACKED_HIGHEST = 15, -1024.0, 3071.0

Frames = NDArray[np.float32]

# ITU-R BT.601: what Pillow and the DICOM YBR_FULL definition (PS3.3 C.7.6.3.1.2) use for Y.
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The pixels of one file, before anything is done to make films alike.

    Parameters
    ----------
    pixels : ndarray of float32
        ``(frames, rows, columns)``; larger is whiter. Modality values (Hounsfield units for CT)
        where the file states them, else stored values. 32-bit sources lose what a float cannot
        hold (above 24 bits). Where ``packed``: uint16, to be read by :meth:`frame`.
    bits : int
        Significant bits of the source, 1 to 32.
    modality : str
        As the file states it (``CR``, ``CT``, ``SEG``); empty for a raster.
    spacing_mm : tuple of float, optional
        Between rows and between columns, where the file states it.
    slice_mm : tuple of float
        Position of each frame along the normal; empty where the file does not state it. The
        normal points to the head, the back or the left, whichever is nearest.
    shift_mm : tuple of (float, float)
        For each of these frames, where its first pixel lies along the rows and along the columns.
        It is the same for all frames of an upright stack; where the gantry was tilted it drifts.
    plane : str
        ``axial``, ``coronal``, ``sagittal`` or ``oblique``; empty where the file does not say.
    patient, series, instance : str
        Identifiers as they stand in the file. For grouping alone: the caller hashes them with a
        key and forgets them.
    facts : dict
        Private technical facts for the shortcut audit and the provenance lesson, JSON alone.
        Holds no identifier.
    holds : tuple of str
        Reasons why a person must look before it is published (burned-in text, a face).
    packed : bool
        The pixels of a large CT stack, made by :func:`pack`.
    """

    pixels: Frames
    bits: int
    modality: str = ""
    spacing_mm: tuple[float, float] | None = None
    slice_mm: tuple[float, ...] = ()
    shift_mm: tuple[tuple[float, float], ...] = ()
    plane: str = ""
    patient: str = ""
    series: str = ""
    instance: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    packed: bool = False

    def frame(self, index: int) -> Frames:
        """Return one frame as numbers, ``(rows, columns)``."""
        one = self.pixels[index]
        return unpack(one) if self.packed else one


def pack(values: Frames) -> NDArray[np.uint16]:
    """Return Hounsfield units as 16-bit numbers; what no CT film can show is clipped."""
    kept = np.clip(values, PACKED_LOWEST, PACKED_HIGHEST) - np.float32(PACKED_LOWEST)
    return np.asarray(np.rint(kept * np.float32(PACKED_STEP)), np.uint16)


def unpack(values: NDArray[Any]) -> Frames:
    """Return the Hounsfield units that :func:`pack` was given, to a thirtieth of a unit."""
    return np.asarray(values / np.float32(PACKED_STEP) + np.float32(PACKED_LOWEST), np.float32)


def luminance(rgb: NDArray[Any]) -> tuple[Frames, float]:
    """Return the luminance of a colour frame and how strongly it is coloured.

    Parameters
    ----------
    rgb : ndarray
        ``(rows, columns, 3)``, any numeric type.

    Returns
    -------
    grey : ndarray of float32
        ``(rows, columns)``, in the units of ``rgb``.
    cast : float
        Mean absolute difference of red and blue, as a part of the largest value: 0 is grey.
    """
    red, green, blue = (rgb[..., i].astype(np.float32) for i in range(3))
    top = max(float(rgb.max(initial=0)), 1.0)
    cast = float(np.mean(np.abs(red - blue))) / top
    return LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue, cast
