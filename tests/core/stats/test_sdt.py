from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.stats.sdt import Lean, detect

counts = st.integers(0, 200)


@given(counts, counts, counts, counts)
def test_swapping_the_classes_turns_the_sign_of_d(h: int, m: int, f: int, r: int) -> None:
    if h + m == 0 or f + r == 0:
        with pytest.raises(ValueError, match="both classes"):
            detect(h, m, f, r)
        return
    there, back = detect(h, m, f, r), detect(f, r, h, m)
    assert back.d_prime.value == pytest.approx(-there.d_prime.value)
    assert back.criterion.value == pytest.approx(there.criterion.value)
    assert there.c_se == pytest.approx(there.d_se / 2)
    assert there.d_prime.low < there.d_prime.value < there.d_prime.high


@given(counts, counts, counts, counts)
def test_calling_the_opposite_mirrors_the_criterion(h: int, m: int, f: int, r: int) -> None:
    if h + m == 0 or f + r == 0:
        return
    there, back = detect(h, m, f, r), detect(m, h, r, f)
    assert back.criterion.value == pytest.approx(-there.criterion.value)
    assert back.d_prime.value == pytest.approx(-there.d_prime.value)


def test_the_lean_needs_its_interval_to_leave_zero_out() -> None:
    assert detect(28, 2, 20, 10).lean is Lean.ACCUSES
    assert detect(10, 20, 2, 28).lean is Lean.TRUSTS
    assert detect(20, 10, 11, 19).lean is Lean.NEITHER
    assert detect(3, 0, 2, 1).lean is Lean.NEITHER


def test_enough_asks_for_twenty_of_each_class() -> None:
    assert not detect(19, 0, 10, 20).enough
    assert detect(15, 5, 8, 12).enough


def test_a_perfect_reader_has_a_finite_d() -> None:
    assert 4 < detect(25, 0, 0, 25).d_prime.value < 5


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        detect(-1, 3, 2, 2)
