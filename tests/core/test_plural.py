"""Counted things, and views, in words."""

import pytest

from trainer.core.plural import counted, one_or_many
from trainer.core.views import view_beside, view_in_words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 films"), (1, "1 film"), (2, "2 films"), (1024, "1,024 films")]
)
def test_one_is_told_from_many(number, words):
    assert counted(number, "film") == words


def test_what_an_s_does_not_make_is_named():
    assert counted(1, "file has", "files have") == "1 file has"
    assert counted(3, "file has", "files have") == "3 files have"
    assert one_or_many(2, "it", "them") == "them"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("pa", "PA"), ("PA", "PA"), ("ap_supine", "AP supine"), ("lateral", "lateral"),
        ("oblique", "oblique"), ("dp", "DP"), ("", ""), ("no", "no"), ("ct", "CT"),
    ],
)  # fmt: skip
def test_a_view_is_told_as_people_write_it(code, words):
    assert view_in_words(code) == words


def test_a_view_is_not_told_twice_beside_its_modality():
    assert view_beside("ct", "CT") == ""
    assert view_beside("pa", "DX") == "PA"
