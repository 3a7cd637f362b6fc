"""Moving by nothing is nothing; a feather keeps inside its mask."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.imaging.forgery.texture import feather, field, move


def test_moving_by_nothing_is_nothing() -> None:
    level = field((64, 64), 3.0, np.random.default_rng(0))
    still = np.zeros_like(level)
    assert np.allclose(move(level, still, still), level, atol=1e-4)
    assert np.allclose(move(level, still + 1, still)[5:-5], level[6:-4], atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 30))
def test_a_feather_never_leaves_its_mask(seed: int, width: float) -> None:
    mask = field((48, 48), 4.0, np.random.default_rng(seed)) > 0.3
    weight = feather(mask, width)
    assert not weight[~mask].any()
    assert weight.min() >= 0 and weight.max() <= 1
