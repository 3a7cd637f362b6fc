"""Recipes: strict both ways, and the same film each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.core.words import Hallmark, Truth
from trainer.imaging.recipes import Recipe, RecipeError, authentic_of, make, make_twins

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
FORGED = Recipe(
    ONE, "hand", "pa", 9, {"fracture_bone": "metacarpal 5"}, Hallmark.CLEAN_FRACTURE, 0.8,
    "insertion model", twin=TWO,
)  # fmt: skip


@given(
    seed=st.integers(0, 2**40),
    parameters=st.dictionaries(
        st.sampled_from(["age", "size", "vendor", "fracture_bone"]),
        st.floats(-1e6, 1e6) | st.integers(-9, 9) | st.text(max_size=12) | st.booleans(),
    ),
    dose=st.floats(0, 1),
    forged=st.booleans(),
    mimic=st.sampled_from([None, *Hallmark]),
)
@settings(max_examples=80, deadline=None)
def test_a_recipe_survives_json_and_toml(seed, parameters, dose, forged, mimic):
    recipe = Recipe(
        ONE, "hand", "pa", seed, parameters,
        Hallmark.CLEAN_FRACTURE if forged else None, dose if forged else 0.0,
        "insertion model" if forged else "", None if forged else mimic, TWO,
    )  # fmt: skip
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert Recipe.from_toml(recipe.to_toml()) == recipe


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"doze": 1}, "doze: no such field"),
        ({"seed": "nine"}, "seed: 'nine' is of the wrong kind"),
        ({"seed": True}, "seed"),
        ({"seed": -1}, "seed: a whole number from 0"),
        ({"uuid": "me"}, "uuid: 'me' is no uuid"),
        ({"twin": ONE}, "twin: a film is not its own twin"),
        ({"hallmark": "six_fingers"}, "hallmark: 'six_fingers' is no hallmark"),
        ({"dose": 1.5}, "dose: between 0 and 1"),
        ({"dose": float("nan")}, "dose: between 0 and 1"),
        ({"family": ""}, "family: a forgery names"),
        ({"mimic_of": "too_symmetric"}, "mimic_of: only an authentic film"),
        ({"parameters": {"age": [1]}}, "parameters.age"),
    ],
)
def test_a_bad_field_is_named(change, message):
    with pytest.raises(RecipeError, match=message):
        Recipe.from_dict({**FORGED.to_dict(), **change})


def test_missing_fields_and_bad_texts_are_named():
    with pytest.raises(RecipeError, match="seed: missing"):
        Recipe.from_dict({"uuid": ONE, "region": "hand", "view": "pa"})
    with pytest.raises(RecipeError, match="not JSON"):
        Recipe.from_json('{"uuid": ')
    with pytest.raises(RecipeError, match="not TOML"):
        Recipe.from_toml("uuid = ")
    with pytest.raises(RecipeError, match="JSON object"):
        Recipe.from_json("[1]")


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe(ONE, "tail", "pa", 1), "no region 'tail'"),
        (Recipe(ONE, "hand", "pa", 1, {"age": -3}), "age"),
        (Recipe(ONE, "hand", "pa", 1, {}, Hallmark.CLEAN_FRACTURE, 1.0, "GAN"), "insertion model"),
    ],
)
def test_a_recipe_that_cannot_be_followed_says_why(recipe, message):
    with pytest.raises(RecipeError, match=message):
        make(recipe, 96)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe(ONE, "hand", "pa", 1, {}, Hallmark.Z_BREAK, 1.0, "slice model"), "a stack"),
        (Recipe(ONE, "chest", "ct", 1, {}, Hallmark.RIB_CLONE, 1.0, "copying model"), "a film"),
        (Recipe(ONE, "hand", "pa", 1, {}, Hallmark.BIOMECH, 1.0, "any"), "no hallmark or mimic"),
        (Recipe(ONE, "hand", "pa", 1, mimic_of=Hallmark.Z_BREAK, mimic="breathing_step"), "stack"),
    ],
)  # fmt: skip
def test_a_hallmark_that_no_film_of_the_region_can_have_is_refused_before_one_is_made(
    monkeypatch, recipe, message
):
    for kind in ("Session", "Scan"):
        monkeypatch.setattr(f"trainer.imaging.recipes.{kind}", lambda *_: pytest.fail("projected"))
    with pytest.raises(RecipeError, match=message):
        make(recipe, 96)


def test_a_forgery_and_its_authentic_twin_are_made_alike_together_and_apart():
    authentic, forged = make_twins(FORGED, 128)
    assert authentic.truth is Truth.AUTHENTIC and authentic.mask is None
    assert forged.truth is Truth.TAMPERED and forged.hallmarks == (Hallmark.CLEAN_FRACTURE,)
    assert forged.mask is not None and forged.mask.any() and not forged.everywhere
    outside = ~forged.mask
    assert np.array_equal(forged.film.pixels[outside], authentic.film.pixels[outside])
    alone = make(authentic_of(FORGED), 128)
    assert np.array_equal(alone.film.pixels, authentic.film.pixels)
    assert np.array_equal(make(FORGED, 128).film.pixels, forged.film.pixels)
    assert set(forged.structures) >= {"bones", "soft tissue"}


def test_the_twin_of_a_twin_names_the_forgery():
    twin = authentic_of(FORGED)
    assert (twin.uuid, twin.twin, twin.hallmark) == (TWO, ONE, None)
    with pytest.raises(RecipeError):
        authentic_of(twin)


def test_a_mimic_is_authentic_and_drawn_from_narrower_ranges():
    made = make(Recipe(ONE, "chest", "pa", 4, mimic_of=Hallmark.TOO_SYMMETRIC), 96)
    assert made.truth is Truth.AUTHENTIC and made.hallmarks == ()


def test_what_imitates_is_placed_where_the_body_has_it_or_it_is_painted():
    small = {"slices": 8, "slice_mm": "2.0", "kernel": "lung", "emphysema": "none"}
    granuloma = make(Recipe(ONE, "chest", "ct", 7, small, mimic_of=Hallmark.NO_CONTEXT), 112)
    assert granuloma.mask is None and granuloma.place is not None
    own = granuloma.structures["granuloma"]
    assert not (own & ~granuloma.place).any() and granuloma.place.sum() < own.sum() + 60
    canal = make(Recipe(ONE, "elbow", "ap", 9, {}, mimic_of=Hallmark.CLEAN_FRACTURE), 192)
    assert canal.place is not None and 0 < canal.place.mean() < 0.02
    fresh = make(Recipe(ONE, "wrist", "pa", 9, {}, mimic_of=Hallmark.CLEAN_FRACTURE), 96)
    assert fresh.place is not None and not fresh.everywhere
    smooth = Recipe(
        ONE, "hand", "pa", 5, dose=0.8, mimic_of=Hallmark.SMOOTH_CORTEX, mimic="vendor_smoothing"
    )
    made = make(smooth, 160)
    assert made.place is None and made.everywhere
