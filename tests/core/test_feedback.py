"""What a film's twin is called beside it."""

import pytest

from trainer.core.feedback import Known, twin_label
from trainer.core.words import Truth

PLAIN, MIMIC = Known(Truth.AUTHENTIC), Known(Truth.AUTHENTIC, mimic=True)
CHANGED, MADE = Known(Truth.TAMPERED), Known(Truth.SYNTHETIC)


@pytest.mark.parametrize(
    ("film", "twin", "label"),
    [
        (CHANGED, None, "twin without the change"),
        (CHANGED, PLAIN, "twin without the change"),
        (MADE, MIMIC, "twin without the change"),
        (CHANGED, CHANGED, "twin with another change"),
        (PLAIN, CHANGED, "twin with the hallmark"),
        (MIMIC, MADE, "twin with the hallmark"),
        (MIMIC, PLAIN, "twin without what imitates it"),
        (PLAIN, MIMIC, "twin that imitates a hallmark"),
        (PLAIN, PLAIN, "twin, authentic too"),
        (MIMIC, MIMIC, "twin, authentic too"),
        (PLAIN, None, "its twin"),
    ],
)
def test_a_twin_is_called_by_what_sets_it_apart(film, twin, label):
    assert twin_label(film, twin) == label
