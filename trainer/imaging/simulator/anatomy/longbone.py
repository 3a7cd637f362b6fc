"""Long bones in their own coordinates: a shaft along z with ends, and a cortex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from trainer.imaging.simulator.anatomy.loft import calmed, roughen
from trainer.imaging.simulator.fields import Field

Floats = NDArray[np.float64]

HOLLOW = 0.7  # share of the trabeculae that a shaft lacks


@dataclass(frozen=True)
class Knob:
    """An ellipsoid joined to (or cut from) a bone's end.

    Parameters
    ----------
    centre, radii : tuple of float
        In the bone's own coordinates, cm.
    cut : bool
        Cut instead of joined.
    """

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    cut: bool = False


@dataclass(frozen=True, eq=False)
class LongBone:
    """A long bone before it is posed.

    Parameters
    ----------
    field : Field
        Its distance.
    length : float
        From base (z = 0) to head, cm.
    cortex : ndarray
        Thickness of the cortex at each grid plane along z, cm.
    """

    field: Field
    length: float
    cortex: NDArray[np.float32]


@dataclass(frozen=True)
class Form:
    """What a long bone looks like.

    Parameters
    ----------
    length : float
        cm.
    profile : sequence of pair
        (share of the length, radius) of the shaft.
    cortex : sequence of pair
        (share of the length, thickness in cm).
    knobs : sequence of Knob
        Ends.
    flat : float
        Front-back radius relative to the sideways one.
    bow : float
        Bow of the shaft, share of its length.
    rough : float
        Surface irregularity, cm.
    """

    length: float
    profile: Sequence[tuple[float, float]]
    cortex: Sequence[tuple[float, float]]
    knobs: Sequence[Knob] = ()
    flat: float = 0.85
    bow: float = 0.03
    rough: float = 0.012

    def __post_init__(self) -> None:
        """Hold the lists fast, so that equal forms can be told as equal."""
        for name in ("profile", "cortex", "knobs"):
            object.__setattr__(self, name, tuple(getattr(self, name)))


def long_bone(form: Form, rng: Generator, spacing: float = 0.045) -> LongBone:
    """Return a bone of a form, its surface drawn from ``rng``.

    Parameters
    ----------
    form : Form
        The form.
    rng : Generator
        Of the surface.
    spacing : float
        Grid step, cm.
    """
    at = np.array([p[0] for p in form.profile]) * form.length
    wide = max(max(p[1] for p in form.profile), *(max(k.radii[:2]) for k in form.knobs), 0.1)
    side = wide + 0.35
    top = max([form.length, *(k.centre[2] + k.radii[2] for k in form.knobs if not k.cut)])
    f = Field((-side, -side, -0.45), (side, side, top + 0.45), spacing, far=0.6)
    x, y, z = f.mesh()
    radius = PchipInterpolator(at, [p[1] for p in form.profile])(np.clip(f.axes[2], at[0], at[-1]))
    bow = form.bow * form.length * np.sin(np.clip(f.axes[2] / form.length, 0, 1) * np.pi)
    around, bent = (np.asarray(v, np.float32)[None, None, :] for v in (radius, bow))
    shaft = (np.sqrt(x**2 + ((y + bent) / np.float32(form.flat)) ** 2) - around) * np.float32(0.9)
    shaft = np.maximum(shaft, np.maximum(at[0] - z, z - at[-1]))
    f.values = np.ascontiguousarray(np.minimum(shaft, 0.6), np.float32)
    for knob in form.knobs:
        f.ellipsoid(knob.centre, knob.radii, blend=0.12, cut=knob.cut)
    cortex = np.interp(
        f.axes[2], np.array([c[0] for c in form.cortex]) * form.length, [c[1] for c in form.cortex]
    )
    roughen(f, rng, calmed(form.rough, cortex), (0.35, 0.12))
    return LongBone(f, form.length, cortex.astype(np.float32))
