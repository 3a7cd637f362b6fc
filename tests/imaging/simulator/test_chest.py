"""The chest: findings alone and with what they do, at the bedside and from the side."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.film import Session

COLUMNS = 128
STILL = {"rotation": 0.0, "roll": 0.0, "tilt": 0.0, "shift_x": 0.0, "scoliosis": 0.0}
PLAIN = STILL | {"finding": "none", "leads": "none", "line": "none", "pacemaker": "none"}


def paths(view="pa", seed=6, **given):
    place = region("chest", view)
    session = Session(place, place.case(seed, PLAIN | given), COLUMNS)
    return session.authentic().paths


def middle(structure):
    """Return the column of a structure's centre of mass."""
    weight = structure.sum(0)
    return float((weight * np.arange(weight.size)).sum() / weight.sum())


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    "finding",
    [
        {"finding": "effusion", "finding_size": 1.0},
        {"finding": "pneumothorax", "finding_size": 0.6, "tension": "tension"},
    ],
    ids=["effusion", "tension pneumothorax"],
)
def test_what_fills_one_side_pushes_the_heart_to_the_other(finding, side):
    there = middle(paths(**finding, finding_side=side).structures["mediastinum"])
    alone = middle(paths(**finding, finding_side=side, consequences=0.0).structures["mediastinum"])
    away = there - alone if side == "right" else alone - there  # the left is shown on the right
    assert away > 2.5


def test_a_small_effusion_and_a_pneumothorax_without_tension_push_nothing():
    for finding in (
        {"finding": "effusion", "finding_size": 0.2},
        {"finding": "pneumothorax", "tension": "none"},
    ):
        given = {**finding, "finding_side": "left"}
        there = paths(**given).structures["mediastinum"]
        alone = paths(**given, consequences=0.0).structures["mediastinum"]
        assert middle(there) == pytest.approx(middle(alone), abs=0.5)


def test_oedema_brings_septal_lines_fluid_and_a_wider_heart_or_comes_alone():
    given = {"finding": "oedema", "finding_size": 0.8}
    whole, alone = paths(**given), paths(**given, consequences=0.0)
    assert "septal lines" in whole.structures and "septal lines" not in alone.structures
    assert alone.structures["oedema"].max() > 2
    width = [(p.structures["mediastinum"] > 2).any(0).sum() for p in (whole, alone)]
    assert width[0] > width[1]
    lung = [(p.structures["lungs"] > 0.5).sum() for p in (whole, alone)]
    assert lung[0] < lung[1]


def test_fluid_gathers_at_the_base_of_who_stands_and_veils_the_lung_of_who_lies():
    given = {"finding": "effusion", "finding_size": 0.5, "finding_side": "right"}
    upright, lying = (paths(view, **given).structures["effusion"] > 0.6 for view in ("pa", "ap"))

    def top(mask):
        return np.flatnonzero(mask.any(1))[0] / mask.shape[0]

    assert top(upright) > top(lying) + 0.15


def test_the_heart_is_larger_at_the_bedside():
    def ratio(view):
        seen = paths(view, inspiration=0.0).masks()
        heart, lungs = (np.flatnonzero(seen[k].any(0)) for k in ("mediastinum", "lungs"))
        return np.ptp(heart) / np.ptp(lungs)

    assert ratio("ap") > ratio("pa") + 0.01


def test_tubes_of_the_bedside_lie_where_they_should():
    given = {"airway_tube": "endotracheal", "gastric_tube": "shown"}
    seen = paths("ap", **given).masks()
    assert {"airway tube", "gastric tube"} <= set(seen)
    inside = seen["airway tube"] & seen["airways"]
    assert inside.sum() > 0.7 * seen["airway tube"].sum()
    lowest = np.flatnonzero(seen["gastric tube"].any(1))[-1]
    assert lowest > np.flatnonzero(seen["airway tube"].any(1))[-1]


def test_from_the_side_the_spine_lies_behind_and_the_sternum_before_the_heart():
    seen = paths("lateral").structures
    front, heart, back = (middle(seen[k]) for k in ("sternum", "mediastinum", "spine"))
    assert front < heart < back


def test_a_rigid_spine_from_the_side_has_lost_its_curve():
    place = region("chest", "lateral")
    case = place.case(4, {"rotation": 0.0}, Hallmark.STRAIGHT_SPINE)
    session = Session(place, case, COLUMNS)

    def bow(structure):
        rows = np.flatnonzero(structure.max(1) > 1)
        x = (structure[rows] * np.arange(COLUMNS)).sum(1) / structure[rows].sum(1)
        return (x - np.polyval(np.polyfit(rows, x, 1), rows)).std()

    forged = session.forged(place.case(4, {"rotation": 0.0}, Hallmark.STRAIGHT_SPINE, 1.0))
    natural = bow(session.authentic().paths.structures["spine"])
    assert bow(forged.paths.structures["spine"]) < 0.6 * natural


@pytest.mark.parametrize("view", ["pa", "lateral"])
def test_a_straightened_spine_leaves_what_lies_in_the_lungs_alone(view):
    place, hallmark = region("chest", view), Hallmark.STRAIGHT_SPINE
    given = {"finding": "nodule", "leads": "none"}
    session = Session(place, place.case(4, given, hallmark), COLUMNS)
    before = session.authentic().paths.structures
    after = session.forged(place.case(4, given, hallmark, 1.0)).paths.structures
    for name in ("lung vessels", "airways", "nodule", "scapulae", "bowel gas", "body"):
        assert before[name].any() and np.array_equal(before[name], after[name]), name
    for name in ("spine", "ribs", "lungs"):
        assert not np.array_equal(before[name], after[name]), name


def test_a_symmetric_chest_keeps_its_heart_and_the_place_of_its_nodule():
    place, hallmark = region("chest", "pa"), Hallmark.TOO_SYMMETRIC
    given = {"finding": "nodule"}
    session = Session(place, place.case(4, given, hallmark), COLUMNS)
    before = session.authentic().paths.structures
    after = session.forged(place.case(4, given, hallmark, 1.0)).paths.structures
    for name in ("mediastinum", "nodule"):
        assert before[name].any() and np.array_equal(before[name], after[name]), name
    assert not np.array_equal(before["lung vessels"], after["lung vessels"])


def exposed(view, **given):
    """Return the quanta per mm2 in the raw beam of a slender and of a stout patient."""
    place = region("chest", view)
    return [
        Session(place, place.case(6, PLAIN | {"exposure": 1.0, "bmi": bmi} | given), COLUMNS)
        .authentic()
        .report["quanta_per_mm2"]
        for bmi in (19.0, 38.0)
    ]


def test_chambers_expose_the_stout_longer_and_a_hand_at_the_bedside_half_as_much():
    slender, stout = exposed("pa")
    assert stout > 1.4 * slender
    by_hand = exposed("ap")
    assert 1.15 < by_hand[1] / by_hand[0] < 0.9 * stout / slender
    assert len(set(exposed("lateral"))) == 1


def test_a_forged_twin_has_the_exposure_of_its_authentic_film():
    place = region("chest", "pa")
    given = {"finding": "mass", "finding_size": 1.0}
    session = Session(place, place.case(6, given), COLUMNS)
    forged = session.forged(place.case(6, given, Hallmark.NO_CONTEXT, 1.0))
    assert forged.report["quanta_per_mm2"] == session.authentic().report["quanta_per_mm2"]
