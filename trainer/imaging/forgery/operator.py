"""An operator: checks its input, runs one module's ``paint``, puts back all it may not touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from trainer.core.words import Hallmark, Truth
from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import Change, Forged, ForgeryError, Report
from trainer.imaging.forgery.scene import Scene, check_image

_KIND = {2: "a film (2-D)", 3: "a stack (3-D)"}


@dataclass(frozen=True)
class Operator:
    """One hallmark, or one authentic look that imitates it.

    Parameters
    ----------
    hallmark : Hallmark
        What it makes; for a mimic what it looks like.
    look : str
        One sentence: what a reader sees.
    family : str
        The kind of generator it stands for.
    paint : callable
        Scene to change; all that is particular to the hallmark.
    structural : bool
        It moves anatomy and leaves the noise where it was.
    dimensions : tuple of int
        2 for films, 3 for stacks.
    mimic : str
        The id of a mimic; empty for a forgery.
    """

    hallmark: Hallmark
    look: str
    family: str
    paint: Callable[[Scene], Change]
    structural: bool = False
    dimensions: tuple[int, ...] = (2,)
    mimic: str = ""

    @property
    def name(self) -> str:
        """The id it goes by in the registry."""
        return self.mimic or self.hallmark.value

    @property
    def truth(self) -> Truth:
        """What its result is."""
        return Truth.AUTHENTIC if self.mimic else Truth.TAMPERED

    def check_dimensions(self, count: int) -> None:
        """Refuse images of another number of dimensions than it works on; raises ForgeryError."""
        if count not in self.dimensions:
            wanted = " or ".join(_KIND[d] for d in self.dimensions)
            raise ForgeryError(f"{self.name} works on {wanted}; this image has {count} dimensions")

    def __call__(
        self,
        image: Pixels,
        *,
        dose: float,
        rng: Generator,
        anatomy: Anatomy | None = None,
        places_from: Pixels | None = None,
    ) -> Forged:
        """Make the hallmark.

        Parameters
        ----------
        image : ndarray of uint16
            ``(rows, columns)``, or ``(slices, rows, columns)`` where ``dimensions`` says so. Larger
            is whiter. Not changed.
        dose : float
            0..1; 0 changes nothing to the bit.
        rng : numpy.random.Generator
            The only source of chance.
        anatomy : Anatomy, optional
            What is known of the image; the rest is looked for where it is needed.
        places_from : ndarray of uint16, optional
            Another exposure of the same body, of the same shape: what is looked for in a picture is
            looked for in that one. Two exposures then get the same change, each in its own noise.

        Returns
        -------
        image : ndarray of uint16
            Same shape; the same bits outside the mask.
        mask : ndarray of bool
            Where it was changed; all of it for a hallmark that has no place.
        report : Report
            What was done.

        Raises
        ------
        ForgeryError
            When the image, the dose or the anatomy cannot serve.
        """
        self.check_dimensions(np.ndim(image))
        check_image(image, self.name)
        if isinstance(dose, bool) or not np.isfinite(dose) or not 0 <= dose <= 1:
            raise ForgeryError(f"{self.name}: a dose lies between 0 and 1, {dose} is outside")
        if places_from is not None:
            check_image(places_from, self.name)
        scene = Scene(image, float(dose), rng, anatomy, places_from)
        if dose == 0:
            untouched = np.zeros(image.shape, np.bool_)
            return image.copy(), untouched, self._report(0.0, "nothing: the dose is 0")
        try:
            change = self.paint(scene)
        except ForgeryError as fault:
            raise ForgeryError(f"{self.name}: {fault}") from fault
        share = float(change.mask.mean())
        report = self._report(
            float(dose),
            change.done,
            everywhere=bool(change.mask.all()),
            share=round(share, 6),
            parameters=change.parameters,
            anatomy=scene.used,
            refused=change.refused,
        )
        return scene.write(change.level, change.mask), change.mask, report

    def _report(self, dose: float, done: str, **more: object) -> Report:
        return Report(
            hallmark=self.hallmark,
            truth=self.truth,
            dose=dose,
            done=done,
            family=self.family,
            mimic=self.mimic,
            **more,  # type: ignore[arg-type]
        )
