"""Bring an image of any class to its set's plan.

The same steps in the same order for all: trim flat borders, crop to the canvas' aspect with a
little jitter, resample once with one kernel, put the grey values on one scale without clipping,
dither, quantise to 16 bits. The result depends on the file's bytes, the plan and the version of
this pipeline alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.interpolate import PchipInterpolator

from trainer.core.words import Modality
from trainer.imaging.bank.plan import FEWEST_LEVELS, LEAST_REDUCTION, Box, Plan, content_box
from trainer.imaging.dicom.decoded import PACKED_STEP, Decoded
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import Film

#: The crop takes between this part and all of what it could, and moves within what is left.
LEAST_CROP = 0.96

#: Radiographs: these quantiles of every film lie at these parts of the range. Seven points fix
#: mean, spread and skew; between them the film keeps its own order of greys. The values are those
#: of an average chest film after a linear window over its 0.5 to 99.5 percentiles.
QUANTILES = (0.005, 0.10, 0.25, 0.50, 0.75, 0.90, 0.995)
TARGETS = (0.06, 0.21, 0.36, 0.54, 0.68, 0.77, 0.92)
#: Nowhere is the contrast of a film raised above this multiple of its mean contrast.
STEEPEST = 5.0
#: The inner anchors of each film are moved by this much (standard deviation), as exposures vary.
#: Exact anchors would make the few films that cannot meet them stand out.
JITTER = 0.025

#: CT: what lies outside is padding or metal; both classes end at the same two values.
LOWEST_HU, HIGHEST_HU = -1024.0, 3071.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A film and where it was cut from, so that outlines and masks can follow.

    Parameters
    ----------
    film : Film
        What is served.
    box : Box
        The part of the source that fills the film.
    """

    film: Film
    box: Box

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a source pixel ``(column, row)`` lies on the film."""
        rows, columns = self.film.pixels.shape[-2:]
        return (
            (x + 0.5 - self.box.left) * columns / self.box.width - 0.5,
            (y + 0.5 - self.box.top) * rows / self.box.height - 0.5,
        )


def normalise(
    decoded: Decoded,
    plan: Plan,
    seed: bytes,
    name: str,
    region: str = "",
    view: str = "",
    box: Box | None = None,
) -> Prepared:
    """Return the film of one decoded image.

    Parameters
    ----------
    decoded : Decoded
        The image.
    plan : Plan
        Of its set and group.
    seed : bytes
        The sha256 of the file: the crop's jitter and the dither follow from it.
    name : str
        What messages call it.
    region, view : str
        Words of the field.
    box : Box, optional
        The part that an earlier film of this source shows: it is cut there again, so that the
        outlines of its truth still fit.

    Raises
    ------
    IntakeError
        When the image is too small for the canvas (it is never enlarged), has another shape than
        its unreduced group, or has too few grey levels.
    """
    rng = np.random.default_rng(list(seed))
    source = decoded.pixels
    middle = decoded.frame(source.shape[0] // 2)
    if plan.modality is not Modality.CT:
        _check_levels(middle, name)
    box = box or _crop(middle, plan, rng, name)
    if plan.modality is Modality.CT:
        pixels = _hounsfield(decoded, plan, box)
        slope, intercept = 1.0, LOWEST_HU
    else:
        if plan.reduced:
            values = np.stack([resample(one, box, plan.rows, plan.columns) for one in source])
        else:
            values = source
        scaled = tone(values, rng) if plan.modality is Modality.XR else anchor(values)
        step = 2.0 ** -max(6, plan.bits)
        # Two uniform numbers make a triangular dither: mean and variance of the rounding error
        # no longer depend on the signal (Lipshitz, Wannamaker & Vanderkooy 1992).
        scaled += (rng.random(scaled.shape) - rng.random(scaled.shape)) * step
        pixels = np.rint(np.clip(scaled, 0, 1) * 65535).astype(np.uint16)
        slope, intercept = 1.0, 0.0
    single = pixels.shape[0] == 1
    film = Film(
        pixels=pixels[0] if single else pixels,
        spacing_mm=plan.spacing_mm,
        modality=plan.modality,
        region=region,
        view=view,
        slope=slope,
        intercept=intercept,
        slice_mm=() if single else slice_places(decoded),
        placed=single or slice_places(decoded) == decoded.slice_mm,
    )
    return Prepared(film, box)


def _hounsfield(decoded: Decoded, plan: Plan, box: Box) -> NDArray[np.uint16]:
    """Return a CT's stored values, slice by slice: a large stack is never held as floats."""
    count, rows, columns = decoded.pixels.shape
    if plan.reduced:
        rows, columns = plan.rows, plan.columns
    elif decoded.packed:  # in place: the source is not needed any more
        whole = decoded.pixels.view(np.uint16)
        for frame in whole:
            frame += PACKED_STEP // 2
            frame //= PACKED_STEP
        return whole
    out = np.empty((count, rows, columns), np.uint16)
    for index in range(count):
        values = decoded.frame(index)
        if plan.reduced:
            values = resample(values, box, rows, columns)
        out[index] = np.rint(np.clip(values, LOWEST_HU, HIGHEST_HU) - LOWEST_HU)
    return out


