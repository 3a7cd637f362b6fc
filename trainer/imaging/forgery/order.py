"""An order: which hallmark, which dose, which seed, made for what; and the mark it leaves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.contract import ForgeryError, Report
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import ENGINE, operator


@dataclass(frozen=True, slots=True)
class Order:
    """One forgery that somebody asked for.

    Parameters
    ----------
    hallmark : str
        Id of a hallmark or mimic.
    dose : float
        0..1.
    seed : int
        >= 0; the same seed gives the same forgery.
    why : str
        What it is made for; goes into mark and recipe.

    Raises
    ------
    ForgeryError
        When there is no such hallmark or seed.
    """

    hallmark: str
    dose: float
    seed: int
    why: str = ""

    def __post_init__(self) -> None:
        """Refuse what nobody can make."""
        operator(self.hallmark)
        if isinstance(self.seed, bool) or self.seed < 0:
            raise ForgeryError(f"the seed is a whole number from 0, not {self.seed}")

    @property
    def operator(self) -> Operator:
        """Who makes it."""
        return operator(self.hallmark)

    @property
    def word(self) -> str:
        """``FORGED``, or ``ALTERED`` for a mimic."""
        return "ALTERED" if self.operator.mimic else "FORGED"

    @property
    def mark(self) -> str:
        """The sentence that marks what was made."""
        said = f"{self.word} FOR TEACHING by Telltale: {self.hallmark}, dose {self.dose:g}. "
        said += "No patient's image."
        return f"{said} Made for: {self.why}" if self.why else said

    def stem(self, source_sha256: str) -> str:
        """Return the file name, without its ending: the same order twice gives the same one."""
        said = f"{source_sha256} {self.hallmark} {self.dose!r} {self.seed} {ENGINE}"
        return f"forged-{hashlib.sha256(said.encode()).hexdigest()[:16]}"

    def make(self, pixels: Pixels) -> tuple[Pixels, Mask, Report]:
        """Return the forged pixels, their mask and the report."""
        return self.operator(pixels, dose=self.dose, rng=np.random.default_rng(self.seed))

    def recipe(self, report: Report, **more: Any) -> bytes:
        """Return the recipe as JSON: the order, the report, and what else is to be kept."""
        plain = {
            "mark": self.mark,
            "engine": ENGINE,
            "hallmark": self.hallmark,
            "dose": self.dose,
            "seed": self.seed,
            "why": self.why,
            "report": report.as_json(),
        }
        return (json.dumps(plain | more, indent=2, sort_keys=True) + "\n").encode()
