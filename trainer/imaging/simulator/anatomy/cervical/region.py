"""The cervical spine lateral as a region: its parameters, its technique, its forgeries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.belly import Artery, arteries
from trainer.imaging.simulator.anatomy.cervical.spine import NAMES, Neck, places, vertebrae
from trainer.imaging.simulator.anatomy.loft import turned
from trainer.imaging.simulator.anatomy.skull.bones import cranium, face, hyoid, jaw
from trainer.imaging.simulator.anatomy.skull.head import head_of, scaled
from trainer.imaging.simulator.anatomy.skull.region import HEAD
from trainer.imaging.simulator.anatomy.skull.soft import outline
from trainer.imaging.simulator.body import Body, Part, Paths, Uneven
from trainer.imaging.simulator.case import Case, Choice, Number, Quantity, Structural
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.looks import Parts
from trainer.imaging.simulator.memo import remember
from trainer.imaging.simulator.technique import Point, Technique, positioning
from trainer.imaging.simulator.textures import smooth_noise
from trainer.imaging.simulator.tissue import AIR, FAT, SOFT, Bone, Tissue
from trainer.imaging.simulator.tubes import Tubes, tube
from trainer.imaging.simulator.vendors import Tone

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

QUANTITIES: dict[str, Quantity] = {
    **HEAD,
    **positioning(2.4, 2.2, 2.0, (0.5, 0.6)),
    "lordosis": Number(-0.8, 1.8, 0.9, 0.35, "lordosis, relative; below 0 bent the other way"),
    "wear": Number(0, 1, 0.2, 0.25, "wear of the most worn disc, with its spurs"),
    "worn_disc": Number(0, 2, 0.6, 0.7, "disc that wears: 0 C5/6, 1 C6/7, 2 C4/5"),
    "finding": Choice(("none", "wedge fracture"), "what is wrong", weights=(0.82, 0.18)),
    "level": Choice(("C5", "C6", "C7", "C4"), "vertebra that is crushed"),
    "wedge": Number(0.12, 0.45, 0.26, 0.07, "share of the front height that is lost"),
    "swelling": Number(0, 1.5, 0.9, 0.25, "swelling before the spine, relative"),
    "shoulders": Number(-2.0, 1.5, -0.5, 0.6, "how high the shoulders stand, cm"),
    "field": Number(21, 27, 23.5, 0.8, "height of the film at the patient, cm"),
    "beam": Choice(("joint 62", "spine 75"), "spectrum"),
}

STRUCTURAL = {
    Hallmark.STRAIGHT_SPINE: Structural(
        "rigidity model",
        needs={
            "lordosis": Number(0.8, 1.8, 1.2, 0.2, "lordosis, relative"),
            "finding": Choice(("none",), "what is wrong"),
        },
        mimic={
            "lordosis": Number(-0.1, 0.2, 0.05, 0.08, "lordosis lost to spasm, relative"),
            "wear": Number(0, 0.1, 0.03, 0.03, "wear of the most worn disc"),
            "finding": Choice(("none",), "what is wrong"),
        },
        look=(Parts(("C[1-7]",), bridged=0.3),),
    ),
    Hallmark.VERTEBRA_CLONE: Structural(
        "repetition model",
        needs={
            "wear": Number(0.3, 1, 0.5, 0.15, "wear of the most worn disc"),
            "finding": Choice(("none",), "what is wrong"),
        },
        mimic={
            "wear": Number(0, 0.06, 0.02, 0.02, "wear of the most worn disc"),
            "age": Number(18, 35, 25, 4, "age in years"),
        },
        look=(Parts(("C[3-7]",), bridged=0.3),),
    ),
    Hallmark.NO_SOFT_TISSUE: Structural(
        "insertion model",
        needs={
            "finding": Choice(("wedge fracture",), "what is wrong"),
            "swelling": Number(0.7, 1.5, 1.1, 0.15, "swelling before the spine, relative"),
        },
        mimic={
            "finding": Choice(("wedge fracture",), "an old fracture"),
            "swelling": Number(0, 0.08, 0.03, 0.02, "swelling before the spine: gone long ago"),
        },
        look=(Parts(("{level}",)),),
    ),
}

# common carotid, its fork and what goes on inwards: where chalk gathers is the fork
CAROTIDS: tuple[Artery, ...] = tuple(
    (((side * 2.0, 1.0, -15.0), (side * 2.3, 1.7, -11.0), (side * 2.6, 1.6, -8.6),
      (side * 2.7, 0.9, -6.4)), 0.36) for side in (-1, 1)
)  # fmt: skip

MUSCLE = Tissue(adipose=0.06, soft=0.95)  # with the fat between its bundles

# how far the air of the throat lies before the vertebrae, cm, from C1 to T2: about 0.5 above the
# larynx and one vertebra's depth below it
_BEFORE = (0.55, 0.5, 0.5, 0.6, 1.2, 1.6, 1.6, 1.6, 1.6)


def neck_of(case: Case) -> Neck:
    """Return how a case's neck is held and worn."""
    hurt = case.word("finding") == "wedge fracture"
    return Neck(
        lordosis=case.number("lordosis"),
        even=case.dose(Hallmark.STRAIGHT_SPINE),
        clone=case.dose(Hallmark.VERTEBRA_CLONE),
        wear=case.number("wear") * (1 - 0.6 * case.dose(Hallmark.STRAIGHT_SPINE)),
        worn=round(case.number("worn_disc")),
        wedged=case.word("level") if hurt else "",
        wedge=case.number("wedge") if hurt else 0.0,
    )


