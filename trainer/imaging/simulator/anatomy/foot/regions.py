"""Ankle AP and lateral, foot dorsoplantar and oblique, as regions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.foot.bones import foot, merged, numbers, ossicles
from trainer.imaging.simulator.anatomy.foot.flesh import soft
from trainer.imaging.simulator.anatomy.foot.rays import NAMES
from trainer.imaging.simulator.anatomy.foot.stress import trabeculae
from trainer.imaging.simulator.anatomy.limb import hardware, wear
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.breaks import (
    BROKEN,
    FLESH,
    FRESH,
    LINE,
    break_one,
    is_broken,
    quantities,
    settler,
)
from trainer.imaging.simulator.anatomy.limb.fractures import AVULSED, SHAFT, Site
from trainer.imaging.simulator.anatomy.limb.region import (
    QUANTITIES,
    View,
    quality,
    size,
    tones,
)
from trainer.imaging.simulator.anatomy.loft import about, turned
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Region, Structural
from trainer.imaging.simulator.looks import Contact, Parts, Without

Floats = NDArray[np.float64]

# For views of the foot the knee is bent and the leg leans back, out of the way of the beam.
LEAN = 54.0
_OUT, _UP = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
ANKLE_SITES = {
    # at the joint, obliquely, as a foot that turns outwards breaks it
    "fibula": Site(
        "fibula", (2.45, -0.7, 0.5), (0, 0, -1), (0.75, -0.65, 0), 1.5, True, 0.5, 0.4, SHAFT
    ),
    "fibular shaft": Site("fibula", (2.3, -0.95, 6.2), _UP, _OUT, 1.15, slide=1.2, kinds=SHAFT),
    "medial malleolus": Site(
        "tibia",
        (-2.2, 0.1, -0.25),
        (-0.55, 0, -0.83),
        (-0.83, 0, 0.55),
        1.3,
        True,
        0.1,
        kinds=AVULSED,
    ),
    "tibia": Site("tibia", (-0.05, 0, 5.0), _UP, _OUT, 2.6, slide=1.2, partner="fibular shaft"),
    "calcaneus": Site(
        "calcaneus",
        (0.3, 4.3, -2.2),
        (0, 0.35, -1),
        (0, -1, 0),
        2.2,
        False,
        0.5,
        kinds=("oblique", "comminuted"),
    ),
}


def _beyond(ray: int) -> tuple[str, ...]:
    """Return what hangs on the head of a metatarsal."""
    toe = tuple(f"{which} phalanx {ray}" for which in ("proximal", "middle", "distal"))
    return toe if ray > 1 else (*toe, "medial sesamoid", "lateral sesamoid")


FOOT_SITES = {
    **{
        n: Site(n, (0, 0, 3.9), _UP, _OUT, 1.0, slide=1.3, kinds=SHAFT, carries=_beyond(k))
        for k, n in enumerate(NAMES, 1)
    },
    "metatarsal 5 base": Site(
        NAMES[4], (0.35, -0.15, 0.75), (0.35, 0, -1), (1, 0, 0.3), 1.2, True, 0.12, kinds=AVULSED
    ),
    "proximal phalanx 1": Site(
        "proximal phalanx 1", (0, 0, 1.7), _UP, _OUT, 1.3, slide=0.6, carries=("distal phalanx 1",)
    ),
}

_BOTH: dict[str, Quantity] = {
    **QUANTITIES,
    **wear.QUANTITIES,
    "arch": Number(-1, 1, 0, 0.3, "height of the arch above the usual, relative"),
    "hallux_valgus": Number(-3, 40, 9, 6, "lean of the great toe, degrees"),
    "coalition": Choice(("no", "yes"), "calcaneonavicular coalition", weights=(0.98, 0.02)),
    "ossicle": Choice(
        ("as drawn", "os trigonum", "os peroneum", "accessory navicular", "os subfibulare"),
        "accessory bone", common=1,
    ),
    "hardware": hardware.CHOICE,
}  # fmt: skip
ANKLE: dict[str, Quantity] = {
    **_BOTH,
    **quantities(tuple(ANKLE_SITES), (5, 1.5, 2, 1.5, 1)),
    "field": Number(16, 26, 18.8, 0.9, "height of the film at the patient, cm"),
}
FOOT: dict[str, Quantity] = {
    **_BOTH,
    **quantities(tuple(FOOT_SITES), (1, 2, 2, 1, 3, 3, 1.5)),
    "field": Number(26, 36, 29.5, 0.9, "height of the film at the patient, cm"),
}

_FUSED = Structural(
    "fusion model",
    needs={"narrowing": Number(0, 0.3, 0.0, 0.1, "loss of joint space by wear"),
           "coalition": Choice(("no",), "calcaneonavicular coalition")},
    mimic={"coalition": Choice(("yes",), "calcaneonavicular coalition")},
    look=(Without({"coalition": "no"}),),
)  # fmt: skip
_WORN = Structural(
    "fusion model",
    needs=_FUSED.needs,
    mimic={"narrowing": Number(0.8, 0.95, 0.88, 0.04, "loss of joint space: bone on bone"),
           "osteophytes": Number(0.4, 1, 0.7, 0.15, "spurs at the joint's margins"),
           "age": Number(60, 95, 72, 7, "age in years")},
    look=(Contact(("tibia",), ("talus",), rim=0.25),),
)  # fmt: skip
_BONELET: dict[str, Quantity] = {
    "ossicle": Choice(("os trigonum",), "accessory bone"),
    "hardware": Choice(("none",), "metal or cast"),
}
_TRIGONUM = Parts(("os trigonum",), rim=0.2)
_SHORTENED: dict[str, Quantity] = {
    **BROKEN,
    "fracture_bone": Choice(("tibia",), "bone that is broken"),
}
_ALONE: dict[str, Quantity] = {
    **FRESH,
    "fracture_bone": Choice(("tibia",), "bone that is broken"),
    "consequences": Number(0.15, 0.38, 0.28, 0.06, "a break of one bone, hardly displaced"),
}
_PAIR = Structural("insertion model", needs=_SHORTENED, mimic=_ALONE, look=(LINE,))
_BREAK = Structural("insertion model", needs=BROKEN, mimic=FRESH, look=(LINE,))
_UNSWOLLEN = replace(_BREAK, look=(FLESH,))
_BREAK_OR_BONELET = Structural("insertion model", needs=BROKEN, mimic=_BONELET, look=(_TRIGONUM,))


def _metal(case: Case, bones: dict[str, Bony], s: float) -> list[Part]:
    """Return the plate of a healed ankle or foot fracture."""
    if case.word("hardware") != "plate":
        return []
    steel = case.rng("metal").random() < 0.5
    if case.region == "ankle":
        line = np.array(
            [[2.92, -0.85, 6.5], [2.95, -0.7, 3.5], [3.18, -0.65, 0.2], [3.1, -0.75, -1.5]]
        )
        screws = [
            (0.05, 1.3),
            (0.2, 1.35),
            (0.36, 1.3),
            (0.55, 1.4),
            (0.72, 4.2),
            (0.88, 1.5),
            (0.98, 1.3),
        ]
        return hardware.plate(line * s, (1, 0.1, 0), screws, steel=steel, width=0.45)
    bone = bones[NAMES[4]]
    line = np.array([bone.world(np.array([0.5, 0.1, z]) * s) for z in (1.6, 3.5, 5.4)])
    screws = [(0.06, 1.0), (0.3, 0.95), (0.7, 0.95), (0.94, 1.0)]
    return hardware.plate(line, bone.turn[:, 0], screws, steel=steel, width=0.28, core=0.08)


def _build(view: View, sites: dict[str, Site]) -> Callable[[Case], Body]:
    def build(case: Case) -> Body:
        s = size(case)
        whole = foot(case.seed, numbers(case))
        toes = [_toe(whole, k) for k in range(1, 6)]
        placed = whole | ossicles(case, s)
        lean = LEAN if case.region == "foot" else 0.0
        for name in ("tibia", "fibula"):
            placed[name] = placed[name].moved(*about(turned(lean, "x"), (0, 0, -2.1 * s)))
        bones, bands, broken_at = break_one(case, placed, sites, s)
        bone = quality(case)
        parts = soft(case, placed, bones, toes, broken_at, lean)
        # bones grown together under flesh that knows nothing of it
        bones = merged(bones, case.dose(Hallmark.JOINT_MERGE), s)
        parts += [bone.part(b, 13.0 * k) for k, b in enumerate(bones)]
        parts += bands
        parts += trabeculae(case, whole, bone, s)
        if not is_broken(case):
            parts += _worn(case, whole, s)
        parts += _metal(case, whole, s)
        return view.body(case, parts, broken_at)

    return build


def _toe(bones: dict[str, Bony], k: int) -> Floats:
    """Return where a toe begins and where the flesh of its tip ends."""
    first, last = bones[f"proximal phalanx {k}"], bones[f"distal phalanx {k}"]
    tip = last.place + last.turn[:, 2] * (last.field.axes[2][-1] - 0.45 - 0.35)
    return np.stack([first.place - first.turn[:, 2] * 0.8, tip])


def _worn(case: Case, bones: dict[str, Bony], s: float) -> list[Part]:
    """Return the hard bone and the cysts of a worn joint."""
    worn = case.number("narrowing")
    pair = ("tibia", "talus") if case.region == "ankle" else ("metatarsal 1", "proximal phalanx 1")
    share = 0.22 * max(0.0, worn - 0.25) * case.number("mineral")
    parts = []
    for a, b in (pair, pair[::-1]):
        parts += wear.hardened(bones[a], bones[b].solid(), 0.3 * s, 0.28 * s, share)
    where = [(-0.6, 0.3, 0.75), (0.7, -0.2, 0.8), (0.3, 0.5, -0.5)]
    if case.region == "ankle":
        parts += wear.cysts(
            "ankle", [np.array(p) * s for p in where], case.number("cysts"), 0.15, case.rng("cysts")
        )
    return parts


def _region(
    name: str, view_name: str, view: View, table: dict[str, Quantity], sites: dict[str, Site],
    structural: dict[Hallmark, Structural], flesh_cm: float, bone_cm: float,
    rows: tuple[float, float] = (0, 1),
) -> Region:  # fmt: skip
    return view.technique().region(
        name,
        view_name,
        table,
        _build(view, sites),
        tones(flesh_cm, bone_cm, rows),
        structural=structural,
        settle=settler(sites),
        marker_places=((0.04, 0.14, 0.84, 0.89), (0.04, 0.14, 0.05, 0.10)),
    )


# From the front with the leg turned in by 15 degrees, so that the mortise is open.
_TURN = np.deg2rad(15)
_FRONT = View(
    (float(np.cos(_TURN)), float(-np.sin(_TURN)), 0),
    (float(-np.sin(_TURN)), float(-np.cos(_TURN)), 0),
    _UP,
    (0.3, -0.6, 3.1),
    behind=6.5,
)
_SIDE = View((0, -1, 0), (1, 0, 0), _UP, (0.0, 1.2, -0.2), behind=5.0, film=(1, 1))
# the tube leans towards the heel, so that the beam goes along the joints before the metatarsals
_ABOVE = View((-1, 0, 0), (0, -0.22, -0.975), (0, 0.975, -0.22), (0.2, 7.3, -5.0), behind=3.6)
_TILT = np.deg2rad(35)
_SLANTED = View(
    (float(-np.cos(_TILT)), 0, float(np.sin(_TILT))),
    (float(-np.sin(_TILT)), 0, float(-np.cos(_TILT))),
    (0, 1, 0),
    (0.1, 7.3, -5.0),
    behind=4.6,
)

_ANKLE_FORGED = {
    Hallmark.CLEAN_FRACTURE: _BREAK,
    Hallmark.NO_SOFT_TISSUE: _UNSWOLLEN,
    Hallmark.BIOMECH: _PAIR,
    Hallmark.JOINT_MERGE: _WORN,
}
ANKLE_AP = _region("ankle", "ap", _FRONT, ANKLE, ANKLE_SITES, _ANKLE_FORGED, 3.0, 1.5, (0, 0.7))
ANKLE_LATERAL = _region(
    "ankle", "lateral", _SIDE, ANKLE, ANKLE_SITES,
    _ANKLE_FORGED | {Hallmark.CLEAN_FRACTURE: _BREAK_OR_BONELET}, 3.0, 1.5,
)  # fmt: skip
_FOOT_FORGED = {
    Hallmark.CLEAN_FRACTURE: _BREAK,
    Hallmark.NO_SOFT_TISSUE: _UNSWOLLEN,
    Hallmark.JOINT_MERGE: _FUSED,
}
FOOT_DP = _region("foot", "dp", _ABOVE, FOOT, FOOT_SITES, _FOOT_FORGED, 1.5, 0.8, (0, 0.6))
FOOT_OBLIQUE = _region(
    "foot", "oblique", _SLANTED, FOOT, FOOT_SITES, _FOOT_FORGED, 1.5, 0.8, (0, 0.6)
)
