import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.core.stats.overlap import overlap

masks = st.dictionaries(st.integers(0, 3), arrays(bool, (6, 7)), max_size=3)


@given(masks, masks)
def test_it_is_symmetric_between_0_and_1_and_the_two_measures_go_together(a, b):
    one, other = overlap(a, b), overlap(b, a)
    assert one.dice == other.dice
    assert one.iou == other.iou
    if one.dice is None:
        assert not any(m.any() for m in (*a.values(), *b.values()))
        return
    assert 0 <= one.iou <= one.dice <= 1
    assert one.iou == pytest.approx(one.dice / (2 - one.dice))


@given(masks)
def test_a_place_is_all_of_itself_and_nothing_of_another_slice(a):
    drawn = any(m.any() for m in a.values())
    assert overlap(a, a).dice == (1 if drawn else None)
    moved = {z + 10: m for z, m in a.items()}
    assert overlap(a, moved).dice == (0 if drawn else None)


def test_counted_by_hand():
    a = np.zeros((4, 4), bool)
    a[:2] = True  # 8 pixels
    b = np.zeros((4, 4), bool)
    b[1:] = True  # 12 pixels, 4 shared
    found = overlap({0: a}, {0: b})
    assert (found.dice, found.iou) == (0.4, 0.25)


def test_two_shapes_of_one_slice_are_refused():
    with pytest.raises(ValueError, match="two shapes"):
        overlap({0: np.ones((2, 2), bool)}, {0: np.ones((3, 2), bool)})
