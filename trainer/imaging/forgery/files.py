"""Forging one file: pixels in, a marked file, its mask and its recipe out.

Nothing leaves without the mark: a DICOM file says it in its header and loses the patient's name, a
PNG in its text; the recipe says what was done and gives the sha256 of what was made.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import ForgeryError, Report
from trainer.imaging.forgery.marked_dicom import forge_dicom
from trainer.imaging.forgery.order import Order

_DICOM_AT, _DICOM = 128, b"DICM"
# What marks a forged file, here and in what the simulator makes.
_MARKS = ("FORGED", "ALTERED FOR TEACHING")


@dataclass(frozen=True, slots=True)
class ForgedFile:
    """One forged file, ready to be written.

    Parameters
    ----------
    stem : str
        Made of what went in, so the same order twice gives the same name; tells nothing of the
        source.
    ending : str
        ``.dcm`` or ``.png``, as the source.
    image, mask, recipe : bytes
        The marked image; an 8-bit PNG with 255 where it was changed, slices below one another; the
        recipe as JSON.
    report : Report
        What was done.
    earlier : str
        The mark that the source bore already: it was forged before. Empty where it was not.
    """

    stem: str
    ending: str
    image: bytes
    mask: bytes
    recipe: bytes
    report: Report
    earlier: str = ""


def forge_bytes(data: bytes, order: Order) -> ForgedFile:
    """Forge the image in a DICOM or PNG file.

    Parameters
    ----------
    data : bytes
        The whole file: single-channel, 8 to 16 bits; a multi-frame DICOM is a stack.
    order : Order
        What to make of it.

    Raises
    ------
    ForgeryError
        When the file cannot be read or forged so.
    """
    source = hashlib.sha256(data).hexdigest()
    stem = order.stem(source)
    earlier = mark_of(data)

    if is_dicom(data):
        image, mask, report = forge_dicom(
            data, order.make, mark=order.mark, word=order.word, stem=stem
        )
        ending = ".dcm"
    else:
        said = f"{order.mark} Before that: {earlier}" if earlier else order.mark
        image, mask, report = _forge_png(data, order.make, mark=said)
        ending = ".png"
    masked = mask_png(mask)
    recipe = order.recipe(
        report,
        forged_before=earlier,
        source_sha256=source,
        image_sha256=hashlib.sha256(image).hexdigest(),
        mask_sha256=hashlib.sha256(masked).hexdigest(),
    )
    return ForgedFile(stem, ending, image, masked, recipe, report, earlier)


def is_dicom(data: bytes) -> bool:
    """Return whether a file says that it is DICOM (Part 10)."""
    return data[_DICOM_AT : _DICOM_AT + 4] == _DICOM


def mark_of(data: bytes) -> str:
    """Return the mark of a file that was made here; empty for any other file, or none at all."""
    said = ""
    if is_dicom(data):
        # what is broken is told where it is opened
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            head = pydicom.dcmread(io.BytesIO(data), specific_tags=["DerivationDescription"])
            said = str(head.get("DerivationDescription", "") or "")
    else:
        with (
            contextlib.suppress(OSError, SyntaxError, ValueError),
            Image.open(io.BytesIO(data), formats=["PNG"]) as opened,
        ):
            said = str(opened.info.get("Description", ""))
    return said if any(word in said for word in _MARKS) else ""


def write(made: ForgedFile, folder: Path) -> tuple[Path, Path, Path]:
    """Write image, mask and recipe into a folder: all three or none, and never over another file.

    Returns
    -------
    image, mask, recipe : Path
        What was written.

    Raises
    ------
    ForgeryError
        When one of the files is there already, or the folder cannot be written.
    """
    # The recipe first, the image last: no image is ever there without what marks it.
    parts = (
        (folder / f"{made.stem}.recipe.json", made.recipe),
        (folder / f"{made.stem}.mask.png", made.mask),
        (folder / f"{made.stem}{made.ending}", made.image),
    )
    done: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in parts:
            put(path, data)
            done.append(path)
    except OSError as fault:
        for path in done:
            path.unlink(missing_ok=True)
        if isinstance(fault, FileExistsError):
            raise ForgeryError(
                f"{fault.filename2 or fault.filename} is there already; nothing was written. "
                "Choose another folder, seed or dose"
            ) from fault
        raise ForgeryError(f"cannot write into {folder}: {fault.strerror}") from fault
    recipe, mask, image = done
    return image, mask, recipe


def put(path: Path, data: bytes) -> None:
    """Write a file whole under a hidden name, then link it to its own; fails where it exists."""
    handle, hidden = tempfile.mkstemp(prefix=".forging-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        Path(hidden).chmod(0o644)
        os.link(hidden, path)
    finally:
        Path(hidden).unlink(missing_ok=True)


def _forge_png(data: bytes, make: Any, *, mark: str) -> tuple[bytes, Mask, Report]:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
            opened.load()
            mode, pixels = opened.mode, np.asarray(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as fault:
        raise ForgeryError("the file is neither a DICOM (Part 10) nor a whole PNG file") from fault
    if pixels.ndim == 3:
        colours = pixels[..., :3]
        if mode not in ("RGB", "RGBA") or np.ptp(colours, axis=-1).any():
            raise ForgeryError("the PNG is coloured; convert it to grey first")
        pixels = colours[..., 0]
    if mode in ("1", "P") or pixels.dtype == np.bool_:
        raise ForgeryError("the PNG has a palette; convert it to 8- or 16-bit grey first")
    eight = pixels.dtype == np.uint8
    forged, mask, report = make(pixels.astype(np.uint16))
    kept = Image.fromarray(forged.astype(np.uint8) if eight else forged)
    text = PngImagePlugin.PngInfo()
    text.add_text("Description", mark)
    text.add_text("Software", "Telltale")
    out = io.BytesIO()
    kept.save(out, "PNG", pnginfo=text)
    return out.getvalue(), mask, report


def mask_png(mask: Mask) -> bytes:
    """Return a mask as an 8-bit PNG, 255 where changed, slices below one another."""
    flat = mask.reshape(-1, mask.shape[-1]).astype(np.uint8) * 255
    out = io.BytesIO()
    Image.fromarray(flat).save(out, "PNG")
    return out.getvalue()
