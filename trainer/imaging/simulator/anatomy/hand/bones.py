"""The hand's bones: phalanges, metacarpals, carpals, distal forearm; and their fractures.

World axes: +x towards the thumb, +y towards the palm, +z towards the finger tips; lengths in cm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.hand.carpals import MEETS, carpals, forged_wrist
from trainer.imaging.simulator.anatomy.limb.bone import Bony, Quality
from trainer.imaging.simulator.anatomy.limb.breaks import is_broken
from trainer.imaging.simulator.anatomy.limb.cortex import uneven
from trainer.imaging.simulator.anatomy.limb.dislocation import is_out
from trainer.imaging.simulator.anatomy.limb.fractures import Site, break_bone, healed, plan
from trainer.imaging.simulator.anatomy.longbone import Form, Knob, LongBone, long_bone
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case, generator
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import SOFT, Bone

Floats = NDArray[np.float64]

FINGERS = ("index", "middle", "ring", "little")
BONES = (
    *(f"metacarpal {k}" for k in range(2, 6)),
    *(f"proximal phalanx {k}" for k in range(2, 6)),
    *(f"middle phalanx {k}" for k in range(2, 6)),
    "radius",
)
GRAIN = 0.86  # voxel of the trabecular texture relative to that of big bones
HOLLOW = 0.7
STRONGER = 0.3  # how much thicker the palmar, hollow side of a long bone is
LIES = weave((0, 0, 1), 1.6)

# base of each metacarpal (x, y, z), angle from the axis in degrees, lengths of the four bones
_RAYS = (
    ((1.56, 0.0, 3.02), 8, (6.55, 3.95, 2.35, 1.62)),
    ((0.42, -0.1, 3.36), 1, (6.3, 4.4, 2.85, 1.75)),
    ((-0.62, -0.05, 3.22), -7, (5.65, 4.1, 2.65, 1.72)),
    ((-1.56, 0.1, 2.95), -15, (5.2, 3.25, 1.9, 1.55)),
)
# half widths of the metacarpals' bases; that of the thumb is a saddle
_BASES = (0.74, 0.60, 0.50, 0.56)
_SEGMENTS = ("metacarpal", "proximal phalanx", "middle phalanx", "distal phalanx")
_JOINT = (0.20, 0.13, 0.11, 0.0)


@dataclass(eq=False)
class Skeleton:
    """The bones in their places, and what the soft tissue follows.

    A chain has a row for each node of a finger: place, and which joint it is, counted from the
    metacarpal's base; between two joints lie nodes of part of a number, where a bone has broken or
    left its joint.
    """

    parts: list[Part]
    chains: list[Floats]
    break_at: Floats | None
    whole: dict[str, Bony]
    wrist: dict[str, Bony]
    sites: Mapping[str, Site] | None
    kinks: dict[str, Floats]

    def site(self, case: Case, bone: Bony, broken: str, share: float) -> Site | None:
        """Return where a bone broke, or long ago did; None where it is another that did.

        Parameters
        ----------
        case : Case
            Its size.
        bone : Bony
            Which.
        broken : str
            What the case calls the broken bone.
        share : float
            Place along a long bone, 0 base to 1 head, where the region states no sites.
        """
        if self.sites is not None:
            site = self.sites.get(broken)
            right = site is not None and site.bone == bone.name
            return site.scaled(case.number("size")) if site and right else None
        if broken != bone.name:
            return None
        f = bone.field
        inside = np.flatnonzero((f.values < 0).any((0, 1)))
        level = share * float(f.axes[2][inside[-1]])
        plane = f.values[:, :, int((level - f.corner[2]) / f.spacing)] < 0
        wide = max(0.4, float(plane.any(1).sum()) * f.spacing)
        return Site(bone.name, (0.0, 0.0, level), (0, 0, 1), (1, 0, 0), wide)


def axis(direction: ArrayLike, yaw: float = 0.0) -> Floats:
    """Return a bone's own axes, the third along ``direction``, turned by ``yaw`` about it."""
    d = np.asarray(direction, float)
    d = d / np.linalg.norm(d)
    x = np.cross([0, 1, 0], d)
    x /= np.linalg.norm(x)
    y = np.cross(d, x)
    c, s = np.cos(yaw), np.sin(yaw)
    return np.stack([x * c + y * s, y * c - x * s, d], 1)


