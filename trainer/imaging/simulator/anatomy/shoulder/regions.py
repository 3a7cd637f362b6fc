"""Shoulder AP as a region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.limb import hardware, wear
from trainer.imaging.simulator.anatomy.limb.bone import Bony, turned_parts
from trainer.imaging.simulator.anatomy.limb.breaks import (
    BROKEN,
    FLESH,
    FRESH,
    break_one,
    following,
    is_hurt,
    quantities,
    settler,
)
from trainer.imaging.simulator.anatomy.limb.dislocation import Way, motion, put_out
from trainer.imaging.simulator.anatomy.limb.fractures import AVULSED, SHAFT, Site
from trainer.imaging.simulator.anatomy.limb.fusion import grown_together
from trainer.imaging.simulator.anatomy.limb.region import QUANTITIES, View, quality, size
from trainer.imaging.simulator.anatomy.loft import bundle, roughen
from trainer.imaging.simulator.anatomy.shoulder.bones import ribs, shoulder
from trainer.imaging.simulator.anatomy.shoulder.flesh import soft
from trainer.imaging.simulator.body import Body, Part, Paths
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.looks import Contact, Parts
from trainer.imaging.simulator.technique import positioning
from trainer.imaging.simulator.tissue import SOFT, Tissue
from trainer.imaging.simulator.vendors import Tone

Floats = NDArray[np.float64]

SITES = {
    "surgical neck": Site(
        "humerus", (0.75, 0, -3.3), (0, 0, -1), (1, 0, 0), 3.1, slide=0.4,
        kinds=("transverse", "oblique", "comminuted", "buckle"),
    ),
    "greater tuberosity": Site(
        "humerus", (1.75, -0.2, 0.75), (0.83, 0, 0.56), (0.56, 0, -0.83), 1.9, True, 0.12,
        kinds=AVULSED, pulled=True,
    ),
    "humeral shaft": Site(
        "humerus", (0.8, 0, -8.2), (0, 0, -1), (1, 0, 0), 2.4, slide=1.2, kinds=SHAFT
    ),
    # the neck muscles lift the inner piece
    "clavicle": Site(
        "clavicle", (-7.2, 0, 4.6), (-0.83, 0.55, -0.05), (0, 0, 1), 1.25, True, 1.0, kinds=SHAFT
    ),
}  # fmt: skip

SHOULDER: dict[str, Quantity] = {
    **QUANTITIES,
    **wear.QUANTITIES,
    **positioning(4.0, 2.0, 2.0, (0.5, 0.4)),
    **quantities(tuple(SITES), (4, 3, 1, 3), leaves=True),
    "calcific": Choice(("no", "yes"), "calcium in the rotator cuff's tendon", weights=(0.94, 0.06)),
    "hardware": Choice(("none", "plate"), "metal", weights=(0.95, 0.05)),
    "field": Number(21, 29, 24.5, 1.0, "height of the film at the patient, cm"),
    "beam": Choice(("joint 62",), "spectrum"),
}
_UNSWOLLEN = Structural("insertion model", needs=BROKEN, mimic=FRESH, look=(FLESH,))
STRUCTURAL = {
    Hallmark.CLEAN_FRACTURE: Structural(
        "insertion model",
        needs=BROKEN,
        mimic={"calcific": Choice(("yes",), "calcium in the rotator cuff's tendon")},
        look=(Parts(("calcium",)),),
    ),
    Hallmark.NO_SOFT_TISSUE: _UNSWOLLEN,
    Hallmark.JOINT_MERGE: wear.fused(
        Number(60, 95, 74, 7, "age in years"), Contact(("humerus",), ("scapula",), rim=0.25)
    ),
}

_FRONT = View((1, 0, 0), (0, -1, 0), (0, 0, 1), (-3.3, 0.0, -2.6), behind=10.0, film=(1, 1))
# forwards and down under the coracoid, the arm held away from the side and turned outwards
_OUT = Way(("humerus",), (0, 0, 0), (-3.1, 2.6, -2.5), "y", -14.0, dents=("scapula",))


def _build(case: Case) -> Body:
    s = size(case)
    whole = shoulder(case.seed, (s, case.number("narrowing"), case.number("osteophytes")))
    lower = whole["scapula"].world(np.array([0.1, 0, -0.5]) * s) / s
    acromial = whole["clavicle"].world(np.array([-1.45, -0.4, 4.1]) * s) / s
    socket = ("scapula", "humerus", (float(lower[0]), float(lower[1]), float(lower[2])))
    roof = ("clavicle", "scapula", (float(acromial[0]), float(acromial[1]), float(acromial[2])))
    placed, out_at = put_out(case, whole, _OUT, s)
    bones, bands, broken_at = break_one(case, placed, SITES, s)
    hurt_at = broken_at if out_at is None else out_at
    bone = quality(case, 0.14)
    blade = replace(bone, spongiosa=0.1)
    gone = motion(case, _OUT, s, following(case)) if out_at is not None else None
    parts = soft(case, whole, bones, hurt_at, gone)
    # bones grown together under flesh that knows nothing of it
    dose = case.dose(Hallmark.JOINT_MERGE)
    bones = grown_together(bones, [socket], dose, s, 0.38)
    bones = grown_together(bones, [roof], dose, s, 0.32, wide=(0.25, 0.9))
    parts += ribs(case.seed, s, case.number("mineral"))
    for k, b in enumerate(bones):
        kind = blade if b.name.startswith("scapula") else bone
        parts.append(kind.part(b, 19.0 * k))
    parts += bands
    if not is_hurt(case):
        parts += _struts(case, whole["humerus"], bone.spongiosa, s)
        share = 0.22 * max(0.0, case.number("narrowing") - 0.25) * case.number("mineral")
        for a, b_ in (("humerus", "scapula"), ("scapula", "humerus")):
            parts += wear.hardened(whole[a], whole[b_].solid(), 0.32 * s, 0.3 * s, share)
        at = [np.array(p) * s for p in ((-1.6, -0.8, 0.3), (1.6, 0.2, 1.1), (-1.3, -0.9, -0.7))]
        parts += wear.cysts("humerus", at, case.number("cysts"), 0.12, case.rng("cysts"))
    # what lies in a tendon or is screwed to a bone goes where the bone goes
    calcium = _calcium(case, s)
    parts += calcium if out_at is None else turned_parts(calcium, *motion(case, _OUT, s))
    parts += _metal(case, placed["humerus"], s)
    return _FRONT.body(case, parts, hurt_at)


def _struts(case: Case, humerus: Bony, spongiosa: float, s: float) -> list[Part]:
    """Return the trabeculae that carry the head's load to the medial cortex."""
    rng = case.rng("humeral trabeculae")
    paths = []
    for k in range(12):
        t = (k + rng.uniform(-0.3, 0.3)) / 11
        course = np.array(
            [
                [-1.9 + 2.3 * t, 0, 0.9 + 1.1 * t],
                [-1.1 + 1.5 * t, 0, -1.0],
                [-0.85 + 0.7 * t, 0, -3.1],
            ]
        )
        course[:, 1] = rng.uniform(-0.9, 0.9)
        paths.append(through(np.array([humerus.world(p * s) for p in course]), 9))
    share = 0.8 * spongiosa
    made_of = Tissue(bone=share, adipose=-0.6 * share, soft=-0.3 * share)
    return [Part("humeral trabeculae", bundle(paths, 0.055, rng, 0.04), made_of)]


