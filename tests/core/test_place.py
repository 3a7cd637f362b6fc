"""What may have a place on a film."""

import pytest

from trainer.core.place import Misplaced, misplaced
from trainer.core.words import Truth


@pytest.mark.parametrize(
    ("truth", "placed", "imitates", "against"),
    [
        (Truth.AUTHENTIC, False, False, None),
        (Truth.AUTHENTIC, False, True, None),
        (Truth.AUTHENTIC, True, True, None),
        (Truth.AUTHENTIC, True, False, Misplaced.PLACE),
        (Truth.TAMPERED, True, False, None),
        (Truth.SYNTHETIC, False, False, None),
        (Truth.TAMPERED, True, True, Misplaced.IMITATES),
        (Truth.SYNTHETIC, False, True, Misplaced.IMITATES),
    ],
)
def test_an_authentic_film_has_a_place_only_where_it_imitates(truth, placed, imitates, against):
    assert misplaced(truth, placed=placed, imitates=imitates) is against