def _phalanx(length: float, base: float, shaft: float, head: float, distal: bool = False) -> Form:
    cortex = [
        (0, 0.035), (0.15, 0.05), (0.35, 0.13 * shaft / 0.4), (0.55, 0.15 * shaft / 0.4),
        (0.8, 0.08), (0.95, 0.035), (1, 0.03),
    ]  # fmt: skip
    profile = [
        (0, base * 0.95), (0.12, base * 0.92), (0.30, shaft * 1.12), (0.58, shaft),
        (0.80, shaft * 1.1), (0.93, shaft * 0.9 if distal else head * 0.8),
    ]  # fmt: skip
    knobs = [
        Knob((0, 0, 0.10), (base * 1.03, base * 0.85, 0.26)),
        Knob((0, 0, -0.22), (base * 0.9, base * 0.8, 0.20), cut=True),
    ]
    if distal:
        # the tuft: a spade
        knobs.append(Knob((0, 0, length - 0.14), (head * 0.95, head * 0.5, 0.34)))
    else:
        condyle = (head * 0.56, head * 0.72, head * 0.56)
        knobs += [Knob((k * head * 0.46, 0, length - 0.30), condyle) for k in (-1, 1)]
    return Form(length, profile, cortex, knobs)


def _metacarpal(length: float, base: float = 0.66, low: float = 0.2) -> Form:
    """Return a metacarpal whose base is so wide to each side and reaches so far below, cm.

    The bases are drawn too long, and cut to fit the carpal bones.
    """
    return Form(
        length,
        [
            (0, base * 0.95), (0.1, base * 0.93), (0.22, 0.48), (0.4, 0.41), (0.55, 0.40),
            (0.72, 0.44), (0.86, 0.56), (0.93, 0.5),
        ],
        [(0, 0.035), (0.12, 0.05), (0.3, 0.15), (0.5, 0.19), (0.7, 0.13), (0.88, 0.05), (1, 0.03)],
        [Knob((k * 0.45 * base, 0, 0.1), (0.62 * base, 0.66, 0.3 + low)) for k in (-1, 1)]
        + [Knob((0, 0, length - 0.50), (0.70, 0.72, 0.55))],
    )  # fmt: skip


def _finger_form(
    ray: int, segment: int, length: float, s: float, spur: tuple[float, float]
) -> Form:
    """Return a bone of a finger; spurs stand at the two outer joints (Heberden, Bouchard).

    They are so big on the little finger's and on the thumb's side of its base, relative.
    """
    if segment == 0:
        return _metacarpal(length, _BASES[ray], 0.4 if ray < 2 else 0.25)
    base, shaft, head = ((0.72, 0.42, 0.56), (0.60, 0.35, 0.47), (0.50, 0.23, 0.40))[segment - 1]
    form = _phalanx(length, base * s, shaft * s, head * s, distal=segment == 3)
    if segment == 1:
        return form
    knobs = []
    for side, much in zip((-1, 1), spur, strict=True):
        if much > 0.1:
            out, long = base * s, 0.06 + 0.10 * much
            centre = (side * (out + 0.2 * long), 0.1 * side, 0.05 + 0.3 * long)
            knobs.append(Knob(centre, (0.12 + 0.6 * long, 0.24, 0.08 + 0.4 * long)))
    return replace(form, knobs=(*form.knobs, *knobs))


def bones_of(case: Case, sites: Mapping[str, Site] | None = None) -> Skeleton:
    """Return all bones of a case in their places, broken ones in pieces.

    Parameters
    ----------
    case : Case
        The case.
    sites : mapping of str to Site, optional
        Where bones break, for a hand of size 1; where not given, long ones break at
        ``fracture_at``.
    """
    s = case.number("size")
    worn = case.number("narrowing")
    wrist = carpals(case.seed, s, worn, float(case.word("coalition") == "yes"))
    made = Skeleton([], [], None, {}, wrist, sites, {})
    for ray in range(4):
        _finger(case, ray, s, made)
    _thumb(case, s, made)
    _forearm(case, s, made)
    for bone in forged_wrist(case, wrist, s).values():
        _place(case, bone, made)
    return made


@remember(64)
def _surfaced(form: Form, seed: int, name: str) -> LongBone:
    return long_bone(form, generator(seed, f"surface {name}"))


