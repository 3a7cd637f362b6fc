import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.grading.authenticity import distance_to
from trainer.core.words import Point
from trainer.imaging.outline import MOST_CORNERS, outlines_of, places_of


@given(st.integers(20, 80), st.integers(20, 80), st.integers(5, 30))
def test_the_outline_of_a_disc_holds_its_pixels_and_no_others(cx, cy, r):
    y, x = np.ogrid[:110, :110]
    mask = (x - cx) ** 2 + (y - cy) ** 2 <= r * r
    (outline,) = outlines_of(mask)
    assert distance_to(outline, Point(cx, cy)) == 0
    assert distance_to(outline, Point(cx + r + 3, cy)) == pytest.approx(3, abs=1.6)


def test_a_speckled_change_is_one_region_and_two_far_ones_are_two():
    mask = np.zeros((500, 500), bool)
    mask[100:140:2, 100:140:2] = True
    mask[400:430, 400:430] = True
    assert len(outlines_of(mask)) == 2


def test_a_region_at_the_edge_is_closed():
    mask = np.zeros((100, 100), bool)
    mask[:20, :20] = True
    (outline,) = outlines_of(mask)
    assert distance_to(outline, Point(0, 0)) == 0


def test_a_ragged_region_has_few_corners():
    rng = np.random.default_rng(0)
    mask = np.zeros((1000, 1000), bool)
    mask[200:800, 200:800] = rng.random((600, 600)) < 0.9
    assert all(len(line) <= MOST_CORNERS for line in outlines_of(mask))


def test_nothing_has_no_outline():
    assert outlines_of(np.zeros((64, 64), bool)) == []


def test_a_change_in_a_hundred_places_is_outlined_as_the_few_regions_it_fills():
    mask = np.zeros((600, 600), bool)
    mask[100:300:12, 100:300:12] = True
    mask[101:300:12, 100:300:12] = True
    assert 1 <= len(outlines_of(mask)) <= 16


def test_the_outlines_of_a_stack_say_their_slice():
    mask = np.zeros((5, 64, 64), bool)
    mask[1, 10:20, 10:20] = mask[2, 12:22, 10:20] = mask[2, 40:60, 40:60] = True
    places = places_of(mask)
    assert [place["z"] for place in places] == [1, 2, 2]
    assert [place["points"] for place in places[1:]] == outlines_of(mask[2])
    assert places_of(mask[1]) == [{"z": 0, "points": places[0]["points"]}]
