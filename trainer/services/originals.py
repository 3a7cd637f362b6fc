"""The files a film was made of, kept privately: for working on them again, and as evidence."""

from __future__ import annotations

from typing import Any

from trainer.imaging.bank.aside import as_png
from trainer.imaging.bank.reader import Reader
from trainer.services.blobs import BlobStore
from trainer.services.intake_folder import Loaded

_RASTER = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"II", b"MM")


def _is_raster(data: bytes) -> bool:
    """Whether a file is kept as it came: a DICOM file may have a TIFF's head for its preamble."""
    tiff_head = data.startswith((b"II", b"MM"))
    return data.startswith(_RASTER) and not (tiff_head and data[128:132] == b"DICM")


def keep(reader: Reader, blobs: BlobStore, loaded: Loaded, key: str) -> dict[str, Any]:
    """Keep the source files of one film: a raster as it came, DICOM de-identified.

    The identifiable DICOM file stays with the curator; its sha256 says which it was. What a
    raster's colour would tell is kept beside it, because the film itself is grey.

    Parameters
    ----------
    reader : Reader
        Reads them in a process of its own.
    blobs : BlobStore
        Where they go.
    loaded : Loaded
        The file, or the slices of a stack.
    key : str
        The installation's secret: identifiers are kept as keyed hashes alone.

    Returns
    -------
    dict
        ``originals`` (sha256 of each), ``deidentified`` (the record of what was done to DICOM)
        and ``colour`` (see :mod:`trainer.imaging.bank.aside`; ``panel`` is its picture's sha256).

    Raises
    ------
    IntakeError
        When a file cannot be de-identified or read.
    """
    kept: list[str] = []
    record: dict[str, str] = {}
    colour: dict[str, Any] = {}
    for name, data in loaded.files:
        if not _is_raster(data):
            data, record = reader.clean(data, name, key)
        elif not colour:
            colour, panel = reader.colour(data, name)
            if panel is not None:
                colour |= {"panel": blobs.put(as_png(panel))}
        kept.append(blobs.put(data))
    return {"originals": kept, "deidentified": record, "colour": colour}
