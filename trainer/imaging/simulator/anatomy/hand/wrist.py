"""The wrist PA as a region: the hand's body, closer, with breaks of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.hand.bones import Skeleton, bones_of
from trainer.imaging.simulator.anatomy.hand.region import QUANTITIES, hand_parts
from trainer.imaging.simulator.anatomy.hand.soft import soft_of
from trainer.imaging.simulator.anatomy.limb import hardware, wear
from trainer.imaging.simulator.anatomy.limb.breaks import (
    BROKEN,
    FLESH,
    FRESH,
    LINE,
    is_broken,
    quantities,
    settler,
)
from trainer.imaging.simulator.anatomy.limb.flesh import cast
from trainer.imaging.simulator.anatomy.limb.fractures import AVULSED, Site
from trainer.imaging.simulator.anatomy.limb.region import tones
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.looks import Contact, Parts
from trainer.imaging.simulator.technique import Point, Technique, positioning

Floats = NDArray[np.float64]

TOP = 15.0  # how far up the flesh is built: the film ends below it, cm
# The radius is 8.5 long in this hand; its far end stays with the hand and the shaft moves.
SITES = {
    "distal radius": Site(
        # the hand's end goes backwards and to the thumb: here the shaft goes the other way
        "radius", (0.15, 0, 6.6), (0, 0, -1), (-0.6, 0.8, 0), 2.3, True, 0.3,
        kinds=("transverse", "oblique", "comminuted", "buckle"), slant=-0.2,
    ),
    "radial styloid": Site(
        "radius", (0.75, 0, 7.9), (0.75, 0, 0.66), (0.66, 0, -0.75), 1.6, True, 0.1, kinds=AVULSED
    ),
    "ulnar styloid": Site(
        "ulna", (-0.42, 0, 8.3), (-0.3, 0, 1), (-1, 0, -0.3), 0.5, True, kinds=AVULSED, pulled=True
    ),
    "scaphoid": Site("scaphoid", (0, 0, 0.05), (0, 0, 1),
    (1, 0, 0), 1.0, slide=0.12, kinds=AVULSED),
}  # fmt: skip

WRIST: dict[str, Quantity] = {
    **{k: v for k, v in QUANTITIES.items() if not k.startswith(("fracture_", "dislocated_"))},
    **positioning(4.0, 2.0, 3.0, (0.5, 0.6)),
    **quantities(tuple(SITES), (6, 2, 1, 3)),
    "old_fracture": Choice(("none", "distal radius"), "bone with a healed fracture", common=1),
    "cysts": wear.QUANTITIES["cysts"],
    "hardware": hardware.CHOICE,
    "field": Number(14, 18.5, 16.5, 0.6, "height of the film at the patient, cm"),
}
_BREAK = Structural("insertion model", needs=BROKEN, mimic=FRESH, look=(LINE,))
_UNSWOLLEN = replace(_BREAK, look=(FLESH, Parts(("pronator fat",))))
STRUCTURAL = {
    Hallmark.CLEAN_FRACTURE: _BREAK,
    Hallmark.NO_SOFT_TISSUE: _UNSWOLLEN,
    Hallmark.JOINT_MERGE: Structural(
        "fusion model",
        needs={"narrowing": Number(0, 0.3, 0.0, 0.1, "loss of joint space by wear"),
               "coalition": Choice(("no",), "lunotriquetral coalition")},
        mimic={"coalition": Choice(("yes",), "lunotriquetral coalition")},
        look=(Contact(("lunate",), ("triquetrum",), rim=0.2),),
    ),
}  # fmt: skip


def build(case: Case) -> Body:
    """Return the body of a case."""
    bones = bones_of(case, SITES)
    skin, muscle = soft_of(case, bones, TOP)
    y = skin.mesh()[1]
    parts = cast(case, skin, np.asarray(np.broadcast_to(-y, skin.shape), np.float32))
    parts += hand_parts(case, bones, skin, muscle)
    parts += _worn(case, bones) + _metal(case, bones)
    marks = {}
    if bones.break_at is not None:
        x, y_, z = (float(v) for v in bones.break_at)
        marks["fracture"] = (x, y_, z)
    return Body(tuple(parts), marks)


def _worn(case: Case, bones: Skeleton) -> list[Part]:
    """Return the hard bone and the cysts of a worn wrist and thumb base."""
    if is_broken(case):
        return []
    s, share = case.number("size"), 0.22 * max(0.0, case.number("narrowing") - 0.25)
    parts = []
    for a, b in (("radius", "scaphoid"), ("scaphoid", "radius"), ("metacarpal 1", "trapezium")):
        parts += wear.hardened(bones.whole[a], bones.whole[b].solid(), 0.2 * s, 0.2 * s, share)
    at = [
        np.array(p) * s for p in ((0.0, 0.1, 0.6), (1.0, 0.1, 1.1), (0.3, 0, 2.2), (1.9, 0.4, 2.1))
    ]
    return parts + wear.cysts("carpal", at, 0.8 * case.number("cysts"), 0.15, case.rng("cysts"))


def _metal(case: Case, bones: Skeleton) -> list[Part]:
    """Return the plate on the palmar side of a mended radius."""
    if case.word("hardware") != "plate":
        return []
    s, radius = case.number("size"), bones.whole["radius"]
    steel = case.rng("metal").random() < 0.3
    parts = []
    shaft = [
        radius.world(np.array(p) * s) for p in ((0.1, 0.55, 3.0), (0.1, 0.6, 5.2), (0.2, 0.95, 7.4))
    ]
    screws = [(0.08, 1.1), (0.3, 1.1), (0.52, 1.2)]
    parts += hardware.plate(shaft, radius.turn[:, 1], screws, steel=steel, width=0.4, core=0.09)
    head = [
        radius.world(np.array(p) * s) for p in ((-0.75, 1.0, 7.3), (0.2, 1.0, 7.5), (1.0, 0.9, 7.5))
    ]
    pegs = [(0.1, 1.7), (0.36, 1.8), (0.63, 1.8), (0.9, 1.6)]
    return parts + hardware.plate(head, radius.turn[:, 1], pegs, steel=steel, width=0.38, core=0.08)


def _middle(case: Case) -> Point:
    return (0.25, 0.0, 1.3 * case.number("size"))


def _size(case: Case) -> float:
    return case.number("size")


def _right(case: Case) -> bool:
    return case.word("side") == "right"  # built as a left hand


TECHNIQUE = Technique(
    film=(4, 5), centre=_middle, distance=110, behind=2.4, mirrored=_right,
    focal_mm=0.6, magnification=1.02, heel=0.05, scatter=0.06, quanta=6.5e5, blur_mm=0.12,
    widen=_size,
)  # fmt: skip

WRIST_PA = TECHNIQUE.region(
    "wrist",
    "pa",
    WRIST,
    build,
    tones(1.0, 0.4),
    structural=STRUCTURAL,
    settle=settler(SITES),
    marker_places=((0.72, 0.88, 0.84, 0.88), (0.72, 0.88, 0.04, 0.09)),
)
