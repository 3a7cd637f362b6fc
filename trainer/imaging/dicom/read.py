"""Read one DICOM file: bytes in, numbers and private facts out, or a reason.

Meant to run in the worker (:mod:`trainer.imaging.bank.worker`): a codec that is fed a hostile
file may crash or eat memory, whatever is checked here first.
"""

from __future__ import annotations

import io
import math
import warnings
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGExtended12Bit,
)

from trainer.imaging.dicom import tone
from trainer.imaging.dicom.decoded import MOST_PIXELS, Decoded, Frames, luminance
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.dicom.header import facts_of, geometry_of, holds_of, number, text
from trainer.imaging.dicom.jpeg12 import decode_jpeg12

#: What a file that holds no image is, by its Modality or SOP class, in words.
NOT_IMAGES = {
    "SR": "a structured report",
    "RTPLAN": "a radiotherapy plan",
    "RTSTRUCT": "a set of radiotherapy contours",
    "RTDOSE": "a radiotherapy dose map",
    "SEG": "a segmentation",
    "ECG": "an electrocardiogram",
    "PR": "a presentation state",
    "KO": "a key object selection",
    "DOC": "an embedded document",
}

_SEND_IMAGE = "leave it out, or give the image it belongs to"
_EXPORT_AGAIN = "export it again from its source"


