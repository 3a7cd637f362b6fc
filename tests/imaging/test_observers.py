"""Observers measure what they say, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.imaging.film import Pixels
from trainer.imaging.observers import (
    auc_interval,
    detector_auc,
    noise_alone,
    noise_features,
    rise,
    template_d,
)


def film(seed: int, noise: float = 300) -> Pixels:
    """Return a smooth film, brighter and noisier to the right."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0, 1, 96)[None] * np.ones((96, 1))
    return np.asarray(
        15000 + 30000 * across + noise * (1 + 3 * across) * rng.normal(0, 1, (96, 96)), np.uint16
    )


def test_an_observer_that_knows_a_change_sees_it_in_proportion_whatever_the_mask_takes_in() -> None:
    before = film(0)
    blob = np.zeros((96, 96), np.int32)
    blob[20:40, 10:20] = 1000
    narrow, wide = blob > 0, np.ones((96, 96), np.bool_)
    near = np.zeros((96, 96), np.bool_)
    near[14:46, 4:26] = True
    one, two = before + blob, before + 2 * blob
    seen = template_d([before], [np.asarray(one, np.uint16)], [near])
    twice = template_d([before], [np.asarray(two, np.uint16)], [wide])
    assert twice == pytest.approx(2 * seen, rel=1e-3)
    assert template_d([before], [before], [narrow]) == 0
    assert template_d([before], [np.asarray(one, np.uint16)], [~wide]) == 0


def test_the_same_change_is_seen_less_where_there_is_more_noise() -> None:
    before = film(1)
    seen = []
    for column in (6, 76):
        mask = np.zeros((96, 96), np.bool_)
        mask[30:50, column : column + 14] = True
        seen.append(template_d([before], [np.asarray(before + 900 * mask, np.uint16)], [mask]))
    assert 2 < seen[0] / seen[1] < 4


@given(st.integers(0, 50))
def test_noise_features_do_not_see_a_smooth_shadow(seed: int) -> None:
    before = film(seed)
    y, x = np.indices(before.shape)
    shadow = 2500 * np.exp(-((y - 48) ** 2 + (x - 40) ** 2) / 300)
    mask = shadow > 100
    a, b = (noise_features(f, mask) for f in (before, np.asarray(before + shadow, np.uint16)))
    assert a[0] == pytest.approx(b[0], abs=0.1)
    assert a[1:3] == pytest.approx(b[1:3], abs=0.1)


def test_two_exposures_tell_noise_from_fine_anatomy() -> None:
    rng = np.random.default_rng(3)
    net = np.asarray(2000 * (rng.random((96, 96)) < 0.2), np.uint16)  # as narrow as a pixel
    mask = np.ones((96, 96), np.bool_)
    one, two = film(4), film(5)
    plain, netted = noise_alone(one, two, mask), noise_alone(one + net, two + net, mask)
    assert netted == pytest.approx(plain, abs=1e-6)
    assert noise_features(one + net, mask)[0] > noise_features(one, mask)[0] + 0.2
    louder = noise_alone(film(4, 450), film(5, 450), mask)
    assert louder[0] - plain[0] == pytest.approx(np.log(1.5), abs=0.01)


def test_a_detector_tells_noise_apart_and_nothing_where_nothing_differs() -> None:
    mask = np.ones((96, 96), np.bool_)
    same, louder = [], []
    for seed in range(12):
        own = noise_features(film(seed), mask)
        same += [own, own]
        louder += [own, noise_features(film(seed + 100, 420), mask)]
    forged, of = [0, 1] * 12, [seed for seed in range(12) for _ in range(2)]
    assert detector_auc(same, forged, of) == pytest.approx(0.5, abs=1e-9)
    assert detector_auc(louder, forged, of) > 0.95


def test_the_interval_of_an_area_is_hanleys() -> None:
    # worked out by hand: Q1 = 0.6667, Q2 = 0.7111, (0.16 + 99 (0.0267 + 0.0711)) / 100^2
    low, high = auc_interval(0.8, 100)
    assert (high - low) / 2 / 1.96 == pytest.approx(0.0314, abs=0.0001)


def test_a_rise_is_told_from_a_fall_and_from_what_is_not_sure() -> None:
    rng = np.random.default_rng(0)
    slope = np.array([1.0, 2.0, 3.0, 4.0])
    steady = slope + rng.normal(0, 0.1, (12, 4))
    risen = rise(steady, rng)
    assert risen.verdict == "rises"
    assert risen.cases == 12
    assert rise(steady[:, [0, 1, 3, 2]], rng).verdict == "does not"
    # flat between two doses, within what the cases scatter
    unsure = np.array([1.0, 2.0, 2.0, 3.0]) + rng.normal(0, 0.5, (12, 4))
    assert rise(unsure, rng).verdict == "may rise"
    assert rise(np.zeros((12, 4)), rng).verdict == "does not"


def test_a_mask_without_noise_is_measured_and_not_left_unsaid() -> None:
    flat, mask = np.full((96, 96), 30000, np.uint16), np.zeros((96, 96), np.bool_)
    mask[40:56, 40:56] = True
    assert np.isfinite(noise_features(flat, mask)).all()
    assert np.isfinite(noise_alone(flat, flat, mask)).all()
