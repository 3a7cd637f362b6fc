from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.grading.authenticity import Cell, Verdict
from trainer.core.scoring import Scored, score
from trainer.core.stats.balanced import score_interval

verdicts = {
    1.0: Verdict(Cell.HIT, True, 1.0, None),
    0.5: Verdict(Cell.VERIFY, None, 0.5, None),
    0.0: Verdict(Cell.MISS, False, 0.0, None),
}
cases = st.lists(
    st.builds(
        Scored,
        st.booleans(),
        st.one_of(st.none(), st.sampled_from(list(verdicts.values()))),
        st.booleans(),
    ),
    max_size=40,
)


@given(cases)
def test_it_is_the_score_of_the_sitting(rows: list[Scored]) -> None:
    found, expected = score_interval(rows), score(rows).value
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert found.value == pytest.approx(expected)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.n == len(rows)


def test_ten_cases_say_little() -> None:
    rows = [Scored(i % 2 == 0, verdicts[1.0 if i % 10 < 7 else 0.0]) for i in range(10)]
    found = score_interval(rows)
    assert found is not None
    assert 0.4 < found.high - found.low < 0.5
