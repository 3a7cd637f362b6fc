"""The pelvis: two sides that differ, and a forgery whose sides do not."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.pelvis.femur import femur, hip_of
from trainer.imaging.simulator.anatomy.pelvis.girdle import HIP, Girdle
from trainer.imaging.simulator.anatomy.pelvis.hipbone import carved, hip_bone
from trainer.imaging.simulator.anatomy.pelvis.injury import Injury, pieces, pubis, swelling
from trainer.imaging.simulator.anatomy.pelvis.sacrum import sacrum
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.film import Session

COLUMNS = 160
PELVIS = region("pelvis", "ap")
CENTRED = {"rotation": 0.0, "roll": 0.0, "shift_x": 0.0, "gas": 1.2}


def asymmetry(path):
    return np.abs(path - path[:, ::-1]).mean() / path.mean()


def test_a_forged_pelvis_is_its_own_mirror_image_but_its_gas_is_not():
    session = Session(PELVIS, PELVIS.case(4, CENTRED, Hallmark.TOO_SYMMETRIC), COLUMNS)
    natural = session.authentic().paths.structures
    forged = session.forged(PELVIS.case(4, CENTRED, Hallmark.TOO_SYMMETRIC, 1.0)).paths.structures
    assert asymmetry(forged["bones"]) < 0.5 * asymmetry(natural["bones"])
    assert np.array_equal(forged["bowel gas"], natural["bowel gas"])
    assert asymmetry(forged["bowel gas"]) > 0.3


def test_structures_are_known():
    masks = Session(PELVIS, PELVIS.case(4), COLUMNS).authentic().paths.masks()
    assert {"bones", "soft tissue", "bowel gas"} <= set(masks)
    assert (masks["bones"] & ~masks["soft tissue"]).mean() < 0.002
    assert 0.15 < masks["bones"].mean() < 0.6


def test_a_well_centred_mimic_is_more_symmetric_than_the_usual_pelvis():
    mimic = PELVIS.case(4, mimic_of=Hallmark.TOO_SYMMETRIC)
    assert mimic.number("asymmetry") <= 0.3
    assert abs(mimic.number("rotation")) <= 0.4


def test_impossible_pelves_are_refused():
    with pytest.raises(CaseError, match=r"age.*between 18 and 100"):
        PELVIS.case(1, {"age": 3.0})
    with pytest.raises(CaseError, match=r"rotation.*between -0.4 and 0.4"):
        PELVIS.case(1, {"rotation": 8.0}, Hallmark.TOO_SYMMETRIC, 0.5)
    with pytest.raises(CaseError, match=r"no parameter 'fracture_kind'"):
        PELVIS.case(1, {"fracture_kind": "hip"})


@pytest.fixture(scope="module", params=[False, True], ids=["male", "female"])
def girdle(request):
    return Girdle(size=0.98, female=request.param, mineral=1.0)


def test_the_wing_meets_the_sacrum_in_a_joint_and_does_not_cross_it(girdle):
    rng = np.random.default_rng(3)
    holy = sacrum(girdle, rng, rng.standard_normal(10)).solid()
    wing = carved(hip_bone(girdle, rng.standard_normal(96), rng), holy, girdle.size)
    x, y, z = (np.asarray(axis, float) for axis in wing.axes)
    other = holy.at(x[:, None, None], y[None, :, None], z[None, None, :])
    assert not ((wing.values < 0) & (other < 0)).any()
    near = (np.abs(wing.values) < wing.spacing / 2) & (other < 0.45)
    # the auricular surface measures 13 to 18 cm2 in adults (engineer's estimate)
    assert 7 < near.sum() * wing.spacing**2 < 30


def test_the_femur_has_a_neck_at_its_angle_and_a_round_head_in_its_socket(girdle):
    rng = np.random.default_rng(4)
    holy = sacrum(girdle, rng, np.zeros(10)).solid()
    wing = carved(hip_bone(girdle, np.zeros(96), rng), holy, girdle.size).solid()
    bone = femur(girdle, np.zeros(6), rng)
    hip, s = girdle.at(HIP), girdle.size
    x, _, z = (np.asarray(axis, float) - hip[k] for k, axis in enumerate(bone.axes))
    inside = (bone.values < 0).sum(1).astype(float)

    def middle(rows, weights):
        return (rows * weights).sum() / weights.sum()

    low = [k for k in range(len(z)) if -18 < z[k] / s < -11]
    shaft = np.polyfit(z[low], [middle(x, inside[:, k]) for k in low], 1)[0]
    neck = [k for k in range(len(x)) if 2.3 < x[k] / s < 3.0]
    rise = np.polyfit(x[neck], [middle(z[z > -5 * s], inside[k][z > -5 * s]) for k in neck], 1)[0]
    down, up = np.array([-shaft, -1.0]), np.array([-1.0, -rise])
    angle = np.degrees(np.arccos(down @ up / np.linalg.norm(down) / np.linalg.norm(up)))
    assert 124 < angle < 136  # 129 on average: Toogood et al. 2009
    # joint space above: 4.2 (SD 0.9) mm, Lequesne et al. 2004
    above = hip[:, None] + np.array([[0.0], [0.0], [1.0]]) * np.linspace(2.2, 3.2, 400) * s
    free = (bone.solid().at(*above) > 0) & (wing.at(*above) > 0)
    assert 0.25 < free.sum() / 400 * s < 0.6


@pytest.mark.parametrize(("kind", "count"), [("femoral neck", 2), ("intertrochanteric", 3)])
def test_a_broken_hip_comes_apart_and_shortens_only_where_consequences_are_asked_for(kind, count):
    plain = Girdle(size=1.0, female=True, mineral=0.7)
    bone = femur(plain, np.zeros(6), np.random.default_rng(4))
    poses = {}
    for follow in (0.0, 1.0):
        injury = Injury(kind, 1.0, follow)
        made = pieces(plain, bone, injury, np.random.default_rng(5))
        assert len(made) == count
        owners = sum((piece.field.values < 0).astype(int) for piece in made)
        assert owners.max() == 1  # no two pieces hold the same bone
        assert owners.sum() > 0.95 * (bone.values < 0).sum()
        foot = hip_of(plain) + np.array([2.0, 0.5, -20.0])
        turn, place = made[0].pose
        poses[follow] = (
            (turn @ foot + place - foot)[2],
            np.degrees(np.arctan2(turn[0, 1], turn[0, 0])),
        )
        assert bool(swelling(plain, injury)) is (follow > 0)
    assert poses[0.0] == pytest.approx((0.0, 0.0))
    assert 0.8 < poses[1.0][0] < 2.5 and 15 < poses[1.0][1] < 50  # up, and turned out


def test_broken_rami_free_a_piece_of_the_pubis_alone():
    plain = Girdle(size=1.0, female=False, mineral=0.7)
    rng = np.random.default_rng(4)
    holy = sacrum(plain, rng, np.zeros(10)).solid()
    wing = carved(hip_bone(plain, np.zeros(96), rng), holy, plain.size)
    rest, loose = pubis(plain, wing, Injury("pubic rami", 1.0, 1.0), rng)
    held, freed = (
        np.argwhere(p.field.values < 0) * wing.spacing + wing.corner for p in (rest, loose)
    )
    assert freed[:, 0].max() < 5.0 and freed[:, 2].max() < 1.5
    assert held[held[:, 2] < 0][:, 0].min() > 2.6
    assert 0.03 < len(freed) / len(held) < 0.25


def test_a_hip_that_was_replaced_has_no_neck_to_break():
    given = {"fracture": "femoral neck", "fracture_side": "left", "worn_side": "left"}
    with pytest.raises(CaseError, match="replaced has no neck"):
        PELVIS.case(1, {**given, "hardware": "total hip"})
    assert PELVIS.case(1, {**given, "age": 80.0}).word("hardware") == "none"
    masks = Session(PELVIS, PELVIS.case(1, {"hardware": "total hip", "age": 70.0}), 128)
    assert masks.authentic().structures["hardware"].sum() > 40
