"""The lumbar spine: its curve, its discs, its vertebrae, and what forgeries make of them."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.belly import AORTA, ILIAC, arteries
from trainer.imaging.simulator.anatomy.lumbar.region import girdle_of
from trainer.imaging.simulator.anatomy.lumbar.spine import column, course_of
from trainer.imaging.simulator.anatomy.lumbar.vertebra import LEVELS
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.film import Session

LUMBAR = region("lumbar", "ap")


def vertebrae(seed, given, hallmark=None, dose=0.0):
    case = LUMBAR.case(seed, given, hallmark, dose)
    return column(case, girdle_of(case), course_of(case), 7)


def middles(parts):
    return np.array([part.shape.place for part in parts])


def test_a_straightened_spine_is_straight_and_its_discs_are_even():
    given = {"scoliosis": 1.4, "disc_wear": 0.8}
    natural = middles(vertebrae(3, given, Hallmark.STRAIGHT_SPINE))
    forged = middles(vertebrae(3, given, Hallmark.STRAIGHT_SPINE, 1.0))
    assert np.ptp(natural[:, 0]) > 0.5
    assert np.ptp(forged[:, 0]) < 0.01
    half = middles(vertebrae(3, given, Hallmark.STRAIGHT_SPINE, 0.5))
    assert np.ptp(forged[:, 0]) < np.ptp(half[:, 0]) < np.ptp(natural[:, 0])


def test_a_worn_disc_brings_its_vertebrae_together():
    plain, worn = (middles(vertebrae(3, {"disc_wear": w, "worn_disc": 2.0})) for w in (0.0, 1.0))
    gaps = np.diff(plain[:, 2]) - np.diff(worn[:, 2])
    assert gaps[1] > 0.5
    assert np.abs(np.delete(gaps, 1)).max() < 1e-6


def test_cloned_vertebrae_are_one_vertebra():
    given = {"osteophytes": 0.5}
    natural = vertebrae(4, given, Hallmark.VERTEBRA_CLONE)
    forged = vertebrae(4, given, Hallmark.VERTEBRA_CLONE, 1.0)
    apart = np.abs(natural[1].shape.distance - natural[2].shape.distance).max()
    assert apart > 0.1
    for k in (1, 3, 4):
        assert np.allclose(forged[k].shape.distance, forged[2].shape.distance, atol=1e-5)
    assert np.allclose(middles(natural), middles(forged))


def test_a_straightened_lateral_spine_has_lost_its_lordosis():
    place = region("lumbar", "lateral")

    def sag(dose):
        case = place.case(3, {}, Hallmark.STRAIGHT_SPINE, dose)
        at = middles(column(case, girdle_of(case), course_of(case), 7))
        line = np.polyval(np.polyfit(at[:, 2], at[:, 1], 1), at[:, 2])
        return float(np.abs(at[:, 1] - line).max())

    assert sag(1.0) < 0.05 < sag(0.5) < sag(0.0)


def heights(part):
    """Return the body's height at its front and in its middle, cm."""
    shape = part.shape
    y = np.asarray(shape.corner[1] + shape.spacing * np.arange(shape.distance.shape[1]))
    middle = round(-shape.corner[0] / shape.spacing)
    inside = (shape.distance[middle] < 0).sum(1) * shape.spacing
    return np.interp([1.2, 0.0], y, inside)


@pytest.mark.parametrize(
    ("kind", "front", "middle"),
    [("wedge", (0.5, 0.75), (0.6, 0.92)), ("biconcave", (0.7, 1.01), (0.5, 0.75)),
     ("crush", (0.4, 0.7), (0.45, 0.75))],
)  # fmt: skip
def test_a_broken_vertebra_loses_its_height_where_its_form_says(kind, front, middle):
    given = {"osteophytes": 0.0, "fracture_level": "L2", "fracture_loss": 0.4}
    whole, broken = (vertebrae(3, given | {"fracture": f})[:5] for f in ("none", kind))
    assert [p.name for p in broken[:4]] == ["L5", "L4", "L3", "L2"]
    share = heights(broken[3]) / heights(whole[3])
    assert front[0] < share[0] < front[1] and middle[0] < share[1] < middle[1]


def test_the_column_bends_forward_over_a_wedge_only_where_consequences_are_asked_for():
    given = {"fracture": "wedge", "fracture_level": "L1", "fracture_loss": 0.4}
    nods, falls = [], []
    for follow in (0.0, 1.0):
        parts = {p.name: p for p in vertebrae(3, given | {"consequences": follow})}
        up = parts["T11"].shape.turn[:, 2]
        nods.append(np.degrees(np.arctan2(up[1], up[2])))
        falls.append(parts["T11"].shape.place[2])
    assert 10 < nods[1] - nods[0] < 30
    assert falls[0] - falls[1] > 0.2


def test_only_old_spines_break_unless_a_fracture_is_asked_for():
    drawn = [LUMBAR.case(seed) for seed in range(80)]
    broken = [c.number("age") for c in drawn if c.word("fracture") != "none"]
    assert broken and min(broken) >= 58
    assert LUMBAR.case(1, {"age": 30.0, "fracture": "crush"}).word("fracture") == "crush"


def test_arteries_of_the_old_hold_chalk_and_those_of_the_young_none():
    def plaques(age):
        cases = (LUMBAR.case(seed, {"age": age}) for seed in range(20))
        return sum(len(p.shape.nodes) for c in cases for p in arteries(c, 1.0, (AORTA, *ILIAC)))

    assert plaques(30.0) == 0 < plaques(62.0) < plaques(85.0)


def test_structures_are_known():
    masks = Session(LUMBAR, LUMBAR.case(2), 128).authentic().paths.masks()
    assert {"bones", "soft tissue", "psoas", "bowel gas"} <= set(masks)
    assert (masks["bones"] & ~masks["soft tissue"]).mean() < 0.002
    assert 0.15 < masks["bones"].mean() < 0.6


def test_impossible_spines_are_refused():
    with pytest.raises(CaseError, match=r"scoliosis.*between -2.5 and 2.5"):
        LUMBAR.case(1, {"scoliosis": 9.0})
    with pytest.raises(CaseError, match=r"scoliosis.*between 0.6 and 2.5"):
        LUMBAR.case(1, {"scoliosis": 0.0}, Hallmark.STRAIGHT_SPINE, 0.5)
    with pytest.raises(CaseError, match=r"transitional.*none, sacralised"):
        LUMBAR.case(1, {"transitional": "L6"})


def test_the_lowest_vertebra_has_the_size_that_ct_measured_in_men():
    """Posterior height, length of the upper plate, width of a pedicle: Cook and Baker 2021."""
    level = LEVELS["L5"]
    for half_cm, mean_mm, sd_mm in (
        (level.half_height, 26.8, 1.9),
        (level.half_depth, 37.1, 3.2),
        (level.pedicle, 16.6, 2.3),
    ):
        assert abs(20 * half_cm - mean_mm) < sd_mm
