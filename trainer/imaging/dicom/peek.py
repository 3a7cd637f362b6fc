"""Reading a header alone: what a file is of, or what a DICOMDIR names."""

from __future__ import annotations

import io
import warnings
from typing import Any

import pydicom

from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.dicom.header import text

_MOST_FILES = 200_000


def peek(data: bytes, name: str) -> dict[str, Any]:
    """Return ``modality, series, patient, region, view``; for a DICOMDIR, ``files``.

    Raises
    ------
    IntakeError
        When it is no DICOM file.
    """
    cure = "leave it out, or export it again"
    if data[128:132] != b"DICM":
        raise IntakeError(name, "it is no DICOM file", cure)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True)
            if "DirectoryRecordSequence" in ds:
                return {"files": _files(ds)}
            return {
                "modality": text(ds, "Modality"),
                "series": text(ds, "SeriesInstanceUID"),
                "patient": text(ds, "PatientID") or text(ds, "PatientName"),
                "region": text(ds, "BodyPartExamined"),
                "view": text(ds, "ViewPosition"),
            }
        except Exception as fault:
            said = " ".join(str(fault).split())[:160] or type(fault).__name__
            raise IntakeError(name, f"its header cannot be read ({said})", cure) from fault


def _files(ds: pydicom.Dataset) -> list[str]:
    """Return the files a DICOMDIR names, with ``/``."""
    files = []
    for record in ds.DirectoryRecordSequence[:_MOST_FILES]:
        parts = record.get("ReferencedFileID")
        if text(record, "DirectoryRecordType") != "IMAGE" or not parts:
            continue
        files.append(parts if isinstance(parts, str) else "/".join(str(p) for p in parts))
    return files
