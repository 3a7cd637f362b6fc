"""Anatomy: what is known of an image. Handed in by the simulator, or looked for on imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import ForgeryError

Columns = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shaft:
    """A straight piece of a long bone.

    Parameters
    ----------
    row, column : float
        Its middle, in pixels.
    down, across : float
        Unit vector along the bone: rows and columns.
    half_width : float
        From the middle to the outer cortex, in pixels.
    """

    row: float
    column: float
    down: float
    across: float
    half_width: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: rows ``top..bottom`` and columns ``left..right``, ends excluded."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What is known of an image; each part may be missing.

    Masks have the image's own rows and columns. What is handed in is trusted; what is found carries
    its confidence in ``sure``.

    Parameters
    ----------
    body : ndarray of bool
        Patient, as against air and collimated border.
    bone : ndarray of bool
        Every bone together.
    bones : ndarray of int
        0 is no bone; each bone its own number.
    lungs : ndarray of bool
        Both lung fields.
    heart : ndarray of bool
        The heart's shadow.
    midline : ndarray of float32
        Column of the body's midline at each row.
    spine : ndarray of float32
        Column of the spine's middle at each row; NaN where there is no spine.
    vertebrae : tuple of float
        Row of each vertebral body's middle, from the top.
    shafts : tuple of Shaft
        Straight pieces of long bones.
    marker : Box
        Round the side marker.
    slice_mm : tuple of float
        Positions of a stack's slices.
    sure : mapping of str to float
        Confidence 0..1 of each part that was looked for.
    """

    body: Mask | None = None
    bone: Mask | None = None
    bones: NDArray[np.integer] | None = None
    lungs: Mask | None = None
    heart: Mask | None = None
    midline: Columns | None = None
    spine: Columns | None = None
    vertebrae: tuple[float, ...] | None = None
    shafts: tuple[Shaft, ...] | None = None
    marker: Box | None = None
    slice_mm: tuple[float, ...] = ()
    sure: Mapping[str, float] = field(default_factory=dict)

    def checked(self, shape: tuple[int, ...]) -> Anatomy:
        """Return itself when every part fits an image of this shape.

        Raises
        ------
        ForgeryError
            A mask or line of another size; slices that are not evenly spaced.
        """
        plane = shape[-2:]
        for name in ("body", "bone", "bones", "lungs", "heart"):
            mask = getattr(self, name)
            if mask is not None and mask.shape not in (plane, shape):
                raise ForgeryError(
                    f"the {name} mask is {mask.shape}, the image {shape}; hand in a mask of the "
                    f"image's own size"
                )
        for name in ("midline", "spine"):
            line = getattr(self, name)
            if line is not None and line.shape != plane[:1]:
                raise ForgeryError(
                    f"the {name} has {line.size} rows, the image {plane[0]}; give one column a row"
                )
        if self.slice_mm:
            _check_slices(self.slice_mm, shape)
        return self

    def with_found(self, part: str, value: Any, sure: float) -> Anatomy:
        """Return the anatomy with one more part and its confidence."""
        return replace(self, **{part: value}, sure={**self.sure, part: sure})


def _check_slices(slice_mm: tuple[float, ...], shape: tuple[int, ...]) -> None:
    if len(shape) != 3 or len(slice_mm) != shape[0]:
        raise ForgeryError(f"{len(slice_mm)} slice positions do not fit an image of shape {shape}")
    steps = np.diff(np.asarray(slice_mm, float))
    if steps.size and (np.abs(steps - steps.mean()) > 0.05 * abs(steps.mean()) + 1e-6).any():
        raise ForgeryError(
            f"the slices are unevenly spaced ({steps.min():g} to {steps.max():g} mm); "
            f"resample the stack, or take the evenly spaced part"
        )


PARTS = tuple(f.name for f in fields(Anatomy) if f.name not in ("sure", "slice_mm"))
