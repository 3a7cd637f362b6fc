from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.stats.calibration import SURENESS, calibrate, murphy

calls = st.lists(
    st.tuples(st.integers(1, 5), st.booleans(), st.booleans()), min_size=1, max_size=120
)


def of(rows: list[tuple[int, bool, bool]], seed: int = 1):
    steps, said, truth = zip(*rows, strict=True)
    return calibrate(steps, said, truth, np.random.default_rng(seed))


@given(calls)
def test_the_parts_add_up(rows: list[tuple[int, bool, bool]]) -> None:
    found = of(rows)
    m = found.murphy
    assert m.brier == pytest.approx(m.reliability - m.resolution + m.uncertainty)
    assert found.over.low <= found.over.value <= found.over.high
    assert sum(b.right.n for b in found.bins) == found.n == len(rows)
    right = np.mean([said == truth for _, said, truth in rows])
    sure = np.mean([SURENESS[step] for step, _, _ in rows])
    assert found.over.value == pytest.approx(sure - right)


@given(calls)
def test_accusing_and_trusting_are_treated_alike(rows: list[tuple[int, bool, bool]]) -> None:
    mirrored = [(step, not said, not truth) for step, said, truth in rows]
    assert of(mirrored).murphy.brier == pytest.approx(of(rows).murphy.brier)
    assert of(mirrored).over == of(rows).over


def reader(n: int, sure: float, seed: int = 3) -> list[tuple[int, bool, bool]]:
    """Return calls of a reader who is right ``sure`` more often than they say."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(1, 6, n)
    truth = rng.random(n) < 0.5
    right = rng.random(n) < np.array([SURENESS[s] for s in steps]) + sure
    return [(int(s), bool(t == r), bool(t)) for s, t, r in zip(steps, truth, right, strict=True)]


def test_the_words_need_their_interval() -> None:
    assert of(reader(400, -0.15)).word == "over-confident"
    assert of(reader(400, 0.15)).word == "under-confident"
    assert of(reader(400, 0.0)).word == "neither"
    assert of(reader(12, -0.05)).word == "neither"


def test_enough_asks_for_fifty_calls() -> None:
    assert not of(reader(49, 0)).enough
    assert of(reader(50, 0)).enough


def test_the_bootstrap_interval_is_that_of_a_mean() -> None:
    rows = reader(300, -0.1)
    gap = [SURENESS[s] - (said == truth) for s, said, truth in rows]
    se = np.std(gap, ddof=1) / np.sqrt(len(gap))
    found = of(rows).over
    assert found.half_width == pytest.approx(1.96 * se, rel=0.08)
    assert of(rows) == of(rows)
    assert of(rows, seed=2).over != found


def test_a_brier_score_needs_an_outcome_for_each_chance() -> None:
    with pytest.raises(ValueError, match="one outcome for each"):
        murphy([0.5, 0.6], [1])
    with pytest.raises(ValueError, match="one or more"):
        murphy([], [])


def test_one_class_alone_has_no_skill() -> None:
    assert np.isnan(murphy([0.9, 0.8], [1, 1]).skill)
