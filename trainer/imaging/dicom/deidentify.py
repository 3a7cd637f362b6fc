"""De-identification by DICOM PS3.15 Annex E, Basic Application Level Confidentiality Profile.

The table (Table E.1-1, edition 2026c, column "Basic Prof.") is the one dicom-anonymizer keeps; what
is done with it is ours, because that library maps UIDs at random, so that two runs do not agree,
and leaves dates in that the table removes. No option of the profile is used. Beyond the table:

* every private element goes, and every element the data dictionary does not know;
* every other date, time and person's name goes (the note to Table E.1-1 on VRs DA, DT and TM);
* every other UID that is not registered by DICOM itself is mapped;
* what still holds the patient's own name, identifier or accession number is emptied.

Pixels are not changed: burned-in text is found and held apart (:mod:`trainer.imaging.bank.text`),
so option 113101 (Clean Pixel Data) is not claimed.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import warnings
from collections.abc import Iterator
from typing import Any

import pydicom
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as table
from pydicom.datadict import dictionary_has_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from trainer.imaging.dicom.errors import IntakeError

PROFILE = "DICOM PS3.15 2026c Annex E, Basic Application Level Confidentiality Profile"
VERSION = "1"
_CODE = ("113100", "DCM", "Basic Application Confidentiality Profile")
_REGISTERED = "1.2.840.10008."

#: Where the table leaves a choice for the sake of conformance, the choice that keeps least while
#: any IOD stays readable: empty rather than dummy where type 2 will do.
ACTIONS: dict[tuple[int, int], str] = {
    **{tag: "D" for tag in table.D_TAGS},
    **{tag: "Z" for tag in table.Z_TAGS},
    **{tag: "X" for tag in table.X_TAGS if len(tag) == 2},
    **{tag: "U" for tag in table.U_TAGS},
    **{tag: "D" for tag in table.Z_D_TAGS},
    **{tag: "Z" for tag in table.X_Z_TAGS},
    **{tag: "Z" for tag in table.X_D_TAGS},
    **{tag: "Z" for tag in table.X_Z_D_TAGS},
    **{tag: "Z" for tag in table.X_Z_U_STAR_TAGS},
}
#: Repeating groups of the table: (group, element, group mask, element mask).
RANGES: tuple[tuple[int, int, int, int], ...] = tuple(t for t in table.X_TAGS if len(t) == 4)

_PATIENT_ID = BaseTag(0x00100020)
_DUMMIES: dict[str, Any] = {
    "AS": "000Y", "DA": "19000101", "DT": "19000101000000", "TM": "000000", "DS": "0", "IS": "0",
    "FL": 0.0, "FD": 0.0, "SL": 0, "SS": 0, "UL": 0, "US": 0, "SV": 0, "UV": 0, "AT": 0,
    "UR": "http://removed.invalid", "OB": b"\0\0", "OW": b"\0\0", "UN": b"\0\0",
    "PN": "REMOVED", "CS": "REMOVED",
}  # fmt: skip


def action_for(tag: BaseTag | int, vr: str = "") -> str:
    """Return what is done with an element: ``X`` remove, ``Z`` empty, ``D`` dummy, ``U`` map,
    ``K`` keep.

    Parameters
    ----------
    tag : BaseTag or int
        The element.
    vr : str
        Its value representation, which decides where the table says nothing.
    """
    tag = BaseTag(tag)
    listed = ACTIONS.get((tag.group, tag.element))
    if listed is not None:
        return listed
    if any(tag.group & m == g & m and tag.element & n == e & n for g, e, m, n in RANGES):
        return "X"
    if tag.group in (0x0000, 0x0002):  # commands and file meta have no place in a data set
        return "X"
    if tag.is_private or not dictionary_has_tag(tag):
        return "X"
    return {"DA": "X", "DT": "X", "TM": "X", "PN": "Z", "UI": "U"}.get(vr, "K")


def map_uid(uid: str, key: bytes) -> str:
    """Return the replacement of a UID: the same for the same key, and no way back without it.

    UIDs that DICOM itself registered (SOP classes, transfer syntaxes) say nothing of a patient and
    stay. The result is a UUID-derived UID (PS3.5 B.2).
    """
    if uid.startswith(_REGISTERED) or not uid:
        return uid
    digest = hmac.new(key, b"uid\0" + uid.encode(), hashlib.sha256).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def map_patient(patient: str, key: bytes) -> str:
    """Return the replacement of a patient's identifier, by keyed hash."""
    return hmac.new(key, b"patient\0" + patient.encode(), hashlib.sha256).hexdigest()[:16].upper()


