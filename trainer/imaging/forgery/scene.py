"""The scene: one image made ready for an operator, and the way back to its own grey values."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.random import Generator

from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError, Level
from trainer.imaging.forgery.finding.search import SURE, find
from trainer.imaging.forgery.split import Parts, split

#: Below this the hallmarks are smaller than a pixel.
LEAST_SIDE = 128
#: Below this many grey values an image has no texture to forge.
LEAST_LEVELS = 16


def check_image(image: Pixels, name: str) -> None:
    """Refuse what cannot be forged.

    Parameters
    ----------
    image : ndarray
        What was handed in.
    name : str
        The hallmark, for the message.

    Raises
    ------
    ForgeryError
        Wrong type, too small, flat, or saturated.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint16:
        kind = getattr(image, "dtype", type(image).__name__)
        raise ForgeryError(f"{name}: the image is {kind}; convert it to uint16 first")
    if min(image.shape[-2:]) < LEAST_SIDE:
        rows, columns = image.shape[-2:]
        raise ForgeryError(
            f"{name}: {columns} x {rows} pixels is too small; take an image of at least "
            f"{LEAST_SIDE} pixels a side"
        )
    low, high = int(image.min()), int(image.max())
    if low == high or np.unique(image[..., ::2, ::2]).size < LEAST_LEVELS:
        raise ForgeryError(
            f"{name}: the image is flat; take one with at least {LEAST_LEVELS} greys"
        )
    saturated = float(np.mean((image == low) | (image == high)))
    if saturated > 0.9:
        raise ForgeryError(
            f"{name}: {saturated:.0%} of the pixels are saturated; take the image before windowing"
        )


class Scene:
    """One image made ready for an operator.

    Parameters
    ----------
    image : ndarray of uint16
        A film ``(rows, columns)`` or a stack ``(slices, rows, columns)``, already checked.
    dose : float
        Above 0, at most 1.
    rng : numpy.random.Generator
        All that is drawn comes from it; an operator draws the same whatever the dose.
    anatomy : Anatomy, optional
        What is known; the rest is looked for when it is needed.
    places_from : ndarray of uint16, optional
        Another exposure of the same body: places are looked for in it, see :attr:`guide`.

    Attributes
    ----------
    guide : Scene
        Where an operator looks for things: this scene, or that of the other exposure. What it
        paints, and the noise under it, is this scene's own.
    """

    def __init__(
        self,
        image: Pixels,
        dose: float,
        rng: Generator,
        anatomy: Anatomy | None = None,
        places_from: Pixels | None = None,
    ) -> None:
        if places_from is not None and places_from.shape != image.shape:
            raise ForgeryError(
                f"the other exposure is {places_from.shape}, the image {image.shape}; "
                "take one of the same size"
            )
        self.image = image
        self.dose = dose
        self.rng = rng
        self.anatomy = (anatomy or Anatomy()).checked(image.shape)
        self.used: dict[str, float] = {}
        low, high = (float(v) for v in np.quantile(image, (0.001, 0.999)))
        self.low, self.span = low, max(high - low, 1.0)
        self.level: Level = ((image.astype(np.float32) - low) / self.span).astype(np.float32)
        #: Pixels per unit: sizes in the operators are meant at a short side of 1024 pixels.
        self.unit = min(image.shape[-2:]) / 1024
        self.guide = self if places_from is None else Scene(places_from, dose, rng, anatomy)

    @cached_property
    def parts(self) -> Parts:
        """Signal and noise; slice by slice in a stack."""
        if self.level.ndim == 2:
            return split(self.level)
        each = [split(one) for one in self.level]
        return Parts(
            np.stack([one.signal for one in each]),
            np.stack([one.noise for one in each]),
            tuple(np.stack(octave) for octave in zip(*(one.stayed for one in each), strict=True)),
        )

    @property
    def signal(self) -> Level:
        """The image without its noise."""
        return self.parts.signal

    @property
    def noise(self) -> Level:
        """What the signal leaves of the image."""
        return self.parts.noise

    def noise_under(self, lost: Level) -> Level:
        """Return noise in the place of what is painted over together with the signal.

        Parameters
        ----------
        lost : ndarray of float32, shape (rows, columns)
            The share of its power that the noise in the signal loses, 0..1: see
            :func:`trainer.imaging.forgery.split.lost_by_paint` and ``lost_by_blend``.

        Returns
        -------
        ndarray of float32
            Grey to add. It is drawn from the film's own bits and not from ``rng``: two exposures
            that are painted alike have different noise under the paint, as they have elsewhere.
        """
        under: Level = np.sqrt(lost) * self.parts.stayed_like(self.own_chance())
        return under

    def own_chance(self) -> Generator:
        """Return chance seeded by the film's own bits: two exposures draw other noise."""
        own = np.frombuffer(sha256(self.image.tobytes()).digest(), np.uint32)
        return np.random.default_rng(own)

    @property
    def everywhere(self) -> Mask:
        """The mask of a hallmark that has no place."""
        return np.ones(self.image.shape, np.bool_)

    def may(self, part: str) -> bool:
        """Look for a part of the anatomy; say whether it is known or found surely enough."""
        known, sure = find(self.anatomy, self.guide.level, part)
        self.anatomy = known
        if sure >= SURE:
            self.used[part] = round(sure, 3)
        return sure >= SURE

    def need(self, *parts: str) -> Anatomy:
        """Return the anatomy with these parts known.

        Raises
        ------
        ForgeryError
            When one is neither handed in nor found surely enough.
        """
        for part in parts:
            if not self.may(part):
                sure = self.anatomy.sure.get(part, 0.0)
                are = "are" if part.endswith("s") else "is"
                raise ForgeryError(
                    f"not sure where the {part} {are} in this image (confidence {sure:.2f}, "
                    f"{SURE:.2f} needed); hand the {part} in as anatomy, or choose another "
                    f"hallmark or image"
                )
        return self.anatomy

    def write(self, level: Level, mask: Mask) -> Pixels:
        """Return the image with ``level`` inside the mask and its own bits outside.

        The result keeps the image's range and its set of grey steps: an 8-bit film stays on its
        256 values, or its histogram would tell.
        """
        raw = level.astype(np.float64) * self.span + self.low
        greys = np.unique(self.image)
        raw = np.clip(raw, greys[0], greys[-1])
        step = int(np.gcd.reduce(np.diff(greys.astype(np.int64))))
        if step > 1:
            raw = greys[0] + np.rint((raw - greys[0]) / step) * step
        elif greys.size <= 256 and int(greys[-1]) - int(greys[0]) > 1024:
            upper = np.clip(np.searchsorted(greys, raw), 1, greys.size - 1)
            below, above = greys[upper - 1].astype(float), greys[upper].astype(float)
            raw = np.where(raw - below < above - raw, below, above)
        new = np.rint(raw).astype(np.uint16)
        return np.where(mask, new, self.image)
