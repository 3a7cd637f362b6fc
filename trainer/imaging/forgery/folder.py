"""What lies in a folder: the DICOM images of one series, and what is left aside beside them."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from trainer.imaging.dicom.header import text
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.files import is_dicom

_START = 132  # bytes that tell whether a file is DICOM (Part 10)
# Names of files that claim to be DICOM: such a one is a broken slice, not something else.
_CLAIMS = (".dcm", ".dicom", ".ima")
_NAMED = 4  # folders and series beyond that are counted, not named


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a series.

    Parameters
    ----------
    parts : mapping of str to bytes
        Each file by its name.
    aside : mapping of str to int
        What else lay there and was left aside: how many of each kind.
    """

    parts: Mapping[str, bytes]
    aside: Mapping[str, int] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """What was left aside, in words; empty where nothing was."""
        return ", ".join(f"{count} × {kind}" for kind, count in sorted(self.aside.items()))


def read_slices(sources: Sequence[Path]) -> Found:
    """Return the slices of a series: those of the one folder that is named, or the files named.

    Of a folder the DICOM images are taken; hidden files are passed over, all else is left aside and
    counted. Files that are named are taken as they are: whoever names one means it.

    Raises
    ------
    ForgeryError
        When a folder holds the images of no series or of several, a file in it claims to be DICOM
        and is not or is broken, a folder is among the files named, two of them have one name, or
        one cannot be read.
    """
    try:
        if len(sources) == 1 and sources[0].is_dir():
            return _in_folder(sources[0])
        parts: dict[str, bytes] = {}
        for path in sources:
            if path.is_dir():
                raise ForgeryError(f"{path} is a folder; name the one folder of one series")
            if path.name in parts:
                raise ForgeryError(f"two files are called {path.name}; name each slice once")
            parts[path.name] = path.read_bytes()
    except OSError as fault:
        raise ForgeryError(f"cannot read {fault.filename}: {fault.strerror}") from fault
    return Found(parts)


def _in_folder(folder: Path) -> Found:
    series: dict[str, dict[str, bytes]] = {}
    aside: Counter[str] = Counter()
    folders: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            folders.append(path.name)
            continue
        data = _dicom_in(path)
        if data is None:
            aside[f"{path.suffix.lower() or 'a file without an ending'}"] += 1
            continue
        head = _head(path.name, data)
        kind = _kind(path.name, head)
        if "Image Storage" not in kind:
            aside[f"DICOM {kind.removesuffix(' Storage')}"] += 1
            continue
        series.setdefault(text(head, "SeriesInstanceUID"), {})[path.name] = data
    if folders:
        aside["folder"] += len(folders)
    if not series:
        inside = f"; name a folder that lies in it: {_some(folders)}" if folders else ""
        raise ForgeryError(f"{folder} holds no DICOM image{inside}")
    if len(series) > 1:
        each = [f"{len(parts)} from {next(iter(parts))} on" for parts in series.values()]
        raise ForgeryError(
            f"{folder} holds the images of {len(series)} series ({_some(each)}); name the files of "
            "one, or put each into a folder of its own"
        )
    (parts,) = series.values()
    return Found(parts, aside)


def _dicom_in(path: Path) -> bytes | None:
    """Return a DICOM file's bytes, None for any other; others are not read whole."""
    with path.open("rb") as file:
        start = file.read(_START)
        if is_dicom(start):
            return start + file.read()
    if path.suffix.lower() in _CLAIMS:
        raise ForgeryError(f"{path.name} is no DICOM file (Part 10), though its name says so")
    return None


def _head(name: str, data: bytes) -> FileDataset:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(io.BytesIO(data), stop_before_pixels=True)
    except Exception as fault:  # a broken header fails in many ways
        raise ForgeryError(f"{name}: the DICOM file is broken in its header") from fault


def _kind(name: str, head: FileDataset) -> str:
    """Return what kind of object a file holds, by the name of its SOP class."""
    said = text(head, "SOPClassUID") or text(head.file_meta, "MediaStorageSOPClassUID")
    if not said:
        raise ForgeryError(f"{name} is cut short or does not say what it is (SOP Class UID)")
    return UID(said).name


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
