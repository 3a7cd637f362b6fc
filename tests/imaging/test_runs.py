import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.imaging.runs import RunsError, mask_of, masks_of, runs_of


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_there_and_back(mask):
    assert (mask_of(runs_of(mask), *mask.shape) == mask).all()


def test_by_hand():
    mask = np.zeros((3, 4), bool)
    mask[0, 3] = mask[1, :2] = mask[2, 3] = True
    assert runs_of(mask) == [3, 3, 11, 1]  # the end of a row and the start of the next are one run
    assert runs_of(np.ones((2, 2), bool)) == [0, 4]


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([0], "cut short"),
        ([0, 0], "outside"),
        ([-1, 3], "outside"),
        ([10, 3], "outside"),
        ([4, 2, 1, 1], "in order"),
        ([0, 3, 2, 2], "in order"),
        ([0.5, 1], "whole"),
        ([True, 1], "whole"),
        (["1", 2], "whole"),
        ([2**50, 1], "whole"),
        ([0, 2, 2**39, 1], "outside"),
        ([0, 1] * 600_000, "ragged"),
    ],
)
def test_what_is_no_place_is_refused(runs, words):
    with pytest.raises(RunsError, match=words):
        mask_of(runs, 3, 4)


@given(st.lists(st.integers(-20, 30), max_size=8))
def test_any_numbers_are_a_place_or_refused(runs):
    try:
        mask = mask_of(runs, 3, 4)
    except RunsError:
        return
    assert mask.sum() == sum(runs[1::2])


@pytest.mark.parametrize(
    "place",
    [
        [{"z": 3, "runs": []}],
        [{"z": "0"}],
        [{"z": 0}],
        [{}],
        [{"z": 0, "runs": [0, 1]}, {"z": 0, "runs": [2, 1]}],
    ],
)
def test_slices_are_there_once(place):
    with pytest.raises(RunsError):
        masks_of(place, 3, 3, 4)


def test_empty_slices_are_left_out():
    found = masks_of([{"z": 2, "runs": [0, 2]}, {"z": 1, "runs": []}], 3, 3, 4)
    assert list(found) == [2]
