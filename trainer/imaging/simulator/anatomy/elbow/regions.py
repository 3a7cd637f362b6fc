"""Elbow AP and lateral as regions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.elbow.bones import elbow
from trainer.imaging.simulator.anatomy.elbow.flesh import soft
from trainer.imaging.simulator.anatomy.limb import hardware, wear
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.breaks import (
    BROKEN,
    FLESH,
    FRESH,
    LINE,
    break_one,
    is_hurt,
    quantities,
    settler,
)
from trainer.imaging.simulator.anatomy.limb.dislocation import Way, motion, put_out
from trainer.imaging.simulator.anatomy.limb.fractures import AVULSED, SHAFT, Site
from trainer.imaging.simulator.anatomy.limb.fusion import grown_together
from trainer.imaging.simulator.anatomy.limb.region import QUANTITIES, View, quality, size, tones
from trainer.imaging.simulator.anatomy.loft import turned
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Region, Structural
from trainer.imaging.simulator.looks import Contact, Parts

Floats = NDArray[np.float64]

SITES = {
    "radial head": Site(
        "radius", (1.5, 0.05, -2.35), (0, 0, 1), (1, 0.4, 0), 2.0, slide=0.15,
        kinds=("transverse", "oblique", "comminuted", "buckle"),
    ),
    "olecranon": Site(
        "ulna", (-0.6, -1.7, 0.1), (0, -0.15, 1), (0, -1, 0), 1.8, True, 0.35, kinds=AVULSED,
        pulled=True,
    ),
    "supracondylar humerus": Site(
        "humerus", (0, -0.65, 3.1), (0, 0, 1), (0.6, 1, 0), 2.6, slide=0.4,
        kinds=("transverse", "oblique", "comminuted", "buckle"),
    ),
    "radial shaft": Site(
        "radius", (2.2, 0.05, -7.6), (0, 0, -1), (1, 0.5, 0), 1.4, slide=1.0, kinds=SHAFT,
        partner="ulnar shaft",
    ),
    "ulnar shaft": Site(
        "ulna", (0.4, -0.72, -7.6), (0, 0, -1), (1, 0.5, 0), 1.3, slide=1.0, kinds=SHAFT,
        partner="radial shaft",
    ),
}  # fmt: skip

# "To the elbow I go": from outside and below to inside and above
_CANALS = (
    ("radius", ((2.98, 0.05, -7.9), (2.75, 0.05, -7.1), (2.48, 0.05, -6.4))),
    ("ulna", ((-0.36, -0.7, -7.6), (-0.36, -0.72, -6.9), (-0.22, -0.78, -6.2))),
)

ELBOW: dict[str, Quantity] = {
    **QUANTITIES,
    **wear.QUANTITIES,
    **quantities(tuple(SITES), (5, 3, 2.5, 1, 1), leaves=True),
    "canal": Choice(("no", "yes"), "plain canal of a nutrient artery", weights=(0.7, 0.3)),
    "hardware": hardware.CHOICE,
    "field": Number(17, 26, 20.5, 1.0, "height of the film at the patient, cm"),
}
_WORN = wear.fused(
    Number(55, 95, 68, 8, "age in years"), Contact(("humerus",), ("ulna", "radius"), rim=0.25)
)
_BREAK = Structural("insertion model", needs=BROKEN, mimic=FRESH, look=(LINE,))
_UNSWOLLEN = replace(_BREAK, look=(FLESH,))
_FORGED = {
    Hallmark.CLEAN_FRACTURE: _BREAK,
    Hallmark.NO_SOFT_TISSUE: _UNSWOLLEN,
    Hallmark.JOINT_MERGE: _WORN,
    Hallmark.BIOMECH: Structural(
        "insertion model",
        needs={**BROKEN, "fracture_bone": Choice(("radial shaft", "ulnar shaft"), "broken bone")},
        mimic={
            **FRESH,
            "fracture_bone": Choice(("ulnar shaft",), "broken bone"),
            "consequences": Number(0.15, 0.38, 0.28, 0.06, "a break of one bone, not displaced"),
        },
        look=(LINE,),
    ),
}


# the forearm lies behind: it is the humerus that is moved, for the film stays with the forearm
_OUT = Way(("humerus",), (0, 0, 0), (-0.4, 2.9, 1.25), "x", 8.0)


def _metal(case: Case, bones: dict[str, Bony], s: float) -> list[Part]:
    """Return the plate of a mended olecranon."""
    if case.word("hardware") != "plate":
        return []
    ulna = bones["ulna"]
    steel = case.rng("metal").random() < 0.5
    course = ((-0.62, -2.55, 1.6), (-0.6, -2.62, -0.3), (-0.45, -2.2, -2.4), (-0.15, -1.75, -4.6))
    line = np.array([ulna.world(np.array(p) * s) for p in course])
    screws = [(0.04, 1.6), (0.2, 2.2), (0.42, 1.9), (0.6, 1.7), (0.78, 1.5), (0.95, 1.4)]
    back = ulna.turn @ np.array([0, -1.0, 0])
    return hardware.plate(line, back, screws, steel=steel, width=0.42)


def _build(view: View, flexion: float) -> Callable[[Case], Body]:
    def build(case: Case) -> Body:
        s = size(case)
        straight = elbow(case.seed, (s, case.number("narrowing"), case.number("osteophytes")))
        bend = turned(flexion, "x")
        whole = {
            n: b if n == "humerus" else b.moved(bend, np.zeros(3)) for n, b in straight.items()
        }
        lower = bend @ np.array([1.5, 0.1, -1.2])
        places = (
            (
                "ulna",
                "humerus",
                (-0.6, *(float(v) for v in (bend @ np.array([0, -0.7, -0.9]))[1:])),
            ),
            ("radius", "humerus", (float(lower[0]), float(lower[1]), float(lower[2]))),
        )
        placed, out_at = put_out(case, whole, _OUT, s)
        bones, bands, broken_at = break_one(case, placed, SITES, s)
        hurt_at = broken_at if out_at is None else out_at
        bone = quality(case)
        parts = soft(
            case,
            whole,
            placed,
            bones,
            hurt_at,
            flexion,
            motion(case, _OUT, s) if out_at is not None else None,
        )
        # bones grown together under flesh that knows nothing of it
        bones = grown_together(bones, places, case.dose(Hallmark.JOINT_MERGE), s, 0.27)  # type: ignore[arg-type]
        parts += [bone.part(b, 17.0 * k) for k, b in enumerate(bones)]
        parts += bands
        if not is_hurt(case):
            share = 0.22 * max(0.0, case.number("narrowing") - 0.25) * case.number("mineral")
            for a in ("ulna", "radius"):
                parts += wear.hardened(
                    whole[a], whole["humerus"].solid(), 0.25 * s, 0.25 * s, share
                )
            at = [np.array(p) * s for p in ((1.6, 0.2, 0.35), (-0.9, 0.1, 0.4))]
            parts += wear.cysts("elbow", at, case.number("cysts"), 0.15, case.rng("cysts"))
        if case.word("canal") == "yes":
            parts += [wear.nutrient_canal(whole[n], course, s) for n, course in _CANALS]
        parts += _metal(case, whole, s)
        return view.body(case, parts, hurt_at)

    return build


_LIKE_A_CRACK = Structural(
    "insertion model",
    needs={**BROKEN, "canal": Choice(("no",), "plain canal of a nutrient artery")},
    mimic={
        "canal": Choice(("yes",), "plain canal of a nutrient artery"),
        "hardware": Choice(("none",), "metal or cast"),
    },
    look=(Parts(("* canal",)),),
)


# seen from the side, the fat pads tell first whether the joint has filled
_FLAT_PADS = replace(_BREAK, look=(FLESH, Parts(("* fat pad",))))


def _region(
    name: str, view: View, flexion: float, flesh_cm: float, own: dict[Hallmark, Structural]
) -> Region:
    return view.technique().region(
        "elbow",
        name,
        ELBOW,
        _build(view, flexion),
        tones(flesh_cm, 1.0),
        structural=_FORGED | own,
        settle=settler(SITES),
        marker_places=((0.04, 0.14, 0.84, 0.89), (0.04, 0.14, 0.05, 0.10)),
    )


_FRONT = View((1, 0, 0), (0, -1, 0), (0, 0, 1), (0.4, -0.3, -0.8), behind=4.5)
# from the lateral side, the forearm to the film's right
_SIDE = View((0, 1, 0), (-1, 0, 0), (0, 0, 1), (0.0, 1.9, 0.9), behind=5.0, film=(1, 1))
ELBOW_AP = _region("ap", _FRONT, 4.0, 2.0, {Hallmark.CLEAN_FRACTURE: _LIKE_A_CRACK})
ELBOW_LATERAL = _region("lateral", _SIDE, 88.0, 2.0, {Hallmark.NO_SOFT_TISSUE: _FLAT_PADS})
