"""JPEG Extended with 12 bits (PS3.5 8.2.1, Process 2 and 4), by GDCM directly.

Computed radiography is often kept so. pydicom's own GDCM plug-in declines these frames and the
other decoder for them is under the GPL; GDCM's result equals libjpeg-turbo's bit for bit on the
three files we have.
"""

from __future__ import annotations

from typing import Any

import gdcm
import numpy as np
from numpy.typing import NDArray


def decode_jpeg12(frame: bytes, rows: int, columns: int, bits: int, signed: bool) -> NDArray[Any]:
    """Decode one single-sample frame.

    Parameters
    ----------
    frame : bytes
        One JPEG stream.
    rows, columns : int
        What the header says; a stream of other size is refused.
    bits : int
        9 to 16.
    signed : bool
        Pixel Representation is 1.

    Raises
    ------
    ValueError
        When the stream cannot be decoded to that many pixels.
    """
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(
        gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2)
    )
    image.SetTransferSyntax(
        gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType("1.2.840.10008.1.2.4.51"))
    )
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, bits, bits - 1, int(signed)))
    decoded = image.GetBuffer().encode("utf-8", "surrogateescape")  # GDCM gives bytes as text
    if len(decoded) != rows * columns * 2:
        raise ValueError(f"the JPEG stream holds {len(decoded)} bytes, not {rows * columns * 2}")
    kind = np.dtype("<i2") if signed else np.dtype("<u2")
    return np.frombuffer(decoded, kind).reshape(rows, columns)
