"""The split adds up, the feather keeps inside, the noise curve is measured right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imaging.forgery.pictures import trunk
from trainer.imaging.forgery.texture import feather, field, move, noise_curve, split
from trainer.imaging.observers import residual


def test_signal_and_noise_add_up() -> None:
    image, _ = trunk()
    level = image.astype(np.float32) / 65_535
    signal, noise = split(level)
    assert np.abs(signal + noise - level).max() < 1e-6


@pytest.mark.parametrize("sd", [0.01, 0.03])
def test_white_noise_is_found_and_its_signal_kept(sd: float) -> None:
    rng = np.random.default_rng(0)
    rows, columns = np.indices((256, 256))
    clean = 0.5 + 0.2 * np.sin(rows / 23) * np.cos(columns / 31)
    signal, noise = split((clean + sd * rng.standard_normal(clean.shape)).astype(np.float32))
    assert noise.std() == pytest.approx(sd, rel=0.15)
    assert np.sqrt(np.mean((signal - clean) ** 2)) < 0.35 * sd


def test_the_noise_curve_follows_the_grey() -> None:
    rng = np.random.default_rng(0)
    grey = np.tile(np.linspace(0, 1, 300, dtype=np.float32), (300, 1))
    noise = (rng.standard_normal(grey.shape) * (0.01 + 0.04 * grey)).astype(np.float32)
    curve = noise_curve(noise, grey)
    assert curve[:, 30].mean() == pytest.approx(0.014, rel=0.2)
    assert curve[:, 270].mean() == pytest.approx(0.046, rel=0.2)


def test_moving_by_nothing_is_nothing() -> None:
    level = field((64, 64), 3.0, np.random.default_rng(0))
    still = np.zeros_like(level)
    assert np.allclose(move(level, still, still), level, atol=1e-4)
    assert np.allclose(move(level, still + 1, still)[5:-5], level[6:-4], atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 30))
def test_a_feather_never_leaves_its_mask(seed: int, width: float) -> None:
    mask = field((48, 48), 4.0, np.random.default_rng(seed)) > 0.3
    weight = feather(mask, width)
    assert not weight[~mask].any()
    assert weight.min() >= 0 and weight.max() <= 1


def test_what_is_moved_takes_no_fine_power_with_it() -> None:
    """Detail of twice the noise's power: half signal, half noise, and neither adds up once moved.

    With the softer rule of the coarser octaves 0.88 of the power was left where it had been.
    """
    rng = np.random.default_rng(3)
    rows, columns = np.indices((256, 256))
    strips = (columns // 32) % 2 == 1
    level = 0.5 + 0.01 * rng.standard_normal((256, 256)) * np.where(strips, np.sqrt(2.2), 1)
    signal, noise = split(level.astype(np.float32))
    still = np.zeros_like(signal)
    moved = move(signal, still, still + 5) + noise
    inner = strips & (columns % 32 > 8) & (columns % 32 < 24) & (rows > 16) & (rows < 240)
    before, after = residual(level.astype(np.float32)), residual(moved)
    assert np.var(after[inner]) / np.var(before[inner]) == pytest.approx(1, abs=0.05)
