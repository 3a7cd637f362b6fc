"""The lenses against their definitions, written out the slow way, and against known answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.imaging import lenses


def film(seed=0, shape=(40, 52), top=4096) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, top, shape).astype(np.uint16)


@given(st.integers(1, 6), st.integers(0, 39), st.integers(0, 51))
def test_neighbourhoods_are_squares_clipped_at_the_border(k, y, x):
    pixels = film()
    cut = pixels[max(0, y - k) : y + k + 1, max(0, x - k) : x + k + 1].astype(float)
    assert lenses.local_mean(pixels, k)[y, x] == pytest.approx(cut.mean())
    assert lenses.local_sd(pixels, k)[y, x] == pytest.approx(cut.std())
    assert lenses.detail(pixels, k)[y, x] == pytest.approx(pixels[y, x] - cut.mean(), abs=1e-6)


def test_the_noise_map_of_white_noise_is_its_sd_less_what_the_local_mean_takes():
    white = 10_000 + np.random.default_rng(1).normal(0, 50, (200, 200))
    inner = lenses.noise(white)[20:-20, 20:-20]
    assert inner.mean() == pytest.approx(50 * np.sqrt(8 / 9), rel=0.02)


def test_a_place_smoother_than_its_brightness_stands_out_and_a_dark_quiet_place_does_not():
    rng = np.random.default_rng(2)
    signal = np.linspace(400, 20_000, 256)[None, :] * np.ones((256, 1))
    pixels = rng.poisson(signal).astype(float)
    pixels[100:140, 150:190] = signal[100:140, 150:190]
    found = lenses.smoothness(pixels.astype(np.uint16))
    assert found[110:130, 160:180].min() > 1.5
    assert abs(np.median(found[:, 20:60])) < 0.2 and abs(np.median(found[:, 200:])) < 0.2


def test_the_amplifier_gives_faint_and_strong_texture_the_same_contrast():
    rng = np.random.default_rng(3)
    pixels = 20_000 + rng.normal(0, 1, (120, 240)) * np.where(np.arange(240) < 120, 20, 2000)
    found = lenses.amplify(pixels)
    assert found[:, 20:100].std() == pytest.approx(found[:, 140:220].std(), rel=0.1)


@pytest.mark.parametrize("axis", [25.5, 20.0, 30.5])
def test_a_symmetric_film_has_no_asymmetry(axis):
    left = film()
    twice = int(2 * axis)
    for x in range(52):
        if 0 <= twice - x < 52:
            left[:, twice - x] = left[:, x]
    assert not lenses.asymmetry(left, axis).any()
    assert np.array_equal(lenses.mirror(left, axis), left)


def test_a_region_counts_border_pixels_and_its_sd_is_the_samples():
    pixels = film(5)
    found = lenses.numbers(pixels, ((20, 10), (10, 14)))
    cut = pixels[10:15, 10:21].astype(float)
    assert (found.count, found.low, found.high) == (55, cut.min(), cut.max())
    assert found.mean == pytest.approx(cut.mean()) and found.sd == pytest.approx(cut.std(ddof=1))
    round_one = lenses.region(pixels.shape, ((10, 10), (14, 14)), "ellipse")
    assert round_one.sum() == 13 and round_one[10, 12] and not round_one[10, 11]
    assert lenses.numbers(pixels, ((0.2, 0.2), (0.8, 0.8))).count == 0


def test_a_ramp_has_a_straight_profile():
    ramp = np.arange(50)[None, :] * np.ones((40, 1)) * 10
    assert lenses.profile(ramp, ((3, 5), (33, 5))) == pytest.approx(np.arange(3, 34) * 10)


def test_a_grid_of_eight_pixels_peaks_at_an_eighth_of_a_cycle():
    x = np.arange(256)
    grid = 2000 + 40 * np.cos(2 * np.pi * x / 8) + film(6, (256, 256), 60)
    fx, fy, ratio = lenses.spectrum(grid, (128, 128)).peak
    assert (abs(fx), fy) == (0.125, 0.0) and ratio > 20


def test_white_noise_has_a_flat_ring_profile_with_the_windows_power():
    white = np.random.default_rng(7).normal(0, 30, (128, 128))
    found = lenses.spectrum(white, (64, 64))
    expected = 30**2 * (0.375 * 128) ** 2  # the mean square of a Hann window is 3/8
    assert found.ring[8:60].mean() == pytest.approx(expected, rel=0.05)
    assert found.ring.shape == (65,)
