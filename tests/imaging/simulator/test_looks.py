"""Where a look lies that imitates a hallmark: each has a place, and on what it is a look of."""

from itertools import product

import numpy as np
import pytest

from trainer.core.words import Hallmark, Truth
from trainer.imaging.recipes import Recipe, make
from trainer.imaging.simulator.anatomy import CHEST_CT, REGIONS, region
from trainer.imaging.simulator.case import Number, Structural
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.film import Session
from trainer.imaging.simulator.looks import Breaks, Everywhere, Parts, closed, grown, named
from trainer.imaging.simulator.solids import Solid

ONE = "11111111-1111-4111-8111-111111111111"
COLUMNS = 192
KINDS = [(r, h) for r in REGIONS for h, built in r.structural.items() if built.mimic]
SEEDS = (5, 7)
THIN = {"slices": 8, "slice_mm": "2.0", "kernel": "lung", "emphysema": "none", "breath": 6.0}


def ids(kinds):
    return [f"{r.name} {r.view} {h}" for r, h in kinds]


def session_of(place, hallmark, seed, given=None):
    return Session(place, place.case(seed, given, mimic_of=hallmark), COLUMNS)


def placed(session, hallmark):
    return session.place_of(session.region.forgery(hallmark).look)


def pixel_of(session, point):
    column, row = np.rint(session.camera.project(np.asarray(point)[None])[0]).astype(int)
    return row, column


def shadow(session, *names):
    parts = session.region.build(session.case).parts
    return Parts(names, rim=0).on(parts, session._projector, session.case.values)


def test_a_mimic_says_where_its_look_lies_and_nothing_else_does():
    with pytest.raises(ValueError, match="where its look lies"):
        Structural("model", mimic={"age": Number(18, 35, 26, 4, "age")})
    with pytest.raises(ValueError, match="where its look lies"):
        Structural("model", look=(Breaks(),))
    told = [built for place in (*REGIONS, CHEST_CT) for built in place.structural.values()]
    assert sum(bool(built.look) for built in told) > 60


@pytest.mark.parametrize(("place", "hallmark"), KINDS, ids=ids(KINDS))
def test_each_look_has_a_place_on_the_film_and_not_all_of_it(place, hallmark):
    for seed in SEEDS:
        session = session_of(place, hallmark, seed)
        mask = placed(session, hallmark)
        assert mask.shape == session.camera.shape
        assert 0 < mask.mean() < 0.5


BROKEN = [
    (r, h)
    for r, h in KINDS
    if any(isinstance(look, Breaks) for look in r.structural[h].look)
]  # fmt: skip


@pytest.mark.parametrize(("place", "hallmark"), BROKEN, ids=ids(BROKEN))
def test_a_fresh_break_is_placed_at_its_line_whatever_its_kind(place, hallmark):
    kinds = place.quantities["fracture_kind"].options
    reached = 0
    for seed, kind in product(SEEDS, kinds):
        case = place.case(seed, mimic_of=hallmark)
        if place.name != "hand" and case.word("fracture_kind") != kind:
            continue
        given = {"fracture_kind": kind} if place.name == "hand" else None
        session = session_of(place, hallmark, seed, given)
        mask = placed(session, hallmark)
        row, column = pixel_of(session, session.region.build(session.case).landmarks["fracture"])
        near = grown(mask, 0.2 / session.camera.pixel_cm)
        assert near[row, column], kind
        rim = max(look.rim for look in place.structural[hallmark].look)
        pieces = shadow(session, "* piece *", "* crushed")
        around = grown(pieces, (rim + 0.25) / session.camera.pixel_cm)
        parts = named(session.region.build(session.case).parts, ("*fat*",), {})
        assert parts or not (mask & ~around).any()
        reached += 1
    assert reached


COLUMN = [(r, h) for r, h in KINDS if h is Hallmark.STRAIGHT_SPINE]


