"""The scanner against what is known: CT numbers, noise and its texture, kernels, partial volume."""

import numpy as np
import pytest

from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.ct import scanner
from trainer.imaging.simulator.ct.scanner import KERNELS, Technique
from trainer.imaging.simulator.ct.voxels import Grid, compact, hounsfield, spongiosa, voxelise
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import AIR, FAT, SOFT, Bone, lung
from trainer.imaging.simulator.tubes import tube

SIDE, PIXEL = 256, 36 / 256
ROWS, COLUMNS = (np.indices((SIDE, SIDE)) - (SIDE - 1) / 2) * PIXEL
RADIUS = np.hypot(ROWS, COLUMNS)


def water(radius=15.0):
    """Return a cylinder of water in air."""
    share = np.clip(0.5 - (RADIUS - radius) / PIXEL, 0, 1)
    return (1000 * share - 1000).astype(np.float32)


def test_known_tissues_have_their_published_ct_numbers():
    """Fat -115..-85, muscle 35..60, compact bone above 1200, inflated lung -900..-750."""
    assert hounsfield(AIR) == -1000
    assert -115 < hounsfield(FAT) < -85
    assert 35 < hounsfield(SOFT) < 60
    assert 1200 < hounsfield(compact(Bone(cortex=1.0))) < 1800
    assert -900 < hounsfield(lung(0.15)) < -750
    assert 60 < hounsfield(spongiosa(Bone())) < 320


@pytest.mark.parametrize("kernel", KERNELS)
def test_water_is_0_and_air_is_minus_1000_by_the_whole_way(kernel):
    image = scanner.reconstruct(water(), PIXEL, Technique(100, 5, kernel), None)
    assert abs(image[RADIUS < 12].mean()) < 2
    assert abs(image[RADIUS > 17].mean() + 1000) < 10
    assert np.abs(image - scanner.blurred(water()[None], KERNELS[kernel], PIXEL)[0])[
        RADIUS < 13
    ].mean() < 3  # fmt: skip


@pytest.fixture(scope="module")
def noises():
    """Noise of six slices of water with each kernel."""
    stack = np.stack([water()] * 6)
    return {
        k: scanner.noise(stack, PIXEL, Technique(200, 5, k), np.random.default_rng(3))
        for k in KERNELS
    }


@pytest.mark.parametrize("kernel", KERNELS)
def test_noise_alone_is_what_the_whole_way_leaves(kernel, noises):
    """The calibration: within 8 % of Poisson counts, logarithm and backprojection, ring by ring."""
    technique = Technique(200, 5, kernel)
    clean = scanner.reconstruct(water(), PIXEL, technique, None)
    full = np.stack([
        scanner.reconstruct(water(), PIXEL, technique, np.random.default_rng(k)) - clean
        for k in range(3)
    ])  # fmt: skip
    for low, high in ((0, 4), (6, 9), (12, 14.5), (16, 18)):
        ring = (low <= RADIUS) & (high > RADIUS)
        assert noises[kernel][:, ring].std() == pytest.approx(full[:, ring].std(), rel=0.08)


def test_noise_is_strongest_in_the_middle_and_about_10_hu_at_200_mas_and_5_mm(noises):
    middle, rim = RADIUS < 3, (RADIUS > 13) & (RADIUS < 14.5)
    soft = noises["soft"]
    assert 7.5 < soft[:, middle].std() < 12
    assert soft[:, middle].std() > 1.25 * soft[:, rim].std()


@pytest.mark.parametrize(("mas", "slice_mm"), [(50, 5.0), (200, 1.25)])
def test_noise_rises_as_one_over_the_root_of_the_dose_and_of_the_thickness(mas, slice_mm, noises):
    stack = np.stack([water()] * 6)
    less = scanner.noise(
        stack, PIXEL, Technique(mas, slice_mm, "soft"), np.random.default_rng(4)
    )  # fmt: skip
    inside = RADIUS < 12
    assert less[:, inside].std() / noises["soft"][:, inside].std() == pytest.approx(2, rel=0.06)


