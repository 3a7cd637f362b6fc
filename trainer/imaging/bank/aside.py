"""What a file's colour would tell, kept aside: evidence for the lesson on provenance, never played.

Generated radiographs are often slightly coloured where real ones are grey (mean difference of red
and blue above half a grey step in 72 of 72 made films against 2 of 77 authentic ones, measured on
the published quiz). Films of the bank are grey, so that nobody learns to look at the tint instead
of the anatomy; what the tint was is kept as a picture that only curators see.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from trainer.imaging.bank.raster import FORMATS
from trainer.imaging.dicom.decoded import MOST_PIXELS
from trainer.imaging.dicom.errors import IntakeError

#: The picture is for a page: no side is longer.
LONGEST = 640
#: How many times a pixel's distance from grey is enlarged in the second picture.
AMPLIFIED = 8

Panel = NDArray[np.uint8]


def colour_of(data: bytes, name: str) -> tuple[dict[str, Any], Panel | None]:
    """Return what the colour of a PNG, JPEG or TIFF says.

    Parameters
    ----------
    data : bytes
        The whole file; its first page is looked at.
    name : str
        What messages call it.

    Returns
    -------
    facts : dict
        ``means`` of red, green and blue (0 to 255), ``red_blue`` (mean absolute difference, 0 to
        255) and ``coloured``, the share of pixels in which the channels differ. Empty for a file
        whose mode holds no colour.
    panel : ndarray of uint8, shape (rows, 2 * columns, 3), or None
        The picture as it came, and beside it each pixel's distance from grey, :data:`AMPLIFIED`
        times enlarged about mid-grey. None where every pixel is grey.

    Raises
    ------
    IntakeError
        When the file cannot be decoded or claims more than :data:`MOST_PIXELS` pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.size[0] * image.size[1] > MOST_PIXELS:
                    raise IntakeError(name, "it claims too many pixels", "reduce it")
                if image.mode in ("1", "L", "LA", "La", "I", "F") or image.mode.startswith("I;16"):
                    return {}, None
                rgb = np.asarray(_opaque(ImageOps.exif_transpose(image)))
        except (IntakeError, MemoryError):
            raise
        except Exception as fault:  # Pillow raises what its codecs raise
            said = " ".join(str(fault).split())[:160] or type(fault).__name__
            raise IntakeError(
                name, f"its colour cannot be read ({said})", "save it again as PNG"
            ) from fault
    red, blue = rgb[..., 0].astype(np.int16), rgb[..., 2].astype(np.int16)
    differing = np.ptp(rgb, axis=-1) > 0
    facts = {
        "means": [round(float(mean), 2) for mean in rgb.reshape(-1, 3).mean(axis=0)],
        "red_blue": round(float(np.abs(red - blue).mean()), 3),
        "coloured": round(float(differing.mean()), 4),
    }
    return facts, _panel(rgb) if differing.any() else None


def _opaque(image: Image.Image) -> Image.Image:
    """Return a page in three channels, transparency over black as the film has it."""
    if image.mode in ("RGBA", "RGBa", "PA") or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB")


def _panel(rgb: Panel) -> Panel:
    picture = Image.fromarray(rgb)
    picture.thumbnail((LONGEST, LONGEST), Image.Resampling.BOX)
    small = np.asarray(picture).astype(np.float32)
    tint = 128 + AMPLIFIED * (small - small.mean(axis=-1, keepdims=True))
    return np.concatenate([small, np.clip(tint, 0, 255)], axis=1).round().astype(np.uint8)


def as_png(panel: Panel) -> bytes:
    """Return a panel as PNG bytes without any metadata."""
    out = io.BytesIO()
    Image.fromarray(panel).save(out, "PNG", optimize=True)
    return out.getvalue()
