"""The plan of a set: what every image of it, of either class, is brought to.

Anything that differs between the classes and is not anatomy or acquisition teaches the file
instead of the film. So shape, sampling, grey scale and grain of quantisation are decided once for
a group of images (one region and view), from both classes together, and then hold for all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Modality
from trainer.imaging.dicom.decoded import Decoded
from trainer.imaging.film import SMALLEST_SIDE

#: Changes whenever the same bytes would give other pixels.
VERSION = "1"

#: A canvas is at most this long on a side: what a reading screen shows whole.
LARGEST_CANVAS = 1024
#: Every image is reduced at least by this factor, so that one kernel has passed over all.
LEAST_REDUCTION = 1.1
#: This part of each class must be large enough for the canvas; the rest is refused by name.
KEPT_PART = 0.95
#: Fewer grey levels than this and the quantisation cannot be hidden.
FEWEST_LEVELS = 40

# A border is trimmed while its contrast is below this part of the whole image's, but never
# further than this part of a side.
_FLAT = 0.06
_MOST_TRIMMED = 0.35


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in source pixels; edges, so that ``left=0, right=columns`` is the whole."""

    top: float
    left: float
    bottom: float
    right: float

    @property
    def height(self) -> float:
        """Rows."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Columns."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Measure:
    """What the plan needs to know of one image.

    Parameters
    ----------
    rows, columns : float
        Of the content, flat borders left out.
    whole : tuple of int
        Rows and columns of the file.
    frames, bits : int
        Slices, and significant bits.
    spacing_mm : tuple of float, optional
        As the file states it.
    """

    rows: float
    columns: float
    whole: tuple[int, int]
    frames: int
    bits: int
    spacing_mm: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a group of images is brought to. Kept with the set, so that later images follow it.

    Parameters
    ----------
    modality : Modality
        Radiographs get one grey scale; CT keeps Hounsfield units; MR is anchored linearly.
    rows, columns : int
        The canvas.
    reduced : bool
        Images are trimmed, cropped and resampled to the canvas. ``False``: they all have its
        shape already and their pixels are left where they are.
    bits : int
        Of the coarsest source: sets the strength of the dither.
    spacing_mm : tuple of float
        What every film of the group says its spacing is.
    version : str
        Of the pipeline.
    """

    modality: Modality
    rows: int
    columns: int
    reduced: bool
    bits: int
    spacing_mm: tuple[float, float]
    version: str = VERSION

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        return asdict(self) | {"modality": self.modality.value}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Plan:
        """Return the plan that was kept as JSON."""
        row, column = kept["spacing_mm"]
        return cls(**(kept | {"modality": Modality(kept["modality"]), "spacing_mm": (row, column)}))


def content_box(pixels: NDArray[np.float32]) -> Box:
    """Return the part of an image that is not flat border (collimation, frame, letterbox).

    Parameters
    ----------
    pixels : ndarray
        ``(rows, columns)``.

    Returns
    -------
    Box
        At least 30 % of each side is kept, whatever is flat.
    """
    low, high = np.quantile(pixels, (0.005, 0.995))
    limit = _FLAT * max(float(high - low), 1e-6)
    ends = []
    for axis in (1, 0):
        spread = np.subtract(*np.quantile(pixels, (0.97, 0.03), axis=axis))
        busy = np.flatnonzero(spread >= limit)
        size = spread.size
        first = int(busy[0]) if busy.size else 0
        last = int(busy[-1]) + 1 if busy.size else size
        reach = int(size * _MOST_TRIMMED)
        ends.append((min(first, reach), max(last, size - reach)))
    (top, bottom), (left, right) = ends
    return Box(float(top), float(left), float(bottom), float(right))


def measure(decoded: Decoded) -> Measure:
    """Measure one decoded image for :func:`make_plan`."""
    frames, rows, columns = decoded.pixels.shape
    box = content_box(decoded.pixels[frames // 2])
    return Measure(
        rows=box.height,
        columns=box.width,
        whole=(rows, columns),
        frames=frames,
        bits=decoded.bits,
        spacing_mm=decoded.spacing_mm,
    )


def make_plan(
    modality: Modality,
    classes: Iterable[Sequence[Measure]],
    canvas: tuple[int, int] | None = None,
) -> Plan:
    """Decide what a group of images is brought to.

    Parameters
    ----------
    modality : Modality
        Of the group.
    classes : iterable of sequences of Measure
        The measures, one sequence for each truth, so that the larger class does not outvote the
        smaller.
    canvas : tuple of int, optional
        Rows and columns the curator asks for.

    Returns
    -------
    Plan
        The canvas has the mean aspect of the classes and is as large as 95 % of each class
        allow without enlarging.

    Raises
    ------
    ValueError
        When there is nothing to measure.
    """
    groups = [group for group in ([m for m in g if _usable(m)] for g in classes) if group]
    every = [m for group in groups for m in group]
    if not every:
        raise ValueError("no image is large enough: there is nothing to plan for")
    bits = min(12, *(m.bits for m in every), 12)
    shapes = {m.whole for m in every}
    if modality is not Modality.XR and len(shapes) == 1 and canvas in (None, *shapes):
        rows, columns = shapes.pop()
        return Plan(modality, rows, columns, False, bits, _spacing(every, (1.0, 1.0)))
    if canvas is None:
        aspect = math.exp(
            float(np.mean([np.median([math.log(m.columns / m.rows) for m in g]) for g in groups]))
        )
        aspect = min(2.0, max(0.5, aspect))
        canvas = _largest(groups, aspect)
    rows, columns = canvas
    factors = [min(m.rows / rows, m.columns / columns) for m in every]
    factor = float(np.median(factors)) if modality is Modality.XR else 1.0
    return Plan(modality, rows, columns, True, bits, _spacing(every, (factor, factor)))


def _usable(one: Measure) -> bool:
    """Whether an image could be a film at all: one that cannot must not shrink the others."""
    return min(one.whole) >= SMALLEST_SIDE


def _largest(groups: Sequence[Sequence[Measure]], aspect: float) -> tuple[int, int]:
    """Return the largest canvas of this aspect that 95 % of each class fill."""
    fits = []
    for group in groups:
        heights = [min(m.rows, m.columns / aspect) for m in group]
        fits.append(float(np.quantile(heights, 1 - KEPT_PART, method="lower")))
    rows = min(fits) / LEAST_REDUCTION
    rows = min(rows, LARGEST_CANVAS, LARGEST_CANVAS / aspect)
    rows = max(rows, SMALLEST_SIDE, SMALLEST_SIDE / aspect)
    return round(rows), round(rows * aspect)


def _spacing(every: Sequence[Measure], factor: tuple[float, float]) -> tuple[float, float]:
    """Return one spacing for all: the median where all state one, else 1 mm in name."""
    known = [m.spacing_mm for m in every if m.spacing_mm]
    if len(known) < len(every):
        return 1.0, 1.0
    rows, columns = np.median(np.array(known), axis=0)
    return round(float(rows) * factor[0], 3), round(float(columns) * factor[1], 3)
