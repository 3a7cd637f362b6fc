"""Reading single facts off a DICOM header that may say anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

#: Facts that are kept: technical, free of identifiers (none is in PS3.15 Table E.1-1 with an
#: action other than K under the options we name). They feed the audit and the provenance lesson.
KEPT_WORDS = (
    "Modality", "PhotometricInterpretation", "ViewPosition", "BodyPartExamined",
    "PatientOrientation", "ImageType", "LossyImageCompression", "LossyImageCompressionRatio",
    "PresentationIntentType", "BurnedInAnnotation", "RecognizableVisualFeatures",
    "VOILUTFunction", "PresentationLUTShape", "ConversionType",
)  # fmt: skip
KEPT_NUMBERS = (
    "Rows", "Columns", "NumberOfFrames", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "SamplesPerPixel", "RescaleSlope", "RescaleIntercept",
    "WindowCenter", "WindowWidth", "SliceThickness", "KVP", "PixelPaddingValue",
)  # fmt: skip

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
#: Makers whose secondary captures and ultrasound screens carry patient text in the picture.
TEXT_MODALITIES = ("US", "SC", "OT", "XC", "ES", "IVUS")
HEAD = ("HEAD", "BRAIN", "SKULL", "FACE", "ORBIT", "SINUS", "NECK", "EAR", "JAW", "MAXILLA")


def text(ds: Dataset, keyword: str) -> str:
    """Return a value as plain words, empty where it is missing or unreadable."""
    try:
        value = ds.get(keyword)
    except Exception:  # a value that cannot be converted is as good as none
        return ""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(str(part) for part in value)[:200]
    return str(value).strip("\x00 ")[:200]


def number(ds: Dataset, keyword: str, default: float = math.nan) -> float:
    """Return the first value as a number; ``default`` where missing, NaN where unreadable."""
    try:
        value = ds.get(keyword)
    except Exception:
        return math.nan
    if value is None or value == "":
        return default
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        value = value[0] if len(value) else default
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def item(ds: Dataset, keyword: str) -> Dataset | None:
    """Return the first item of a sequence, or ``None``."""
    try:
        value = ds.get(keyword)
        first = value[0] if value is not None and len(value) else None
    except Exception:
        return None
    return first if isinstance(first, Dataset) else None


def facts_of(ds: Dataset) -> dict[str, Any]:
    """Return the private technical facts of a header, as JSON."""
    facts: dict[str, Any] = {"format": "DICOM"}
    facts |= {key: found for key in KEPT_WORDS if (found := text(ds, key))}
    for key in KEPT_NUMBERS:
        value = number(ds, key)
        if math.isfinite(value):
            facts[key] = value
    facts["transfer_syntax"] = str(ds.file_meta.TransferSyntaxUID)
    facts["sop_class"] = text(ds, "SOPClassUID")
    facts["elements"] = len(ds)
    facts["private_elements"] = sum(1 for tag in ds.keys() if tag.is_private)  # noqa: SIM118
    return facts


#: A normal that leans farther than this from every axis of the body is nobody's plane: 37 degrees.
LEAST_ALONG = 0.8
PLANES = ("sagittal", "coronal", "axial")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a frame lies (PS3.3 C.7.6.2.1.1).

    Parameters
    ----------
    along : float
        Along its normal, in mm; the normal points to the head, the back or the left.
    shift : tuple of float
        Along its rows and its columns, in mm.
    plane : str
        As in :class:`trainer.imaging.dicom.decoded.Decoded`.
    """

    along: float
    shift: tuple[float, float]
    plane: str


def geometry_of(ds: Dataset, frames: int) -> tuple[tuple[float, float] | None, tuple[Placed, ...]]:
    """Return the spacing in mm and where each frame lies; nothing where one does not say."""
    positions: list[Placed] = []
    shared = item(ds, "SharedFunctionalGroupsSequence") or Dataset()
    groups = ds.get("PerFrameFunctionalGroupsSequence") or []
    spacing = _spacing(ds) or _spacing(item(shared, "PixelMeasuresSequence"))
    if not spacing and len(groups):
        spacing = _spacing(item(groups[0], "PixelMeasuresSequence"))
    if frames == 1:
        place = _along(ds.get("ImagePositionPatient"), ds.get("ImageOrientationPatient"))
        positions = [] if place is None else [place]
    for group in list(groups)[:frames]:
        position = item(group, "PlanePositionSequence") or Dataset()
        turn = item(group, "PlaneOrientationSequence") or item(shared, "PlaneOrientationSequence")
        place = _along(
            position.get("ImagePositionPatient"), (turn or Dataset()).get("ImageOrientationPatient")
        )
        if place is not None:
            positions.append(place)
    return spacing, tuple(positions) if len(positions) == frames else ()


def _spacing(ds: Dataset | None) -> tuple[float, float] | None:
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        value = ds.get(keyword) if ds is not None else None
        try:
            row, column = (float(v) for v in value or ())
        except (TypeError, ValueError):
            continue
        if 0 < row < 100 and 0 < column < 100:
            return row, column
    return None


def _along(position: Any, orientation: Any) -> Placed | None:
    """Return where a slice lies, ``None`` where its header does not say."""
    try:
        place = np.array([float(v) for v in position])
        turn = np.array([float(v) for v in orientation])
        normal = np.cross(turn[:3], turn[3:])
        axis = int(np.argmax(np.abs(normal)))
        normal *= np.sign(normal[axis])
        along, row, column = (float(np.dot(v, place)) for v in (normal, turn[:3], turn[3:]))
    except (TypeError, ValueError):
        return None
    if not normal[axis] or not all(map(math.isfinite, (along, row, column))):
        return None
    plane = PLANES[axis] if normal[axis] >= LEAST_ALONG else "oblique"
    return Placed(along, (row, column), plane)


def holds_of(ds: Dataset) -> tuple[str, ...]:
    """Return why a person must look at this file before it is published.

    The header can only raise a suspicion; the pixels are looked at apart
    (:mod:`trainer.imaging.bank.text`).
    """
    reasons = []
    if text(ds, "BurnedInAnnotation") == "YES":
        reasons.append("the header says that text is burned in")
    modality = text(ds, "Modality")
    if modality in TEXT_MODALITIES or text(ds, "SOPClassUID").startswith(SECONDARY_CAPTURE):
        reasons.append("a screen capture or ultrasound image often has text burned in")
    part = " ".join(text(ds, k).upper() for k in ("BodyPartExamined", "StudyDescription"))
    if text(ds, "RecognizableVisualFeatures") == "YES" or (
        modality in ("CT", "MR") and any(word in part for word in HEAD)
    ):
        reasons.append("a head in CT or MR can be turned into a face")
    return tuple(reasons)
