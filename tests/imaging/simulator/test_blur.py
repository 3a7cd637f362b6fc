"""The compiled pyramid steps and blurs against scipy's correlation."""

import numpy as np
import pytest
from scipy.ndimage import correlate1d, gaussian_filter

from trainer.imaging.simulator.blur import gaussian
from trainer.imaging.simulator.kernels.images import halve, redouble
from trainer.imaging.simulator.kernels.sums import extent

BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16
SHAPES = [(1, 1), (2, 3), (5, 2), (8, 8), (9, 12), (31, 17)]


def smooth(image):
    return correlate1d(correlate1d(image, BINOMIAL, 0), BINOMIAL, 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_pyramid_step_is_the_binomial_blur(shape):
    image = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    small = halve(image)
    assert np.allclose(small, smooth(image)[::2, ::2], atol=1e-6)
    wide = np.repeat(np.repeat(small, 2, 0), 2, 1)[: shape[0], : shape[1]]
    assert np.allclose(redouble(small, *shape), smooth(wide), atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sigma", [0.65, 3.0])
def test_a_gaussian_is_scipys(shape, sigma):
    image = np.random.default_rng(2).standard_normal(shape).astype(np.float32)
    assert np.allclose(gaussian(image, sigma), gaussian_filter(image, sigma), atol=2e-6)


def test_the_extent_holds_all_that_is_not_zero_and_no_more():
    image = np.zeros((9, 7), np.float32)
    assert extent(image)[0] >= extent(image)[1]
    image[2, 5] = image[6, 3] = 1
    assert extent(image) == (3, 6, 2, 7)
