"""Simulated chests against the spread of real ones, as ``benchmarks.realism`` measures it."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.realism import features, square
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.film import Session

# 5th and 95th percentile of 126 real frontal films (Hannover Medical School; 102 of the bedside,
# 24 PA) at 512 x 512 and 8 bits; of the films only these numbers are kept
REAL = {
    "slope 0.015-0.10": (-3.59, -2.05),
    "slope 0.08-0.25": (-2.98, -1.33),
    "slope 0.25-0.48": (-2.09, -1.11),
    "log noise": (-5.33, -3.89),
    "noise, variation over film": (0.11, 0.23),
    "noise against grey level, r": (-0.43, 0.27),
    "symmetry, coarse": (0.06, 0.49),
    "grey 2 %": (0.01, 0.40),
    "grey 50 %": (0.39, 0.67),
    "grey 98 %": (0.52, 0.84),
}


@pytest.fixture(scope="module")
def films():
    made = []
    for view, seed, vendor in (("pa", 41, "a"), ("ap", 42, "c"), ("pa", 43, "b"), ("ap", 44, "b")):
        chest = region("chest", view)
        pixels = Session(chest, chest.case(seed, {"vendor": vendor}), 640).authentic().film.pixels
        made.append(features(square(Image.fromarray((pixels >> 8).astype(np.uint8)))))
    return made


@pytest.mark.parametrize("name", REAL)
def test_simulated_chests_lie_in_the_spread_of_real_ones(films, name):
    low, high = REAL[name]
    values = [film[name] for film in films]
    assert low <= np.median(values) <= high
    # every fourth film may lie outside, as every tenth real one does
    assert sum(low <= value <= high for value in values) >= 3
