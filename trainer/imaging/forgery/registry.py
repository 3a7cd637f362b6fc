"""Every hallmark that can be made, and every authentic look that imitates one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from numpy.random import Generator

from trainer.core.words import Hallmark
from trainer.imaging.film import Pixels
from trainer.imaging.forgery import (
    checkerboard,
    clean_fracture,
    no_context,
    smooth_cortex,
    too_symmetric,
    uniform_grain,
)
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import Forged, ForgeryError
from trainer.imaging.forgery.mimics import scanned_grain, vendor_smoothing
from trainer.imaging.forgery.operator import Operator

_HALLMARKS = (
    smooth_cortex,
    uniform_grain,
    too_symmetric,
    clean_fracture,
    no_context,
    checkerboard,
)
_MIMICS = (vendor_smoothing, scanned_grain)

#: Hallmark to the operator that makes it.
HALLMARKS: Mapping[Hallmark, Operator] = MappingProxyType(
    {module.forge.hallmark: module.forge for module in _HALLMARKS}
)
#: Mimic's id to the operator that makes it; its ``hallmark`` is the one it looks like.
MIMICS: Mapping[str, Operator] = MappingProxyType(
    {module.forge.mimic: module.forge for module in _MIMICS}
)
#: Changes whenever an operator gives other pixels for the same image, dose and seed.
ENGINE = "1"


def operator(name: str) -> Operator:
    """Return the operator of a hallmark or mimic by its id.

    Raises
    ------
    ForgeryError
        When there is none by that name; the message lists what there is.
    """
    for key, found in HALLMARKS.items():
        if key.value == name:
            return found
    if name in MIMICS:
        return MIMICS[name]
    known = ", ".join([*(h.value for h in HALLMARKS), *MIMICS])
    raise ForgeryError(f"no hallmark or mimic is called {name!r}; there are {known}")


def forge(
    hallmark: Hallmark | str,
    image: Pixels,
    *,
    dose: float,
    rng: Generator,
    anatomy: Anatomy | None = None,
) -> Forged:
    """Make a hallmark (or a mimic) by its id; see :meth:`Operator.__call__`."""
    return operator(str(hallmark))(image, dose=dose, rng=rng, anatomy=anatomy)
