"""What could tell the class of an image without looking at anatomy, as numbers.

Each family is a row of numbers for one image. A family that *gates* must not tell the class;
grain and spectrum may (they are what some lessons teach) and are only reported.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from trainer.imaging.block import Head

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of features: its words for people, and whether it gates."""

    title: str
    gates: bool
    note: str = ""


#: Families that are drawn or measured anew each time the server is played begin so.
SERVED = "served_"

FAMILIES = {
    "file_before": Family(
        "the file as it came: format, size, shape, bits, parts, colour",
        False,
        "never served; what a reader would learn who saw the files",
    ),
    "header_before": Family(
        "the header as it came: spacing, windows, depth, modality", False, "never served"
    ),
    "shape": Family(
        "the head of the block: shape, aspect, length, slices, spacing, scale, window", True
    ),
    "served_block": Family("on the wire: head and length of the block, slices", True),
    "served_headers": Family("on the wire: headers, tags and lengths of answers", True),
    "served_text": Family("on the wire: what pages and states say besides the film", True),
    "served_names": Family("on the wire: token and label of the film", True),
    "served_time": Family("on the wire: how long the server takes, the least of three", True),
    "served_order": Family("on the wire: place in the sitting", True),
    "border": Family("edges and corners", True),
    "background": Family("the ground beside the body: its grey, its spread, how much of it", True),
    "clipping": Family("pixels at the ends of the range, gaps in the histogram", True),
    "spread": Family("mean, spread and quantiles", True),
    "compressibility": Family("length of the block when a proxy compresses it", True),
    "thumbnail": Family("the picture at 16 x 16: framing and composition", True),
    "text": Family("lines that look like text in the file as it came", True),
    "marks": Family("small bright marks, as side markers, clips and leads are", True),
    "names": Family(
        "names and order as the set came", False, "never served; see what is on the wire"
    ),
    "grain": Family("grain and sharpness", False, "legitimate evidence"),
    "spectrum": Family("the shape of the spectrum", False, "legitimate evidence"),
}


def from_pixels(pixels: NDArray[np.uint16]) -> dict[str, Numbers]:
    """Return the families that follow from served pixels.

    Parameters
    ----------
    pixels : ndarray of uint16
        ``(rows, columns)`` of one film, or of the middle slice of a stack.
    """
    values = pixels.astype(np.float64) / 65535
    return {
        "border": _border(values),
        "background": _background(values),
        "marks": _marks(values),
        "clipping": _clipping(pixels),
        "spread": _spread(values),
        "compressibility": np.array([len(zlib.compress(pixels.tobytes(), 6)) / pixels.nbytes]),
        "thumbnail": _thumbnail(values),
        "grain": _grain(values),
        "spectrum": _spectrum(values),
    }


#: Fields of a header in words that are kept as facts; each is hashed with its value.
_WORDS = (
    "Modality",
    "PhotometricInterpretation",
    "ViewPosition",
    "ImageType",
    "LossyImageCompression",
    "PresentationIntentType",
    "VOILUTFunction",
    "ConversionType",
    "transfer_syntax",
)
_NUMBERS = (
    "dpi",
    "WindowCenter",
    "WindowWidth",
    "BitsStored",
    "RescaleSlope",
    "RescaleIntercept",
    "PixelPaddingValue",
    "elements",
    "private_elements",
    "KVP",
    "SliceThickness",
)


def block_facts(block: bytes, slices: int = 1) -> Numbers:
    """Return what the head of a block says and how long the block is, as the browser gets it.

    Parameters
    ----------
    block : bytes
        As :func:`trainer.imaging.block.encode` makes it, padded or not.
    slices : int
        How many the film has.
    """
    head = Head.of(block)
    return np.array(
        [
            head.columns,
            head.rows,
            head.columns / head.rows,
            len(block),
            slices,
            head.slope,
            head.intercept,
            head.centre,
            head.width,
            head.row_mm,
            head.column_mm,
        ],
        np.float64,
    )


def from_facts(facts: Mapping[str, Any], served: Numbers) -> dict[str, Numbers]:
    """Return the families that follow from what is known beside the pixels.

    Parameters
    ----------
    facts : mapping
        The private facts of an image as the intake keeps them.
    served : ndarray
        From :func:`block_facts`.
    """
    file: Mapping[str, Any] = facts.get("file", {})
    rows = float(file.get("rows", file.get("Rows", 0)) or 0)
    columns = float(file.get("columns", file.get("Columns", 0)) or 0)
    text = file.get("text_lines", [])
    words = [f"{key}={file[key]}" for key in _WORDS if file.get(key)]
    return {
        "file_before": np.array(
            [
                float(file.get("bytes", 0)),
                rows,
                columns,
                columns / max(rows, 1),
                float(facts.get("bits", 0)),
                float(len(file.get("parts", ()))),
                float(file.get("colour_cast", 0)),
                float(bool(file.get("c2pa"))),
                float(bool(file.get("progressive"))),
                *[float(file.get("format") == kind) for kind in ("PNG", "JPEG", "TIFF", "DICOM")],
                *[float(file.get("mode") == mode) for mode in ("L", "RGB", "RGBA", "P")],
                *_hashed(file.get("parts", ()), 8),
            ]
        ),
        "header_before": np.array(
            [*(float(file.get(key, -1) or 0) for key in _NUMBERS), *_hashed(words, 12)]
        ),
        "shape": served,
        "text": np.array([float(len(text)), float(sum(line[4] for line in text))]),
    }


