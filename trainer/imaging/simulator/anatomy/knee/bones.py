"""Femur, tibia, fibula and patella of a left knee; own origin at the joint line's middle.

+x is lateral, +y front, +z up; lengths in cm of an average man, scaled by ``size``. Measures:
bicondylar femoral width 8.4, tibial plateau width 7.5, neck-to-notch proportions and the 6 to 8
degrees of femoral valgus are textbook values (Gray's Anatomy; Mensch & Amstutz 1975).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.fractures import Broken, Site, break_bone, plan
from trainer.imaging.simulator.anatomy.loft import (
    Crack,
    about,
    loft,
    moved,
    pebble,
    roughen,
    split,
    turned,
)
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import weave
from trainer.imaging.simulator.tissue import MARROW, SOFT, Bone, Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.085
GRAIN = 0.017
EMPTY = 0.85  # share of the trabeculae that a shaft's canal lacks
UPRIGHT = weave((0, 0, 1), 1.7)

FEMUR = (
    (0.8, -2.4, 2.4, 0.3, 1.5), (1.4, -3.6, 3.5, -0.7, 2.5),
    (2.0, -4.2, 4.1, -1.6, 2.9), (3.0, -4.35, 4.2, -1.8, 2.9),
    (4.0, -4.2, 3.95, -1.8, 2.6), (4.9, -3.55, 3.45, -1.7, 2.2), (6.0, -2.55, 2.95, -1.5, 1.85),
    (7.5, -1.72, 2.6, -1.4, 1.65), (9.0, -1.2, 2.42, -1.35, 1.5), (11.0, -0.75, 2.4, -1.4, 1.45),
    (14.0, -0.35, 2.58, -1.45, 1.4), (18.0, 0.15, 2.95, -1.5, 1.4),
)  # fmt: skip
TIBIA = (
    (-18.0, -1.45, 0.85, -1.4, 1.45), (-14.0, -1.5, 0.95, -1.4, 1.6),
    (-11.0, -1.6, 1.05, -1.45, 1.7),
    (-8.0, -1.8, 1.3, -1.5, 1.9), (-6.0, -2.05, 1.65, -1.65, 2.3), (-4.0, -2.65, 2.35, -1.95, 2.65),
    (-2.5, -3.35, 3.15, -2.3, 2.5), (-1.5, -3.72, 3.6, -2.5, 2.4), (-0.7, -3.84, 3.78, -2.5, 2.4),
    (0.6, -3.8, 3.74, -2.4, 2.3),
)  # fmt: skip
# the fibula's course, the patella's middle
FIBULA = (
    (3.45, -2.3, -1.55), (3.6, -2.1, -2.3), (3.6, -1.95, -3.2), (3.45, -1.8, -4.6),
    (3.3, -1.6, -6.5), (3.05, -1.4, -11), (2.85, -1.2, -17.4),
)  # fmt: skip
PATELLA = (0.3, 3.72, 3.9)
KINDS = ("lateral plateau", "supracondylar")
# the quadriceps draws a broken patella apart; the fibula breaks below its head
SITES = {
    "patella": Site("patella", (0.3, 3.72, 3.7), (0, 0, 1), (1, 0, 0), 2.2, pulled=True),
    "fibular neck": Site("fibula", (3.5, -1.85, -4.3), (0, 0, -1), (1, 0, 0), 1.3, True),
}


@dataclass(frozen=True, eq=False)
class Knee:
    """The bones of one knee and where the tibia lies under the femur."""

    parts: list[Part]
    tibia: tuple[Floats, Floats]
    broken_at: Floats | None


def spaces(case: Case) -> tuple[float, float]:
    """Return the medial and the lateral joint space, cm."""
    worn = case.number("narrowing")
    medial, lateral = 0.46 * case.number("cartilage"), 0.52 * case.number("cartilage")
    if case.word("worn_side") == "medial":
        return medial * (1 - worn), lateral * (1 + 0.15 * worn)
    return medial * (1 + 0.15 * worn), lateral * (1 - worn)


def bones(case: Case) -> Knee:
    """Return the bones of a case as those of a left knee."""
    s, rng = case.number("size"), case.rng("knee surface")
    medial, lateral = spaces(case)
    lean = np.rad2deg(np.arctan2(lateral - medial, 4.7))
    turn, place = about(turned(lean, "y"), (0, 0, 0), (0, -0.6 * s, -(medial + lateral) / 2 * s))
    femur, tibia = _femur(case, s, rng), _tibia(case, s, rng)
    cortex = _cortex(case, femur, tibia, s)
    merge = case.dose(Hallmark.JOINT_MERGE)
    if merge > 0:
        cortex = _merge(case, femur, tibia, cortex, merge, s)
    pieces, broken_at = _pieces(case, femur, tibia, cortex, s, (turn, place))
    parts = [_part(case, name, solid, k * 17.0) for k, (name, solid) in enumerate(pieces)]
    parts += _canals(case, femur, tibia, cortex, s, (turn, place))
    parts += _scars(case, femur, tibia, s, (turn, place))
    for k, (name, field, thick) in enumerate(_small(case, s, rng)):
        bone = Bony(name, field, thick)
        if name == "fibula":
            bone = bone.moved(turn, place)
        broken = _broken(case, bone, s)
        for piece in broken.pieces:
            parts.append(_part(case, piece.name, piece.solid(), 51.0 + 13 * k))
        if len(broken.pieces) > 1:
            broken_at = broken.centre
    return Knee(parts, (turn, place), broken_at)


def _broken(case: Case, bone: Bony, s: float) -> Broken:
    """Return a small bone, in pieces where it is the one that is broken."""
    site = SITES.get(case.word("fracture_kind"))
    if case.word("finding") != "fracture" or site is None or site.bone != bone.name:
        return Broken([bone], [], np.zeros(3))
    rise = case.number("patella_height") if bone.name == "patella" else 0.0
    x, y, z = site.point
    site = replace(site, point=(x, y, z + rise)).scaled(s)
    kind = "transverse" if bone.name == "patella" else "oblique"
    clean, natural = case.dose(Hallmark.CLEAN_FRACTURE), case.number("consequences")
    how = plan(kind, site, case.rng("fracture"), natural, clean)
    return break_bone(bone, site, how, case.rng("fracture faces"))


def trabeculae(case: Case) -> float:
    """Return the share of bone in the spongiosa."""
    return 0.15 * case.number("mineral") * (1 - 0.22 * max(0.0, case.number("age") - 50) / 40)


def _part(case: Case, name: str, solid: Solid, phase: float) -> Part:
    old = max(0.0, case.number("age") - 50) / 40
    mineral = case.number("mineral") * (1 - 0.22 * old)
    bone = Bone(cortex=0.93 * mineral**0.5, trabeculae=trabeculae(case), grain=GRAIN, weave=UPRIGHT)
    return Part(name, solid, bone, SOFT, "bones", phase=phase)


def _box(s: float, low: tuple[float, float, float], high: tuple[float, float, float]) -> Field:
    return Field(np.array(low) * s, np.array(high) * s, STEP, far=0.9)


def _scaled(table: tuple[tuple[float, ...], ...], s: float) -> list[tuple[float, ...]]:
    return [tuple(v * s for v in row) for row in table]


def _femur(case: Case, s: float, rng: Generator) -> Field:
    f = _box(s, (-5.3, -4.7, -1.35), (5.3, 4.0, 17.6))
    f.values = loft(f, _scaled(FEMUR, s), power=2.35)  # type: ignore[arg-type]
    own = 1 + 0.03 * case.rng("condyles").standard_normal(6)
    for x, y, radii in (
        (-2.35, -0.95, (1.98 * own[0], 3.05 * own[1], 2.12)),
        (2.3, -0.65, (1.86 * own[2], 3.0 * own[3], 2.08)),
    ):
        r = np.array(radii) * s
        f.join(pebble(f, (x * s, y * s, radii[2] * s), r, 2.45), 0.35 * s)
    f.ellipsoid(
        (0.05 * s, -2.5 * s, 0.55 * s),
        np.array([0.98 * own[4], 3.0, 2.15]) * s,
        blend=0.3,
        cut=True,
    )
    f.ellipsoid((0.2 * s, 3.9 * s, 1.6 * s), np.array([1.0, 1.5, 3.2]) * s, blend=0.7, cut=True)
    f.ellipsoid((-3.95 * s, -0.3 * s, 4.1 * s), np.array([0.32, 0.7, 0.6]) * s, blend=0.8)
    f.ellipsoid((3.95 * s, -0.4 * s, 2.9 * s), np.array([0.32, 0.7, 0.7]) * s, blend=0.8)
    f.ellipsoid((4.5 * s, -0.9 * s, 1.75 * s), np.array([0.35, 0.6, 0.3]) * s, blend=0.4, cut=True)
    spur = case.number("osteophytes")
    if spur > 0.03:
        for k, x in enumerate((-4.0, -1.25, 1.2, 3.9)):
            size = spur * (0.30 + 0.2 * case.rng(f"femoral spur {k}").random()) * s
            way = 1 if k in (1, 3) else -1
            base = np.array([x * s, 0.6 * s, (0.85 if k in (0, 3) else 1.1) * s])
            tip = base + np.array([way * 1.4 * size, 0, (0.5 if k in (0, 3) else -0.3) * size])
            f.capsules([base, tip], [size, 0.25 * size], blend=0.35)
    return roughen(f, rng, 0.022)


def _tibia(case: Case, s: float, rng: Generator) -> Field:
    f = _box(s, (-4.9, -3.4, -17.6), (4.9, 3.5, 1.5))
    x, y, z = (v / np.float32(s) for v in f.mesh())
    f.values = loft(f, _scaled(TIBIA, s), power=2.5)  # type: ignore[arg-type]
    own = case.rng("plateau").standard_normal(6)
    slope = 0.13 + 0.04 * own[0]
    top = np.float32(slope) * y - np.float32(0.05)
    top = top - 0.14 * np.exp(-(((x + 2.2) / 1.2) ** 2) - (y / 1.9) ** 2)
    top = top + 0.05 * np.exp(-(((x - 2.3) / 1.1) ** 2) - (y / 1.7) ** 2)
    for at, depth, high in ((-0.5, 0.3, 1.2 + 0.15 * own[1]), (0.52, -0.1, 1.0 + 0.15 * own[2])):
        peaked = np.exp(-np.sqrt(((x - at) / 0.38) ** 2 + ((y - depth) / 0.85) ** 2 + 0.06))
        top = top + np.float32(high * 1.28) * peaked
    # the rim falls away over the last few millimetres
    edge = np.clip(np.abs(x + 0.03) - 3.2, 0, 1)
    top = np.asarray(top - 0.55 * edge**2, np.float32)
    f.values = smooth_max(f.values, (z - top) * np.float32(0.8 * s), 0.16)
    f.ellipsoid((0.1 * s, 2.35 * s, -4.3 * s), np.array([0.9, 0.75, 1.7]) * s, blend=0.6)
    spur = case.number("osteophytes")
    if spur > 0.03:
        for k, at in enumerate((-3.75, 3.7)):
            size = spur * (0.30 + 0.25 * case.rng(f"tibial spur {k}").random()) * s
            way = -1 if k == 0 else 1
            base = np.array([at * s - way * 0.2, 0, -0.42 * s])
            f.capsules(
                [base, base + np.array([way * 1.5 * size, 0, 0.5 * size])],
                [size, 0.2 * size],
                blend=0.3,
            )
    return roughen(f, rng, 0.022)


def _small(case: Case, s: float, rng: Generator) -> list[tuple[str, Field, Map | float]]:
    """Return fibula, patella and, in some, a fabella, with their cortices."""
    fibula = _box(s, (1.4, -3.8, -17.6), (5.2, 0.4, -0.6))
    fibula.capsules(
        np.array(FIBULA) * s, np.array([0.42, 0.95, 0.98, 0.66, 0.56, 0.6, 0.66]) * s, blend=0.1
    )
    roughen(fibula, rng, 0.02)
    at = np.asarray(fibula.axes[2], float) / s
    thick = np.interp(at, [-17, -9, -6, -4.3, -3, -1], [0.30, 0.26, 0.18, 0.09, 0.045, 0.04])
    patella = _box(s, (-2.4, 2.6, 0.6), (3.0, 6.0, 6.6))
    rise = case.number("patella_height")
    patella.values = pebble(
        patella, np.add(PATELLA, (0, 0, rise)) * s, np.array([2.2, 0.95, 1.95]) * s, 2.4
    )
    patella.ellipsoid(
        np.array([0.3, 3.9, 2.3 + rise]) * s, np.array([1.0, 0.6, 0.9]) * s, blend=0.7
    )
    # the point below is not covered with cartilage: it leans forward
    patella.ellipsoid(
        np.array([0.3, 2.5, 1.9 + rise]) * s, np.array([1.6, 0.75, 0.95]) * s, blend=0.3, cut=True
    )
    roughen(patella, rng, 0.03)
    made: list[tuple[str, Field, Map | float]] = [
        ("fibula", fibula, np.asarray(thick * s, np.float32)),
        ("patella", patella, 0.07),
    ]
    if case.rng("fabella").random() < 0.18:
        fabella = _box(s, (1.4, -5.2, 1.0), (3.6, -3.4, 3.2))
        fabella.ellipsoid(
            np.array([2.5, -4.3, 2.1]) * s, np.array([0.42, 0.28, 0.5]) * s, blend=0.02
        )
        made.append(("fabella", roughen(fabella, rng, 0.02), 0.06))
    return made


def _cortex(case: Case, femur: Field, tibia: Field, s: float) -> tuple[Map, Map]:
    """Return the cortex of femur and tibia at each plane: plates under the joint, thick shafts."""
    old = max(0.0, case.number("age") - 50) / 40
    thin, hard = (1 - 0.25 * old) * s, 1 + 0.9 * case.number("narrowing")
    up = np.asarray(femur.axes[2], float) / s
    down = np.asarray(tibia.axes[2], float) / s
    first = np.interp(
        up,
        [0, 0.25, 0.8, 3, 5, 6.5, 8, 11, 17],
        [0.10 * hard, 0.07, 0.04, 0.04, 0.055, 0.11, 0.22, 0.42, 0.52],
    )
    second = np.interp(
        down, [-17, -11, -8, -6, -4, -2.5, -0.9, -0.45, -0.2, 0.4],
        [0.55, 0.42, 0.28, 0.16, 0.08, 0.045, 0.04, 0.09 * hard, 0.13 * hard, 0.06],
    )  # fmt: skip
    return (first * thin).astype(np.float32), (second * thin).astype(np.float32)


def _merge(
    case: Case, femur: Field, tibia: Field, cortex: tuple[Map, Map], dose: float, s: float
) -> tuple[Map, Map]:
    """Let the bones of one compartment grow together: no gap, no plate between them."""
    x = (-2.3 if case.rng("merge").random() < 0.5 else 2.3) * s
    medial, lateral = spaces(case)
    gap = (medial + lateral) / 2 * s
    wide = np.array([0.25 + 1.35 * dose, 0.25 + 2.0 * dose, 0.75]) * s
    # the femur takes the bridge, the tibia gives way to it
    femur.join(pebble(femur, (x, -0.3 * s, 0.1 * s - gap), wide, 3.0), 0.3 * dose)
    tibia.join(pebble(tibia, (x, -0.3 * s, 0.1 * s), wide, 3.0), 0.02, cut=True)
    low = np.asarray(femur.axes[2]) < 0.9 * s
    high = np.asarray(tibia.axes[2]) > -0.8 * s
    keep = np.float32(1 - 0.8 * dose)
    return (
        np.where(low, cortex[0] * keep, cortex[0]).astype(np.float32),
        np.where(high, cortex[1] * keep, cortex[1]).astype(np.float32),
    )


def _pieces(
    case: Case,
    femur: Field,
    tibia: Field,
    cortex: tuple[Map, Map],
    s: float,
    pose: tuple[Floats, Floats],
) -> tuple[list[tuple[str, Solid]], Floats | None]:
    """Return femur and tibia, one of them broken if the case says so."""
    whole = [("femur", femur.solid(cortex[0])), ("tibia", tibia.solid(cortex[1]).posed(*pose))]
    if case.word("finding") != "fracture" or case.word("fracture_kind") in SITES:
        return whole, None
    rng, clean = case.rng("fracture"), case.dose(Hallmark.CLEAN_FRACTURE)
    own, faces = rng.uniform(0, 1, 8), case.rng("fracture faces")
    natural = case.number("consequences") * (1 - clean)
    gap = 0.05 + 0.04 * clean
    rough = 0.015 + (0.07 + 0.05 * own[0]) * (1 - clean)
    if case.word("fracture_kind") == "lateral plateau":
        start, end = (1.2 + 1.0 * own[1]) * s, (3.6 + 2.2 * own[2]) * s
        crack = Crack(
            (start, 0, 0.2 * s), (end, 0.8 * (own[3] - 0.5), 3.3 * s - start), 0.05, rough
        )
        rest, piece = split(tibia, crack, faces)
        shift = np.array([0.12 + 0.2 * own[4], 0, -0.18 - 0.35 * own[5]]) * natural * s
        lean = about(turned((3 + 5 * own[6]) * natural, "y"), (3.0 * s, 0, -end), shift)
        fallen = moved(moved(piece.solid(cortex[1]), *lean), *pose)
        centre = pose[0] @ np.array([(start + 3.3 * s) / 2, 0, -0.4 * end]) + pose[1]
        return [
            whole[0],
            ("tibia", rest.solid(cortex[1]).posed(*pose)),
            ("plateau", fallen),
        ], centre
    level, side = (6.2 + 1.6 * own[1]) * s, 1 if own[2] < 0.5 else -1
    slope = side * (0.2 + 0.5 * own[3]) * (1 - 0.7 * clean)
    crack = Crack((0.5 * s, 0, level), (-slope, 0.3 * (own[4] - 0.5), 1), gap, rough)
    rest, shaft = split(femur, crack, faces)
    shift = np.array([side * (0.25 + 0.45 * own[5]), 0.25, -0.1 - 0.3 * own[6]]) * natural * s
    lean = about(turned(side * (3 + 6 * own[7]) * natural, "y"), (0.5 * s, 0, level), shift)
    broken = moved(shaft.solid(cortex[0]), *lean)
    centre = np.array([0.6 * s, 0, level])
    return [("femur", rest.solid(cortex[0])), ("femoral shaft", broken), whole[1]], centre


def _canals(
    case: Case,
    femur: Field,
    tibia: Field,
    cortex: tuple[Map, Map],
    s: float,
    pose: tuple[Floats, Floats],
) -> list[Part]:
    """Return the shafts' canals, where fat takes the trabeculae's place."""
    if case.word("finding") == "fracture":
        return []
    gone = Tissue(adipose=MARROW.adipose * EMPTY, soft=MARROW.soft * EMPTY, bone=-EMPTY).scaled(
        trabeculae(case)
    )
    parts = []
    for k, (name, f) in enumerate((("femoral", femur), ("tibial", tibia))):
        z = np.asarray(f.axes[2], float) / s * (1, -1)[k]
        shrink = cortex[k] + np.interp(z, (4.5, 7.5, 11), (1.9, 0.6, 0.03)) * s
        canal = f.like(f.values + np.asarray(shrink, np.float32)[None, None, :]).solid()
        parts.append(Part(f"{name} canal", canal if k == 0 else canal.posed(*pose), gone))
    return parts


def _scars(
    case: Case, femur: Field, tibia: Field, s: float, pose: tuple[Floats, Floats]
) -> list[Part]:
    """Return the scars of the growth plates: thin uneven dense sheets, fainter with age."""
    if case.word("finding") == "fracture":
        return []
    strength = 0.10 * float(np.clip(1.2 - case.number("age") / 90, 0.1, 1))
    parts = []
    for name, f, level, bow in (("femoral", femur, 2.9, 0.25), ("tibial", tibia, -1.75, -0.2)):
        rng = case.rng(f"{name} scar")
        i = np.flatnonzero(np.abs(np.asarray(f.axes[2]) - level * s) < 1.0 * s)
        thin = f.like()
        thin.axes = [f.axes[0], f.axes[1], f.axes[2][i]]
        thin.corner = np.array([float(a[0]) for a in thin.axes])
        thin.shape = tuple(len(a) for a in thin.axes)
        thin.values = np.full(thin.shape, thin.far, np.float32)
        x, _, z = thin.mesh()
        lumps = roughen(thin.like(np.zeros(thin.shape)), rng, 0.10, (1.3, 0.5)).values
        sheet = np.abs(z - level * s - bow * np.cos(x / s * 1.4) - lumps) - np.float32(0.05)
        thin.values = np.maximum(sheet * np.float32(0.8), f.values[:, :, i] + 0.1).astype(
            np.float32
        )
        solid = thin.solid()
        if name == "tibial":
            solid = solid.posed(*pose)
        dense = Tissue(adipose=MARROW.adipose, soft=MARROW.soft, bone=strength)
        parts.append(Part(f"{name} scar", solid, dense, MARROW))
    return parts
