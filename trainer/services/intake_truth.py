"""Where an image was altered, or only looks so: its row's mask or outlines, on the film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from trainer.imaging.bank import truth
from trainer.imaging.bank.manifest import Row
from trainer.imaging.bank.reader import Reader, Taken
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import Mask
from trainer.services.intake_folder import load


def mask_of(
    reader: Reader, folder: Path, row: Row, taken: Taken, names: Sequence[str]
) -> Mask | None:
    """Return where a film was altered, or looks as if it were; ``None`` where nothing says so.

    Parameters
    ----------
    reader : Reader
        Decodes the mask.
    folder : Path
        The curator's folder.
    row : Row
        Names the mask, or gives outlines.
    taken : Taken
        The film.
    names : sequence of str
        The file of each slice, in the film's order; empty where one file holds the film.

    Returns
    -------
    ndarray of bool
        Of the film's shape: ``(rows, columns)``, or ``(slices, rows, columns)`` for a stack.

    Raises
    ------
    IntakeError
        When the mask does not fit the image or marks nothing on the film.
    """
    if row.outlines:
        mask = _outlined(row, taken, names)
    elif row.mask:
        mask = truth.film_mask(_masked(reader, folder, row, taken, names), taken.prepared)
    else:
        return None
    if taken.prepared.film.pixels.ndim == 2:
        mask = mask[0]
    if not mask.any():
        what = f"its mask {row.mask} marks" if row.mask else "its outlines mark"
        raise IntakeError(
            row.file,
            f"{what} nothing on the film",
            "give a mask that is above 0 where the film was altered, or where the mimic looks so",
        )
    return mask


def _outlined(row: Row, taken: Taken, names: Sequence[str]) -> Mask:
    """Return the mask of a row's outlines; one without a slice runs through all of them."""
    film = taken.prepared.film
    places = film.slice_mm if film.placed else ()
    mask = np.zeros((taken.shape[0], *film.pixels.shape[-2:]), np.bool_)
    for i, outline in enumerate(row.outlines):
        flat = truth.outline_mask([outline], taken.prepared)
        if i >= len(row.slices):
            mask |= flat
            continue
        z = _slice(row, row.slices[i], names, len(mask))
        near = [z]
        if places:
            near = [k for k, at in enumerate(places) if abs(at - places[z]) <= row.depth_mm]
        mask[near] |= flat
    return mask


def _slice(row: Row, number: int, names: Sequence[str], count: int) -> int:
    """Return the slice a set calls by a number: that of its file's name, else counted from 0."""
    for z, name in enumerate(names):
        stem = PurePosixPath(name).stem
        if stem.isdigit() and int(stem) == number:
            return z
    if not 0 <= number < count:
        raise IntakeError(
            row.file,
            f"its truth names slice {number}, it has {count} slices from 0",
            "take the set again: files are missing",
        )
    if not names:
        return number
    return sorted(range(count), key=lambda z: truth.file_order(names[z]))[number]


def _masked(reader: Reader, folder: Path, row: Row, taken: Taken, names: Sequence[str]) -> Mask:
    """Return a row's mask in source pixels, ``(slices, rows, columns)``."""
    files = load(folder, row.mask).files
    marks: list[tuple[str, Mask]] = []
    for name, data in files:
        pixels = reader.decode(data, name).pixels > 0
        if pixels.shape[-2:] != taken.shape[-2:]:
            raise IntakeError(
                row.file,
                f"its mask {name} is {pixels.shape[2]} x {pixels.shape[1]}, "
                f"the image is {taken.shape[2]} x {taken.shape[1]}",
                "give a mask of the image's own size",
            )
        marks.append((name, pixels))
    if len(marks) == 1 and len(marks[0][1]) == taken.shape[0]:
        whole = marks[0][1]  # one file, frame by frame
        order = sorted(range(len(names)), key=lambda z: truth.file_order(names[z]))
        return whole if not names else whole[np.argsort(order)]
    found = truth.slices_of_files([name for name, _ in marks], names)
    if found is None or any(len(pixels) != 1 for _, pixels in marks):
        frames = sum(len(pixels) for _, pixels in marks)
        raise IntakeError(
            row.file,
            f"its mask {row.mask} has {frames} slices and the image {taken.shape[0]}",
            "give one mask for each slice, or name each mask as its slice is named",
        )
    source = np.zeros(taken.shape, np.bool_)
    for z, (_, one) in zip(found, marks, strict=True):
        source[z] = one[0]
    return source
