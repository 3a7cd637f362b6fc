"""What marks a twin's difference, against scipy; and what is remembered for twins."""

import numpy as np
import pytest
from scipy.ndimage import (
    binary_dilation,
    binary_opening,
    distance_transform_edt,
    gaussian_filter,
)

from trainer.imaging.simulator.blur import soft
from trainer.imaging.simulator.kernels.beam import attenuate
from trainer.imaging.simulator.kernels.images import quantise
from trainer.imaging.simulator.kernels.masks import nearest, opened
from trainer.imaging.simulator.kernels.sums import some
from trainer.imaging.simulator.memo import digest, forget, remember
from trainer.imaging.simulator.twins import RIM_CM, SHOWN, figures, where

SHAPES = [(1, 1), (3, 3), (2, 9), (40, 27)]


def blobs(shape, share=0.5, seed=1):
    return np.random.default_rng(seed).random(shape) < share


@pytest.mark.parametrize("shape", SHAPES)
def test_opening_is_scipys(shape):
    mask = blobs(shape, 0.8)
    assert np.array_equal(opened(mask.view(np.uint8)).astype(bool), binary_opening(mask))


@pytest.mark.parametrize("most", [1.0, 4.5, 200.0])
@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (40, 27)])
def test_distances_are_euclidean_and_cut(shape, most):
    mask = blobs(shape, 0.01, seed=2)
    mask[0, 0] = True
    wanted = np.minimum(distance_transform_edt(~mask), most)
    assert np.allclose(nearest(mask.view(np.uint8), most), wanted, atol=1e-5)


def test_where_nothing_is_marked_everything_is_far():
    assert (nearest(np.zeros((5, 8), np.uint8), 3.5) == 3.5).all()


@pytest.mark.parametrize("sigma", [0.8, 3.0, 6.0])
def test_a_soft_blur_is_a_gaussian_but_for_its_finest_shape(sigma):
    rng = np.random.default_rng(3)
    image = gaussian_filter(rng.standard_normal((90, 121)), 1.0).astype(np.float32)
    exact = gaussian_filter(image, sigma)
    edge = slice(int(2 * sigma), -int(2 * sigma))
    off = np.abs(soft(image, sigma) - exact)[edge, edge]
    assert off.max() < 0.08 * np.abs(exact).max()
    assert soft(np.full_like(image, 0.3), sigma) == pytest.approx(0.3, abs=1e-5)


def test_a_twin_differs_where_it_was_changed_and_passes_over_within_the_rim():
    change, pixel = np.zeros((200, 220), np.float32), 0.05
    change[60:120, 80:150] = 0.2
    change[10, 10] = 0.2  # one pixel on its own
    mask, weight = where(change, np.zeros_like(change), pixel)
    assert (weight[change > 0] == 1).all() and np.array_equal(mask, weight > 0)
    away = distance_transform_edt(change == 0) * pixel
    far = away > RIM_CM + 0.11
    assert not mask[far].any() and mask[(away < RIM_CM) & (away < 3)][50:].any()
    assert mask.sum() > (change > 0).sum() * 1.3
    ring = weight[90, 150:175]
    assert (np.diff(ring) <= 0).all() and ring[0] == 1 and ring[-1] == 0


def test_what_processing_made_visible_belongs_to_the_mask_and_what_nobody_sees_does_not():
    change = np.zeros((150, 150), np.float32)
    change[70:80, 70:80] = 0.1
    shown = np.zeros_like(change)
    shown[30:60, 30:60] = 3 * SHOWN
    assert where(change, shown, 0.05)[0][45, 45]
    assert not where(change, shown / 6, 0.05)[0][45, 45]
    assert not where(np.zeros_like(change), shown, 0.05)[0].any()


def test_a_twins_numbers_are_those_of_its_maps():
    rng = np.random.default_rng(4)
    change, shown = rng.standard_normal((2, 40, 50)).astype(np.float32)
    mask = np.zeros((40, 50), bool)
    mask[0:20, 5:30] = True
    ring = binary_dilation(mask, iterations=2) & ~mask
    found = figures(mask, change, shown)
    assert found["largest_change"] == pytest.approx(np.abs(change).max())
    assert found["mean_change_in_mask"] == pytest.approx(np.abs(change[mask]).mean())
    assert found["mask_share"] == pytest.approx(mask.mean())
    assert found["largest_step_at_rim"] == pytest.approx(np.abs(shown[ring]).max())


def test_attenuation_is_beer_and_lamberts_law():
    rng = np.random.default_rng(5)
    paths = (rng.random((3, 9, 14)) * 40).astype(np.float32)
    paths[1] = 0
    paths[2, 0, 0] = 4000
    mu, weight = rng.random((3, 4)).astype(np.float32), np.full(4, 0.25, np.float32)
    crossed = np.flatnonzero(some(paths))
    assert crossed.tolist() == [0, 2]
    wanted = (weight[:, None, None] * np.exp(-np.einsum("mb,mji->bji", mu, paths))).sum(0)
    left = attenuate(paths, crossed, mu, weight)
    assert np.allclose(left, wanted, rtol=2e-5, atol=1e-30)
    assert 0 <= left[0, 0] < 1e-30


def test_grey_levels_become_whole_numbers_and_are_cut():
    levels = np.array([[-0.5, 0.0, 0.5, 1.0, 7.0, 100.4 / 65535]], np.float32)
    assert quantise(levels, np.float32(65535)).tolist() == [[0, 0, 32768, 65535, 65535, 100]]


def test_a_digest_tells_any_value_any_shape_and_any_order_apart():
    one = np.arange(30, dtype=np.float32)
    others = [one.reshape(5, 6), one.reshape(6, 5), one[::-1], one[:-1], -one, one[::2]]
    others += [
        np.where(np.arange(30) == k, np.nextafter(one, np.float32(99)), one) for k in (0, 29)
    ]
    found = {digest(a) for a in (one, *others)}
    assert len(found) == 1 + len(others)
    assert digest(one) == digest(one.copy()) and digest(one, one[:1]) != digest(one[:1], one)


def test_what_was_forgotten_is_made_again():
    made = []

    @remember(2)
    def twice(x):
        made.append(x)
        return 2 * x

    assert [twice(3), twice(3)] == [6, 6] and made == [3]
    forget()
    assert twice(3) == 6 and made == [3, 3]
