"""From stored values to values that mean something, larger is whiter.

The chain of DICOM PS3.4 N.2: modality LUT, VOI LUT, presentation. Only curves are applied of the
second step: a linear window clips, and where it clips tells one device from another.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing

from trainer.imaging.dicom.decoded import Frames
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.dicom.header import item, number, text

Curve = Callable[[NDArray[Any]], Frames]


def curve_of(ds: Dataset, name: str) -> Curve:
    """Return the function that turns one stored frame into whiteness.

    Raises
    ------
    IntakeError
        When the rescale slope is no number or 0, the intercept no number, or a LUT is broken.
    """
    slope, intercept = _rescale(ds, name)
    light = text(ds, "PhotometricInterpretation") == "MONOCHROME1"
    light ^= text(ds, "PresentationLUTShape") == "INVERSE" and not light
    padding = _padding(ds)
    rescale_lut = item(ds, "ModalityLUTSequence") is not None
    voi_lut = item(ds, "VOILUTSequence") is not None
    sigmoid = text(ds, "VOILUTFunction") == "SIGMOID" and number(ds, "WindowWidth", 0) > 0

    def curve(raw: NDArray[Any]) -> Frames:
        stored = raw if raw.dtype.kind == "f" else _stored(ds, raw)
        padded = None
        if padding is not None:
            padded = (stored >= padding[0]) & (stored <= padding[1])
        if rescale_lut:
            stored = apply_modality_lut(stored, ds)
        elif slope != 1 or intercept != 0:
            stored = stored.astype(np.float64) * slope + intercept
        if voi_lut:
            stored = apply_voi(stored, ds, 0)
        elif sigmoid:
            stored = apply_windowing(stored, ds, 0)
        values: Frames = stored.astype(np.float32)
        return _finish(values, padded, light, name)

    return curve


def _finish(values: Frames, padded: NDArray[np.bool_] | None, light: bool, name: str) -> Frames:
    """Turn light to dark where the file asks for it; fill padding and what is no number."""
    bad = ~np.isfinite(values)
    if padded is not None:
        bad |= padded
    good = values[~bad] if bad.any() else values
    if good.size == 0:
        raise IntakeError(
            name, "not one of its pixels is a number outside the padding", "leave it out"
        )
    low, high = float(good.min()), float(good.max())
    if light:
        values = (low + high) - values
    if bad.any():
        values = np.where(bad, np.float32(low), values)
    return values


def _rescale(ds: Dataset, name: str) -> tuple[float, float]:
    slope, intercept = number(ds, "RescaleSlope", 1.0), number(ds, "RescaleIntercept", 0.0)
    for word, value in (("RescaleSlope", slope), ("RescaleIntercept", intercept)):
        if not math.isfinite(value):
            raise IntakeError(
                name, f"its {word} is not a number", "export it again from its source"
            )
    if slope == 0:
        raise IntakeError(
            name, "its RescaleSlope is 0: every pixel would be the same", "export it again"
        )
    return slope, intercept


def _padding(ds: Dataset) -> tuple[float, float] | None:
    """Return the range of stored values that are padding (PS3.3 C.7.5.1.1.2)."""
    first = number(ds, "PixelPaddingValue", math.nan)
    if not math.isfinite(first):
        return None
    last = number(ds, "PixelPaddingRangeLimit", first)
    return min(first, last), max(first, last)


def _stored(ds: Dataset, raw: NDArray[Any]) -> NDArray[Any]:
    """Drop overlay bits above or below the stored bits; keep the sign (PS3.5 8.1.1)."""
    allocated = int(number(ds, "BitsAllocated", 16))
    bits = int(number(ds, "BitsStored", allocated))
    if ds.file_meta.TransferSyntaxUID.is_encapsulated or not 1 < bits < allocated <= 32:
        return raw
    high = int(number(ds, "HighBit", bits - 1))
    shift = high + 1 - bits
    if not 0 <= shift <= allocated - bits:
        shift = 0
    values = raw.astype(np.int64) >> shift
    values &= (1 << bits) - 1
    if number(ds, "PixelRepresentation", 0) == 1:
        sign = 1 << (bits - 1)
        values = (values ^ sign) - sign
    return values
