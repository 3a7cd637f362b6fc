"""Beam hardening against the whole way: a polychromatic projection of every material."""

import numpy as np
import pytest

from trainer.imaging.simulator.ct import hardening, scanner
from trainer.imaging.simulator.ct.scanner import KERNELS, PITCH_CM, Technique
from trainer.imaging.simulator.ct.voxels import water_per_cm
from trainer.imaging.simulator.kernels.scan import backproject

SIDE, PIXEL = 192, 36 / 192
ROWS, COLUMNS = (np.indices((SIDE, SIDE)) - (SIDE - 1) / 2) * PIXEL
RADIUS = np.hypot(ROWS, COLUMNS)
TECHNIQUE = Technique(200, 5, "soft")
MIDDLE = SIDE // 2


def phantom(number, radius):
    """Return a water cylinder with two rods, 12 cm from axis to axis; edges fill voxels in part."""
    hu = np.where(RADIUS < 15, 0, -1000).astype(np.float32)
    fine = (np.arange(5) - 2) / 5 * PIXEL
    for x in (-6, 6):
        share = np.mean([
            np.hypot(ROWS + dy, COLUMNS - x + dx) < radius for dy in fine for dx in fine
        ], axis=0)  # fmt: skip
        hu += np.float32(number) * share.astype(np.float32)
    return hu


def chord(x, radius):
    """Return the paths of all rays through a cylinder beside the axis, cm."""
    at = scanner.angles()[:, None]
    s = (np.arange(scanner.channels()) - (scanner.channels() - 1) / 2) * PITCH_CM
    fine = s[None, :, None] + (np.arange(9) - 4) / 9 * PITCH_CM
    off = fine - (x * np.cos(at))[..., None]
    return (2 * np.sqrt(np.clip(radius**2 - off**2, 0, None))).mean(-1)


def whole_way(number, radius):
    """Return what a spectrum adds to the exact projection of one energy, reconstructed."""
    rods = chord(-6, radius) + chord(6, radius)
    water = chord(0, 15) - rods
    bone, metal = (float(m[0, 0]) for m in hardening.materials(np.full((1, 1), number, np.float32)))
    mu_bone, mu_metal = hardening.linear()
    mu = (number / 1000 + 1) * water_per_cm()
    rest = (mu - mu_bone * bone - mu_metal * metal) / water_per_cm()
    paths = (water + rest * rods, bone * rods, metal * rods)
    own = hardening.beam()
    told = own.corrected(own.integral(*paths))
    plain = water_per_cm() * paths[0] + mu_bone * paths[1] + mu_metal * paths[2]
    views = scanner.filtered((told - plain).astype(np.float32), KERNELS["soft"], PIXEL)
    return backproject(views, scanner.angles(), PITCH_CM, SIDE, PIXEL) * 1000 / water_per_cm()


@pytest.mark.parametrize(
    ("number", "radius", "near", "off"), [(1000, 1.5, 1.8, 0.12), (15000, 0.4, 1.0, 0.33)]
)
def test_the_correction_is_what_the_whole_way_leaves(number, radius, near, off):
    """Bone within an eighth; metal two voxels thick within a third: voxels round it off."""
    full = whole_way(number, radius)
    made = hardening.streaks(phantom(number, radius)[None], PIXEL, TECHNIQUE)[0]
    outside = (np.hypot(ROWS, np.abs(COLUMNS) - 6) > near) & (RADIUS < 14)
    assert full[outside].std() > 2
    assert np.abs(made - full)[outside].mean() < off * np.abs(full)[outside].mean()
    assert made[MIDDLE, MIDDLE] == pytest.approx(full[MIDDLE, MIDDLE], rel=off)


def test_a_dark_band_joins_two_dense_bones_and_lies_nowhere_else():
    """Between rods of bone 3 cm thick scanners without bone correction lose some 10 to 30 HU."""
    made = hardening.streaks(phantom(1000, 1.5)[None], PIXEL, TECHNIQUE)[0]
    assert -30 < made[MIDDLE, MIDDLE] < -8
    assert abs(made[24, MIDDLE]) < 3
    assert made[MIDDLE - 4 : MIDDLE + 4, MIDDLE - 32].mean() < -25  # the rods themselves read low


def test_water_hardens_nothing_and_costs_nothing():
    water = np.where(RADIUS < 15, 60, -1000).astype(np.float32)
    assert not hardening.streaks(water[None], PIXEL, TECHNIQUE).any()
    own = hardening.beam()
    cm = np.linspace(0.1, 45, 30)
    told = own.corrected(own.integral(cm, 0 * cm, 0 * cm))
    assert np.allclose(told, water_per_cm() * cm, rtol=1e-3)


def test_shadows_of_single_voxels_hold_their_whole_area():
    share = np.zeros((SIDE, SIDE), np.float32)
    share[40, 77], share[120, 30], share[MIDDLE, MIDDLE] = 1.0, 0.5, 0.25
    shadow = hardening._integral(share, PIXEL)
    assert np.allclose(shadow.sum(1) * PITCH_CM, 1.75 * PIXEL**2, rtol=1e-4)
