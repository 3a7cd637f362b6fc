"""How the bones of the limbs are made: within their grids, tilted, of uneven lengths."""

import numpy as np
import pytest

from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.elbow.bones import elbow
from trainer.imaging.simulator.anatomy.foot.bones import foot, numbers
from trainer.imaging.simulator.anatomy.hand.carpals import carpals
from trainer.imaging.simulator.anatomy.shoulder.bones import shoulder
from trainer.imaging.simulator.body import Body, Part, Projector
from trainer.imaging.simulator.fields import Field, smooth_max, smooth_min
from trainer.imaging.simulator.film import Session
from trainer.imaging.simulator.tissue import Tissue

PLAIN = {"hardware": "none", "narrowing": 0.0, "osteophytes": 0.0, "porosis": 0.0, "fat": 0.4}


@pytest.mark.parametrize("seed", [1, 4])
def test_no_bone_reaches_the_end_of_its_grid_where_its_distance_is_lost(seed):
    plain = region("ankle", "ap").case(seed, PLAIN)
    made = {**foot(seed, numbers(plain)), **elbow(seed, (1.0, 0.0, 0.0))}
    made |= {f"shoulder {n}": b for n, b in shoulder(seed, (1.0, 0.0, 0.0)).items()}
    made |= carpals(seed, 1.0, 0.0, 0.0)
    for name, bone in made.items():
        values = bone.field.values
        for axis in (0, 1):  # a shaft ends beyond the film
            rim = min(values.take(0, axis).min(), values.take(-1, axis).min())
            assert rim > 0.1, (name, axis, rim)


def test_a_scaphoid_is_tilted_to_the_palm_and_metacarpals_begin_at_different_heights():
    made = carpals(2, 1.0, 0.0, 0.0)
    scaphoid = made["scaphoid"]
    along = scaphoid.turn[:, 2]  # towards the thumb's base
    assert 25 < np.degrees(np.arcsin(along[1])) < 45
    assert along[0] > 0.3 and along[2] > 0.5
    place = region("wrist", "pa")
    case = place.case(2, {"narrowing": 0.0, "size": 1.0})
    parts = {p.name: p.shape for p in place.build(case).parts}
    first = []
    for k in (2, 3, 4, 5):
        solid = parts[f"metacarpal {k}"]
        points = np.argwhere(solid.distance < 0) * solid.spacing + solid.corner
        first.append(float((points @ solid.turn.T + solid.place)[:, 2].min()))
    assert max(first) - min(first) > 0.3


def test_smooth_unions_hold_for_distances_that_vary_along_two_axes():
    x, y, z = np.meshgrid(*3 * [np.linspace(-1, 1, 5, dtype=np.float32)], indexing="ij")
    one, two = x[:, :1, :] - z[:, :1, :], y[:1, :, :] + 0 * z[:1, :, :]
    for union, plain in ((smooth_min, np.minimum), (smooth_max, np.maximum)):
        assert np.allclose(union(one, two, 1e-4), plain(x - z, y), atol=1e-3)


def test_the_upper_arms_flesh_and_its_fat_go_with_a_dislocated_humerus():
    place = region("elbow", "lateral")
    given = PLAIN | {"side": "left", "rotation": 0.0, "roll": 0.0, "tilt": 0.0}
    middles = {}
    for finding in ("none", "dislocation"):
        case = place.case(2, given | {"finding": finding})
        paths = Session(place, case, 160).authentic().paths
        seen = paths.masks()
        assert (seen["bones"] & ~seen["soft tissue"]).mean() < 0.002
        assert seen["fat pads"].any()
        row = int(0.1 * len(seen["bones"]))
        flesh, bone = (np.flatnonzero(seen[n][row]) for n in ("soft tissue", "bones"))
        middles[finding] = (bone[0] - flesh[0]) / (flesh[-1] - flesh[0])
    # the shaft lies as deep in the arm's flesh as before: it did when it had stayed
    assert abs(middles["dislocation"] - middles["none"]) < 0.12


@pytest.mark.parametrize(
    "name", ["ankle lateral", "foot dp", "knee lateral", "shoulder ap", "wrist lateral", "elbow ap"]
)
@pytest.mark.parametrize("seed", [2, 4])
def test_no_part_of_a_limb_displaces_what_is_not_there(name, seed):
    place = region(*name.split(" "))
    case = place.case(seed, {"hardware": "none"})
    body, camera = place.build(case), place.camera(case, 128)
    # a block of everything about the limb, so that what lacks is seen and not clamped to nothing
    corners = np.vstack([part.shape.corners() for part in body.parts])
    grid = Field(corners.min(0) - 2, corners.max(0) + 2, 1.0)
    x, y, z = grid.mesh()
    low, high = corners.min(0), corners.max(0)
    sides = [np.maximum(low[k] - m, m - high[k]) for k, m in enumerate((x, y, z))]
    grid.values = np.broadcast_arrays(np.maximum(np.maximum(*sides[:2]), sides[2]))[0]
    block = Part("block", grid.solid(), Tissue(adipose=1, soft=1))
    alone = Projector(camera).project(Body((block,))).materials
    both = Projector(camera).project(Body((block, *body.parts))).materials
    deep = alone[0] > 4
    less = (both - alone)[:2, deep]
    assert deep.any() and less.min() > -0.45
