from collections import Counter

import pytest

from trainer.cli.bank_starter import planned
from trainer.core.words import Hallmark
from trainer.imaging.planning import Lot, rows
from trainer.imaging.recipes import RecipeError, case_of, make
from trainer.imaging.simulator.looks import Everywhere
from trainer.services import starter


def test_the_plan_in_the_tree_is_what_the_lots_ask_for():
    assert (starter.STARTER / "films.toml").read_text(encoding="utf-8") == planned(), (
        "run `flask --app wsgi bank plan`"
    )


def test_every_recipe_can_be_read_and_no_case_is_planned_twice():
    names = [str(i) for film in starter.plan() for i in film.ids]
    assert len(names) == len(set(names)) > 100


def test_at_least_a_third_of_the_authentic_films_are_mimics():
    films = [p for p in starter.plan() if p.split == "practice"]
    mimics = sum(p.recipe.mimic_of is not None for p in films)
    twins = sum(p.recipe.twin is not None for p in films)
    assert mimics >= (mimics + twins) / 3


def test_each_mimic_of_the_plan_has_a_place_or_is_everywhere():
    how: Counter[str] = Counter()
    painted: dict[tuple[str, ...], str] = {}
    for recipe in (p.recipe for p in starter.plan()):
        if recipe.mimic_of is None:
            continue
        kind = (recipe.region, recipe.view, recipe.mimic)
        if recipe.mimic and kind not in painted:
            made = make(recipe, 256)
            painted[kind] = "everywhere" if made.everywhere else "place"
            assert made.everywhere == (made.place is None)
        looks = case_of(recipe)[0].structural.get(recipe.mimic_of)
        built = "everywhere" if looks and Everywhere() in looks.look else "place"
        how[painted[kind] if recipe.mimic else built] += 1
    assert how == {"place": 60, "everywhere": 17}


def test_any_head_of_the_plan_behind_the_lead_holds_every_hallmark_in_its_share():
    films = [p.recipe for p in starter.plan() if p.split == "practice" and not p.lead]
    whole = Counter(r.hallmark for r in films)
    head = Counter(r.hallmark for r in films[: len(films) // 2])
    for hallmark, n in whole.items():
        assert abs(head[hallmark] - n / 2) <= 0.35 * n + 1


def test_doses_are_spread():
    doses = [p.recipe.dose for p in starter.plan() if p.recipe.hallmark]
    assert min(doses) <= 0.35
    assert max(doses) >= 0.95


def test_a_lot_that_no_body_can_show_is_refused_when_it_is_planned():
    with pytest.raises(RecipeError, match="cannot be built"):
        rows([Lot("hand", "pa", 2, mimic_of=Hallmark.TOO_SYMMETRIC)], 1)


def test_what_leads_fills_the_first_lessons_quiz():
    lead = [p.recipe for p in starter.plan() if p.lead and p.split == "practice"]
    forged = sum(r.hallmark is not None for r in lead)
    assert forged >= 7, "a draw may ask for seven in ten"
    assert sum(r.hallmark is None for r in lead) + forged - 3 >= 7, "kin of the drawn are spent"
