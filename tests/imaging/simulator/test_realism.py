"""Simulated chests against the spread of real ones, as ``benchmarks.realism`` measures it."""

import numpy as np
import pytest

from benchmarks.realism import separability, simulated

# 5th and 95th percentile of real frontal films (Hannover Medical School; 102 of the bedside, 24 PA)
# at 512 x 512 and 8 bits; of the films only these numbers are kept
REAL = {
    "ap": {
        "slope 0.015-0.10": (-3.39, -2.00),
        "slope 0.08-0.25": (-2.95, -1.30),
        "slope 0.25-0.48": (-2.10, -1.10),
        "log noise": (-4.38, -3.80),
        "noise, variation over film": (0.155, 0.245),
        "noise against grey level, r": (-0.46, 0.23),
        "symmetry, coarse": (0.05, 0.38),
        "symmetry, middle": (0.03, 0.095),
        "grey 2 %": (0.06, 0.42),
        "grey 50 %": (0.50, 0.69),
        "grey 98 %": (0.65, 0.845),
    },
    "pa": {
        "slope 0.015-0.10": (-3.66, -3.03),
        "slope 0.08-0.25": (-3.04, -2.30),
        "slope 0.25-0.48": (-2.02, -1.05),
        "log noise": (-5.54, -4.44),
        "noise, variation over film": (0.098, 0.175),
        "noise against grey level, r": (-0.43, 0.38),
        "symmetry, coarse": (0.16, 0.65),
        "symmetry, middle": (0.045, 0.175),
        "grey 2 %": (0.005, 0.265),
        "grey 50 %": (0.375, 0.47),
        "grey 98 %": (0.48, 0.81),
    },
}
# The shorter sides at which those films were stored, about.
SIDES = {"ap": (524,), "pa": (640, 550)}


@pytest.fixture(scope="module")
def films():
    return {view: simulated(view, SIDES[view], 7, 40) for view in REAL}


@pytest.mark.parametrize(("view", "name"), [(view, name) for view in REAL for name in REAL[view]])
def test_simulated_chests_lie_in_the_spread_of_real_ones(films, view, name):
    low, high = REAL[view][name]
    values = [film[name] for film in films[view]]
    assert low <= np.median(values) <= high
    # of seven, two may lie outside, as every tenth real one does
    assert sum(low <= value <= high for value in values) >= 5, np.round(values, 3)


def test_the_classifier_tells_what_differs_and_nothing_else():
    rng = np.random.default_rng(1)
    one, same, other = (
        [{"x": float(x), "y": float(y)} for x, y in rng.normal(shift, 1, (60, 2))]
        for shift in (0, 0, 2)
    )
    assert abs(separability(one, same) - 0.5) < 0.15
    assert separability(one, other) > 0.95
