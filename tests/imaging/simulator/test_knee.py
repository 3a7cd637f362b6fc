"""The knee: its joint space, its fractures with and without what they bring, its fusion."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.knee.bones import flexed, knee
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.film import Session

COLUMNS = 160
KNEE = region("knee", "ap")
PLAIN = {"rotation": 0.0, "tilt": 0.0, "roll": 0.0, "side": "left", "shift_x": 0.0, "shift_y": 0.0}


def paths(seed, given, hallmark=None, dose=0.0):
    session = Session(KNEE, KNEE.case(seed, given, hallmark), COLUMNS)
    if hallmark is None:
        return session.authentic().paths
    return session.forged(KNEE.case(seed, given, hallmark, dose)).paths


def gap(structure, columns):
    """Return the least bone on the way from femur to tibia, cm of path."""
    rows = structure.shape[0]
    strip = structure[int(rows * 0.44) : int(rows * 0.58), columns]
    return float(strip.mean(1).min())


def test_bones_and_soft_tissue_are_known_and_the_bones_lie_within():
    masks = paths(2, PLAIN)
    seen = masks.masks()
    assert {"bones", "soft tissue"} <= set(seen)
    assert 0.1 < seen["bones"].mean() < 0.4
    assert (seen["bones"] & ~seen["soft tissue"]).mean() < 0.002


def test_a_right_knee_is_the_mirror_image_of_a_left_one():
    left = paths(2, PLAIN).structures["bones"]
    right = paths(2, PLAIN | {"side": "right"}).structures["bones"]
    assert np.abs(left - right[:, ::-1]).mean() < 0.02 * left.mean()
    half = COLUMNS // 2
    legs = slice(int(0.8 * left.shape[0]), None)  # the fibula lies to the outer side
    assert left[legs, half:].sum() > left[legs, :half].sum() * 0.7


def test_wear_closes_the_worn_compartment():
    columns = slice(int(COLUMNS * 0.34), int(COLUMNS * 0.42))
    given = PLAIN | {"side": "left", "osteophytes": 0.0, "worn_side": "medial"}
    open_ = gap(paths(3, given | {"narrowing": 0.0}).structures["bones"], columns)
    worn = gap(paths(3, given | {"narrowing": 0.95}).structures["bones"], columns)
    assert worn > open_ + 0.4


def test_a_merged_joint_has_bone_where_the_gap_was():
    authentic = paths(9, PLAIN, Hallmark.JOINT_MERGE, 0.0).structures["bones"]
    merged = paths(9, PLAIN, Hallmark.JOINT_MERGE, 1.0).structures["bones"]
    assert merged.sum() > authentic.sum()
    assert (merged - authentic).max() > 2.0


@pytest.mark.parametrize("bone", ["lateral plateau", "supracondylar femur"])
def test_a_fracture_swells_unless_that_is_what_is_forged(bone):
    given = PLAIN | {"fracture_bone": bone, "fracture_kind": "oblique"}
    session = Session(KNEE, KNEE.case(8, given, Hallmark.NO_SOFT_TISSUE), COLUMNS)
    swollen = session.authentic()
    dry = session.forged(KNEE.case(8, given, Hallmark.NO_SOFT_TISSUE, 1.0)).paths
    assert (
        dry.structures["soft tissue"].sum() < 0.99 * swollen.paths.structures["soft tissue"].sum()
    )
    assert np.array_equal(dry.structures["bones"], swollen.paths.structures["bones"])
    clean = session.forged(KNEE.case(8, given, Hallmark.CLEAN_FRACTURE, 1.0)).paths
    assert not np.array_equal(clean.structures["bones"], dry.structures["bones"])


def test_impossible_knees_are_refused():
    with pytest.raises(CaseError, match=r"narrowing.*between 0 and 0.95"):
        KNEE.case(1, {"narrowing": 1.4})
    with pytest.raises(CaseError, match=r"side.*left, right"):
        KNEE.case(1, {"side": "both"})
    broken = {"finding": "fracture", "fracture_bone": "patella", "fracture_kind": "spiral"}
    with pytest.raises(CaseError, match=r"patella does not break as a spiral fracture"):
        KNEE.case(1, broken)


def extent(bone, axis):
    """Return how far a bone reaches along one of its own axes, cm."""
    inside = bone.field.axes[axis][
        (bone.field.values < 0).any(tuple(k for k in range(3) if k != axis))
    ]
    return float(inside[-1] - inside[0])


def test_a_femur_is_as_wide_as_men_are_and_its_condyles_as_deep():
    bones = knee(3, (1.0, 0.46, 0.52, 0.0, 0.0))
    assert 8.0 < extent(bones["femur"], 0) < 9.4  # 8.86 cm, standard deviation 0.42
    assert 5.6 < extent(bones["femur"], 1) < 7.2  # condyles 6.1 deep, and the groove's rims


@pytest.mark.parametrize("degrees", [0.0, 27.0, 55.0])
def test_a_knee_bends_about_its_condyles_and_neither_gapes_nor_overlaps(degrees):
    bones = flexed(knee(3, (1.0, 0.46, 0.52, 0.0, 0.0)), degrees, 1.0)
    femur, tibia, patella = (bones[n] for n in ("femur", "tibia", "patella"))
    for other in (tibia, patella):
        near = other.distance_to(femur.solid())[other.field.values < 0].min()
        assert 0.05 < near < 0.9
    shank = tibia.turn @ np.array([0, 0, -1.0])
    assert np.rad2deg(np.arctan2(-shank[1], -shank[2])) == pytest.approx(degrees, abs=1.5)


def test_a_healed_and_a_plated_knee_are_whole():
    healed = KNEE.build(KNEE.case(4, PLAIN | {"old_fracture": "tibial shaft"}))
    assert any("callus" in part.name for part in healed.parts)
    plated = paths(4, PLAIN | {"hardware": "plate"})
    assert 0.005 < plated.masks()["hardware"].mean() < 0.1