def deidentify(data: bytes, key: bytes, name: str) -> tuple[bytes, dict[str, str]]:
    """De-identify one DICOM file.

    Parameters
    ----------
    data : bytes
        The whole file.
    key : bytes
        The installation's secret; UIDs and the patient's identifier follow from it, so that
        series and patients stay together within one installation and nowhere else.
    name : str
        What messages call it.

    Returns
    -------
    data : bytes
        The file with the profile applied, pixels untouched.
    record : dict
        ``profile`` and ``version``, to keep with the image.

    Raises
    ------
    IntakeError
        When the file cannot be read or written whole.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = pydicom.dcmread(io.BytesIO(data), force=True)
            clean(ds, key)
            out = io.BytesIO()
            ds.save_as(out, enforce_file_format=False)
            return out.getvalue(), {"profile": PROFILE, "version": VERSION}
        except MemoryError:
            raise
        except Exception as fault:
            said = " ".join(str(fault).split())[:160] or type(fault).__name__
            raise IntakeError(
                name,
                f"its header cannot be de-identified ({said})",
                "export it again from its source",
            ) from fault


def clean(ds: FileDataset, key: bytes) -> None:
    """Apply the profile to a data set in place, and write down that it was done."""
    secrets = _secrets(ds)
    _clean(ds, key, secrets)
    meta = getattr(ds, "file_meta", None)
    if meta is not None:
        for keyword in (
            "SourceApplicationEntityTitle", "SendingApplicationEntityTitle",
            "ReceivingApplicationEntityTitle", "PrivateInformation", "PrivateInformationCreatorUID",
            "ImplementationVersionName", "SourcePresentationAddress",
            "SendingPresentationAddress", "ReceivingPresentationAddress",
        ):  # fmt: skip
            if keyword in meta:
                delattr(meta, keyword)
        if "MediaStorageSOPInstanceUID" in meta:
            meta.MediaStorageSOPInstanceUID = map_uid(str(meta.MediaStorageSOPInstanceUID), key)
    if ds.preamble:
        ds.preamble = b"\0" * 128
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = _CODE
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = PROFILE[:64]
    ds.DeidentificationMethodCodeSequence = Sequence([code])
    ds.LongitudinalTemporalInformationModified = "REMOVED"


def _secrets(ds: Dataset) -> set[str]:
    """Return words that name the patient, to look for where nobody expects them."""
    words: set[str] = set()
    for keyword in ("PatientID", "PatientName", "AccessionNumber", "OtherPatientIDs"):
        value = str(ds.get(keyword, "") or "")
        words |= {value, *value.replace("^", " ").replace("\\", " ").split()}
    return {word.casefold() for word in words if len(word) >= 4 and not word.isspace()}


def _clean(ds: Dataset, key: bytes, secrets: set[str]) -> None:
    for tag in list(ds.keys()):
        try:
            element = ds[tag]
        except Exception:  # a value no reader can read is no loss
            del ds[tag]
            continue
        action = action_for(tag, element.VR)
        if action == "X":
            del ds[tag]
        elif action == "U":
            element.value = _mapped(element.value, key)
        elif tag == _PATIENT_ID:
            element.value = map_patient(str(element.value or ""), key)
        elif action in ("Z", "D"):
            _blank(ds, element, dummy=action == "D")
        elif element.VR == "SQ":
            for item in element.value:
                _clean(item, key, secrets)
        elif any(secret in word for word in _words(element) for secret in secrets):
            _blank(ds, element, dummy=False)


def _mapped(value: Any, key: bytes) -> Any:
    if isinstance(value, str):
        return map_uid(value, key)
    return [map_uid(str(one), key) for one in value or ()]


def _blank(ds: Dataset, element: DataElement, *, dummy: bool) -> None:
    """Empty an element, or give it a value that says nothing."""
    if element.VR == "SQ":
        element.value = Sequence([])
    elif dummy:
        element.value = _DUMMIES.get(element.VR, "REMOVED")
    else:
        ds[element.tag] = DataElement(element.tag, element.VR, element.empty_value)


def _words(element: DataElement) -> Iterator[str]:
    if element.VR in ("LO", "LT", "SH", "ST", "UT", "UC", "PN", "CS", "AE"):
        values = element.value if isinstance(element.value, (list, tuple)) else [element.value]
        yield from (str(value or "").casefold() for value in values)
