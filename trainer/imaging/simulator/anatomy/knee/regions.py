"""Knee AP, and from the side with the joint bent, as regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.knee.bones import flexed, knee
from trainer.imaging.simulator.anatomy.knee.soft import level, soft
from trainer.imaging.simulator.anatomy.limb import hardware, wear
from trainer.imaging.simulator.anatomy.limb.bone import Bony, leaf
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
from trainer.imaging.simulator.anatomy.limb.fusion import grown_together
from trainer.imaging.simulator.anatomy.limb.region import QUANTITIES, View, quality, size, tones
from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Region, Structural
from trainer.imaging.simulator.looks import Contact
from trainer.imaging.simulator.technique import positioning
from trainer.imaging.simulator.tissue import MARROW, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

_DOWN, _OUT = (0.0, 0.0, -1.0), (1.0, 0.0, 0.0)
SITES = {
    # the outer rim is driven down and outwards
    "lateral plateau": Site(
        "tibia", (2.45, 0, -0.9), (0.98, 0, 0.15), (0.15, 0, -0.98), 2.3, True, 0.35, pulled=True,
        kinds=AVULSED,
    ),
    "supracondylar femur": Site(
        "femur", (0.4, 0, 6.8), (0, 0, 1), _OUT, 4.4, slide=0.7, kinds=SHAFT
    ),
    # the quadriceps draws a broken patella apart
    "patella": Site(
        "patella", (0, 0, 0), (0, 0, 1), _OUT, 2.2, slide=0.4, pulled=True, kinds=AVULSED
    ),
    "fibular neck": Site(
        "fibula", (3.5, -1.85, -4.3), _DOWN, _OUT, 1.3, True, 0.3,
        kinds=("transverse", "oblique", "comminuted"),
    ),
    "tibial shaft": Site(
        "tibia", (-0.2, 0, -10.0), _DOWN, _OUT, 2.6, slide=1.2, kinds=SHAFT, partner="fibular shaft"
    ),
    "fibular shaft": Site("fibula", (3.1, -1.4, -9.8), _DOWN, _OUT, 1.15, slide=1.2, kinds=SHAFT),
}  # fmt: skip

KNEE: dict[str, Quantity] = {
    **QUANTITIES,
    **wear.QUANTITIES,
    **positioning(3.5, 2.0, 2.0, (0.5, 0.8)),
    **quantities(tuple(SITES), (4, 2, 3, 1, 1, 0.5)),
    "age": Number(18, 100, 52, 18, "age in years"),
    "muscle": Number(0.7, 1.3, 1.0, 0.1, "bulk of the muscles, relative"),
    "cartilage": Number(0.7, 1.3, 1.0, 0.1, "joint space, relative to 4.6 and 5.2 mm"),
    "worn_side": Choice(("medial", "lateral"), "compartment that wears"),
    "patella_height": Number(-0.6, 1.0, 0.1, 0.25, "height of the patella above the usual, cm"),
    "hardware": hardware.CHOICE,
    "field": Number(22, 32, 27.5, 1.2, "height of the film at the patient, cm"),
    "beam": Choice(("extremity 55", "joint 62"), "spectrum"),
}
LATERAL: dict[str, Quantity] = {
    **KNEE,
    "flexion": Number(5, 60, 27, 5, "how far the knee is bent, degrees"),
}
_BREAK = Structural("insertion model", needs=BROKEN, mimic=FRESH, look=(LINE,))
_UNSWOLLEN = replace(_BREAK, look=(FLESH,))
STRUCTURAL = {
    Hallmark.CLEAN_FRACTURE: _BREAK,
    Hallmark.NO_SOFT_TISSUE: _UNSWOLLEN,
    Hallmark.JOINT_MERGE: wear.fused(
        Number(60, 95, 72, 7, "age in years"), Contact(("femur",), ("tibia",), rim=0.25)
    ),
}


def spaces(case: Case) -> tuple[float, float]:
    """Return the medial and the lateral joint space, cm."""
    worn = case.number("narrowing")
    medial, lateral = 0.46 * case.number("cartilage"), 0.52 * case.number("cartilage")
    if case.word("worn_side") == "medial":
        return medial * (1 - worn), lateral * (1 + 0.15 * worn)
    return medial * (1 + 0.15 * worn), lateral * (1 - worn)


def whole_knee(case: Case, flexion: float) -> dict[str, Bony]:
    """Return the bones of a case before anything breaks or grows together."""
    held = (
        size(case), *spaces(case), case.number("osteophytes"), case.number("patella_height")
    )  # fmt: skip
    return flexed(knee(case.seed, held), flexion, size(case))


def _build(view: View) -> Callable[[Case], Body]:
    def build(case: Case) -> Body:
        s = size(case)
        flexion = float(case.values.get("flexion", 0.0))
        whole = whole_knee(case, flexion)
        bones, bands, broken_at = break_one(case, whole, SITES, s)
        bone = quality(case, 0.15)
        bone = replace(bone, grain=1.15 * bone.grain)
        parts = soft(case, whole, bones, broken_at, flexion)
        # bones grown together under flesh that knows nothing of it
        bones = _grown(case, whole["tibia"], bones, s)
        parts += [bone.part(b, 17.0 * k) for k, b in enumerate(bones)]
        parts += bands
        if not is_broken(case):
            parts += _scars(case, whole, s)
            parts += _worn(case, whole, s)
        parts += level(case) + _metal(case, whole, s)
        return view.body(case, parts, broken_at)

    return build


def _grown(case: Case, tibia: Bony, bones: Sequence[Bony], s: float) -> list[Bony]:
    """Return bones of which one compartment grows together, as far as the dose goes."""
    side = -1 if case.rng("merge").random() < 0.5 else 1
    x, y, z = tibia.world(np.array([side * 2.1, 0.0, 0.1]) * s) / s
    # a bent joint gapes in front
    gap = (1.25 if case.view == "ap" else 1.7) * spaces(case)[(side + 1) // 2]
    places = [("femur", "tibia", (float(x), float(y), float(z)))]
    return grown_together(bones, places, case.dose(Hallmark.JOINT_MERGE), s, gap, (1.0, 2.1, 0.8))


def _worn(case: Case, bones: dict[str, Bony], s: float) -> list[Part]:
    """Return the hard bone and the cysts of a worn compartment."""
    share = 0.22 * max(0.0, case.number("narrowing") - 0.25) * case.number("mineral")
    gap = 1.3 * min(spaces(case)) * s
    parts = []
    for a, b in (("tibia", "femur"), ("femur", "tibia")):
        parts += wear.hardened(bones[a], bones[b].solid(), gap, 0.35 * s, share)
    x = -2.3 if case.word("worn_side") == "medial" else 2.3
    at = [bones["tibia"].world(np.array([x + d, 0.3, -0.75]) * s) for d in (-0.6, 0.5)]
    much = case.number("cysts")
    return parts + wear.cysts("tibia", at, much, 0.15, case.rng("cysts"))


def _scars(case: Case, bones: dict[str, Bony], s: float) -> list[Part]:
    """Return the scars of the growth plates: thin uneven dense sheets, fainter with age."""
    strength = 0.10 * float(np.clip(1.2 - case.number("age") / 90, 0.1, 1))
    parts = []
    for name, level_, bow in (("femur", 2.9, 0.25), ("tibia", -1.75, -0.2)):
        bone = bones[name]
        thin = leaf(bone, level_ * s, 1.0 * s)
        f = thin.field
        x, _, z = f.mesh()
        lumps = roughen(f.like(np.zeros(f.shape)), case.rng(f"{name} scar"), 0.10, (1.3, 0.5))
        sheet = np.abs(z - level_ * s - bow * np.cos(x / s * 1.4) - lumps.values)
        shape = np.maximum((sheet - np.float32(0.05)) * np.float32(0.8), f.values + 0.1)
        solid = thin.shaped(shape).field.solid().posed(bone.turn, bone.place)
        dense = Tissue(adipose=MARROW.adipose, soft=MARROW.soft, bone=strength)
        parts.append(Part(f"{name} scar", solid, dense, MARROW))
    return parts


def _metal(case: Case, bones: dict[str, Bony], s: float) -> list[Part]:
    """Return the plate of a mended lateral plateau."""
    if case.word("hardware") != "plate":
        return []
    tibia = bones["tibia"]
    steel = case.rng("metal").random() < 0.4
    course = ((3.55, 0.3, -0.9), (3.3, 0.3, -2.4), (1.95, 0.35, -5.4), (1.4, 0.4, -8.6))
    line = np.array([tibia.world(np.array(p) * s) for p in course])
    screws = [(0.03, 6.4), (0.12, 6.2), (0.22, 5.4), (0.52, 3.3), (0.74, 2.9), (0.94, 2.8)]
    return hardware.plate(line, tibia.turn[:, 0], screws, steel=steel, width=0.6, core=0.17)


_FRONT = View((1, 0, 0), (0, -1, 0), (0, 0, 1), (0.0, 0.0, 0.0), behind=9.0)
_SIDE = View((0, -1, 0), (1, 0, 0), (0, 0, 1), (0.0, -0.8, 0.8), behind=7.0)


def _region(name: str, view: View, table: dict[str, Quantity]) -> Region:
    return view.technique(magnification=1.07, scatter=0.10).region(
        "knee", name, table, _build(view), tones(5.5, 1.5),
        structural=STRUCTURAL,
        settle=settler(SITES),
        marker_places=((0.04, 0.12, 0.84, 0.90), (0.04, 0.12, 0.04, 0.09)),
    )  # fmt: skip


KNEE_AP = _region("ap", _FRONT, KNEE)
KNEE_LATERAL = _region("lateral", _SIDE, LATERAL)
