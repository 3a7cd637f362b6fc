"""Newcombe RG (1998), Statistics in Medicine 17:857-872 and 17:873-890: the papers' own examples.

Method 3 (Wilson's score interval) and method 10 (hybrid score interval of a difference).
"""

from __future__ import annotations

import pytest

from trainer.core.stats.intervals import difference, wilson


@pytest.mark.parametrize(
    ("part", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_one_share(part: int, n: int, low: float, high: float) -> None:
    found = wilson(part, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5.1e-5)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_a_difference(a: int, m: int, b: int, n: int, low: float, high: float) -> None:
    found = difference(wilson(a, m), wilson(b, n))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5.1e-5)