@remember(32)
def _met(
    form: Form, seed: int, name: str, turn: tuple[float, ...], at: tuple[float, ...],
    wrist: tuple[float, ...],
) -> Bony:  # fmt: skip
    """Return a long bone in its place, cut to fit the carpal bones it meets."""
    bone = _surfaced(form, seed, name)
    axes = np.array(turn).reshape(3, 3)
    placed = Bony(name, bone.field, bone.cortex, axes, np.array(at), LIES, HOLLOW)
    s, worn, bridged = wrist
    if name in MEETS:
        space = (0.15 if name.startswith("meta") else 0.2) * s * (1 - 0.85 * worn)
        known = carpals(seed, s, worn, bridged)
        for other in MEETS[name]:
            placed = placed.away_from(known[other].solid(), space, share=1)
    return uneven(placed, generator(seed, f"cortex {name}"), (0.0, STRONGER))


def _long(
    case: Case, name: str, form: Form, turn: Floats, at: Floats, made: Skeleton
) -> tuple[Floats, Floats]:
    """Put a long bone in its place; return its axes and where its head is, as broken."""
    wrist = (
        case.number("size"), case.number("narrowing"), float(case.word("coalition") == "yes")
    )  # fmt: skip
    flat = tuple(float(v) for v in turn.ravel())
    bone = _met(form, case.seed, name, flat, tuple(float(v) for v in at), wrist)
    last = _place(case, bone, made)
    return last.turn, last.world((0, 0, form.length))


def _place(case: Case, bone: Bony, made: Skeleton) -> Bony:
    """Put a bone, broken if the case says so, in its place; return its far piece."""
    own = quality(case)
    phase = float(case.rng(f"phase {bone.name}").uniform(0, 96))
    made.whole[bone.name] = bone
    pieces, bands = [bone], []
    old = made.site(case, bone, case.word("old_fracture"), 0.5)
    if old is not None:
        mended = healed(bone, old, case.rng("healed fracture"))
        bone = mended.pieces[0]
        pieces, bands = [bone], list(mended.crushed)
    site = None
    if is_broken(case):
        share = float(case.values.get("fracture_at", 0.5))
        site = made.site(case, bone, case.word("fracture_bone"), share)
    if site is not None:
        natural, clean = case.number("consequences"), case.dose(Hallmark.CLEAN_FRACTURE)
        how = plan(case.word("fracture_kind"), site, case.rng("fracture"), natural, clean)
        broken = break_bone(bone, site, how, case.rng("fracture faces"))
        pieces, bands = broken.pieces, bands + broken.crushed
        made.break_at = broken.centre
        turn, place = broken.motion
        made.kinks[bone.name] = np.stack([broken.centre, turn @ broken.centre + place])
    for piece in pieces:
        made.parts.append(own.part(piece, phase))
    made.parts += bands
    return pieces[min(1, len(pieces) - 1)]


def _nodes(made: Skeleton, name: str, k: int, at: Floats, end: Floats) -> list[Floats]:
    """Return the nodes that a finger's k-th bone, which begins at ``at``, adds to its chain."""
    step = made.kinks.get(name, np.zeros((0, 3)))
    length = float(np.linalg.norm(end - at))
    share = [min(0.95, float(np.linalg.norm(p - at)) / length) for p in step[:1]] * len(step)
    rows = [np.append(p, k + u) for p, u in zip(step, share, strict=True)]
    return [*rows, np.append(end, k + 1.0)]


def quality(case: Case) -> Quality:
    """Return the quality of a case's bone: finer trabeculae than in the big bones."""
    full = Quality.of(case.number("mineral"), case.number("age"), case.number("porosis"))
    return replace(full, grain=full.grain * GRAIN)


def _finger(case: Case, ray: int, s: float, made: Skeleton) -> None:
    base, spread, lengths = _RAYS[ray]
    degrees = spread * case.number("spread")
    own = case.rng(f"ray {ray}").standard_normal((5, 4))
    angle = np.deg2rad(degrees * 0.75 + 0.8 * own[4, 0])
    at = np.array(base) * s
    open_ = 1 - 0.7 * case.number("narrowing")
    chain = [np.append(at, 0.0)]
    for k, length in enumerate(lengths):
        size = length * s * (1 + 0.02 * own[k, 0])
        turn = axis((np.sin(angle), 0.04 * own[k, 1], np.cos(angle)), 0.12 * own[k, 2])
        name = f"{_SEGMENTS[k]} {ray + 2}"
        if k == 2 and case.values.get("dislocated_finger") == FINGERS[ray] and is_out(case):
            # backwards, and a little short and to the side: the base rides on the head before it
            made.break_at = at.copy()
            aside = case.rng("dislocation").choice([-1, 1]) * 0.28
            at = at + turn @ np.array([aside, -0.75, -0.5]) * s
            angle += 0.5 * aside
            # the flesh passes from the one bone to the other over the head that is ridden on
            chain.append(np.append(at + turn[:, 2] * 0.3 * size, k + 0.3))
        low, high = case.rng(f"spurs {name}").uniform(0.1, 1.5, 2) * case.number("osteophytes")
        form = _finger_form(ray, k, size, s, (float(low), float(high)))
        turn, end = _long(case, name, form, turn, at, made)
        chain += _nodes(made, name, k, at, end)
        angle = np.arctan2(turn[0, 2], turn[2, 2]) + np.deg2rad(0.1 * degrees + 1.6 * own[k, 3])
        at = end + np.array([np.sin(angle), 0, np.cos(angle)]) * _JOINT[k] * s * open_
    made.chains.append(np.array(chain))


