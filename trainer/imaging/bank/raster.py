"""Read PNG, JPEG and TIFF: bytes in, numbers and private facts out, or a reason."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from trainer.imaging.dicom.decoded import MOST_PIXELS, Decoded, Frames, luminance
from trainer.imaging.dicom.errors import IntakeError

FORMATS = ("PNG", "JPEG", "TIFF")
_SAVE_AGAIN = "save it again as PNG, or take it from its source again"

#: Bits that a Pillow mode can hold; a smaller number in the file's own header wins.
_BITS = {"1": 1, "L": 8, "LA": 8, "P": 8, "PA": 8, "RGB": 8, "RGBA": 8, "RGBX": 8, "CMYK": 8,
         "YCbCr": 8, "La": 8, "RGBa": 8, "LAB": 8, "HSV": 8, "I;16": 16, "I;16B": 16,
         "I;16L": 16, "I;16N": 16, "I": 32, "F": 32}  # fmt: skip


def read_raster(data: bytes, name: str) -> Decoded:
    """Decode one PNG, JPEG or TIFF.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What messages call it.

    Returns
    -------
    Decoded
        Colour as luminance, transparency over black, the EXIF orientation applied; the pages of
        a TIFF are frames.

    Raises
    ------
    IntakeError
        For anything that is not whole, or claims more than :data:`MOST_PIXELS` pixels; the claim
        is judged before a pixel is decoded.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(data, name)
        except (IntakeError, MemoryError):
            raise
        except Image.DecompressionBombError as fault:
            raise _too_large(name, str(fault)) from fault
        except UnidentifiedImageError as fault:
            raise IntakeError(name, "it is no readable PNG, JPEG or TIFF", _SAVE_AGAIN) from fault
        except Exception as fault:  # Pillow raises what its codecs raise
            said = " ".join(str(fault).split())[:160] or type(fault).__name__
            raise IntakeError(
                name, f"its pixels cannot be decoded ({said})", _SAVE_AGAIN
            ) from fault


def _too_large(name: str, claim: str) -> IntakeError:
    return IntakeError(
        name,
        f"it claims too many pixels ({claim}); the limit is {MOST_PIXELS / 1e6:.0f} megapixels",
        "reduce it; if it is small in truth, its header lies and it is best left out",
    )


def _read(data: bytes, name: str) -> Decoded:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        width, height = image.size
        if width * height * pages > MOST_PIXELS:
            raise _too_large(name, f"{width} x {height}" + f" x {pages} pages" * (pages > 1))
        facts = _facts(image, data)
        bits = _bits(image)
        frames, cast = [], 0.0
        for index, page in enumerate(ImageSequence.Iterator(image)):
            if index >= pages:
                break
            if page.size != (width, height):
                raise IntakeError(
                    name,
                    f"page {index + 1} is {page.size[0]} x {page.size[1]}, "
                    f"the first is {width} x {height}",
                    "save its pages as files of their own",
                )
            grey, one = _grey(ImageOps.exif_transpose(page))
            cast = max(cast, one)
            frames.append(grey)
    pixels = np.stack(frames)
    if not np.isfinite(pixels).all():
        raise IntakeError(name, "some of its pixels are not numbers", _SAVE_AGAIN)
    facts["colour_cast"] = cast
    return Decoded(pixels=pixels, bits=bits, facts=facts)


def _bits(image: Image.Image) -> int:
    bits = _BITS.get(image.mode, 8)
    if image.format == "TIFF":
        stated = image.tag_v2.get(258, bits)  # type: ignore[attr-defined]
        bits = int(stated[0] if isinstance(stated, tuple) else stated)
    elif image.format == "PNG" and image.mode == "I":
        bits = 16  # Pillow opens 16-bit grey so
    return max(1, min(32, bits))


def _grey(image: Image.Image) -> tuple[Frames, float]:
    """Return one page as luminance, and how strongly it is coloured."""
    if image.mode in ("1", "L", "I", "F") or image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.float32), 0.0
    if image.mode == "P" and image.palette is not None:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa"):
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(ground, image)
    rgb: NDArray[Any] = np.asarray(image.convert("RGB"))
    return luminance(rgb)


def _facts(image: Image.Image, data: bytes) -> dict[str, Any]:
    """Return what the file itself would tell a reader who may see it. None of it is served."""
    parts = _png_chunks(data) if image.format == "PNG" else _jpeg_markers(data)
    dpi = image.info.get("dpi", (0, 0))
    return {
        "format": image.format,
        "mode": image.mode,
        "columns": image.size[0],
        "rows": image.size[1],
        "bytes": len(data),
        "parts": parts[:60],
        "c2pa": "caBX" in parts or b"jumb" in data[:65536],
        "dpi": round(float(dpi[0]), 2) if dpi else 0.0,
        "progressive": bool(image.info.get("progressive", image.info.get("interlace", 0))),
    }


def _png_chunks(data: bytes) -> list[str]:
    names: list[str] = []
    at = 8
    while at + 8 <= len(data) and len(names) < 2000:
        length, kind = struct.unpack_from(">I4s", data, at)
        word = kind.decode("latin-1")
        if word != "IDAT" or "IDAT" not in names:
            names.append(word)
        at += 12 + length
    return names


def _jpeg_markers(data: bytes) -> list[str]:
    names: list[str] = []
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and len(names) < 200:
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        names.append(f"{marker:02X}")
        if marker == 0xDA:
            break
        at += 2 + length
    return names