def read_dicom(data: bytes, name: str) -> Decoded:
    """Decode one DICOM file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it.

    Returns
    -------
    Decoded
        MONOCHROME1 inverted (PS3.3 C.7.6.3.1.2), modality LUT applied (C.11.1), a VOI LUT that
        is a curve applied (C.11.2; a linear window would clip, and is kept as a fact), colour as
        luminance, padding (C.7.5.1.1.2) set to the darkest value.

    Raises
    ------
    IntakeError
        For anything else than a whole image of at most :data:`MOST_PIXELS` pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom tells of faults we judge ourselves
        return _read(data, name)


def _read(data: bytes, name: str) -> Decoded:
    ds = _parse(data, name)
    try:
        _check(ds, name)
        frames, cast = _frames(ds, name)
        spacing, positions = geometry_of(ds, frames.shape[0])
        facts = facts_of(ds) | {"bytes": len(data), "colour_cast": cast}
        return Decoded(
            pixels=frames,
            bits=_bits(ds),
            modality=text(ds, "Modality"),
            spacing_mm=spacing,
            slice_mm=tuple(one.along for one in positions),
            shift_mm=tuple(one.shift for one in positions),
            plane=positions[0].plane if len({one.plane for one in positions}) == 1 else "",
            patient=text(ds, "PatientID") or text(ds, "PatientName"),
            series=text(ds, "SeriesInstanceUID"),
            instance=text(ds, "SOPInstanceUID"),
            facts=facts,
            holds=holds_of(ds),
        )
    except (IntakeError, MemoryError):
        raise
    except Exception as fault:  # pydicom raises what it meets: the header is the file's own
        raise IntakeError(
            name, f"its header or pixels cannot be read ({_said(fault)})", _EXPORT_AGAIN
        ) from fault


def _said(fault: BaseException) -> str:
    words = " ".join(str(fault).split()) or type(fault).__name__
    return words if len(words) <= 160 else words[:157] + "..."


def _parse(data: bytes, name: str) -> FileDataset:
    """Parse the header; a file without preamble or transfer syntax is taken as what it looks."""
    try:
        ds = pydicom.dcmread(io.BytesIO(data), force=True)
        if "DirectoryRecordSequence" in ds:
            raise IntakeError(
                name,
                "it is a DICOMDIR, a table of contents",
                "import the folder it lies in as a DICOMDIR source",
            )
        # Walking once turns every lazily kept value into an error now instead of later.
        _ = ds.get("Rows"), ds.get("Modality")
    except (IntakeError, MemoryError):
        raise
    except RecursionError as fault:
        raise IntakeError(name, "its sequences are nested without end", _EXPORT_AGAIN) from fault
    except (zlib.error, Exception) as fault:
        raise IntakeError(
            name, f"it is no readable DICOM file ({_said(fault)})", _EXPORT_AGAIN
        ) from fault
    if len(ds) == 0:
        raise IntakeError(name, "it holds no DICOM header", "give DICOM, PNG, JPEG or TIFF")
    if not hasattr(ds, "file_meta"):
        ds.file_meta = pydicom.dataset.FileMetaDataset()
    if "TransferSyntaxUID" not in ds.file_meta:
        implicit, little = ds.original_encoding
        ds.file_meta.TransferSyntaxUID = (
            ImplicitVRLittleEndian
            if implicit
            else (ExplicitVRLittleEndian if little in (True, None) else ExplicitVRBigEndian)
        )
    return ds


def _check(ds: Dataset, name: str) -> None:
    """Refuse what is no image or claims too much, before any pixel is decoded."""
    modality = text(ds, "Modality")
    if modality in NOT_IMAGES:
        raise IntakeError(
            name, f"it is {NOT_IMAGES[modality]} ({modality}), not an image", _SEND_IMAGE
        )
    if not any(key in ds for key in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        what = f"a {modality} object" if modality else "a DICOM header"
        raise IntakeError(name, f"it is {what} without pixel data", _SEND_IMAGE)
    rows, columns = number(ds, "Rows"), number(ds, "Columns")
    frames = number(ds, "NumberOfFrames", 1) or 1
    samples = number(ds, "SamplesPerPixel", 1)
    for word, value in (("Rows", rows), ("Columns", columns), ("NumberOfFrames", frames)):
        if not (math.isfinite(value) and value >= 1 and value == int(value)):
            said = "does not state" if math.isnan(value) else f"says {value:g} for"
            raise IntakeError(name, f"its header {said} {word}", _EXPORT_AGAIN)
    if samples not in (1, 3):
        raise IntakeError(
            name,
            f"it has {samples:g} samples per pixel, an image has 1 or 3",
            _EXPORT_AGAIN,
        )
    if rows * columns * frames > MOST_PIXELS:
        raise IntakeError(
            name,
            f"it claims {columns:.0f} x {rows:.0f} pixels in {frames:.0f} frames, "
            f"{rows * columns * frames / 1e6:,.0f} megapixels; the limit is "
            f"{MOST_PIXELS / 1e6:.0f}",
            "reduce it or split it into files of fewer frames",
        )


def _bits(ds: Dataset) -> int:
    if "PixelData" not in ds:
        return 32
    return max(1, min(32, int(number(ds, "BitsStored", number(ds, "BitsAllocated", 16)))))


def _raw_frames(ds: Dataset, name: str, count: int) -> Iterator[NDArray[Any]]:
    """Yield each frame as stored or as RGB, whichever codec can decode it."""
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax == DeflatedExplicitVRLittleEndian:  # pydicom inflated the whole set on reading
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    try:
        if syntax == JPEGExtended12Bit and _bits(ds) > 8:
            signed = number(ds, "PixelRepresentation", 0) == 1
            for frame in generate_frames(ds.PixelData, number_of_frames=count):
                yield decode_jpeg12(frame, ds.Rows, ds.Columns, _bits(ds), signed)
            return
        decoder = get_decoder(ds.file_meta.TransferSyntaxUID)
        for index in range(count):  # as_array, not iter_pixels: that one corrects signs in place
            yield decoder.as_array(ds, index=index)[0]
    except MemoryError:
        raise
    except NotImplementedError as fault:
        raise IntakeError(
            name,
            f"nothing here can decode its transfer syntax ({syntax.name})",
            "export it as Explicit VR Little Endian",
        ) from fault
    except Exception as fault:
        raise IntakeError(
            name,
            f"its pixels ({syntax.name}) cannot be decoded: {_said(fault)}",
            "the file is damaged or cut short: " + _EXPORT_AGAIN,
        ) from fault


def _frames(ds: Dataset, name: str) -> tuple[Frames, float]:
    """Return all frames as numbers, larger is whiter, and the strongest colour cast."""
    count = int(number(ds, "NumberOfFrames", 1) or 1)
    rows, columns = int(ds.Rows), int(ds.Columns)
    out = np.empty((count, rows, columns), np.float32)
    curve = tone.curve_of(ds, name)
    cast = 0.0
    for seen, raw in enumerate(islice(_raw_frames(ds, name, count), count)):
        if text(ds, "PhotometricInterpretation") == "PALETTE COLOR":
            raw = apply_color_lut(raw, ds)
        if raw.ndim == 3:
            grey, one = luminance(raw)
            cast = max(cast, one)
        else:
            grey = curve(raw)
        if grey.shape != (rows, columns):
            raise IntakeError(
                name,
                f"frame {seen + 1} decodes to {grey.shape[1]} x {grey.shape[0]} pixels, "
                f"its header says {columns} x {rows}",
                _EXPORT_AGAIN,
            )
        out[seen] = grey
    return out, cast