def build(case: Case) -> Body:
    """Return the body of a case."""
    plain, head, neck = case.authentic(), head_of(case), neck_of(case)
    parts = [*_flesh(plain, _held(case, 0.0)), _throat(case)]
    parts += cranium(plain) + face(plain) + jaw(plain)
    parts += vertebrae(case, neck, head, len(NAMES)) + _larynx(plain, neck) + _first_ribs(plain)
    parts += arteries(plain, head.size, CAROTIDS)
    return Body(tuple(parts))


@remember(2)
def _bare(case: Case) -> tuple[Field, Map]:
    """Return head, neck and shoulders without what the throat lifts, and how uneven they are."""
    head, rng = head_of(case), case.rng("neck flesh")
    f = outline(case, head, -24.0)
    rise = case.number("shoulders")
    for side in (-1, 1):
        top = -17.2 + rise
        slope = [(side * 3.0, -3.6, top + 1.6), (side * 9.5, -3.4, top - 2.8)]
        f.capsules(slope, [4.6, 5.4], blend=3.5)
    f.ellipsoid((0, -2.6, -24.5), (9.5, 9.0, 6.5), blend=3.0)
    return f, smooth_noise(f.shape, (12, 14, 20), rng)


@remember(2)
def _flesh(case: Case, held: tuple[tuple[float, ...], ...]) -> list[Part]:
    """Return skin, fat and muscle; the throat's front goes where the spine holds it."""
    head = head_of(case)
    bare, noise = _bare(case)
    throat = np.array(held[2:])
    f = bare.like(bare.values).capsules(throat[:, :3], throat[:, 3] + 1.5, blend=1.6)
    skin = f.like(f.values + 0.06 * noise)
    thick = 0.35 + 0.022 * max(0.0, case.number("bmi") - 18)
    muscle = f.like(skin.values + np.maximum(thick + 0.15 * noise, 0.1))
    strands = Uneven(case.number_for("strands"), 2.7, 0.014, Tissue(adipose=1, soft=-1))

    def part(name: str, made: Field, tissue: Tissue, within: Tissue, structure: str = "",
             uneven: Uneven | None = None) -> Part:  # fmt: skip
        shape = made.solid().posed(np.eye(3), np.zeros(3), np.full(3, head.size))
        return Part(name, shape, tissue, within, structure, 0.1, uneven=uneven)

    return [
        part("neck", skin, FAT, AIR, "soft tissue"),
        part("flesh", muscle, MUSCLE, FAT, uneven=strands),
    ]


