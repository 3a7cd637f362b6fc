"""Forging a series: a folder of slices in, a folder of marked slices, mask and recipe out."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from trainer.imaging.dicom.decoded import MOST_PIXELS
from trainer.imaging.dicom.header import geometry_of, text
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import ForgeryError, Report
from trainer.imaging.forgery.files import is_dicom, mark_of, mask_png, put
from trainer.imaging.forgery.marked_dicom import (
    forge_stored,
    is_inverted,
    marked,
    opened,
    padded,
)
from trainer.imaging.forgery.order import Order

# What all slices of one series have in common, and what it is called.
_SHARED = (
    ("SeriesInstanceUID", "series"),
    ("Modality", "modality"),
    ("PhotometricInterpretation", "photometric interpretation"),
    ("PixelRepresentation", "sign"),
    ("RescaleSlope", "rescale slope"),
    ("RescaleIntercept", "rescale intercept"),
    ("ImageOrientationPatient", "orientation"),
)
# How far a distance may be from the usual one, as a share of it.
_EVEN = 0.05


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice of a series, opened.

    Parameters
    ----------
    name : str
        Its file's name, for messages.
    sha256 : str
        Of the file.
    header : FileDataset
        All but its pixels will be kept.
    stored : ndarray
        ``(rows, columns)``, as stored.
    along : float
        Where it lies along the normal, mm.
    """

    name: str
    sha256: str
    header: FileDataset
    stored: NDArray[Any]
    along: float


@dataclass(frozen=True, slots=True)
class ForgedSeries:
    """A forged series, ready to be written.

    Parameters
    ----------
    stem : str
        Name of its folder; tells nothing of the source.
    files : mapping of str to bytes
        Every file by its name: slices, mask and recipe.
    report : Report
        What was done.
    earlier : str
        The mark that a source bore already; empty where none did.
    """

    stem: str
    files: Mapping[str, bytes]
    report: Report
    earlier: str = ""


def forge_series(parts: Mapping[str, bytes], order: Order) -> ForgedSeries:
    """Forge a stack whose slices lie in files of their own.

    Parameters
    ----------
    parts : mapping of str to bytes
        Each file by its name: single-frame DICOM of one series, in any order.
    order : Order
        A hallmark or mimic that works on stacks.

    Returns
    -------
    ForgedSeries
        All slices, marked, in the order in which they lie; one new series.

    Raises
    ------
    ForgeryError
        When a file is no slice, the slices are no one whole series, or the order cannot be made.
    """
    order.operator.check_dimensions(3)
    slices = sorted(_slices(parts), key=lambda one: one.along)
    _check_whole(slices)
    stack = np.stack([one.stored for one in slices])
    forged, mask, report = forge_stored(
        stack, _padding(slices), order.make, inverted=is_inverted(slices[0].header)
    )
    hashes = [one.sha256 for one in slices]
    source = hashlib.sha256(" ".join(hashes).encode()).hexdigest()
    stem = order.stem(source)
    earlier = next((said for data in parts.values() if (said := mark_of(data))), "")
    files = {
        f"{number:04d}.dcm": marked(one.header, plane, order.mark, order.word, stem, number)
        for number, (one, plane) in enumerate(zip(slices, forged, strict=True), start=1)
    }
    made = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    files["mask.png"] = mask_png(mask)
    files["recipe.json"] = order.recipe(
        report,
        forged_before=earlier,
        source_sha256=source,
        slices_sha256=hashes,
        images_sha256=made,
        mask_sha256=hashlib.sha256(files["mask.png"]).hexdigest(),
    )
    return ForgedSeries(stem, files, report, earlier)


