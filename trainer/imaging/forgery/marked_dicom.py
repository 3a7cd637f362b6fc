"""A DICOM file with forged pixels that says so in its header."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.contract import ForgeryError, Report

Make = Callable[[Pixels], tuple[Pixels, Mask, Report]]

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
    ds = _opened(data)
    stored = _stored(ds)
    low = min(0, int(stored.min()))
    lifted = (stored.astype(np.int64) - low).astype(np.uint16)
    dark_is_bright = ds.get("PhotometricInterpretation") == "MONOCHROME1"
    top = np.uint16(lifted.max())
    pixels, mask, report = make(top - lifted if dark_is_bright else lifted)
    if dark_is_bright:
        pixels = top - pixels
    _put_back(ds, (pixels.astype(np.int64) + low).astype(stored.dtype))
    _mark(ds, mark, word, stem)
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue(), mask, report


def _opened(data: bytes) -> FileDataset:
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
        stored = np.asarray(ds.pixel_array)
    except Exception as fault:  # decoders raise whatever they like
        raise ForgeryError(f"the DICOM pixels cannot be decoded ({fault})") from fault
    if stored.dtype.itemsize > 2 or stored.dtype.kind not in "iu":
        raise ForgeryError(f"the DICOM pixels are {stored.dtype}; only 8 to 16 bits can be forged")
    return stored


def _put_back(ds: FileDataset, stored: NDArray[Any]) -> None:
    raw = stored.astype(stored.dtype.newbyteorder("<"), copy=False).tobytes()
    ds.PixelData = raw + b"\x00" * (len(raw) % 2)
    ds["PixelData"].VR = "OW" if stored.dtype.itemsize == 2 else "OB"
    ds["PixelData"].is_undefined_length = False
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian


def _mark(ds: FileDataset, mark: str, word: str, stem: str) -> None:
    kind = list(ds.get("ImageType", None) or [])
    ds.ImageType = ["DERIVED", "SECONDARY", *kind[2:]]
    ds.DerivationDescription = mark[:1024]
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
        setattr(ds, keyword, generate_uid(entropy_srcs=[stem, keyword, "telltale forgery"]))
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