@pytest.mark.parametrize(("place", "hallmark"), COLUMN, ids=ids(COLUMN))
def test_a_straight_spine_is_placed_on_its_vertebrae_in_one_piece(place, hallmark):
    session = session_of(place, hallmark, 5)
    mask = placed(session, hallmark)
    parts = session.region.build(session.case).parts
    wanted = {"chest": "vertebra *", "cervical spine": "C[1-7]"}.get(place.name, "[TL]*")
    inside = 0
    for part in named(parts, (wanted,), {}):
        assert isinstance(part.shape, Solid)
        row, column = pixel_of(session, part.shape.skin().mean(0))
        rows, columns = mask.shape
        if 0 <= row < rows and 0 <= column < columns and session._shutter[row, column] > 0.5:
            assert mask[row, column], part.name
            inside += 1
    assert inside >= 4


@pytest.mark.parametrize(
    ("name", "hallmark", "first", "second"),
    [("knee ap", Hallmark.JOINT_MERGE, "femur", "tibia"),
     ("shoulder ap", Hallmark.JOINT_MERGE, "humerus", "scapula"),
     ("elbow lateral", Hallmark.JOINT_MERGE, "humerus", "ulna"),
     ("ankle lateral", Hallmark.JOINT_MERGE, "tibia", "talus"),
     ("wrist pa", Hallmark.JOINT_MERGE, "lunate", "triquetrum")],
)  # fmt: skip
def test_a_worn_joint_is_placed_where_its_bones_meet(name, hallmark, first, second):
    session = session_of(region(*name.rsplit(" ", 1)), hallmark, 5)
    mask, pixel = placed(session, hallmark), session.camera.pixel_cm
    both = grown(shadow(session, first), 0.6 / pixel) & grown(shadow(session, second), 0.6 / pixel)
    assert (mask & both).sum() > 0.8 * mask.sum()
    assert mask.mean() < 0.03


@pytest.mark.parametrize(
    ("name", "hallmark", "part"),
    [("chest pa", Hallmark.NO_CONTEXT, "nodule"), ("chest pa", Hallmark.TOO_SYMMETRIC, "lungs"),
     ("pelvis ap", Hallmark.TOO_SYMMETRIC, "hip bone left"),
     ("pelvis ap", Hallmark.TOO_SYMMETRIC, "femur right"),
     ("abdomen ap", Hallmark.GAS_SHAPE, "faeces *"),
     ("lumbar lateral", Hallmark.VERTEBRA_CLONE, "L5"),
     ("skull lateral", Hallmark.CLEAN_FRACTURE, "grooves"),
     ("skull lateral", Hallmark.NO_SOFT_TISSUE, "fracture"),
     ("elbow ap", Hallmark.CLEAN_FRACTURE, "ulna canal"),
     ("elbow lateral", Hallmark.NO_SOFT_TISSUE, "anterior fat pad"),
     ("ankle lateral", Hallmark.CLEAN_FRACTURE, "os trigonum"),
     ("shoulder ap", Hallmark.CLEAN_FRACTURE, "calcium")],
)  # fmt: skip
def test_the_place_covers_what_is_looked_at(name, hallmark, part):
    session = session_of(region(*name.rsplit(" ", 1)), hallmark, 7)
    wanted = shadow(session, part) & (session._shutter > 0.5)
    assert wanted.any() and not (wanted & ~placed(session, hallmark)).any()


def test_an_old_fracture_of_the_neck_is_placed_on_the_vertebra_that_broke():
    place = region("cervical spine", "lateral")
    for level in ("C4", "C6"):
        session = session_of(place, Hallmark.NO_SOFT_TISSUE, 5, {"level": level})
        mask = placed(session, Hallmark.NO_SOFT_TISSUE)
        assert not (shadow(session, level) & (session._shutter > 0.5) & ~mask).any()
        assert mask.sum() < 3 * shadow(session, level).sum()


def test_a_coalition_is_placed_between_its_bones_and_leaves_the_toes():
    session = session_of(region("foot", "dp"), Hallmark.JOINT_MERGE, 5)
    mask = placed(session, Hallmark.JOINT_MERGE)
    bones = shadow(session, "calcaneus", "navicular", "talus", "cuboid")
    assert (mask & bones).any() and not (mask & shadow(session, "*phalanx*", "metatarsal *")).any()


