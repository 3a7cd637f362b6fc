"""The films of the worked figures: each can be made, and none can meet a quiz."""

import pickle

import pytest

from trainer.imaging.recipes import case_of
from trainer.services import starter

FILMS = [p for p in starter.plan() if p.split == "lesson"]


def test_there_are_films_and_no_quiz_film_shares_their_anatomy():
    assert len(FILMS) == 10
    kin = {(p.recipe.region, p.recipe.seed) for p in FILMS}
    assert len(kin) == len(FILMS)
    others = [p for p in starter.plan() if p.split != "lesson"]
    assert others and kin.isdisjoint((p.recipe.region, p.recipe.seed) for p in others)


@pytest.mark.parametrize("planned", FILMS, ids=lambda p: str(p.recipe.seed))
def test_a_recipe_can_be_followed_here_and_in_another_process(planned):
    case_of(planned.recipe)  # raises where a parameter, hallmark or family is impossible
    assert planned.recipe == pickle.loads(pickle.dumps(planned.recipe))
    assert planned.reason