def _thumb(case: Case, s: float, made: Skeleton) -> None:
    own = case.rng("thumb").standard_normal(3)
    at = np.array([2.56, 0.80, 2.86]) * s
    angle = np.deg2rad(36 * case.number("spread"))
    chain = [np.append(at, 0.0)]
    joints: list[Floats] = []
    shapes = (("metacarpal 1", 4.5), ("proximal phalanx 1", 3.1), ("distal phalanx 1", 2.2))
    for k, (name, length) in enumerate(shapes):
        turn = axis((np.sin(angle), 0.10, np.cos(angle)), 0.7)
        form = (
            _metacarpal(length * s),
            _phalanx(length * s, 0.66 * s, 0.42 * s, 0.55 * s),
            _phalanx(length * s, 0.62 * s, 0.28 * s, 0.46 * s, distal=True),
        )[k]
        turn, end = _long(case, name, form, turn, at, made)
        chain += _nodes(made, name, k, at, end)
        angle -= np.deg2rad(9 + 3 * own[k])
        at = end + np.array([np.sin(angle), 0, np.cos(angle)]) * 0.18 * s
        joints.append(end)
    made.chains.append(np.array(chain))
    made.parts.extend(_sesamoids(case, s, joints[0]))


def _sesamoids(case: Case, s: float, joint: Floats) -> list[Part]:
    f = Field((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5), 0.045, far=0.4)
    solid = f.ellipsoid((0, 0, 0), np.array([0.2, 0.2, 0.25]) * s, blend=0.01).solid(0.04)
    bone = Bone(cortex=0.92 * case.number("mineral"), grain=0.0125)
    return [
        Part(
            f"sesamoid {k}",
            solid.posed(np.eye(3), joint + np.array([x, 0.5, -0.15])),
            bone,
            SOFT,
            "bones",
        )
        for k, x in enumerate((0.3, -0.35))
    ]


def _forearm(case: Case, s: float, made: Skeleton) -> None:
    length = 8.5 * s
    radius = Form(
        length,
        [(0, 0.62 * s), (0.45, 0.66 * s), (0.7, 0.85 * s), (0.88, 1.28 * s), (0.97, 1.42 * s),
         (1, 1.25 * s)],
        [(0, 0.24), (0.45, 0.20), (0.7, 0.10), (0.88, 0.045), (1, 0.04)],
        [Knob((0.88 * s, 0, length + 0.25 * s), (0.62 * s, 0.78 * s, 0.85 * s)),
         Knob((0.3 * s, 0, length + 0.05 * s), (0.95 * s, 0.9 * s, 0.6 * s)),
         Knob((-0.5 * s, 0, length - 0.05 * s), (0.85 * s, 0.85 * s, 0.42 * s))],
        flat=0.72,
    )  # fmt: skip
    short = 0.97 * length
    ulna = Form(
        short,
        [(0, 0.60 * s), (0.5, 0.52 * s), (0.8, 0.56 * s), (0.92, 0.74 * s), (0.955, 0.76 * s)],
        [(0, 0.22), (0.5, 0.18), (0.8, 0.09), (0.95, 0.04), (1, 0.03)],
        [
            Knob((0.05, 0, short - 0.38 * s), (0.84 * s, 0.78 * s, 0.42 * s)),
            Knob((-0.5 * s, -0.2 * s, short - 0.1 * s), (0.25 * s, 0.28 * s, 0.48 * s)),
        ],
    )
    places = {
        "radius": (radius, (0.02, 0, 1), np.array([0.55 * s, 0, -length - 0.05])),
        "ulna": (ulna, (-0.03, 0, 1), np.array([-1.35 * s, -0.25, -length - 0.05])),
    }
    for name, (form, way, at) in places.items():
        _long(case, name, form, axis(way), at, made)
