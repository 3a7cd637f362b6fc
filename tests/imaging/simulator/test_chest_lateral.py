"""The chest from the side: shoulders that rise with the arms, folds, blades, the fissure."""

import numpy as np
import pytest

from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.chest.raised import LIFT
from trainer.imaging.simulator.body import Projector
from trainer.imaging.simulator.film import Session

PA, LATERAL = region("chest", "pa"), region("chest", "lateral")
SOUND = {"finding": "none", "protraction": 0.5, "shoulder_rise": 0.0}


def _parts(place, seed, given=SOUND):
    return {p.name: p for p in place.build(place.case(seed, given)).parts}


def _inside(solid):
    """Return world points in a solid, one a row."""
    own = np.argwhere(solid.distance < 0) * solid.spacing + solid.corner
    return (own * solid.stretch) @ solid.turn.T + solid.place


@pytest.mark.parametrize("seed", [1, 7])
def test_the_girdle_rises_with_the_arms_and_every_bone_of_it_lies_in_flesh(seed):
    standing, reaching = _parts(PA, seed), _parts(LATERAL, seed)
    skin = next(p for p in reaching.values() if p.structure == "body").shape
    for side in ("left", "right"):
        heads = [p[f"humerus {side}"].shape.place for p in (standing, reaching)]
        assert heads[1][2] - heads[0][2] == pytest.approx(LIFT[2], rel=0.15)
        for bone, least in (("humerus", 0.99), ("scapula", 0.95)):
            points = _inside(reaching[f"{bone} {side}"].shape)
            points = points[points[:, 2] < 10]  # the film ends below the elbow
            assert (skin.at(*points.T) < 0).mean() > least


def test_the_two_sides_of_raised_shoulders_are_not_one_another_mirrored():
    case = LATERAL.case(3, SOUND | {"rotation": 0.0})
    skin = next(p for p in LATERAL.build(case).parts if p.structure == "body").shape
    half = skin.distance.shape[0] // 2
    upper = skin.distance[:, :, -30:]
    unlike = np.abs(upper[:half] - upper[::-1][:half])[np.abs(upper[:half]) < 1]
    assert 0.02 < unlike.mean() < 0.6


def test_a_fissure_from_the_side_shows_in_parts_and_never_to_full_length():
    lengths, seen = [], []
    for seed in range(1, 9):
        case = LATERAL.case(seed, {"finding": "none", "fissure": "shown"})
        body = LATERAL.build(case)
        sheet = next(p for p in body.parts if p.name == "horizontal fissure")
        lengths.append(np.ptp(sheet.shape.nodes[:, 1]))
        path = Projector(LATERAL.camera(case, 128))._cross(sheet).whole
        seen.append(float(path.max()))
        wide = sheet.shape.outer[:, 0]
        assert wide.max() > 1.5 * wide[3:-3].min()  # on edge here more than there
    assert min(lengths) > 1.8 and max(lengths) < 8 and np.std(lengths) > 0.5
    assert min(seen) > 0.1


def test_no_lung_is_left_at_the_floor_of_the_film_in_a_patch():
    case = LATERAL.case(1, {"finding": "none"})
    shot = Session(LATERAL, case, 256).authentic()
    lung = shot.paths.structures["lungs"] > 8
    values = shot.film.pixels[lung].astype(float)
    assert np.quantile(values, 0.002) > 0.01 * 65535
