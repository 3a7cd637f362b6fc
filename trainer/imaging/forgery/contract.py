"""What a forgery is: its report, its errors, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark, Truth
from trainer.imaging.film import Mask, Pixels

#: Grey as a float: 0 and 1 are the 0.1 and 99.9 percentiles of the image.
Level = NDArray[np.floating[Any]]
#: What a parameter in a report can be; it must survive JSON.
Value = float | int | str | bool | list[float]


class ForgeryError(ValueError):
    """An image that cannot be forged this way; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an operator did, before it is written back into the image.

    Parameters
    ----------
    level : ndarray of float32
        The changed grey, of the image's shape.
    mask : ndarray of bool
        Where it may differ from the image; every other pixel is put back to the bit.
    done : str
        One plain sentence.
    parameters : mapping
        What was drawn or chosen; JSON values alone.
    refused : tuple of str
        What was left out, and why.
    """

    level: Level
    mask: Mask
    done: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What was done to an image.

    Parameters
    ----------
    hallmark : Hallmark
        The hallmark that was made; for a mimic the one it looks like.
    truth : Truth
        ``tampered`` for a forgery, ``authentic`` for a mimic.
    dose : float
        0..1.
    done : str
        One plain sentence.
    family : str
        The kind of generator it stands for; one family can be held out of training.
    mimic : str
        The mimic's id, empty for a forgery.
    everywhere : bool
        Whether the hallmark has no place: the mask is the whole image.
    share : float
        Part of the pixels inside the mask, 0..1.
    parameters : dict
        What was drawn or chosen.
    anatomy : dict
        Each part of the anatomy that was used, and how sure it was, 0..1; 1 where handed in.
    refused : tuple of str
        What was left out, and why.
    """

    hallmark: Hallmark
    truth: Truth
    dose: float
    done: str
    family: str
    mimic: str = ""
    everywhere: bool = False
    share: float = 0.0
    parameters: Mapping[str, Value] = field(default_factory=dict)
    anatomy: Mapping[str, float] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        plain = asdict(self)
        plain["refused"] = list(self.refused)
        return plain


Forged = tuple[Pixels, Mask, Report]
