"""Long bones in their own coordinates: a shaft along z with ends, a cortex, and their fractures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise

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

    def solid(self, turn: Floats, place: ArrayLike) -> Solid:
        """Return the whole bone in its place."""
        return self.field.solid(self.cortex, HOLLOW).posed(turn, np.asarray(place, float))

    def end(self, turn: Floats, place: ArrayLike) -> Floats:
        """Return where the head's centre lies."""
        head: Floats = turn @ np.array([0, 0, self.length])
        return np.asarray(place, float) + head


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
    f = Field((-side, -side, -0.45), (side, side, form.length + 0.45), spacing, far=0.6)
    x, y, z = f.mesh()
    radius = PchipInterpolator(at, [p[1] for p in form.profile])(np.clip(f.axes[2], at[0], at[-1]))
    bow = form.bow * form.length * np.sin(np.clip(f.axes[2] / form.length, 0, 1) * np.pi)
    around, bent = (np.asarray(v, np.float32)[None, None, :] for v in (radius, bow))
    shaft = (np.sqrt(x**2 + ((y + bent) / np.float32(form.flat)) ** 2) - around) * np.float32(0.9)
    shaft = np.maximum(shaft, np.maximum(at[0] - z, z - at[-1]))
    f.values = np.ascontiguousarray(np.minimum(shaft, 0.6), np.float32)
    for knob in form.knobs:
        f.ellipsoid(knob.centre, knob.radii, blend=0.12, cut=knob.cut)
    for size, strength in ((0.35, 1.0), (0.12, 0.4)):
        cells = tuple(max(4, int(n * spacing / size)) for n in f.shape)
        f.values += form.rough * strength * smooth_noise(f.shape, cells, rng)
    cortex = np.interp(
        f.axes[2], np.array([c[0] for c in form.cortex]) * form.length, [c[1] for c in form.cortex]
    )
    return LongBone(f, form.length, cortex.astype(np.float32))


@dataclass(frozen=True)
class Break:
    """A fracture of a long bone, with or without its consequences.

    Parameters
    ----------
    at : float
        Place along the bone, 0 base to 1 head.
    slope : float
        Tangent of the fracture plane's tilt: 0 transverse, about 1 oblique.
    spiral : float
        Turns of the fracture line about the shaft over one bone width.
    gap : float
        Width of the gap, cm.
    step : float
        Sideways shift of the far piece, cm.
    angle : float
        Bend at the fracture, radians.
    impaction : float
        Shortening, cm.
    rough : float
        Irregularity of the fracture faces, cm.
    through : float
        Share of the bone's width that the line crosses: 1, or less for one cortex only.
    bulge : float
        Height of a buckled cortex, cm: a torus fracture has this and no gap.
    """

    at: float
    slope: float = 0.0
    spiral: float = 0.0
    gap: float = 0.03
    step: float = 0.0
    angle: float = 0.0
    impaction: float = 0.0
    rough: float = 0.05
    through: float = 1.0
    bulge: float = 0.0


@dataclass(frozen=True, eq=False)
class Broken:
    """A broken bone in its place: its pieces, the far piece's pose, the centre of the break."""

    pieces: tuple[Solid, ...]
    turn: Floats
    place: Floats
    centre: Floats


def break_bone(
    bone: LongBone, turn: Floats, place: ArrayLike, how: Break, rng: Generator
) -> Broken:
    """Return a bone broken in its place.

    Parameters
    ----------
    bone : LongBone
        The bone.
    turn, place : ndarray
        Its pose.
    how : Break
        The fracture.
    rng : Generator
        Of the fracture faces.
    """
    base = np.asarray(place, float)
    level = how.at * bone.length
    centre = base + turn @ np.array([0, 0, level])
    f = bone.field
    x, _, z = f.mesh()
    if how.bulge > 0:
        ridge = np.exp(-(((z - level) / 0.16) ** 2)) * (0.6 + 0.4 * np.sign(x))
        swollen = f.like(f.values - np.float32(how.bulge) * ridge)
        thick = bone.cortex * (1 + np.exp(-(((f.axes[2] - level) / 0.2) ** 2)))
        solid = swollen.solid(thick, HOLLOW).posed(turn, base)
        return Broken((solid,), turn, base, centre)
    plane = _faces(bone, how, level, rng)
    far_turn, far_place = turn, base
    cuts = []
    for sign in (1, -1):
        half = np.maximum(f.values, sign * plane + np.float32(how.gap / 2))
        if how.through < 1:  # an incomplete break is one piece with a slit
            half = f.values
            slit = np.maximum(np.abs(plane) - np.float32(how.gap / 2), _beyond(bone, how))
            cuts.append(
                f.like(np.maximum(half, -slit)).solid(bone.cortex, HOLLOW).posed(turn, base)
            )
            return Broken(tuple(cuts), turn, base, centre)
        if sign < 0:
            c, s = np.cos(how.angle), np.sin(how.angle)
            bend = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
            pivot = np.array([0, 0, level])
            far_turn = turn @ bend
            moved = pivot + np.array([how.step, 0, -how.impaction])
            far_place = base + turn @ moved - far_turn @ pivot
        cuts.append(f.like(half).solid(bone.cortex, HOLLOW).posed(far_turn, far_place))
    return Broken(tuple(cuts), far_turn, far_place, centre)


def _faces(bone: LongBone, how: Break, level: float, rng: Generator) -> NDArray[np.float32]:
    """Return the signed height above the fracture face."""
    f = bone.field
    x, y, z = f.mesh()
    plane = z - np.float32(level) - np.float32(how.slope) * x
    if how.spiral:
        plane = plane - np.float32(how.spiral) * np.arctan2(y, x + np.float32(0.02))
    for size, strength in ((0.22, 1.0), (0.09, 0.4)):
        cells = tuple(max(4, int(n * f.spacing / size)) for n in f.shape)
        plane = plane + np.float32(how.rough * strength) * smooth_noise(f.shape, cells, rng)
    return np.asarray(plane, np.float32)


def _beyond(bone: LongBone, how: Break) -> NDArray[np.float32]:
    """Return the distance beyond the share of the width that an incomplete break crosses."""
    f = bone.field
    at = int(np.clip((how.at * bone.length - f.corner[2]) / f.spacing, 0, f.shape[2] - 1))
    wide = f.axes[0][np.flatnonzero((f.values[:, :, at] < 0).any(1))]
    if len(wide) == 0:
        return np.zeros(f.shape, np.float32)
    reach = wide[0] + how.through * (wide[-1] - wide[0])
    return np.asarray(np.broadcast_to(f.mesh()[0] - reach, f.shape), np.float32)
