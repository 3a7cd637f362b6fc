"""Every hallmark that can be made, and every authentic look that imitates one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from numpy.random import Generator

from trainer.core.words import Hallmark
from trainer.imaging.film import Pixels
from trainer.imaging.forgery import (
    bad_text,
    checkerboard,
    clean_fracture,
    gas_shape,
    halo_seam,
    joint_merge,
    no_context,
    render_look,
    rib_clone,
    skin_rim,
    smooth_cortex,
    straight_spine,
    too_symmetric,
    trabecula,
    uniform_grain,
    vertebra_clone,
    vessel_uniform,
    z_break,
)
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import Forged, ForgeryError
from trainer.imaging.forgery.mimics import (
    breathing_step,
    edge_enhanced,
    granuloma,
    grid_moire,
    motion_blur,
    nutrient_canal,
    reversed_marker,
    scanned_grain,
    underexposed,
    vendor_smoothing,
)
from trainer.imaging.forgery.operator import Operator

_HALLMARKS = (
    smooth_cortex,
    skin_rim,
    trabecula,
    uniform_grain,
    too_symmetric,
    straight_spine,
    vertebra_clone,
    rib_clone,
    vessel_uniform,
    clean_fracture,
    no_context,
    joint_merge,
    gas_shape,
    render_look,
    bad_text,
    checkerboard,
    halo_seam,
    z_break,
)
_MIMICS = (
    vendor_smoothing,
    edge_enhanced,
    scanned_grain,
    underexposed,
    grid_moire,
    motion_blur,
    nutrient_canal,
    granuloma,
    reversed_marker,
    breathing_step,
)

#: Hallmark to the operator that makes it.
HALLMARKS: Mapping[Hallmark, Operator] = MappingProxyType(
    {module.forge.hallmark: module.forge for module in _HALLMARKS}
)
#: Mimic's id to the operator that makes it; its ``hallmark`` is the one it looks like.
MIMICS: Mapping[str, Operator] = MappingProxyType(
    {module.forge.mimic: module.forge for module in _MIMICS}
)
#: Changes whenever an operator gives other pixels for the same image, dose and seed.
ENGINE = "5"


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