def from_name(name: str, order: int) -> dict[str, Numbers]:
    """Return what the name of a file and its place in the set would tell.

    Parameters
    ----------
    name : str
        As the manifest has it.
    order : int
        Its place when all names are sorted.
    """
    digits = "".join(letter for letter in name if letter.isdigit())[-12:]
    stem = name.rsplit("/", 1)[-1]
    return {
        "names": np.array(
            [
                order,
                len(stem),
                len(digits),
                float(digits or 0),
                *_hashed([name.rpartition("/")[0]], 8),
            ]
        )
    }


def _hashed(words: Iterable[str], buckets: int) -> list[float]:
    """Return how many of the words fall into each bucket."""
    counts = [0.0] * buckets
    for word in words:
        counts[zlib.crc32(str(word).encode()) % buckets] += 1
    return counts


def _border(values: Numbers) -> Numbers:
    """Spread and flatness of a thin rim on each side, and how the corners stand out."""
    rim = max(2, min(values.shape) // 50)
    sides = [values[:rim], values[-rim:], values[:, :rim], values[:, -rim:]]
    flat = [float(np.abs(np.diff(side, axis=1 - i // 2)).mean()) for i, side in enumerate(sides)]
    corner = max(4, min(values.shape) // 16)
    middle, spread = float(np.median(values)), float(values.std()) + 1e-9
    corners = [
        (float(values[rows, columns].mean()) - middle) / spread
        for rows in (slice(corner), slice(-corner, None))
        for columns in (slice(corner), slice(-corner, None))
    ]
    return np.array([*(float(s.std()) for s in sides), *flat, *corners])


def _background(values: Numbers) -> Numbers:
    """Grey and spread of the darkest and the brightest twentieth, and how much ground is flat."""
    small = values[:: max(1, values.shape[0] // 256), :: max(1, values.shape[1] // 256)]
    low, high = np.quantile(small, (0.05, 0.95))
    dark, bright = small[small <= low], small[small >= high]
    steps = np.abs(np.diff(small, axis=1))
    counts = np.bincount((small * 63.99).astype(np.intp).ravel(), minlength=64)
    return np.array(
        [
            dark.mean(),
            dark.std(),
            bright.mean(),
            bright.std(),
            counts.argmax() / 63,
            counts.max() / small.size,
            float((steps < 1e-3).mean()),
        ]
    )


def _marks(values: Numbers) -> Numbers:
    """Count small marks far brighter than what lies round them; all, and in the outer fifth."""
    step = -(-max(values.shape) // 512)
    small = values[::step, ::step]
    low, high = np.quantile(small, (0.005, 0.995))
    part = np.clip((small - low) / max(float(high - low), 1e-9), 0, 1)
    scaled = np.rint(part * 255).astype(np.uint8)
    hat = scaled - ndimage.grey_opening(scaled, size=(15, 15))
    return np.concatenate([_small(hat > limit) for limit in (77, 140)])


def _small(over: NDArray[np.bool_]) -> Numbers:
    """Count the pieces of the size of a mark and their area, all and in the outer fifth."""
    labels, count = ndimage.label(over)
    if not count:
        return np.zeros(4)
    areas = np.bincount(labels.ravel())[1:]
    places = np.array(ndimage.center_of_mass(over, labels, range(1, count + 1)))
    kept = (areas >= 6) & (areas <= 400)
    share = places / np.array(over.shape)
    outer = kept & ((share < 0.2) | (share > 0.8)).any(axis=1)
    return np.array([kept.sum(), areas[kept].sum(), outer.sum(), areas[outer].sum()], np.float64)


def _clipping(pixels: NDArray[np.uint16]) -> Numbers:
    counts = np.bincount((pixels >> 6).ravel(), minlength=1024)
    inside = counts[100:900]
    return np.array(
        [
            float((pixels == 0).mean()),
            float((pixels == 65535).mean()),
            float((pixels == pixels.min()).mean()),
            float((pixels == pixels.max()).mean()),
            float((inside == 0).mean()),
            float(counts.max() / pixels.size),
        ]
    )


def _spread(values: Numbers) -> Numbers:
    marks = np.quantile(values, (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99))
    return np.array([values.mean(), values.std(), *marks])


def _thumbnail(values: Numbers) -> Numbers:
    image = Image.fromarray(values.astype(np.float32), mode="F")
    small = image.resize((16, 16), Image.Resampling.BOX)
    return np.asarray(small, np.float64).ravel()


def _grain(values: Numbers) -> Numbers:
    """Spread of the Laplacian residual over blocks, and how long a JPEG of the film is."""
    residual = ndimage.laplace(ndimage.gaussian_filter(values, 0.5))
    size = 16
    rows, columns = (n // size * size for n in values.shape)
    blocks = residual[:rows, :columns].reshape(rows // size, size, columns // size, size)
    spread = blocks.std(axis=(1, 3))
    out = io.BytesIO()
    grey = np.rint(values * 255).astype(np.uint8)
    Image.fromarray(grey).save(out, "JPEG", quality=90)
    return np.array([*np.quantile(spread, (0.1, 0.5, 0.9)), len(out.getvalue()) / grey.size * 8])


def _spectrum(values: Numbers) -> Numbers:
    """Power in eight rings of frequency, each as a part of the whole, in decades."""
    window = np.outer(np.hanning(values.shape[0]), np.hanning(values.shape[1]))
    power = np.abs(np.fft.rfft2((values - values.mean()) * window)) ** 2
    fy = np.fft.fftfreq(values.shape[0])[:, None]
    fx = np.fft.rfftfreq(values.shape[1])[None, :]
    radius = np.hypot(fy, fx)
    edges = np.linspace(0, 0.5, 9)
    rings = [power[(radius >= low) & (radius < high)].sum() for low, high in pairwise(edges)]
    return np.log10(np.maximum(np.array(rings) / max(float(power.sum()), 1e-12), 1e-12))