def _airway(case: Case, swollen: float) -> tuple[Floats, Floats]:
    """Return nodes and girths of the throat's air before the vertebrae, C1 to T2."""
    neck = neck_of(case)
    centre = NAMES.index(neck.wedged) if neck.wedged else 4
    rng = case.rng("throat")
    wide = np.array([0.5, 0.5, 0.62, 0.6, 0.5, 0.72, 0.85, 0.88, 0.88]) * rng.normal(1, 0.06, 9)
    nodes = []
    for k, (at, _) in enumerate(places(case, neck, len(NAMES))):
        own = 0.06 * rng.standard_normal()
        gap = _BEFORE[k] + 0.7 * swollen * np.exp(-(((k - centre) / 1.3) ** 2))
        nodes.append((0.0, at[1] + 0.85 + gap + own + wide[k], at[2]))
    return np.array(nodes), wide


def _held(case: Case, swollen: float) -> tuple[tuple[float, ...], ...]:
    """Return the throat's nodes and girths as what a result can be remembered by."""
    nodes, wide = _airway(case, swollen)
    return tuple(tuple(float(v) for v in row) for row in np.column_stack([nodes, wide]))


def _throat(case: Case) -> Part:
    """Return the air from the nose's back to the windpipe; swelling before the spine narrows it."""
    head = head_of(case)
    hurt = 1.0 if neck_of(case).wedged else 0.0
    swollen = hurt * case.number("swelling") * (1 - case.dose(Hallmark.NO_SOFT_TISSUE))
    nodes, wide = _airway(case, swollen)
    course = through(np.array([(0, 4.6, -0.8), (0, 3.2, -1.6), *nodes]), 60)
    girth = np.interp(np.linspace(-2, 8, 60), np.arange(-2, 9), [0.9, 0.75, *wide])
    f = Field(course.min(0) - 1.6, course.max(0) + 1.6, 0.13, far=0.8)
    f.capsules(course, girth, blend=0.05)
    x = f.mesh()[0]
    f.values = np.maximum(f.values, np.abs(x) - np.float32(1.0))
    _larynx_air(f, nodes)
    shape = f.smooth(0.5).solid().posed(np.eye(3), np.zeros(3), np.full(3, head.size))
    return Part("throat", shape, AIR, SOFT, "air", 0.2)


def _larynx_air(f: Field, nodes: Floats) -> None:
    """Shape the air of the larynx: valleculae, epiglottis, vestibule, ventricle, cords."""
    low = nodes[2]
    f.ellipsoid(low + np.array([0, 0.75, -0.75]), (0.9, 0.3, 0.5), blend=0.15)  # valleculae
    leaf = low + np.array([(0, 0.75, -1.7), (0, 0.42, -0.7), (0, 0.05, 0.1), (0, -0.12, 0.55)])
    f.capsules(leaf, [0.2, 0.15, 0.12, 0.09], blend=0.1, cut=True)
    cords = 0.5 * (nodes[4] + nodes[5])
    lie = np.ascontiguousarray(turned(14.0, "x"))  # they fall to the back
    for rise, deep in ((0.42, 0.2), (-0.02, 0.26)):  # false cords and true
        for side in (-1, 1):
            at = cords + np.array([side * 0.95, 0.0, rise])
            f.ellipsoid(at, (0.62, 0.95, deep), lie, blend=0.25, cut=True)
    # what food goes down lies behind the arytenoids, and is shut
    back = cords + np.array([0, -0.75, 0.75])
    f.ellipsoid(back, (0.8, 0.26, 0.8), blend=0.4, cut=True)
    f.ellipsoid(cords + np.array([0, 0.1, 0.2]), (0.75, 0.42, 0.1), lie, blend=0.1)  # ventricle


