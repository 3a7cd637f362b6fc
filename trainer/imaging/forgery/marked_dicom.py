"""A DICOM file with forged pixels that says so in its header."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import generate_frames
from pydicom.errors import InvalidDicomError
from pydicom.sequence import Sequence
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
    generate_uid,
)

from trainer.imaging.dicom.header import geometry_of
from trainer.imaging.dicom.jpeg12 import decode_jpeg12
from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError, Report

Make = Callable[[Pixels], tuple[Pixels, Mask, Report]]

_LOSSY = frozenset((
    JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, JPEG2000, HTJ2K,
))  # fmt: skip

# Who and where the patient was: a forgery must never be filed under a person. A full
# de-identification (PS3.15 Annex E) is the intake's work.
_EMPTIED = (
    "PatientBirthDate", "AccessionNumber", "ReferringPhysicianName",
    "StudyDate", "StudyTime",
)  # fmt: skip
_REMOVED = (
    "OtherPatientIDs", "OtherPatientIDsSequence", "OtherPatientNames", "PatientAddress",
    "PatientTelephoneNumbers", "InstitutionName", "InstitutionAddress", "OperatorsName",
    "PerformingPhysicianName", "NameOfPhysiciansReadingStudy", "RequestAttributesSequence",
    "ReferencedStudySequence", "IssuerOfPatientID", "PatientBirthTime", "StudyComments",
    "PatientComments", "StationName", "DigitalSignaturesSequence",
)  # fmt: skip


def forge_dicom(
    data: bytes, make: Make, *, mark: str, word: str, stem: str
) -> tuple[bytes, Mask, Report]:
    """Forge the pixels of a DICOM file and mark its header.

    Parameters
    ----------
    data : bytes
        A Part 10 file: one sample a pixel, 8 or 16 bits.
    make : callable
        Pixels to forged pixels, mask and report.
    mark : str
        The sentence that marks it.
    word : str
        ``FORGED`` or ``ALTERED``.
    stem : str
        The new patient ID; also what the new identifiers are made from.

    Returns
    -------
    file : bytes
        Explicit VR little endian, uncompressed; Image Type DERIVED (PS3.3 C.7.6.1.1.2), Derivation
        Description and Contributing Equipment filled in, new study, series and instance UIDs.
    mask, report
        As ``make`` gave them.

    Raises
    ------
    ForgeryError
        When the file cannot be read, has no pixels, or is coloured.
    """
    ds, stored = opened(data)
    _check_spacing(ds, stored.shape)
    forged, mask, report = forge_stored(stored, padded(ds, stored), make, inverted=is_inverted(ds))
    return marked(ds, forged, mark, word, stem), mask, report


def opened(data: bytes) -> tuple[FileDataset, NDArray[Any]]:
    """Return a grey DICOM file and its stored pixels; ForgeryError where it cannot be forged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom tells of faults we judge ourselves
        ds = _header(data)
        return ds, _stored(ds)


def is_inverted(ds: Dataset) -> bool:
    """Return whether larger numbers are darker."""
    return bool(ds.get("PhotometricInterpretation") == "MONOCHROME1")


def forge_stored(
    stored: NDArray[Any], padding: Mask | None, make: Make, *, inverted: bool
) -> tuple[NDArray[Any], Mask, Report]:
    """Forge stored pixels of any integer kind; padding stays padding.

    Parameters
    ----------
    stored : ndarray of 8- or 16-bit integers
        ``(rows, columns)`` or ``(slices, rows, columns)``.
    padding : ndarray of bool or None
        Where nothing is shown; None where everything is.
    make : callable
        As for :func:`forge_dicom`.
    inverted : bool
        Whether larger numbers are darker.

    Returns
    -------
    forged, mask, report
        ``forged`` has the type of ``stored``.

    Raises
    ------
    ForgeryError
        When all of it is padding, or ``make`` refuses.
    """
    shown = stored if padding is None else stored[~padding]
    if not shown.size:
        raise ForgeryError("every pixel of the DICOM image is padding; choose one that shows more")
    low, high = int(shown.min()), int(shown.max())
    lifted = np.clip(stored.astype(np.int64) - low, 0, high - low).astype(np.uint16)
    top = np.uint16(high - low)
    if padding is not None:  # padding stands for nothing: let it be as dark as what is darkest
        lifted[padding] = top if inverted else 0
    pixels, mask, report = make(top - lifted if inverted else lifted)
    if inverted:
        pixels = top - pixels
    forged = (pixels.astype(np.int64) + low).astype(stored.dtype)
    if padding is not None:
        forged[padding] = stored[padding]
        mask = mask & ~padding
    return forged, mask, report