def test_a_breath_is_placed_beside_its_step_and_leaves_the_spine():
    scan = Scan(CHEST_CT, CHEST_CT.case(3, THIN, mimic_of=Hallmark.Z_BREAK), 96)
    mask = scan.place_of(CHEST_CT.forgery(Hallmark.Z_BREAK).look)
    slices = np.flatnonzero(mask.any((1, 2)))
    assert 2 <= len(slices) <= 3 and (np.diff(slices) == 1).all()
    spine = scan.authentic().structures["spine"] & mask.any((1, 2))[:, None, None]
    assert spine.any() and (mask & spine).sum() < 0.05 * spine.sum()
    # beside a body that held its breath: alike before the step, elsewhere after it
    held = Scan(CHEST_CT, CHEST_CT.case(3, THIN | {"breath": 0.0}), 96).authentic().structures
    differs = (scan.authentic().structures["lungs"] != held["lungs"]).any((1, 2))
    assert slices[0] < np.flatnonzero(differs)[0] <= slices[-1]


def test_a_nodule_in_thick_slices_is_placed_with_its_soft_rim():
    given = {"slices": 8, "slice_mm": "5.0", "kernel": "lung", "emphysema": "none"}
    scan = Scan(CHEST_CT, CHEST_CT.case(4, given, mimic_of=Hallmark.HALO_SEAM), 224)
    mask = scan.place_of(CHEST_CT.forgery(Hallmark.HALO_SEAM).look)
    nodule = scan.authentic().structures["nodule"]
    assert nodule.any() and not (nodule & ~mask).any()
    assert nodule.sum() < mask.sum() < 8 * nodule.sum()
    assert np.array_equal(mask.any((1, 2)), nodule.any((1, 2)))


def test_what_is_in_the_whole_series_has_no_place():
    look = CHEST_CT.forgery(Hallmark.HU_NOISE).look
    assert look == (Everywhere(),)
    with pytest.raises(TypeError, match="has no place"):
        Scan(CHEST_CT, CHEST_CT.case(3, THIN), 96).place_of(look)
    made = make(Recipe(ONE, "chest", "ct", 3, THIN, mimic_of=Hallmark.HU_NOISE), 96)
    assert made.everywhere and made.place is None


SAMPLE = [KINDS[i] for i in range(0, len(KINDS), 6)]


@pytest.mark.parametrize(("place", "hallmark"), SAMPLE, ids=ids(SAMPLE))
def test_no_pixel_depends_on_the_place(place, hallmark):
    made = make(Recipe(ONE, place.name, place.view, 7, mimic_of=hallmark), COLUMNS)
    plain = session_of(place, hallmark, 7).authentic()
    assert made.place is not None and made.mask is None
    assert made.truth is Truth.AUTHENTIC and made.hallmarks == ()
    assert np.array_equal(made.film.pixels, plain.film.pixels)


def test_no_voxel_depends_on_the_place():
    made = make(Recipe(ONE, "chest", "ct", 3, THIN, mimic_of=Hallmark.Z_BREAK), 96)
    case = CHEST_CT.case(3, THIN, mimic_of=Hallmark.Z_BREAK)
    assert made.place is not None
    assert np.array_equal(made.film.pixels, Scan(CHEST_CT, case, 96).authentic().film.pixels)


def test_gaps_are_closed_up_to_their_width_and_the_film_s_edge_is_none():
    mask = np.zeros((40, 60), bool)
    mask[:, 10:20] = mask[:, 26:34] = mask[:, 50:60] = True
    shut = closed(mask, 4)
    assert shut[:, 10:34].all() and not shut[:, 36:48].any() and not shut[:, :9].any()
    assert shut[0].tolist() == shut[20].tolist() and shut[:, 50:].all()
    assert np.array_equal(closed(mask, 0), mask) and not closed(np.zeros((5, 5), bool), 3).any()
