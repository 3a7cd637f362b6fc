"""The films of the worked figures: each can be made, and none can meet a quiz."""

import pickle
from types import SimpleNamespace

import pytest

from trainer.core.words import Truth
from trainer.imaging.recipes import case_of
from trainer.services import figures, starter

FILMS = [p for p in starter.plan() if p.split == "lesson"]


def test_there_are_films_and_no_quiz_film_shares_their_anatomy():
    assert len(FILMS) == 16
    kin = {(p.recipe.region, p.recipe.seed) for p in FILMS}
    assert len(kin) == len(FILMS)
    others = [p for p in starter.plan() if p.split != "lesson"]
    assert others and kin.isdisjoint((p.recipe.region, p.recipe.seed) for p in others)


@pytest.mark.parametrize("planned", FILMS, ids=lambda p: str(p.recipe.seed))
def test_a_recipe_can_be_followed_here_and_in_another_process(planned):
    case_of(planned.recipe)  # raises where a parameter, hallmark or family is impossible
    assert planned.recipe == pickle.loads(pickle.dumps(planned.recipe))
    assert planned.reason


@pytest.mark.parametrize(
    ("changed", "step", "wanted"),
    [([3, 4, 5, 6, 7], 0, 5), ([3, 4, 5, 6, 7], 2, 7), ([3], -2, 1), ([3], 40, 9), ([], 0, 4),
     ([], -40, 0)],
)  # fmt: skip
def test_a_figure_of_a_stack_shows_the_slice_that_its_lesson_says(changed, step, wanted):
    key = SimpleNamespace(outlines=[{"z": z} for z in changed], truth=Truth.TAMPERED)
    image = SimpleNamespace(blocks=["block"] * 10)
    assert figures._slice(key, image, step) == wanted
    key.truth = Truth.AUTHENTIC  # what imitates a hallmark does not choose the slice
    assert figures._slice(key, image, step) == min(max(4 + step, 0), 9)