def test_noise_is_stronger_along_the_wide_axis():
    """Shoulders: rays along the long axis carry few quanta, so streaks run along it."""
    across = np.hypot(ROWS / 7, COLUMNS / 16.5) < 1
    stack = np.stack([np.where(across, 50, -1000).astype(np.float32)] * 6)
    made = scanner.noise(stack, PIXEL, Technique(60, 2, "soft"), np.random.default_rng(5))
    middle = made[:, 88:168, 88:168]
    along = np.mean(middle[:, :, 1:] * middle[:, :, :-1]) / middle.var()
    down = np.mean(middle[:, 1:] * middle[:, :-1]) / middle.var()
    assert along > down + 0.05


def spectrum(noise):
    """Return frequency (cycles per cm) and power of the middle of slices, radially."""
    cut = noise[:, 96:160, 96:160]
    power = (np.abs(np.fft.fft2(cut - cut.mean((1, 2), keepdims=True))) ** 2).mean(0)
    f = np.hypot(*np.meshgrid(*[np.fft.fftfreq(64, PIXEL)] * 2))
    bins = np.arange(0, 3.4, 0.25)
    index = np.digitize(f, bins)
    at = range(1, len(bins))
    return bins[:-1] + 0.125, np.array([power[index == k].mean() for k in at])


def test_noise_power_rises_like_a_ramp_and_the_lung_kernel_has_more_at_high_frequencies(noises):
    soft, sharp = (spectrum(noises[k]) for k in ("soft", "lung"))
    for f, power in (soft, sharp):
        assert power[0] < 0.35 * power.max()  # no power at 0: filtered backprojection
        assert np.argmax(power) > np.argmin(np.abs(f - 0.4))
    share = [p[1][p[0] > 2].sum() / p[1].sum() for p in (soft, sharp)]
    assert share[1] > 1.2 * share[0]


def test_kernels_have_the_transfer_they_name_and_keep_their_order():
    """Measured on a point a quarter of a millimetre fine."""
    pixel, n = 0.025, 256
    point = np.zeros((1, n, n), np.float32)
    point[0, n // 2, n // 2] = 1
    f = np.fft.rfftfreq(n, pixel)
    transfer = {
        k: np.abs(np.fft.rfft(scanner.blurred(point, kernel, pixel)[0].sum(0)))
        for k, kernel in KERNELS.items()
    }
    half = {k: f[np.argmax(t < 0.5 * t[0])] for k, t in transfer.items()}
    assert half["soft"] == pytest.approx(3.2, abs=0.3)
    assert half["lung"] > 1.5 * half["soft"]
    assert transfer["lung"].max() > 1.2 * transfer["lung"][0]  # edges are raised
    assert transfer["soft"].max() <= 1.01 * transfer["soft"][0]


def grid(pixel=0.1, step=0.1, n=64):
    half = pixel * (n - 1) / 2
    return Grid((-half, half, step * (n - 1) / 2), pixel, step, n, n, n)


def test_a_ball_and_a_rod_fill_their_volume_at_any_voxel():
    f = Field((-2, -2, -2), (2, 2, 2), 0.08, far=1.0)
    f.ellipsoid((0.1, -0.05, 0.03), (1.5, 1.5, 1.5), blend=0.01)
    rod = tube([(-1.0, 0.2, 0.1), (1.3, -0.4, 0.3)], 0.6)
    length = float(np.linalg.norm([2.3, 0.6, 0.2]))
    for pixel, n in ((0.1, 64), (0.17, 40)):
        voxels = grid(pixel, pixel, n)
        for shape, volume in (
            (f.solid(), 4 / 3 * np.pi * 1.5**3),
            (rod, np.pi * 0.36 * length + 4 / 3 * np.pi * 0.6**3),
        ):
            hu = voxelise([Part("it", shape, SOFT)], voxels).hu
            share = (hu + 1000) / (hounsfield(SOFT) + 1000)
            assert share.sum() * pixel**3 == pytest.approx(volume, rel=0.03)


def test_parts_lie_where_the_world_says_with_the_front_on_top_and_the_left_on_the_right():
    voxels = grid()
    hu = voxelise([Part("it", tube([(1.5, 2.0, -1.0), (1.5, 2.0, -0.8)], 0.3), SOFT)], voxels).hu
    k, row, column = (int(v.mean()) for v in np.nonzero(hu > -200))
    assert voxels.x()[column] == pytest.approx(1.5, abs=0.15)
    assert voxels.y()[row] == pytest.approx(2.0, abs=0.15)
    assert voxels.z()[k] == pytest.approx(-0.9, abs=0.15)
    assert row < 32 < column and k > 32
