from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from trainer.core.stats.auc import Method, area_under, newcombe_5, rating

ratings = st.lists(st.integers(-5, 5), min_size=1, max_size=40)


@given(ratings, ratings)
def test_the_area_is_the_chance_that_a_fake_is_rated_higher(x: list[int], y: list[int]) -> None:
    found = area_under(x, y)
    truth = [1] * len(x) + [0] * len(y)
    assert found.area.value == pytest.approx(roc_auc_score(truth, x + y))
    mirrored = area_under(y, x)
    assert mirrored.area.value == pytest.approx(1 - found.area.value)
    assert found.area.low <= found.area.value <= found.area.high
    assert found.area.low >= 0
    assert found.area.high <= 1


@given(st.floats(0, 1), st.integers(1, 60), st.integers(1, 60))
def test_newcombe_mirrors_and_solves_its_equation(area: float, m: int, n: int) -> None:
    low, high = newcombe_5(area, m, n)
    other_low, other_high = newcombe_5(1 - area, m, n)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-6)
    assert 0 <= low <= high <= 1
    star = (m + n) / 2 - 1
    for end in (low, high):
        if 1e-6 < end < 1 - 1e-6:
            spread = 1 + star * ((1 - end) / (2 - end) + end / (1 + end))
            variance = end * (1 - end) * spread / (m * n)
            assert (end - area) ** 2 == pytest.approx(1.959964**2 * variance, rel=1e-4, abs=1e-8)


def test_the_interval_of_a_perfect_reader_is_not_a_point() -> None:
    found = area_under([5] * 20, [-5] * 20)
    assert found.method is Method.NEWCOMBE_5
    assert 0.85 < found.area.low < 0.95
    assert found.area.high == 1


@pytest.mark.parametrize(
    ("n", "shift", "method"),
    [(10, 1.0, Method.NEWCOMBE_5), (50, 1.0, Method.LOGIT_DELONG), (50, 4.0, Method.NEWCOMBE_5)],
)
def test_which_interval_when(n: int, shift: float, method: Method) -> None:
    rng = np.random.default_rng(4)
    found = area_under(rng.normal(shift, 1, n), rng.normal(0, 1, n))
    assert found.method is method
    assert found.enough is (n >= 20)


def test_both_intervals_cover() -> None:
    """Simulated readers of d' 1.2, five-step ratings, 30 of each class: 95 % means about 95 %."""
    rng = np.random.default_rng(11)
    cuts = [-1.2, -0.4, 0.2, 0.6, 1.0, 1.6, 2.2]
    grid = rng.normal(0, 1, (2, 200_000)) + np.array([[1.2], [0.0]])
    truth = area_under(*(np.digitize(row, cuts) for row in grid)).area.value
    for n in (15, 30):
        hit = 0
        for _ in range(400):
            x, y = rng.normal(1.2, 1, n), rng.normal(0, 1, n)
            found = area_under(np.digitize(x, cuts), np.digitize(y, cuts)).area
            hit += found.low <= truth <= found.high
        assert 0.91 <= hit / 400 <= 0.99


def test_a_rating_runs_from_certainly_real_to_certainly_not() -> None:
    assert [rating(False, 5), rating(False, 1), rating(None, 3), rating(True, 1)] == [-5, -1, 0, 1]


def test_a_class_without_ratings_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        area_under([], [1])
