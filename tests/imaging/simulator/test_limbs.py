"""The limbs: bones that are all there and apart, measures in published ranges, breaks, wear."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.recipes import Recipe, make
from trainer.imaging.simulator import dicom_out
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.elbow.bones import elbow
from trainer.imaging.simulator.anatomy.elbow.regions import SITES as ELBOW_SITES
from trainer.imaging.simulator.anatomy.foot.bones import foot, numbers
from trainer.imaging.simulator.anatomy.foot.regions import ANKLE_SITES, FOOT_SITES
from trainer.imaging.simulator.anatomy.hand.carpals import NAMES as CARPALS
from trainer.imaging.simulator.anatomy.hand.carpals import carpals
from trainer.imaging.simulator.anatomy.hand.wrist import SITES as WRIST_SITES
from trainer.imaging.simulator.anatomy.knee.regions import SITES as KNEE_SITES
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.breaks import break_one
from trainer.imaging.simulator.anatomy.limb.cortex import uneven
from trainer.imaging.simulator.anatomy.limb.fractures import KINDS
from trainer.imaging.simulator.anatomy.limb.region import size
from trainer.imaging.simulator.anatomy.shoulder.bones import HEAD, shoulder
from trainer.imaging.simulator.anatomy.shoulder.regions import SITES as SHOULDER_SITES
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.film import Session

COLUMNS = 128
PLAIN = {"hardware": "none", "narrowing": 0.0, "osteophytes": 0.0, "porosis": 0.0, "fat": 0.4}
LIMBS = ("ankle ap", "ankle lateral", "foot dp", "foot oblique", "elbow ap", "elbow lateral",
         "shoulder ap", "knee lateral", "wrist pa", "wrist lateral")  # fmt: skip
SITES = {
    "ankle": ANKLE_SITES, "foot": FOOT_SITES, "elbow": ELBOW_SITES, "shoulder": SHOULDER_SITES,
    "wrist": WRIST_SITES, "knee": KNEE_SITES,
}  # fmt: skip


def place_of(name):
    return region(*name.split(" "))


def apart(first, second):
    """Return the least distance between two bones, cm (negative where they overlap)."""
    inside = first.field.values < 0
    return float(first.distance_to(second.solid())[inside].min())


def extent(bone, axis):
    """Return how far a bone reaches along one of its own axes, cm."""
    other = tuple(k for k in range(3) if k != axis)
    inside = bone.field.axes[axis][(bone.field.values < 0).any(other)]
    return float(inside[-1] - inside[0])


@pytest.fixture(scope="module")
def feet():
    place = region("ankle", "ap")
    return foot(3, numbers(place.case(3, {"size": 1.0, "sex": "male", "coalition": "no"} | PLAIN)))


def test_a_foot_has_its_twenty_six_bones_two_sesamoids_and_the_leg(feet):
    assert len(feet) == 7 + 5 + 14 + 2 + 2
    assert {"talus", "calcaneus", "navicular", "cuboid", "tibia", "fibula"} <= set(feet)
    assert sum("phalanx" in name for name in feet) == 14
    assert sum("cuneiform" in name for name in feet) == 3
    assert all((bone.field.values < 0).sum() > 50 for bone in feet.values())


def test_the_bones_of_a_foot_have_published_lengths_and_do_not_overlap(feet):
    assert 5.2 < extent(feet["talus"], 1) < 7.0  # Steele 1976: men 5.2 to 6.6, and its process
    assert 7.6 < extent(feet["calcaneus"], 2) < 9.4
    lengths = [extent(feet[f"metatarsal {k}"], 2) for k in range(1, 6)]
    assert np.argmax(lengths) == 1  # the second is the longest, the first the shortest
    assert np.argmin(lengths) == 0
    pairs = [("talus", "tibia"), ("talus", "fibula"), ("talus", "calcaneus"), ("tibia", "fibula"),
             ("talus", "navicular"), ("calcaneus", "cuboid"), ("cuboid", "lateral cuneiform"),
             ("metatarsal 1", "medial cuneiform"), ("metatarsal 5", "cuboid")]  # fmt: skip
    for a, b in pairs:
        assert 0.08 < apart(feet[a], feet[b]) < 0.5, (a, b)
    # the fibula ends about a centimetre below the inner malleolus (Gray's Anatomy)
    tips = [
        float(feet[n].field.axes[2][(feet[n].field.values < 0).any((0, 1))][0])
        for n in ("tibia", "fibula")
    ]
    assert 0.4 < tips[0] - tips[1] < 1.6


@pytest.mark.parametrize("seed", [1, 4])
def test_a_wrist_has_eight_carpal_bones_and_none_overlaps_another(seed):
    made = carpals(seed, 1.0, 0.0, 0.0)
    assert tuple(made) == CARPALS and len(made) == 8
    for k, a in enumerate(CARPALS):
        for b in CARPALS[k + 1 :]:
            assert apart(made[a], made[b]) > 0.05, (a, b)
    assert apart(made["scaphoid"], made["lunate"]) < 0.3  # wider is torn (Gilula 1979)
    grown = carpals(seed, 1.0, 0.0, 1.0)
    # beside the border of a bridge distances are drawn out ninefold
    assert apart(grown["lunate"], grown["triquetrum"]) < 0.04


def test_an_elbow_has_its_lines_and_measures():
    bones = elbow(2, (1.0, 0.0, 0.0))
    humerus, ulna, radius = bones["humerus"], bones["ulna"], bones["radius"]
    f = humerus.field
    assert 5.4 < extent(humerus, 0) < 7.2  # epicondylar width of men
    assert 0.1 < apart(ulna, humerus) < 0.35
    assert 0.1 < apart(radius, humerus) < 0.35
    # the anterior humeral line crosses the middle third of the capitellum (Rogers 1978)
    row = np.argmin(np.abs(f.axes[2] - 5.0))
    front = f.axes[1][(f.values[:, :, row] < 0).any(0)][-1]
    middle = np.argmin(np.abs(f.axes[0] - 1.5))
    ball = f.axes[1][(f.values[middle, :, np.argmin(np.abs(f.axes[2]))] < 0)]
    third = (ball[-1] - ball[0]) / 3
    assert ball[0] + third - 0.2 < front < ball[-1] - third + 0.2


def test_a_humeral_head_lies_under_the_acromion_and_before_the_glenoid():
    bones = shoulder(2, (1.0, 0.0, 0.0))
    assert 0.2 < apart(bones["scapula"], bones["humerus"]) < 0.5
    assert apart(bones["clavicle"], bones["scapula"]) > 0.1
    z = np.linspace(0.6, 1.7, 60) + HEAD - 0.6  # upwards from the top of the head
    roof = bones["scapula"].solid().at(np.full(60, 0.4), np.full(60, 0.0), z)
    inside = z[roof < 0]
    assert inside.size and 0.6 < inside[0] - HEAD < 1.4  # 9 to 10 mm in the middle of the head


@pytest.mark.parametrize("name", LIMBS)
def test_bones_lie_in_flesh_and_a_right_limb_mirrors_a_left_one(name):
    place = place_of(name)
    given = {k: v for k, v in PLAIN.items() if k in place.table()}
    given |= {"rotation": 0.0, "tilt": 0.0, "roll": 0.0, "shift_x": 0.0, "side": "left"}
    left = Session(place, place.case(2, given), COLUMNS).authentic().paths
    seen = left.masks()
    assert (seen["bones"] & ~seen["soft tissue"]).mean() < 0.002
    assert 0.06 < seen["bones"].mean() < 0.6
    right = Session(place, place.case(2, given | {"side": "right"}), COLUMNS).authentic().paths
    mine, theirs = left.structures["bones"], right.structures["bones"][:, ::-1]
    assert np.abs(mine - theirs).mean() < 0.05 * mine.mean()


@pytest.mark.parametrize("kind", KINDS)
def test_every_pattern_breaks_a_bone_as_it_says(kind):
    place = region("ankle", "ap")
    given = PLAIN | {"finding": "fracture", "fracture_bone": "tibia", "fracture_kind": kind}
    whole = foot(6, numbers(place.case(6, given)))
    counts = {}
    for natural in (0.2, 1.0):
        case = place.case(6, given | {"consequences": natural})
        bones, _bands, at = break_one(case, whole, ANKLE_SITES, size(case))
        assert at is not None
        pieces = [b for b in bones if b.name.startswith("tibia")]
        counts[natural] = len(pieces)
        volume = sum(float((b.field.values < 0).sum()) for b in pieces)
        assert 0.85 < volume / float((whole["tibia"].field.values < 0).sum()) < 1.06
        # displaced, the fibula beside it breaks too; hardly displaced, it need not
        second = sum(b.name.startswith("fibula") for b in bones)
        assert second == (2 if natural == 1.0 and kind != "buckle" else 1)
    expected = {"buckle": 1, "comminuted": 4}.get(kind, 2)
    assert counts == {0.2: expected, 1.0: expected}


def _water_near_the_injury(place, case, paths):
    """Return the soft tissue that is not fat within 2 cm of a break or an empty joint."""
    at = np.array(place.build(case).landmarks["fracture"])
    corners = at + np.array([[i, j, k] for i in (-2, 2) for j in (-2, 2) for k in (-2, 2)])
    left, right, top, bottom = place.camera(case, COLUMNS).box_of(corners)
    return float(paths.materials[1, top:bottom, left:right].sum())


@pytest.mark.parametrize(
    ("name", "bone", "kind"),
    [("elbow lateral", "radial head", "oblique"), ("wrist pa", "distal radius", "transverse"),
     ("foot dp", "metatarsal 3", "oblique"), ("shoulder ap", "surgical neck", "transverse"),
     ("knee lateral", "patella", "transverse")],
)  # fmt: skip
def test_a_fracture_swells_with_its_consequences_and_not_without(name, bone, kind):
    place = place_of(name)
    given = {"finding": "fracture", "fracture_kind": kind, "hardware": "none"}
    given |= {"fracture_bone": bone}
    given = {k: v for k, v in given.items() if k in place.table()}
    session = Session(place, place.case(8, given, Hallmark.NO_SOFT_TISSUE), COLUMNS)
    swollen = session.authentic().paths
    dry = session.forged(place.case(8, given, Hallmark.NO_SOFT_TISSUE, 1.0)).paths
    wet, less = (_water_near_the_injury(place, session.case, p) for p in (swollen, dry))
    assert less < 0.985 * wet
    assert np.array_equal(dry.structures["bones"], swollen.structures["bones"])


def test_effusion_lifts_the_fat_pads_of_an_elbow_and_floats_fat_in_a_knee():
    place = place_of("elbow lateral")
    given = PLAIN | {"finding": "fracture", "fracture_bone": "radial head", "side": "left"}

    def behind(consequences):
        case = place.case(4, given | {"consequences": consequences, "rotation": 0.0, "roll": 0.0})
        pads = Session(place, case, COLUMNS).authentic().paths.structures["fat pads"]
        columns = np.flatnonzero(pads.max(0) > 0.2)
        return int(columns[0])  # the front of the arm is to the film's right

    assert behind(1.0) < behind(0.0) - 2
    knee = place_of("knee lateral")
    broken = {"finding": "fracture", "fracture_bone": "lateral plateau"}
    floats = Session(knee, knee.case(4, broken), COLUMNS).authentic().paths
    assert floats.masks()["fat level"].any()
    below = broken | {"fracture_bone": "fibular neck"}  # outside of the joint
    assert "fat level" not in Session(knee, knee.case(4, below), COLUMNS).authentic().paths.masks()


def test_wear_narrows_a_joint_and_porosis_takes_bone_away():
    place = place_of("ankle ap")
    calm = {"side": "left", "rotation": 0.0, "coalition": "no"} | PLAIN
    open_, worn = (foot(5, numbers(place.case(5, calm | {"narrowing": n}))) for n in (0.0, 0.9))
    assert apart(worn["tibia"], worn["talus"]) < 0.5 * apart(open_["tibia"], open_["talus"])

    def bone(porosis):
        case = place.case(5, calm | {"porosis": porosis})
        return float(Session(place, case, COLUMNS).authentic().paths.materials[2].sum())

    assert bone(1.0) < 0.75 * bone(0.0)


@pytest.mark.parametrize(
    ("name", "hardware"),
    [("ankle lateral", "cast"), ("elbow lateral", "splint"), ("wrist pa", "plate"),
     ("ankle ap", "plate")],
)  # fmt: skip
def test_metal_and_casts_are_seen_and_known(name, hardware):
    place = place_of(name)
    paths = Session(place, place.case(3, {"hardware": hardware}), COLUMNS).authentic().paths
    seen = paths.masks()["hardware" if hardware == "plate" else "cast"]
    assert 0.002 < seen.mean() < (0.1 if hardware == "plate" else 0.9)
    assert (paths.materials[4].max() > 0.05) == (hardware == "plate")


def test_a_forged_wrist_loses_or_fuses_carpal_bones():
    place, kinds = place_of("wrist pa"), set()
    for seed in (1, 2, 4):
        whole = {p.name for p in place.build(place.case(seed)).parts}
        forged = {
            p.name for p in place.build(place.case(seed, {}, Hallmark.JOINT_MERGE, 1.0)).parts
        }
        assert set(CARPALS) <= whole
        kinds.add(len(set(CARPALS) - forged))
    assert kinds == {0, 1}


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("ankle ap", {"age": -3}, "age.*between 18 and 100"),
        ("ankle ap", {"finding": "fracture", "fracture_bone": "patella"}, "fibula.*'patella'"),
        ("elbow ap", {"finding": "fracture", "fracture_bone": "radial shaft",
                      "fracture_kind": "buckle"}, "radial shaft does not break as a buckle"),
        ("shoulder ap", {"hardware": "cast"}, "none, plate"),
        ("foot dp", {"fracture_kind": "greenstick"}, "transverse.*'greenstick'"),
        ("knee lateral", {"fracture_bone": "femur"}, "supracondylar femur.*'femur'"),
        ("ankle ap", {"finding": "dislocation"}, "none, fracture; not 'dislocation'"),
    ],
)  # fmt: skip
def test_impossible_limbs_are_refused_in_plain_words(name, given, message):
    with pytest.raises(CaseError, match=message):
        place_of(name).case(1, given)


@pytest.mark.parametrize("name", sorted(SITES))
def test_a_drawn_fracture_is_always_one_that_its_bone_can_have(name):
    place = region(name)
    for seed in range(60):
        case = place.case(seed, {"finding": "fracture"})
        assert case.word("fracture_kind") in SITES[name][case.word("fracture_bone")].kinds
    spiral = [place.case(s, {"finding": "fracture", "fracture_kind": "oblique"}) for s in range(20)]
    assert all(c.word("fracture_kind") == "oblique" for c in spiral)


@pytest.mark.parametrize("name", ["ankle", "foot", "elbow", "shoulder", "wrist", "knee", "lumbar"])
def test_every_region_has_its_code_in_the_header(name):
    recipe = Recipe("2c3f9a5e-6a0f-4f3e-9d0b-0d6d2f0a5c11", name, region(name).view, 1)
    made = make(recipe, 96)
    head = dicom_out.image(made, recipe)
    assert head.AnatomicRegionSequence[0].CodingSchemeDesignator == "SCT"
    assert head.PatientName == f"SIMULATED^{name.upper()}"


@pytest.mark.parametrize(
    ("name", "hallmark", "look"),
    [("elbow ap", Hallmark.CLEAN_FRACTURE, "canal"),
     ("ankle lateral", Hallmark.CLEAN_FRACTURE, "trigonum"),
     ("shoulder ap", Hallmark.CLEAN_FRACTURE, "calcium"), ("wrist pa", Hallmark.JOINT_MERGE, "")],
)  # fmt: skip
def test_a_mimic_has_what_looks_forged_and_no_fracture(name, hallmark, look):
    place = place_of(name)
    case = place.case(9, mimic_of=hallmark)
    assert case.word("finding") == "none" and case.hallmark is None
    assert any(look in part.name for part in place.build(case).parts)
    if name == "wrist pa":
        assert case.word("coalition") == "yes"


def test_a_toe_goes_with_the_head_of_its_broken_metatarsal():
    place = region("foot", "dp")
    given = PLAIN | {
        "finding": "fracture",
        "fracture_bone": "metatarsal 3",
        "fracture_kind": "oblique",
    }
    case = place.case(6, given | {"consequences": 1.0})
    whole = foot(6, numbers(case))
    bones, _bands, _at = break_one(case, whole, FOOT_SITES, size(case))
    there = {b.name: b for b in bones}
    toe, head = there["proximal phalanx 3"], there["metatarsal 3 piece 1"]
    assert np.linalg.norm(toe.place - whole["proximal phalanx 3"].place) > 0.05
    assert apart(toe, head) == pytest.approx(
        apart(whole["proximal phalanx 3"], whole["metatarsal 3"]), abs=0.02
    )
    assert np.array_equal(there["proximal phalanx 2"].place, whole["proximal phalanx 2"].place)


def test_a_cortex_differs_from_place_to_place_and_leaves_the_outline():
    f = Field((-1.5, -1.5, -3), (1.5, 1.5, 3), 0.06, 0.6)
    f.capsules([(0, 0, -6), (0, 0, 6)], 1.0)
    plain = Bony("shaft", f, 0.2)
    made = uneven(plain, np.random.default_rng(1), (0.3, 0.0))
    assert np.array_equal(made.field.values > 0, f.values > 0)

    def thickness(x):  # from the surface inwards, along the first axis, in the middle
        line = made.field.values[:, len(f.axes[1]) // 2, :] + float(made.cortex)
        row = (line < 0) & (np.sign(f.axes[0]) == np.sign(x))[:, None]
        return 1.0 - np.abs(f.axes[0][:, None] * row).max(0)

    thick, thin = thickness(1.0), thickness(-1.0)
    assert thick.mean() > 1.25 * thin.mean()
    assert 0.1 < thin.mean() < 0.2 < thick.mean() < 0.35
    assert thick.max() - thick.min() > 0.04  # scalloped


@pytest.mark.parametrize(
    ("name", "bone", "up"),
    [("shoulder ap", "humerus", -1), ("elbow lateral", "humerus", 1)],
)  # fmt: skip
def test_a_dislocated_bone_has_left_its_joint_and_swells(name, bone, up):
    place = place_of(name)
    given = {k: v for k, v in PLAIN.items() if k in place.table()} | {"side": "left"}
    cases = [place.case(4, given | {"finding": f}) for f in ("none", "dislocation")]
    sound, out = (place.build(case) for case in cases)
    at = [next(p for p in b.parts if p.name == bone).shape.place for b in (sound, out)]
    moved = at[1] - at[0]
    assert np.linalg.norm(moved) > 2.5 and moved[2] * up > 0
    dry = place.case(4, given | {"finding": "dislocation", "consequences": 0.0})
    before, after = (
        _water_near_the_injury(place, c, Session(place, c, COLUMNS).authentic().paths)
        for c in (dry, cases[1])
    )
    assert after > 1.01 * before


def test_a_break_lifts_the_fat_before_the_wrist_and_blurs_it():
    place = place_of("wrist lateral")
    given = {"finding": "fracture", "fracture_bone": "distal radius", "hardware": "none"}

    def stripe(consequences):
        case = place.case(4, given | {"consequences": consequences})
        part = next(p for p in place.build(case).parts if p.name == "pronator fat")
        inside = np.argwhere(part.shape.distance < 0)
        return part.made_of.adipose, float(inside[:, 1].max()) * part.shape.spacing

    (clear, flat), (blurred, lifted) = stripe(0.0), stripe(1.0)
    assert clear == 1 and blurred < 0.5
    assert lifted > flat + 0.2


def test_a_hand_heals_is_plated_and_its_fingers_dislocate():
    place = region("hand", "pa")
    plain = {"hardware": "none", "side": "left"}
    healed = place.build(place.case(4, plain | {"old_fracture": "metacarpal 5"}))
    assert any(p.name == "metacarpal 5 callus" for p in healed.parts)
    plated = Session(place, place.case(4, plain | {"hardware": "plate"}), COLUMNS).authentic()
    assert 0.001 < plated.paths.masks()["hardware"].mean() < 0.02
    out = plain | {"finding": "dislocation", "dislocated_finger": "ring"}
    bodies = [place.build(place.case(4, given)) for given in (plain, out)]
    moved = {}
    for name in ("proximal phalanx 4", "middle phalanx 4", "distal phalanx 4", "middle phalanx 3"):
        first, second = (next(p for p in b.parts if p.name == name).shape.place for b in bodies)
        moved[name] = float(np.linalg.norm(second - first))
    assert moved["middle phalanx 4"] > 0.6 and moved["distal phalanx 4"] > 0.6
    assert moved["proximal phalanx 4"] == moved["middle phalanx 3"] == 0
    assert "fracture" in bodies[1].landmarks  # where it hurts, the marker may not lie