def marked(
    ds: FileDataset, forged: NDArray[Any], mark: str, word: str, stem: str, number: int = 0
) -> bytes:
    """Return the file with forged pixels, marked; ``number`` tells slices of a series apart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that the source itself got wrong
        _put_back(ds, forged)
        _mark(ds, mark, word, stem, number)
        return _written(ds)


def _header(data: bytes) -> FileDataset:
    try:
        ds = pydicom.dcmread(io.BytesIO(data))
    except (InvalidDicomError, OSError, ValueError, KeyError, EOFError) as fault:
        raise ForgeryError(f"the DICOM file cannot be read ({fault}); export it anew") from fault
    if "PixelData" not in ds:
        raise ForgeryError("the DICOM file holds no image; choose one with pixels")
    if ds.get("SamplesPerPixel", 1) != 1:
        raise ForgeryError("the DICOM image is coloured; only grey images can be forged")
    if not str(ds.get("PhotometricInterpretation", "")).startswith("MONOCHROME"):
        raise ForgeryError(
            f"the DICOM image is {ds.get('PhotometricInterpretation', 'of unknown kind')}; only "
            "MONOCHROME1 and MONOCHROME2 can be forged"
        )
    return ds


def _stored(ds: FileDataset) -> NDArray[Any]:
    try:
        stored = np.asarray(_twelve_bits(ds) if _is_twelve_bits(ds) else ds.pixel_array)
    except Exception as fault:  # decoders raise whatever they like
        raise ForgeryError(f"the DICOM pixels cannot be decoded ({fault})") from fault
    if stored.dtype.itemsize > 2 or stored.dtype.kind not in "iu":
        raise ForgeryError(f"the DICOM pixels are {stored.dtype}; only 8 to 16 bits can be forged")
    return stored


def _is_twelve_bits(ds: FileDataset) -> bool:
    return ds.file_meta.TransferSyntaxUID == JPEGExtended12Bit and ds.BitsStored > 8


def _twelve_bits(ds: FileDataset) -> NDArray[Any]:
    """Return the pixels of 12-bit JPEG, which pydicom's decoders decline."""
    count = int(ds.get("NumberOfFrames", 1) or 1)
    signed = ds.PixelRepresentation == 1
    frames = [
        decode_jpeg12(frame, ds.Rows, ds.Columns, int(ds.BitsStored), signed)
        for frame in generate_frames(ds.PixelData, number_of_frames=count)
    ]
    return np.stack(frames) if count > 1 else frames[0]


def padded(ds: FileDataset, stored: NDArray[Any]) -> Mask | None:
    """Return which pixels are padding (PS3.3 C.7.5.1.1.2), None where none are."""
    value = ds.get("PixelPaddingValue")
    if value is None:
        return None
    limit = ds.get("PixelPaddingRangeLimit")
    bits = 8 * stored.dtype.itemsize
    ends = sorted(_as_stored(int(v), bits, stored.dtype.kind) for v in (value, limit or value))
    found: Mask = (stored >= ends[0]) & (stored <= ends[1])
    return found if found.any() else None


def _as_stored(value: int, bits: int, kind: str) -> int:
    """Return a padding value with the sign of the pixels; writers are free with its VR."""
    value %= 1 << bits
    return value - (1 << bits) if kind == "i" and value >= 1 << (bits - 1) else value


def _check_spacing(ds: FileDataset, shape: tuple[int, ...]) -> None:
    """Refuse frames that are not evenly spaced."""
    if len(shape) != 3:
        return
    _, placed = geometry_of(ds, shape[0])
    if placed:
        Anatomy(slice_mm=tuple(one.along for one in placed)).checked(shape)


def _put_back(ds: FileDataset, stored: NDArray[Any]) -> None:
    raw = stored.astype(stored.dtype.newbyteorder("<"), copy=False).tobytes()
    ds.PixelData = raw + b"\x00" * (len(raw) % 2)
    ds["PixelData"].VR = "OW" if stored.dtype.itemsize == 2 else "OB"
    ds["PixelData"].is_undefined_length = False
    # What was lost stays lost, and must be said (C.7.6.1.1.5), whoever forgot to.
    if ds.file_meta.TransferSyntaxUID in _LOSSY:
        ds.LossyImageCompression = "01"
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def _written(ds: FileDataset) -> bytes:
    """Return the file, in little endian whatever it was."""
    # Some archives leave what belongs to a message or to the file's head among the image's own.
    for tag in [tag for tag in ds.keys() if tag.group in (0, 2)]:  # noqa: SIM118
        del ds[tag]
    if ds.original_encoding[1] is False:

        def swap(_: Dataset, element: DataElement) -> None:
            if (
                element.VR == "OW"
                and element.tag != 0x7FE00010
                and isinstance(element.value, bytes)
            ):
                element.value = np.frombuffer(element.value, ">u2").astype("<u2").tobytes()

        ds.walk(swap)
    out = io.BytesIO()
    # save_as would refuse a big-endian source; its raw words were turned round above
    pydicom.dcmwrite(out, ds, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return out.getvalue()


def _mark(ds: FileDataset, mark: str, word: str, stem: str, number: int) -> None:
    kind = list(ds.get("ImageType", None) or [])
    ds.ImageType = ["DERIVED", "SECONDARY", *kind[2:]]
    before = str(ds.get("DerivationDescription", "") or "")
    ds.DerivationDescription = (f"{mark} Before that: {before}" if before else mark)[:1024]
    ds.ImageComments = mark[:10240]
    ds.SeriesDescription = f"{word} FOR TEACHING"
    ds.StudyID = word
    ds.PatientName = f"{word}^TEACHING"
    ds.PatientID = stem
    for keyword in _EMPTIED:
        setattr(ds, keyword, "")
    for keyword in _REMOVED:
        if keyword in ds:
            delattr(ds, keyword)
    ds.remove_private_tags()
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        told = [f"{keyword} {number}" if number and keyword == "SOPInstanceUID" else keyword]
        setattr(ds, keyword, generate_uid(entropy_srcs=[stem, *told, "telltale forgery"]))
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    purpose = Dataset()
    purpose.CodeValue = "109103"  # PS3.16 CID 7005
    purpose.CodingSchemeDesignator = "DCM"
    purpose.CodeMeaning = "Modifying Equipment"
    equipment = Dataset()
    equipment.PurposeOfReferenceCodeSequence = Sequence([purpose])
    equipment.Manufacturer = "Telltale"
    equipment.ContributionDescription = mark[:1024]
    ds.ContributingEquipmentSequence = Sequence(
        [*(ds.get("ContributingEquipmentSequence", None) or []), equipment]
    )
