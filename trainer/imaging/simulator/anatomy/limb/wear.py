"""Osteoarthritis: narrowed joints, spurs, hard bone under the cartilage, cysts.

The signs by which Kellgren and Lawrence graded it (Kohn et al., Clin Orthop Relat Res 2016, doi
10.1007/s11999-016-4732-4); cysts are counted among them by later scales.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.anatomy.limb.bone import Bony, cropped
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Number, Quantity, Structural
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.looks import Contact
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.tissue import MARROW, SOFT, Tissue
from trainer.imaging.simulator.tubes import tube

Floats = NDArray[np.float64]

QUANTITIES: dict[str, Quantity] = {
    "narrowing": Number(0, 0.95, 0.05, 0.22, "loss of joint space by wear, 0 none to 1 all"),
    "osteophytes": Number(0, 1, 0.05, 0.25, "spurs at the joint's margins, relative"),
    "cysts": Number(0, 1, 0.0, 0.2, "cysts under the worn cartilage, relative"),
    "porosis": Number(0, 1, 0.0, 0.18, "osteoporosis, 0 none to 1 severe"),
}


def fused(age: Number, *joints: Contact) -> Structural:
    """Return the forgery of bones grown into one, imitated by a joint worn down to the bone.

    Parameters
    ----------
    age : Number
        Years, of those whose joint is so worn.
    joints : Contact
        Where its bones meet.
    """
    return Structural(
        "fusion model",
        needs={"narrowing": Number(0, 0.3, 0.0, 0.1, "loss of joint space by wear")},
        mimic={
            "narrowing": Number(0.8, 0.95, 0.88, 0.04, "loss of joint space: bone on bone"),
            "osteophytes": Number(0.4, 1, 0.7, 0.15, "spurs at the joint's margins"),
            "age": age,
        },
        look=joints,
    )


def spurs(
    f: Field, places: Sequence[tuple[ArrayLike, ArrayLike]], size: float, rng: Generator, s: float
) -> Field:
    """Join spurs to a bone at its joint's margin.

    Parameters
    ----------
    f : Field
        The bone.
    places : sequence of (point, direction)
        Where on its rim, and which way, in the bone's own coordinates for a bone of size 1.
    size : float
        0..1.
    rng : Generator
        Of each one's length.
    s : float
        Size of the bone.
    """
    for point, way in places:
        long = size * rng.uniform(0.25, 0.6) * s
        if long < 0.04:
            continue
        base, tip = np.asarray(point, float) * s, np.asarray(way, float)
        tip = base + tip / np.linalg.norm(tip) * long
        f.capsules([base, tip], [0.12 * s + 0.35 * long, 0.08 * s], blend=0.15 * s)
    return f


def hardened(bone: Bony, other: Solid, gap: float, deep: float, share: float) -> list[Part]:
    """Return the hard bone that wear leaves under a joint's face.

    Parameters
    ----------
    bone : Bony
        Whose.
    other : Solid
        The neighbour it rubs on.
    gap, deep : float
        Space between them and depth of the hard layer, cm.
    share : float
        Bone added, 0..0.4; nothing is returned where it is next to none.
    """
    if share < 0.02:
        return []
    near = bone.window(other.corners())
    if near is None:
        return []
    bone = bone.windowed(near)
    f, theirs = bone.field, bone.distance_to(other)
    layer = np.maximum(f.values + np.float32(0.02), theirs - np.float32(gap + deep))
    if (layer < 0).sum() < 20:
        return []
    solid = cropped(f.like(np.clip(layer, -1, f.far))).solid().posed(bone.turn, bone.place)
    made_of = Tissue(adipose=-0.65 * share, soft=-0.3 * share, bone=share)
    return [Part(f"{bone.name} sclerosis", solid, made_of, MARROW.scaled(0.0))]


def nutrient_canal(bone: Bony, course: ArrayLike, s: float) -> Part:
    """Return the canal of a bone's nutrient artery: a fine slanting line that mimics a crack.

    Parameters
    ----------
    bone : Bony
        Whose.
    course : array-like, shape (n, 3)
        From outside of the cortex to its inside, own coordinates for a bone of size 1, cm.
    s : float
        Size.
    """
    path = through(np.asarray(course, float) * s, 8)
    nodes = [bone.world(p) for p in path]
    made_of = Tissue(bone=-0.85, soft=0.55)
    return Part(f"{bone.name} canal", tube(nodes, 0.055), made_of, SOFT.scaled(0.0))


def cysts(
    name: str, places: Sequence[ArrayLike], much: float, spongiosa: float, rng: Generator
) -> list[Part]:
    """Return cysts: round holes in the spongiosa with a thin hard rim.

    Parameters
    ----------
    name : str
        Of the bone.
    places : sequence of array-like
        World points, cm.
    much : float
        0 none, 1 all of them at full size.
    spongiosa : float
        Share of bone that a cyst displaces.
    rng : Generator
        Of their sizes and shapes.
    """
    parts = []
    for k, place in enumerate(places):
        own = rng.uniform(0, 1, 5)
        radius = (0.16 + 0.22 * own[0]) * much
        if own[1] > 0.35 + 0.65 * much or radius < 0.07:
            continue
        radii = radius * (0.8 + 0.4 * own[2:])
        for part, grow, share in (("rim", 0.05, 0.25), ("hole", 0.0, -(0.25 + 0.7 * spongiosa))):
            f = Field((-0.8,) * 3, (0.8,) * 3, 0.05, far=0.4)
            f.ellipsoid((0, 0, 0), radii + grow, blend=0.02)
            solid = f.solid().posed(np.eye(3), np.asarray(place, float))
            made_of = Tissue(bone=share, soft=-share)
            parts.append(Part(f"{name} cyst {k} {part}", solid, made_of, SOFT.scaled(0.0)))
    return parts
