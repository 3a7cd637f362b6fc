from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trainer.core.stats.intervals import difference, mean_of, mean_of_people, shrunk, wilson

shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares)
def test_wilson_is_where_the_score_test_just_rejects(share: tuple[int, int]) -> None:
    part, n = share
    found = wilson(part, n)
    for end in {found.low, found.high} - {0.0, 1.0}:
        z = (part / n - end) / math.sqrt(end * (1 - end) / n)
        assert abs(z) == pytest.approx(1.959964, abs=1e-4)


@given(shares, shares)
def test_swapping_right_and_wrong_mirrors(first: tuple[int, int], second: tuple[int, int]) -> None:
    a, b = wilson(*first), wilson(*second)
    na, nb = (wilson(n - part, n) for part, n in (first, second))
    assert na.low == pytest.approx(1 - a.high)
    assert mean_of(na, nb).high == pytest.approx(1 - mean_of(a, b).low)
    assert difference(a, b).low == pytest.approx(-difference(b, a).high)


@given(shares, shares)
def test_intervals_hold_their_value(first: tuple[int, int], second: tuple[int, int]) -> None:
    a, b = wilson(*first), wilson(*second)
    for found in (a, mean_of(a, b), difference(a, b)):
        assert found.low <= found.value <= found.high
    assert mean_of(a, b).half_width <= max(a.half_width, b.half_width) + 1e-12
    assert mean_of(a, b).n == a.n + b.n


def test_balanced_accuracy_half_widths_of_the_plan() -> None:
    """At .75 in both classes: .24 from 10 answers a class is one class's; MOVER narrows it."""
    assert wilson(7.5, 10).half_width == pytest.approx(0.24, abs=0.01)
    assert wilson(15, 20).half_width == pytest.approx(0.18, abs=0.005)
    both = mean_of(wilson(15, 20), wilson(15, 20))
    assert both.half_width == pytest.approx(wilson(15, 20).half_width / math.sqrt(2), abs=1e-9)


def test_balanced_accuracy_covers() -> None:
    """Exact coverage of the MOVER interval at 20 a class, over the truth."""
    n = 20
    for p1, p0 in ((0.6, 0.8), (0.75, 0.75), (0.9, 0.55)):
        w1, w0 = (stats.binom.pmf(np.arange(n + 1), n, p) for p in (p1, p0))
        covered = sum(
            w1[i] * w0[j]
            for i in range(n + 1)
            for j in range(n + 1)
            if (m := mean_of(wilson(i, n), wilson(j, n))).low <= (p1 + p0) / 2 <= m.high
        )
        assert 0.925 <= covered <= 0.975


def test_a_shrunk_share_lies_between_its_own_and_the_centre() -> None:
    found = shrunk(7, 8, 0.6)
    assert found.value == pytest.approx((7 + 4.8) / 16)
    posterior = stats.beta(7 + 4.8, 1 + 3.2)
    assert (found.low, found.high) == pytest.approx(posterior.interval(0.95))
    assert shrunk(0, 0, 0.6).value == pytest.approx(0.6)


def test_people_are_the_sample() -> None:
    scores = [0.6, 0.7, 0.8, 0.75, 0.65]
    found = mean_of_people(scores)
    expected = stats.t.interval(0.95, 4, np.mean(scores), stats.sem(scores))
    assert (found.low, found.high) == pytest.approx(expected)
    assert found.n == 5


@pytest.mark.parametrize(("part", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_what_is_no_share(part: int, n: int) -> None:
    with pytest.raises(ValueError, match="part of a whole"):
        wilson(part, n)


def test_other_refusals() -> None:
    with pytest.raises(ValueError, match="two of them"):
        mean_of_people([0.5])
    with pytest.raises(ValueError, match="drawn towards"):
        shrunk(3, 2, 0.5)
    with pytest.raises(ValueError, match="confidence level"):
        wilson(1, 2, confidence=1.0)