def slice_places(decoded: Decoded) -> tuple[float, ...]:
    """Return strictly monotonic slice positions; their numbers where the file has none."""
    places = np.array(decoded.slice_mm)
    if places.size == decoded.pixels.shape[0]:
        steps = np.diff(places)
        if np.all(steps > 0) or np.all(steps < 0):
            return decoded.slice_mm
    return tuple(float(i) for i in range(decoded.pixels.shape[0]))


def _check_levels(pixels: NDArray[np.float32], name: str) -> None:
    low, high = float(pixels.min()), float(pixels.max())
    if low == high:
        raise IntakeError(name, "all its pixels have one value", "leave it out")
    levels = np.unique(pixels[:: max(1, pixels.shape[0] // 512)]).size
    if levels < FEWEST_LEVELS:
        raise IntakeError(
            name,
            f"it has {levels} grey levels; fewer than {FEWEST_LEVELS} show and give it away",
            "take it from its source again with at least 8 bits",
        )


def _crop(pixels: NDArray[np.float32], plan: Plan, rng: np.random.Generator, name: str) -> Box:
    rows, columns = pixels.shape
    if not plan.reduced:
        if (rows, columns) != (plan.rows, plan.columns):
            raise IntakeError(
                name,
                f"it is {columns} x {rows}, its set is {plan.columns} x {plan.rows}",
                "import it as a set of its own",
            )
        return Box(0.0, 0.0, float(rows), float(columns))
    inner = content_box(pixels)
    aspect = plan.columns / plan.rows
    height = min(inner.height, inner.width / aspect)
    height *= rng.uniform(LEAST_CROP, 1.0)
    width = height * aspect
    # Numbers are drawn before any refusal, so that the stream does not depend on the outcome.
    shift = rng.uniform(-0.5, 0.5, 2) * (1 - LEAST_CROP)
    if height < plan.rows:
        raise IntakeError(
            name,
            f"its content is {inner.width:.0f} x {inner.height:.0f} pixels, too small for the "
            f"set's {plan.columns} x {plan.rows} (images are never enlarged)",
            "leave it out, or give the whole set a smaller canvas in dataset.toml "
            f"(at most {inner.width / LEAST_REDUCTION:.0f} columns for this one)",
        )
    top = (inner.top + inner.bottom - height) / 2 + shift[0] * height
    left = (inner.left + inner.right - width) / 2 + shift[1] * width
    top = min(max(top, 0.0), rows - height)
    left = min(max(left, 0.0), columns - width)
    return Box(top, left, top + height, left + width)


def resample(pixels: NDArray[np.float32], box: Box, rows: int, columns: int) -> NDArray[np.float32]:
    """Reduce a part of an image to the canvas with the one kernel all images get.

    Pillow's Hamming kernel, widened by the reduction: it has no negative lobes, so it makes no
    rims of its own and never leaves the range of the source.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels, np.float32), mode="F")
    reduced = image.resize(
        (columns, rows),
        Image.Resampling.HAMMING,
        box=(box.left, box.top, box.right, box.bottom),
    )
    return np.asarray(reduced, np.float32)


def anchor(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Put the 0.5 and 99.5 percentiles at 6 % and 92 % of the range; soft beyond."""
    low, high = np.quantile(values, (QUANTILES[0], QUANTILES[-1]))
    part = (values.astype(np.float64) - low) / max(float(high - low), 1e-9)
    inner = TARGETS[0] + part * (TARGETS[-1] - TARGETS[0])
    slope = TARGETS[-1] - TARGETS[0]
    return _shoulders(part, inner, slope, slope)


def tone(
    values: NDArray[np.float32], rng: np.random.Generator | None = None
) -> NDArray[np.float64]:
    """Put the greys of a radiograph on the scale all radiographs share.

    Parameters
    ----------
    values : ndarray
        Any shape, any units, larger is whiter.
    rng : Generator, optional
        Moves the anchors a little; without it they lie where :data:`TARGETS` says.

    Returns
    -------
    ndarray of float64
        In (0, 1), strictly rising with ``values``: a smooth monotone curve (PCHIP) through the
        seven anchors, with soft shoulders outside, so nothing is clipped.
    """
    marks = np.quantile(values, QUANTILES).astype(np.float64)
    span = max(float(marks[-1] - marks[0]), 1e-9)
    places = (marks - marks[0]) / span
    gaps = np.maximum(np.diff(places), 1e-3)
    rises = _limited(gaps / gaps.sum(), np.diff(_targets(rng)))
    x = np.concatenate(([0.0], np.cumsum(gaps / gaps.sum())))
    y = TARGETS[0] + np.concatenate(([0.0], np.cumsum(rises)))
    curve = PchipInterpolator(x, y)
    part = (values.astype(np.float64) - marks[0]) / span
    inner = curve(np.clip(part, 0, 1))
    ends = curve.derivative()([0.0, 1.0])
    return _shoulders(part, inner, max(float(ends[0]), 0.1), max(float(ends[1]), 0.1))


def _targets(rng: np.random.Generator | None) -> NDArray[np.float64]:
    """Return the anchors, moved a little: the ends stay, the order stays."""
    targets = np.array(TARGETS)
    if rng is not None:
        targets[1:-1] += rng.normal(0, JITTER, targets.size - 2)
    rising: NDArray[np.float64] = np.maximum.accumulate(targets)
    return rising.clip(TARGETS[0], TARGETS[-1])


def _limited(gaps: NDArray[np.float64], rises: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hold each step's slope under the limit; what is cut goes to the other steps."""
    total = float(rises.sum())
    rises = rises.copy()
    for _ in range(len(rises)):
        over = rises / gaps > STEEPEST * total
        if not over.any() or over.all():
            break
        lost = float((rises - STEEPEST * total * gaps)[over].sum())
        rises[over] = STEEPEST * total * gaps[over]
        rises[~over] += lost * gaps[~over] / gaps[~over].sum()
    return rises


def _shoulders(
    part: NDArray[np.float64], inner: NDArray[np.float64], rise: float, fall: float
) -> NDArray[np.float64]:
    """Bend what lies outside 0..1 of ``part`` smoothly towards 0 and 1, never reaching them."""
    bottom, top = TARGETS[0], 1 - TARGETS[-1]
    below = bottom * np.exp(np.minimum(part, 0) * rise / bottom)
    above = 1 - top * np.exp(-np.maximum(part - 1, 0) * fall / top)
    result: NDArray[np.float64] = np.where(part < 0, below, np.where(part > 1, above, inner))
    return result
