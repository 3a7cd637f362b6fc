"""Twins: one image and its forgeries at several doses; a quick preview first, then in full.

For the curator's page "make twins from my images". A preview is made on a reduced image, so it
shows what a hallmark looks like and whether it can be made, not its exact pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import zoom

from trainer.core.words import Truth
from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError, Report
from trainer.imaging.forgery.registry import HALLMARKS, MIMICS, operator
from trainer.imaging.forgery.scene import LEAST_SIDE, Scene
from trainer.imaging.forgery.texture import blur

#: Short side of a preview, in pixels.
PREVIEW_SIDE = 320
_PARTS = ("body", "bone", "midline", "lungs", "spine", "marker", "shafts")


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """One image after one dose, beside its authentic twin.

    Parameters
    ----------
    pixels : ndarray of uint16
        Of the authentic image's shape.
    mask : ndarray of bool
        Where it was changed.
    report : Report
        What was done.
    """

    pixels: Pixels
    mask: Mask
    report: Report


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a hallmark or mimic can be made on an image.

    Parameters
    ----------
    name : str
        Its id.
    truth : Truth
        What its result is.
    look : str
        What a reader will see.
    refusal : str
        Why it cannot be made; empty where it can.
    """

    name: str
    truth: Truth
    look: str
    refusal: str


def reduced(image: Pixels, side: int = PREVIEW_SIDE) -> Pixels:
    """Return a copy whose short side is ``side`` pixels; the image itself where it is smaller."""
    factor = min(image.shape[-2:]) / max(side, LEAST_SIDE)
    if factor <= 1:
        return image
    planes = image[None] if image.ndim == 2 else image
    small = [
        zoom(blur(plane, 0.4 * factor), 1 / factor, order=1, grid_mode=True, mode="nearest")
        for plane in planes
    ]
    pixels: Pixels = np.rint(np.clip(np.stack(small), 0, 65_535)).astype(np.uint16)
    return pixels[0] if image.ndim == 2 else pixels


def look_over(image: Pixels) -> Anatomy:
    """Return what can be found of an image's anatomy, each part with its confidence.

    Hand it to :func:`make_twins` so that several doses look for it once.
    """
    scene = Scene(image, 1.0, np.random.default_rng(0))
    for part in _PARTS:
        scene.may(part)
    return scene.anatomy


def what_fits(image: Pixels, *, seed: int = 0) -> tuple[Fit, ...]:
    """Return every hallmark and mimic, and why those that cannot be made on this image cannot.

    Parameters
    ----------
    image : ndarray of uint16
        A film or a stack, at any size; it is looked at as a preview.
    seed : int
        Places are drawn from it.
    """
    small = reduced(image)
    fits = []
    known: Anatomy | None = None
    for op in [*HALLMARKS.values(), *MIMICS.values()]:
        refusal = ""
        try:
            if known is None and small.ndim in op.dimensions:
                known = look_over(small)
            op(small, dose=0.5, rng=np.random.default_rng(seed), anatomy=known)
        except ForgeryError as fault:
            refusal = str(fault).removeprefix(f"{op.name}: ")
        fits.append(Fit(op.name, op.truth, op.look, refusal))
    return tuple(fits)


def make_twins(
    image: Pixels,
    *,
    hallmark: str,
    doses: Sequence[float],
    seed: int,
    anatomy: Anatomy | None = None,
    preview: bool = False,
) -> tuple[Twin, ...]:
    """Return one twin a dose; all of them change the same place.

    Parameters
    ----------
    image : ndarray of uint16
        The authentic image.
    hallmark : str
        Id of a hallmark or mimic.
    doses : sequence of float
        Each 0..1.
    seed : int
        The same seed gives the same place and pattern at every dose.
    anatomy : Anatomy, optional
        What is known, at the size of the image that is forged.
    preview : bool
        Whether to work on the reduced image; far quicker.

    Raises
    ------
    ForgeryError
        When the hallmark cannot be made on this image.
    """
    op = operator(hallmark)
    source = reduced(image) if preview else image
    twins = []
    for dose in doses:
        made = op(source, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy)
        twins.append(Twin(*made))
    return tuple(twins)
