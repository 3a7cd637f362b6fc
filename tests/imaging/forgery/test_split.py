"""The split adds up, the noise curve is measured right, and what stays in the signal is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.imaging.forgery.pictures import trunk
from trainer.imaging.forgery.split import (
    Parts,
    lost_by_blend,
    lost_by_paint,
    noise_curve,
    split,
)
from trainer.imaging.forgery.texture import blur, field, move
from trainer.imaging.observers import residual


def test_signal_and_noise_add_up() -> None:
    image, _ = trunk()
    level = image.astype(np.float32) / 65_535
    parts = split(level)
    signal, noise = parts.signal, parts.noise
    assert np.abs(signal + noise - level).max() < 1e-6


@pytest.mark.parametrize("sd", [0.01, 0.03])
def test_white_noise_is_found_and_its_signal_kept(sd: float) -> None:
    rng = np.random.default_rng(0)
    rows, columns = np.indices((256, 256))
    clean = 0.5 + 0.2 * np.sin(rows / 23) * np.cos(columns / 31)
    parts = split((clean + sd * rng.standard_normal(clean.shape)).astype(np.float32))
    signal, noise = parts.signal, parts.noise
    assert noise.std() == pytest.approx(sd, rel=0.15)
    assert np.sqrt(np.mean((signal - clean) ** 2)) < 0.35 * sd


def test_the_noise_curve_follows_the_grey() -> None:
    rng = np.random.default_rng(0)
    grey = np.tile(np.linspace(0, 1, 300, dtype=np.float32), (300, 1))
    noise = (rng.standard_normal(grey.shape) * (0.01 + 0.04 * grey)).astype(np.float32)
    curve = noise_curve(noise, grey)
    assert curve[:, 30].mean() == pytest.approx(0.014, rel=0.2)
    assert curve[:, 270].mean() == pytest.approx(0.046, rel=0.2)


def test_what_is_moved_takes_no_fine_power_with_it() -> None:
    """Detail of twice the noise's power: half signal, half noise, and neither adds up once moved.

    With the softer rule of the coarser octaves 0.88 of the power was left where it had been.
    """
    rng = np.random.default_rng(3)
    rows, columns = np.indices((256, 256))
    strips = (columns // 32) % 2 == 1
    level = 0.5 + 0.01 * rng.standard_normal((256, 256)) * np.where(strips, np.sqrt(2.2), 1)
    parts = split(level.astype(np.float32))
    signal, noise = parts.signal, parts.noise
    still = np.zeros_like(signal)
    moved = move(signal, still, still + 5) + noise
    inner = strips & (columns % 32 > 8) & (columns % 32 < 24) & (rows > 16) & (rows < 240)
    before, after = residual(level.astype(np.float32)), residual(moved)
    assert np.var(after[inner]) / np.var(before[inner]) == pytest.approx(1, abs=0.05)


SPONGE = (slice(16, -16), slice(176, -16))


def exposures(strength: float) -> list[Parts]:
    """Two exposures of a plate, split; its right half is denser, spongy and cut by sharp joints."""
    rng = np.random.default_rng(5)
    rows, columns = np.indices((320, 320))
    bone = columns > 160
    joints = ((rows + columns // 3) // 12) % 4 == 0
    sponge = strength * field(rows.shape, 0.8, rng) * (field(rows.shape, 9.0, rng) > -1.2)
    clean = 0.2 + 0.05 * np.sin(rows / 41) + bone * (0.4 - 0.3 * joints + sponge)
    noisy = [clean + 0.01 * rng.standard_normal(clean.shape) for _ in range(2)]
    return [split(one.astype(np.float32)) for one in noisy]


@pytest.mark.parametrize("strength", [0.0, 0.03])
def test_what_stayed_in_the_signal_is_as_strong_as_it_is_said_to_be(strength: float) -> None:
    """Two exposures tell it: their signals differ by the noise that each has kept."""
    first, second = exposures(strength)
    true = ((first.signal - second.signal) / np.sqrt(2))[SPONGE]
    again = first.stayed_like(np.random.default_rng(1))[SPONGE]
    assert np.var(true) > 0.04 * 0.01**2  # there is something to be found
    assert np.var(again) == pytest.approx(np.var(true), rel=0.3)


def test_noise_that_is_made_up_is_as_quiet_as_the_film_and_not_as_its_texture() -> None:
    """In spongy bone nearly every pixel has texture; the noise curve takes it for noise."""
    first, _ = exposures(0.06)
    level = first.signal + first.noise
    assert np.median(noise_curve(level - blur(level, 1.0), blur(level, 4.0))[SPONGE]) > 0.02
    assert all(octave[SPONGE].max() < 0.013 for octave in first.stayed)


def test_power_that_is_lost() -> None:
    share = np.array([0.0, 0.5, 1.0], np.float32)
    assert lost_by_paint(share).tolist() == [0, 0.75, 1]
    assert lost_by_blend(share).tolist() == [0, 0.5, 0]
