"""Flesh goes with bones that leave their place, and stays where a forgery forgets it."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.hand.bones import bones_of
from trainer.imaging.simulator.anatomy.hand.soft import _followed
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.flesh import outward
from trainer.imaging.simulator.anatomy.limb.follow import follow
from trainer.imaging.simulator.body import Projector
from trainer.imaging.simulator.fields import Field

BARE = {"hardware": "none", "old_fracture": "none", "side": "left"}


@pytest.fixture
def limb():
    """Return a straight limb: its flesh, a round bone above and one below."""
    skin = Field((-4, -4, -10), (4, 4, 10), 0.25, far=2.0)
    skin.capsules([(0, 0, -12), (0, 0, 12)], 2.0)
    bones = {}
    for name, low in (("upper", 0.5), ("lower", -8.5)):
        f = Field((-1.2, -1.2, low - 1.2), (1.2, 1.2, low + 9.2), 0.2, far=0.6)
        bones[name] = Bony(name, f.capsules([(0, 0, low), (0, 0, low + 8)], 0.7))
    return skin, bones


def _middle(skin, height):
    plane = skin.values[:, :, int((height - skin.corner[2]) / skin.spacing)] < 0
    at = np.argwhere(plane).mean(0) * skin.spacing + skin.corner[:2]
    return float(at[0])


def test_flesh_that_no_bone_has_left_is_the_same_to_the_bit(limb):
    skin, bones = limb
    before = skin.values.copy()
    follow([skin], bones, list(bones.values()))
    assert np.array_equal(skin.values, before)


def test_flesh_steps_with_a_bone_and_rests_where_none_has_moved(limb):
    skin, bones = limb
    gone = [bones["upper"], bones["lower"].moved(np.eye(3), (1.0, 0, 0))]
    follow([skin], bones, gone)
    assert _middle(skin, -7) == pytest.approx(1.0, abs=0.15)
    assert _middle(skin, 7) == pytest.approx(0.0, abs=0.15)
    assert 0.2 < _middle(skin, 0) < 0.8


def test_flesh_follows_as_far_as_it_is_told_and_stays_by_what_stays(limb):
    skin, bones = limb
    gone = [bones["upper"], bones["lower"].moved(np.eye(3), (1.0, 0, 0))]
    half, none, held, all_ = (skin.like(skin.values) for _ in range(4))
    follow([half], bones, gone, 0.5)
    follow([none], bones, gone, 0.0)
    posts = np.array([(-2.2, 0, z) for z in np.linspace(-9, 0, 19)])
    follow([all_], bones, gone)
    follow([held], bones, gone, still=posts)
    assert _middle(half, -7) == pytest.approx(0.5, abs=0.15)
    assert np.array_equal(none.values, skin.values)
    assert _middle(held, -7) < 0.85 * _middle(all_, -7)


def test_every_piece_of_a_broken_bone_counts_as_the_bone(limb):
    skin, bones = limb
    piece = Bony("lower piece 1", bones["lower"].field).moved(np.eye(3), (0, 0, 0))
    before = skin.values.copy()
    follow([skin], bones, [bones["upper"], piece])
    assert np.array_equal(skin.values, before)


def _silhouette(name, view, values, hallmark=None, dose=0.0):
    place = region(name, view)
    case = place.case(1, values, hallmark=hallmark, dose=dose)
    paths = Projector(place.camera(case, 192)).project(place.build(case))
    return paths.structures["soft tissue"]


def test_a_dislocated_shoulder_is_square_and_without_consequences_round():
    sound, out, alone = (
        _silhouette("shoulder", "ap", {**BARE, **given, "fat": 0.4})
        for given in (
            {"finding": "none"},
            {"finding": "dislocation", "consequences": 1.0},
            {"finding": "dislocation", "consequences": 0.0},
        )
    )
    # rows beside where the head was: how far the arm reaches to the side
    edge = [np.argmax(np.cumsum(p > 0.1, 1), 1) for p in (sound, out, alone)]
    beside = slice(70, 90)
    assert (edge[0] - edge[1])[beside].min() > 6
    assert np.abs(edge[0] - edge[2])[beside].max() <= 1


def test_a_forgery_of_the_flesh_leaves_it_where_it_was():
    given = {"finding": "fracture", "fracture_bone": "humeral shaft", "consequences": 1.0,
             "fracture_kind": "transverse", **BARE}  # fmt: skip
    sound = _silhouette("shoulder", "ap", {**given, "finding": "none"})
    broken = _silhouette("shoulder", "ap", given)
    forged = _silhouette("shoulder", "ap", given, Hallmark.NO_SOFT_TISSUE, 1.0)
    low = slice(160, 192)
    moved, left = (np.abs(p - sound)[low].mean() for p in (broken, forged))
    assert moved > 4 * left


@pytest.mark.parametrize("finger, ray", [("index", 0), ("little", 3)])
def test_a_dislocated_finger_has_a_step_in_its_flesh(finger, ray):
    place = region("hand", "pa")
    given = {**BARE, "finding": "dislocation", "dislocated_finger": finger}
    chain = bones_of(place.case(1, given)).chains[ray]
    between = chain[:, 3] != np.rint(chain[:, 3])
    assert between.sum() == 1
    flat = _followed(chain, 0.0)
    # backwards by most of the way that the base has gone, and straight where nothing follows
    assert (flat - chain)[between][0, 1] > 0.25
    assert np.array_equal(flat[~between], chain[~between])


def test_a_cast_is_as_thick_where_a_shape_that_the_skin_was_joined_of_ends():
    skin = Field((-5, -5, -5), (5, 5, 5), 0.25, far=2.0)
    skin.capsules([(0, 0, -9), (0, 0, 9)], 2.0, blend=0.1)
    # a shape whose influence ends in a step, not far from the surface, as a bone's grid does
    skin.values[20:, :, 12:28] = np.minimum(skin.values[20:, :, 12:28], 0.4)
    away = outward(skin, 1.4)
    x, y, _ = skin.mesh()
    true = np.broadcast_to(np.hypot(x, y) - 2.0, skin.shape)
    middle = (slice(None), slice(None), slice(8, -8))
    assert np.abs(away - np.clip(true, 0, 1.4))[middle].max() < 0.06
    assert (skin.values < 1.0)[middle].sum() > 1.1 * (true < 1.0)[middle].sum()


def test_a_cast_about_an_ankle_lies_within_its_grid():
    place = region("ankle", "ap")
    for seed in (2, 5):
        case = place.case(seed, {"hardware": "cast", "fat": 1.2, "finding": "none"})
        parts = {p.name: p.shape for p in place.build(case).parts}
        sides = parts["cast"].distance
        assert min(sides[0].min(), sides[-1].min()) > 0