@remember(2)
def _larynx(case: Case, neck: Neck) -> list[Part]:
    """Return hyoid and what is calcified of the laryngeal cartilages, by age, before C4."""
    head, rng = head_of(case), case.rng("larynx")
    at = places(case, neck, 5)[3][0]
    parts = [hyoid(case, at + np.array([0.0, 4.1, 0.4]))]
    share = float(np.clip((case.number("age") - 25) / 50, 0.1, 1))
    flecks = []
    # chalk comes in the thyroid's hind rim and horns first, then below, then in the ring's plate
    for _ in range(int(70 * share)):
        side, u, v = (1 if rng.random() < 0.5 else -1), rng.random() ** 0.6, rng.random()
        place = np.array([side * (0.5 + 1.2 * u), 3.3 - 1.9 * u, -1.5 - 2.3 * v])
        if rng.random() < 0.3:
            place = np.array([side * rng.uniform(0.1, 1.0), 1.35 + 0.5 * v, -4.4 + 0.9 * u])
        way = rng.normal(0, 0.13, 3) * (0.4 + share) + np.array([0, -0.05, 0.12])
        line = at + place + np.linspace(0, 1, 3)[:, None] * way + rng.normal(0, 0.03, (3, 3))
        flecks.append(
            tube(line, rng.uniform(0.02, 0.07) * (0.7 + 0.6 * share) * np.array([0.5, 1, 0.5]))
        )
    chalk = Bone(cortex=0.45 * (0.4 + 0.6 * share), grain=0.0)
    shape = scaled(Tubes.joinall(flecks), head.size)
    parts.append(Part("laryngeal cartilage", shape, chalk, SOFT))
    return parts


@remember(2)
def _first_ribs(case: Case) -> list[Part]:
    """Return clavicles and first ribs: they cross the lowest vertebrae."""
    head, rng = head_of(case), case.rng("first ribs")
    bone = Bone(cortex=0.9 * head.mineral**0.5, trabeculae=0.16 * head.mineral)
    rise, made = case.number("shoulders"), []
    for side in (-1, 1):
        own = rng.normal(0, 0.25, 3)
        rib = [(1.6, -2.0, -16.8), (3.6, -3.0, -16.6), (5.6, -1.0, -18.0), (4.4, 2.6, -20 + own[0])]
        collar = [(2.0, 3.4, -20.0), (6.0, 2.4, -19.2 + rise), (12.0, -2.5, -18.4 + rise + own[1])]
        for course, girth in ((rib, 0.55), (collar, 0.6)):
            line = through(np.array(course) * [side, 1, 1] * head.size, 40)
            r = np.full(40, girth) * head.size
            made.append(tube(line, r, 0.75 * r, marrow=(r - 0.13, 0.75 * r - 0.11)))
    return [Part("first ribs and clavicles", Tubes.joinall(made), bone, SOFT, "bones", 0.05)]


def _middle(case: Case) -> Point:
    size = case.number("size")
    return (0.0, 0.6 * size, -8.4 * size)


TECHNIQUE = Technique(
    film=(4, 5), centre=_middle, distance=180, behind=24, turn=-90, magnification=1.15,
    quanta=5e6, blur_mm=0.13, scatter=0.12,
)  # fmt: skip


def tones(paths: Paths) -> list[Tone]:
    """Return the anchors: air, soft tissue, column, jaw and shoulders."""
    flesh, bone = paths.structures["soft tissue"], paths.structures["bones"]
    rows, columns = flesh.shape
    middle = np.zeros((rows, columns), bool)
    middle[int(0.3 * rows) : int(0.7 * rows)] = True
    return [
        Tone(flesh <= 0, 0.5, 0.03),
        Tone((flesh > 4) & (bone < 0.01) & middle, 0.4, 0.30),
        Tone((bone > 0.8) & middle, 0.5, 0.60),
        Tone((bone > 0.8) & middle, 0.98, 0.82),
        Tone(bone > 1.5, 0.97, 0.95),
    ]


CERVICAL_LATERAL = TECHNIQUE.region(
    "cervical spine",
    "lateral",
    QUANTITIES,
    build,
    tones,
    structural=STRUCTURAL,
    marker_places=((0.55, 0.64, 0.05, 0.12), (0.55, 0.64, 0.05, 0.12)),
)
