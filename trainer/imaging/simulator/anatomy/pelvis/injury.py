"""Broken hips: how a femur or the pubis comes apart, and where its pieces go.

A displaced fracture of the hip shortens the leg and turns it outwards, since iliopsoas and gravity
act on a shaft that the neck no longer holds (GPnotebook, *fracture of the neck of femur*; Gray's
Anatomy for Students). Angles and steps are an engineer's estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.imaging.simulator.anatomy.loft import Crack, about, split, turned
from trainer.imaging.simulator.anatomy.pelvis.femur import hip_of
from trainer.imaging.simulator.anatomy.pelvis.girdle import Girdle
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import Tissue

Floats = NDArray[np.float64]
Map = NDArray[np.float32]
Pose = tuple[Floats, Floats]

KINDS = ("none", "femoral neck", "intertrochanteric", "pubic rami")
_STILL: Pose = (np.eye(3), np.zeros(3))
# from the head's middle: a point of the break and its normal, which looks to the head
_PLANES = {
    "femoral neck": ((2.25, -0.1, -2.0), (-0.80, 0.08, 0.58)),
    "intertrochanteric": ((3.6, -0.6, -3.4), (-0.87, 0.06, 0.48)),
}


@dataclass(frozen=True)
class Injury:
    """One fracture of one side.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS` but none.
    shift : float
        How far its pieces part, 1 usual.
    follow : float
        What comes with it, 0..1: the leg shortens and turns out, the hip swells.
    """

    kind: str
    shift: float
    follow: float


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of a femur and where it went.

    Parameters
    ----------
    field : Field
        Its distance.
    pose : tuple
        Turn and place.
    """

    field: Field
    pose: Pose = _STILL


def pieces(girdle: Girdle, f: Field, injury: Injury | None, rng: Generator) -> list[Piece]:
    """Return a left femur's pieces, the one with the shaft first."""
    if injury is None or injury.kind not in _PLANES:
        return [Piece(f)]
    s, hip = girdle.size, hip_of(girdle)
    point, normal = _PLANES[injury.kind]
    at = hip + np.array(point) * s
    crack = Crack(tuple(at), normal, 0.03 + 0.03 * injury.shift, 0.14)
    shaft, head = split(f, crack, rng)
    out, up = 34.0 * injury.follow * injury.shift, 1.5 * injury.follow * injury.shift
    pivot = hip + np.array([3.4, -0.3, -4.5]) * s
    aside = 0.1 if injury.kind == "femoral neck" else -0.25
    if injury.kind != "femoral neck":
        out, up = 0.8 * out, 0.8 * up
    gone = about(turned(-out, "z"), pivot, np.array([aside * up, 0, up]) * s)
    if injury.kind == "femoral neck":
        tip = about(turned(7 * injury.follow * injury.shift, "y"), hip)
        return [Piece(shaft, gone), Piece(head, tip)]
    tip = about(turned(-11 * injury.follow * injury.shift, "y"), hip)
    # the lesser trochanter comes off, drawn up by the iliopsoas
    small = f.like().ellipsoid(hip + np.array([1.6, -1.5, -5.7]) * s, np.array([0.9, 1.1, 1.1]) * s)
    chip = f.like(np.maximum(shaft.values, small.values))
    rest = f.like(np.maximum(shaft.values, np.float32(0.06) - small.values))
    drawn = np.array([-0.5, 0.2, 0.7]) * injury.follow * injury.shift * s
    return [Piece(rest, gone), Piece(head, tip), Piece(chip, (np.eye(3), drawn))]


def pubis(girdle: Girdle, f: Field, injury: Injury | None, rng: Generator) -> list[Piece]:
    """Return a left hip bone's pieces: both rami of the pubis break, or none does."""
    if injury is None or injury.kind != "pubic rami":
        return [Piece(f)]
    s = girdle.size
    crack = Crack(tuple(girdle.at((3.7, 4.2, -3.0))), (-1.0, 0.1, 0.12), 0.0, 0.2)
    toward, low = np.float32(9) * crack.height(f, rng), f.mesh()[2] - np.float32(1.3 * s)
    half = np.float32(9 * (0.03 + 0.03 * injury.shift))
    rest = f.like(np.maximum(f.values, np.minimum(toward + half, -low)))
    loose = f.like(np.maximum(np.maximum(f.values, half - toward), low))
    step = np.array([-0.06, -0.1, -0.3]) * injury.shift * injury.follow * s
    return [Piece(rest), Piece(loose, (turned(3.0 * injury.follow, "y"), step))]


def swelling(girdle: Girdle, injury: Injury | None) -> list[Part]:
    """Return the blood and oedema about a broken bone, which blur the planes of fat."""
    if injury is None or injury.follow <= 0.02:
        return []
    s, amount = girdle.size, 0.3 * injury.follow
    at, radii = hip_of(girdle) + np.array([2.6, 0, -1.8]) * s, np.array([5.4, 4.6, 6.0])
    if injury.kind == "pubic rami":
        at, radii = girdle.at((3.2, 2.6, -2.8)), np.array([3.4, 3.4, 3.8])
    f = Field(at - radii - 1, at + radii + 1, 0.5, far=2.0).ellipsoid(at, radii * s)
    return [Part("swelling", f.solid(), Tissue(adipose=-amount, soft=amount))]