def _slices(parts: Mapping[str, bytes]) -> list[Slice]:
    """Return the slices, opened, as they came."""
    if len(parts) < 2:
        raise ForgeryError("a series has at least two slices; forge a single file by its own name")
    slices: list[Slice] = []
    pixels = 0
    for name, data in parts.items():
        if not is_dicom(data):
            raise ForgeryError(f"{name} is no DICOM file; name the slices of one series alone")
        try:
            header, stored = opened(data)
        except ForgeryError as fault:
            raise ForgeryError(f"{name}: {fault}") from fault
        if stored.ndim != 2:
            raise ForgeryError(f"{name} holds {len(stored)} frames; forge it as a file of its own")
        _, placed = geometry_of(header, 1)
        if not placed:
            raise ForgeryError(f"{name} does not say where it lies; its series has no order")
        pixels += stored.size
        if pixels > MOST_PIXELS:
            raise ForgeryError(
                f"the series holds more than {MOST_PIXELS // 1_000_000} million pixels; take a "
                "part of its slices that lie together"
            )
        digest = hashlib.sha256(data).hexdigest()
        slices.append(Slice(name, digest, header, stored, placed[0].along))
    return slices


def _check_whole(slices: Sequence[Slice]) -> None:
    """Refuse what is no one, evenly spaced, whole series."""
    first = slices[0]
    for one in slices[1:]:
        if one.stored.shape != first.stored.shape or one.stored.dtype != first.stored.dtype:
            raise ForgeryError(
                f"{one.name} is {_size(one)}, {first.name} is {_size(first)}; slices of one series "
                "are alike"
            )
        for keyword, called in _SHARED:
            if text(one.header, keyword) != text(first.header, keyword):
                raise ForgeryError(
                    f"{one.name} and {first.name} differ in their {called}: the folder mixes "
                    "series; put each into a folder of its own"
                )
    steps = np.diff([one.along for one in slices])
    usual = float(np.median(steps))
    for before, after, step in zip(slices, slices[1:], steps, strict=False):
        if step < 0.01:
            raise ForgeryError(f"{before.name} and {after.name} lie in the same place; drop one")
        if abs(step - usual) <= _EVEN * usual:
            continue
        lost = round(step / usual) - 1
        if lost > 0 and abs(step / usual - lost - 1) <= _EVEN * (lost + 1):
            many = "a slice is missing" if lost == 1 else f"{lost} slices are missing"
            raise ForgeryError(
                f"{many} between {before.name} and {after.name} ({step:g} mm apart, others "
                f"{usual:g}); bring the whole series, or the part on one side of the gap"
            )
        raise ForgeryError(
            f"the slices are unevenly spaced: {before.name} and {after.name} are {step:g} mm "
            f"apart, others {usual:g}; resample the stack, or take the evenly spaced part"
        )


def _size(one: Slice) -> str:
    rows, columns = one.stored.shape
    return f"{columns} x {rows} pixels of {one.stored.dtype}"


def _padding(slices: Sequence[Slice]) -> Mask | None:
    found = [padded(one.header, one.stored) for one in slices]
    if all(one is None for one in found):
        return None
    empty = np.zeros(slices[0].stored.shape, np.bool_)
    return np.stack([empty if one is None else one for one in found])


def write_series(
    made: ForgedSeries, folder: Path, *, rename: Callable[[Path, Path], None] = os.rename
) -> Path:
    """Write a series into a folder of its own: whole or not at all, never over another.

    Parameters
    ----------
    made : ForgedSeries
        What to write.
    folder : Path
        Where its folder is put.
    rename : callable
        What puts the finished folder in its place.

    Returns
    -------
    Path
        The series' folder.

    Raises
    ------
    ForgeryError
        When it is there already, or nothing can be written.
    """
    target = folder / made.stem
    hidden = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise ForgeryError(
                f"{target} is there already; nothing was written. Choose another folder, seed or "
                "dose"
            )
        hidden = Path(tempfile.mkdtemp(prefix=".forging-", dir=folder))
        for name, data in made.files.items():
            put(hidden / name, data)
        hidden.chmod(0o755)
        rename(hidden, target)
    except OSError as fault:
        raise ForgeryError(f"cannot write into {folder}: {fault.strerror}") from fault
    finally:
        if hidden is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(hidden)
    return target
