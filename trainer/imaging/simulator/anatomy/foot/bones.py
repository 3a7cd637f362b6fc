"""Bones of a left ankle and foot; own origin at the top of the talar dome.

+x is lateral, +y towards the toes, +z up; lengths in cm of an average man, scaled by ``size``.
Ankle's clear space above 3.3 +/- 0.6 mm, beside the inner malleolus 2.6 +/- 0.7 (73 pairs of
mortise films, Foot Ankle Int 2012, 33:956). All other measures are engineer's estimates: talar dome
2.9 wide and 2.1 in radius, talus 5.9, calcaneus 8.2 long, metatarsals 6.3, 7.4, 7.0, 6.9, 6.8,
fibular tip a centimetre below the tibial one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from trainer.imaging.simulator.anatomy.foot.rays import rays
from trainer.imaging.simulator.anatomy.limb.bone import Bony, box, fit
from trainer.imaging.simulator.anatomy.limb.cortex import plated, uneven
from trainer.imaging.simulator.anatomy.limb.fusion import grown_together
from trainer.imaging.simulator.anatomy.limb.region import size
from trainer.imaging.simulator.anatomy.limb.wear import spurs
from trainer.imaging.simulator.anatomy.loft import calmed, loft, pebble, roughen, turned
from trainer.imaging.simulator.case import Case, generator
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.textures import weave

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.075
UPRIGHT = weave((0.05, 0.0, 1), 2.6)
OBLIQUE = weave((0.0, -0.62, 0.78), 2.2)
LENGTHWISE = weave((0.0, 1.0, -0.25), 2.2)

# Sections: height, medial, lateral, back, front
TIBIA = (
    (-0.35, -1.75, 1.9, -1.85, 1.8), (0.4, -2.1, 2.2, -1.95, 1.95), (1.0, -2.2, 2.15, -1.95, 1.85),
    (2.0, -2.0, 1.9, -1.8, 1.65), (3.2, -1.65, 1.55, -1.6, 1.4), (5.0, -1.38, 1.22, -1.35, 1.2),
    (8.0, -1.22, 1.05, -1.2, 1.2), (17.0, -1.25, 1.12, -1.2, 1.35),
)  # fmt: skip
FIBULA = (
    (-2.45, 2.35, 2.75, -1.15, -0.75), (-2.1, 2.05, 3.02, -1.45, -0.3),
    (-1.3, 1.9, 3.2, -1.65, 0.1),
    (-0.3, 1.85, 3.2, -1.6, 0.25), (0.8, 1.78, 3.02, -1.5, 0.05), (2.0, 1.75, 2.9, -1.4, -0.2),
    (3.5, 1.75, 2.85, -1.45, -0.3), (6.0, 1.75, 2.8, -1.5, -0.4), (17.0, 1.7, 2.85, -1.7, -0.6),
)  # fmt: skip
_SHIN = (
    (-1.5, 0.055), (0.1, 0.06), (0.3, 0.075), (0.5, 0.06), (0.9, 0.045), (2, 0.055), (3.5, 0.11),
    (5.5, 0.24), (8, 0.36), (12, 0.45),
)  # fmt: skip
_DOME = 2.1  # radius of the talar dome, centre that far below the origin
# calcaneus, along its length: y, medial, lateral, bottom, top
CALCANEUS = (
    (-5.8, 0.0, 0.7, -5.4, -4.4), (-5.55, -0.5, 1.1, -6.15, -3.85), (-5.1, -0.85, 1.45, -6.8, -3.5),
    (-4.4, -1.05, 1.6, -6.95, -3.35), (-3.2, -0.95, 1.6, -6.6, -3.1),
    (-2.0, -0.75, 1.65, -6.2, -2.85),
    (-0.8, -0.55, 1.75, -5.95, -2.45), (0.1, -0.35, 1.85, -5.8, -2.45),
    (0.9, -0.1, 1.95, -5.65, -3.15),
    (1.5, 0.05, 2.1, -5.55, -3.4), (2.4, 0.25, 2.3, -5.4, -3.3), (3.0, 0.4, 2.25, -5.2, -3.45),
)  # fmt: skip
# the shin's crest in front, the sides of a pair of bones that face each other
_STRONG = {"tibia": (-0.15, 0.30), "fibula": (-0.20, -0.10)}
_FLAT_LOFT = np.array([[1.0, 0, 0], [0, 0, -1.0], [0, 1.0, 0]]).T  # own x, y, z in the world


def numbers(case: Case) -> tuple[float, ...]:
    """Return what shapes the bones of a case, so that twins share them."""
    return (
        size(case), case.number("narrowing"), case.number("osteophytes"), case.number("arch"),
        case.number("hallux_valgus"), float(case.word("coalition") == "yes"),
    )  # fmt: skip


@remember(2)
def foot(seed: int, held: tuple[float, ...]) -> dict[str, Bony]:
    """Return every bone of an ankle and foot, from what :func:`numbers` holds of a case."""
    made = rays(seed, held[:5], _hindfoot(seed, held))
    return {
        # toes are too small for it to show
        n: b
        if "phalanx" in n
        else uneven(b, generator(seed, f"cortex {n}"), _STRONG.get(n, (0.0, 0.0)))
        for n, b in made.items()
    }


def _hindfoot(seed: int, held: tuple[float, ...]) -> dict[str, Bony]:
    """Return tibia, fibula and the seven tarsal bones, fitted to each other."""
    s, worn, spur, arch = held[:4]
    rng = generator(seed, "foot surface")
    own = generator(seed, "foot").standard_normal(24)
    space = 0.33 * (1 - 0.85 * worn)
    bones = {
        "talus": _talus(s, own, spur, rng),
        "tibia": _tibia(s, own, spur, space, rng),
        "fibula": _fibula(s, own, rng),
        "calcaneus": _calcaneus(s, own, rng),
        **_midfoot(s, own, arch, rng),
    }
    bones = fit(bones, [("tibia", "fibula", 0.20 * s), ("tibia", "talus", space * s)], share=1)
    bones = fit(bones, [("fibula", "talus", 0.28 * s)], share=1)
    bones = fit(bones, [("navicular", "talus", 0.22 * s)], share=1)
    joints = [
        ("talus", "calcaneus", 0.24),
        ("calcaneus", "cuboid", 0.24), ("navicular", "medial cuneiform", 0.2),
        ("navicular", "middle cuneiform", 0.2), ("navicular", "lateral cuneiform", 0.2),
        ("medial cuneiform", "middle cuneiform", 0.18),
        ("middle cuneiform", "lateral cuneiform", 0.18),
        ("lateral cuneiform", "cuboid", 0.2), ("navicular", "cuboid", 0.25),
        ("calcaneus", "navicular", 0.3),
    ]  # fmt: skip
    if held[5]:  # a bar of bone between calcaneus and navicular
        f = bones["calcaneus"]
        tip = f.own(np.array([0.1, 3.9, -3.2]) * s)
        f.field.capsules([f.own(np.array([0.7, 2.6, -3.5]) * s), tip], 0.55 * s, blend=0.3)
        joints[-1] = ("calcaneus", "navicular", 0.03)
    return fit(bones, [(a, b, g * s) for a, b, g in joints])


def merged(bones: Sequence[Bony], dose: float, s: float) -> list[Bony]:
    """Return bones some of which grow together across their joints, as far as the dose goes."""
    places = (
        ("talus", "navicular", (-0.8, 3.6, -2.3)),
        ("navicular", "medial cuneiform", (-1.3, 5.3, -3.2)),
        ("cuboid", "lateral cuneiform", (0.8, 5.6, -3.9)),
        ("talus", "tibia", (0.0, 0.0, 0.0)),
    )
    return grown_together(bones, places, dose, s, 0.3)


def _talus(s: float, own: Floats, spur: float, rng: Generator) -> Bony:
    f = Field(np.array([-3.0, -3.3, -4.4]) * s, np.array([3.0, 4.8, 0.6]) * s, STEP, 0.8)
    x, y, z = (m / np.float32(s) for m in f.mesh())
    # the dome: a drum across the foot, wider in front, with low walls
    drum = np.sqrt(y**2 + (z + _DOME) ** 2) - np.float32(_DOME)
    sag = 0.06 * np.exp(-((x / 0.7) ** 2))  # its groove
    # the inner wall is hollow and slants, the outer flares out to its process
    down = np.clip(-z, 0, 2.6)
    half = 1.38 + 0.10 * y + 0.06 * own[0] + 0.06 * down
    hollow = 0.30 * np.sin(np.clip(down / 1.7, 0, 1) * np.pi)
    flare = np.where(x > 0, 0.16 * down**2, 0.20 * down - hollow)
    lean = np.exp(-((y / 1.5) ** 2))
    trochlea = smooth_max(drum + sag, np.abs(x) - half - flare * lean, 0.22)
    trochlea = smooth_max(trochlea, np.abs(y - 0.1) - 1.85, 0.3)
    trochlea = smooth_max(trochlea, -(z + 2.6), 0.3)
    f.values = np.minimum(trochlea * np.float32(s), f.far).astype(np.float32)
    f.join(pebble(f, np.array([0.1, -0.1, -2.1]) * s, np.array([1.55, 1.95, 1.15]) * s, 2.5), 0.25)
    f.capsules(
        np.array([[0.9, -0.4, -2.2], [1.95, 0.0, -2.3]]) * s, np.array([0.85, 0.42]) * s, blend=0.4
    )
    neck = np.array([[0.0, 1.3, -1.9], [-0.5, 2.1, -2.1], [-0.95, 2.7, -2.4]]) * s
    f.capsules(neck, np.array([1.15, 1.0, 1.15]) * s, blend=0.4)
    head = np.array([-1.0, 2.75, -2.5]) * s
    f.join(pebble(f, head, np.array([1.6, 1.2, 1.3]) * s, 2.2), 0.25)
    back = -2.15 - 0.15 * abs(own[1])
    f.capsules(
        np.array([[0.3, -1.5, -2.1], [0.15, back, -2.35]]) * s,
        np.array([0.7, 0.42]) * s,
        blend=0.35,
    )
    f.ellipsoid(
        np.array([0.6, 1.7, -3.55]) * s, np.array([1.3, 0.6, 0.75]) * s, blend=0.3, cut=True
    )
    spurs(f, [((0.0, 2.1, -1.05), (0, 0.5, 1))], spur, rng, s)
    cortex = plated(f, s, ((-3.5, 0.05), (-2.5, 0.045), (-1, 0.05), (-0.5, 0.07), (0, 0.08)))
    return Bony("talus", roughen(f, rng, 0.016), cortex, weave=UPRIGHT)


def _tibia(s: float, own: Floats, spur: float, space: float, rng: Generator) -> Bony:
    f = Field(np.array([-3.9, -2.9, -2.6]) * s, np.array([3.0, 2.9, 15.5]) * s, STEP, 0.8)
    rows = [tuple(v * s for v in row) for row in TIBIA]
    f.values = loft(f, rows, power=2.5)  # type: ignore[arg-type]
    # the medial malleolus, its front colliculus lower than the back one
    tip = -1.6 - 0.1 * own[2]
    for course, girth in (
        (
            ((-1.35, 0.2, 2.6), (-2.0, 0.3, 1.2), (-2.4, 0.35, -0.4), (-2.5, 0.55, tip)),
            (0.5, 0.86, 0.84, 0.52),
        ),
        (
            ((-1.3, -0.5, 2.4), (-1.9, -0.6, 1.0), (-2.25, -0.65, -0.2), (-2.35, -0.6, tip + 0.55)),
            (0.5, 0.76, 0.70, 0.46),
        ),
    ):
        f.capsules(np.array(course) * s, np.array(girth) * s, blend=0.3)
    # the tubercles between which the fibula lies
    for place, radii in (
        ((1.75, 0.95, 0.75), (0.62, 0.55, 0.8)),
        ((1.55, -1.55, 0.7), (0.5, 0.45, 0.7)),
    ):
        f.ellipsoid(np.array(place) * s, np.array(radii) * s, blend=0.35)
    # the plafond: the dome's own drum grown, so that the joint is even
    x, y, z = (m / np.float32(s) for m in f.mesh())
    drum = np.sqrt(y**2 + (z + _DOME) ** 2) - np.float32(_DOME + 0.95 * space)
    hollow = np.maximum(drum, -1.72 + 0.05 * y - x)
    f.values = smooth_max(f.values, -hollow * np.float32(s), 0.08)
    # its outer lower corner, towards the fibula, is rounded off
    corner = np.float32(0.66) * (x - np.float32(1.34)) - np.float32(0.75) * z
    f.values = smooth_max(f.values, np.broadcast_to(corner, f.shape) * np.float32(s), 0.45)
    spurs(
        f, [((-0.2, 1.85, 0.15), (0, 1, -0.5)), ((-0.3, -1.9, -0.1), (0, -1, -0.6))], spur, rng, s
    )
    cortex = plated(f, s, _SHIN)
    return Bony("tibia", roughen(f, rng, calmed(0.018, cortex)), cortex, weave=UPRIGHT, hollow=0.85)


def _fibula(s: float, own: Floats, rng: Generator) -> Bony:
    f = Field(np.array([1.2, -2.4, -2.9]) * s, np.array([3.8, 0.9, 15.5]) * s, STEP, 0.8)
    rows = [tuple(v * s for v in row) for row in FIBULA]
    f.values = loft(f, rows, power=2.2)  # type: ignore[arg-type]
    low = np.array([2.5, -0.85, -2.3 - 0.12 * own[3]]) * s
    f.capsules([low + np.array([0, 0.05, 0.6]) * s, low], np.array([0.55, 0.32]) * s, blend=0.3)
    cortex = plated(
        f, s, ((-2.5, 0.05), (-0.5, 0.055), (1, 0.07), (2, 0.10), (3.5, 0.17), (6, 0.26), (12, 0.3))
    )
    shape = roughen(f, rng, calmed(0.016, cortex))
    return Bony("fibula", shape, cortex, weave=UPRIGHT, hollow=0.85)


def _calcaneus(s: float, own: Floats, rng: Generator) -> Bony:
    """Return the calcaneus, whose own third axis runs to the toes."""
    f = Field(np.array([-2.6, 2.0, -6.2]) * s, np.array([3.1, 7.45, 3.7]) * s, STEP, 0.8)
    # own y is down: a section's bottom and top become its front and back
    rows = [(y * s, m * s, k * s, -t * s, -b * s) for y, m, k, b, t in CALCANEUS]
    f.values = loft(f, rows, power=2.5)
    # sustentaculum under the talar neck; tubercle under the heel; posterior facet
    f.join(pebble(f, np.array([-0.95, 3.35, 0.9]) * s, np.array([1.15, 0.5, 1.05]) * s, 2.4), 0.3)
    f.join(pebble(f, np.array([0.75, 2.95, -0.6]) * s, np.array([1.15, 0.6, 1.35]) * s, 2.3), 0.45)
    f.ellipsoid(np.array([-0.15, 6.7, -4.2]) * s, np.array([0.75, 0.45, 0.75]) * s, blend=0.4)
    f.ellipsoid(
        np.array([-1.25, 5.1, -2.2]) * s, np.array([0.8, 1.1, 2.2]) * s, blend=0.5, cut=True
    )
    if own[4] > 0.9:  # a heel spur, in about one of five
        base = np.array([0.0, 6.65, -3.6]) * s
        f.capsules([base, base + np.array([0, 0.02, 0.5 * own[4]]) * s], [0.2, 0.06], blend=0.15)
    shape = roughen(f, rng, 0.020)
    cortex = plated(f, s, ((-5.5, 0.07), (-4.5, 0.06), (-2, 0.07), (0.5, 0.07), (2.8, 0.06)))
    return Bony("calcaneus", shape, cortex, _FLAT_LOFT, weave=OBLIQUE, dense=0.7)


def _midfoot(s: float, own: Floats, arch: float, rng: Generator) -> dict[str, Bony]:
    """Return navicular, cuboid and cuneiforms: blobs that fit() parts into mating faces."""
    rise = 0.35 * arch
    shapes: tuple[tuple[str, tuple[float, ...], tuple[float, ...], float], ...] = (
        # name, centre, half sizes, turn about the vertical in degrees
        ("navicular", (-1.05, 4.4, -2.75), (2.15, 1.20, 1.35), 12),
        ("cuboid", (2.20, 4.95, -4.15), (1.55, 2.10, 1.40), 8),
        ("medial cuneiform", (-2.10, 6.60, -3.5), (1.08, 1.55, 1.65), 4),
        ("middle cuneiform", (-0.62, 6.35, -3.05), (1.12, 1.25, 1.25), 2),
        ("lateral cuneiform", (0.84, 6.50, -3.35), (1.10, 1.50, 1.35), 0),
    )
    made = {}
    for k, (name, centre, radii, turn) in enumerate(shapes):
        c = np.add(centre, (0, 0, rise * (1 - 0.3 * k))) * s
        r = np.array(radii) * s * (1 + 0.02 * own[6 + k])
        f = Field(-r * 1.15 - 0.3, r * 1.15 + 0.3, STEP, 0.7)
        f.values = pebble(f, (0, 0, 0), r, 2.7)
        if name == "navicular":  # its tuberosity
            f.capsules(
                np.array([[-1.2, 0, -0.2], [-1.75, -0.2, -0.5]]) * s,
                np.array([0.7, 0.5]) * s,
                blend=0.3,
            )
        shape = roughen(f, rng, 0.018)
        made[name] = Bony(name, shape, 0.055 * s, turned(turn, "z"), c, LENGTHWISE)
    return made


def ossicles(case: Case, s: float) -> dict[str, Bony]:
    """Return accessory bones: os trigonum, os peroneum, accessory navicular, os subfibulare.

    Films of 1000 Jordanian and of 448 Korean adults showed an os trigonum in 15 and 6 %, an
    accessory navicular in 14 and 34, an os peroneum in 12 and 4, an os subfibulare in 0.6 and 1.7
    (Medicina 2021, 57:1178; Clin Orthop Surg 2020, 12:245).
    """
    kinds = {
        "os trigonum": ((0.2, -2.95, -2.3), (0.45, 0.36, 0.36), 0.09),
        "os peroneum": ((2.2, 4.2, -5.65), (0.22, 0.42, 0.22), 0.07),
        "accessory navicular": ((-3.05, 4.1, -3.3), (0.36, 0.40, 0.36), 0.14),
        "os subfibulare": ((2.45, -0.8, -2.85), (0.26, 0.28, 0.22), 0.012),
    }
    made = {}
    asked = case.word("ossicle")
    for name, (centre, radii, often) in kinds.items():
        rng = case.rng(name)
        drawn, own = rng.random() < often, rng.normal(0, 1, 6)
        if asked != name and not (asked == "as drawn" and drawn):
            continue
        f = box([(0, 0, 0)], max(radii) * s, 0.05, 0.4, 0.2)
        f.values = pebble(f, (0, 0, 0), np.array(radii) * s * (1 + 0.1 * own[:3]), 2.3)
        at: ArrayLike = np.array(centre) * s + 0.04 * own[3:]
        made[name] = Bony(name, roughen(f, rng, 0.015), 0.06, place=np.asarray(at))
    return made
