"""The lumbar spine: its curve, its discs, its vertebrae, and what forgeries make of them."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.lumbar.region import girdle_of
from trainer.imaging.simulator.anatomy.lumbar.spine import column, course_of
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