def _calcium(case: Case, s: float) -> list[Part]:
    """Return a deposit of calcium in the supraspinatus tendon, which looks like a loose piece."""
    if case.word("calcific") == "no":
        return []
    rng = case.rng("calcium")
    f = Field((-1.2,) * 3, (1.2,) * 3, 0.06, far=0.4)
    f.ellipsoid((0, 0, 0), np.array([0.55, 0.45, 0.16]) * rng.uniform(0.7, 1.2), blend=0.02)
    roughen(f, rng, 0.05, (0.4, 0.2))
    at = np.array([1.55, -0.2, 2.15]) * s
    made_of = Tissue(bone=rng.uniform(0.35, 0.6))
    return [Part("calcium", f.solid().posed(np.eye(3), at), made_of, SOFT.scaled(0.0))]


def _metal(case: Case, humerus: Bony, s: float) -> list[Part]:
    """Return the plate of a mended surgical neck."""
    if case.word("hardware") != "plate":
        return []
    steel = case.rng("metal").random() < 0.4
    line = [
        humerus.world(np.array(p) * s)
        for p in ((2.75, 0.1, 0.7), (2.7, 0.1, -1.2), (2.1, 0, -4.2), (2.02, 0, -8.6))
    ]
    screws = [
        (0.03, 3.6),
        (0.10, 4.2),
        (0.17, 4.2),
        (0.25, 3.8),
        (0.55, 2.5),
        (0.72, 2.5),
        (0.92, 2.5),
    ]
    out = humerus.turn @ np.array([1.0, 0.05, 0])
    return hardware.plate(line, out, screws, steel=steel, width=0.6, core=0.15)


def _tones(paths: Paths) -> list[Tone]:
    """Return the anchors: air, lung, what is thick, bone."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    plain = paths.structures.get("hardware", np.zeros_like(flesh)) <= 0
    bare = (flesh > 5) & (bone < 0.01) & (paths.structures["ribs"] < 0.01)
    return [
        # air beside the neck is lifted by what is near it, and would crush the lung
        Tone(flesh <= 0, 0.05, 0.03),
        Tone(bare & (paths.structures["lung"] > 6), 0.15, 0.22),
        Tone(bare, 0.6, 0.44),
        Tone((bone > 1.5) & plain, 0.5, 0.66),
        Tone((bone > 1.5) & plain, 0.985, 0.93),
    ]


SHOULDER_AP = _FRONT.technique(magnification=1.1, scatter=0.16).region(
    "shoulder",
    "ap",
    SHOULDER,
    _build,
    _tones,
    structural=STRUCTURAL,
    settle=settler(SITES),
    marker_places=((0.04, 0.12, 0.84, 0.90), (0.04, 0.12, 0.05, 0.10)),
)
