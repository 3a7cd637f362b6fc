import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.grading.authenticity import (
    MARK_TOLERANCE,
    Call,
    Cell,
    Key,
    Mark,
    Outline,
    Verdict,
    distance_to,
    grade,
)
from trainer.core.words import Choice, Hallmark, Point, Truth

SQUARE = ((100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (100.0, 200.0))
FAKE = Key(Truth.TAMPERED, (Hallmark.CLEAN_FRACTURE,), (Outline(SQUARE),), shorter_side=1000)
REAL = Key(Truth.AUTHENTIC)


def mark(x, y, hallmark=None, z=0):
    return Mark((Point(x, y, z),), hallmark=hallmark)


@pytest.mark.parametrize(
    ("choice", "key", "cell", "credit"),
    [
        (Choice.NOT_AUTHENTIC, FAKE, Cell.HIT, 1),
        (Choice.AUTHENTIC, FAKE, Cell.MISS, 0),
        (Choice.NOT_AUTHENTIC, REAL, Cell.FALSE_ALARM, 0),
        (Choice.AUTHENTIC, REAL, Cell.CORRECT_REJECTION, 1),
        (Choice.VERIFY, FAKE, Cell.VERIFY, 0.5),
        (Choice.VERIFY, REAL, Cell.VERIFY, 0.5),
    ],
)
def test_the_two_by_two_table(choice, key, cell, credit):
    verdict = grade(Call(choice, 3), key)
    assert (verdict.cell, verdict.credit) == (cell, credit)


def test_a_mark_hits_within_the_tolerance_and_not_beyond():
    reach = MARK_TOLERANCE * 1000
    call = Call(
        Choice.NOT_AUTHENTIC,
        4,
        marks=(mark(150, 150), mark(200 + reach, 150), mark(201 + reach, 150)),
    )
    assert grade(call, FAKE).mark_hits == (True, True, False)


@pytest.mark.parametrize(
    ("slice_mm", "near"),
    [
        ((), {9, 10, 11, 12}),  # nothing is known of where slices lie: the next one on either side
        (tuple(2.0 * z for z in range(30)), set(range(8, 14))),  # 5 mm are two slices of 2 mm
        (tuple(-7.5 * z for z in range(30)), {9, 10, 11, 12}),
        ((*(float(z) for z in range(12)), *(8.0 * z for z in range(12, 30))), set(range(5, 13))),
    ],
)
def test_a_mark_on_a_stack_hits_in_its_slices_and_near_them(slice_mm, near):
    key = Key(
        Truth.TAMPERED,
        (Hallmark.HALO_SEAM,),
        (Outline(SQUARE, 10), Outline(SQUARE, 11)),
        shorter_side=1000,
        slice_mm=slice_mm,
    )
    marks = tuple(mark(150, 150, z=z) for z in range(30))
    hits = grade(Call(Choice.NOT_AUTHENTIC, 4, marks=marks), key).mark_hits
    assert {z for z, hit in enumerate(hits) if hit} == near
    away = tuple(mark(400, 150, z=z) for z in range(30))
    assert not any(grade(Call(Choice.NOT_AUTHENTIC, 4, marks=away), key).mark_hits)


@pytest.mark.parametrize(
    "place",
    [{}, {"outlines": (Outline(SQUARE),)}, {"everywhere": True}],
    ids=["none", "look", "all"],
)
def test_no_mark_hits_on_an_authentic_film_wherever_its_look_lies(place):
    key = Key(Truth.AUTHENTIC, shorter_side=1000, **place)
    named = mark(150, 150, Hallmark.CLEAN_FRACTURE)
    for choice in Choice:
        call = Call(choice, 5, marks=(named,))
        verdict = grade(call, key)
        assert verdict.mark_hits == (False,) and verdict.named is None
        assert verdict == grade(call, REAL)


def test_a_change_that_is_everywhere_is_hit_anywhere():
    key = Key(Truth.SYNTHETIC, (Hallmark.UNIFORM_GRAIN,), everywhere=True)
    assert grade(Call(Choice.NOT_AUTHENTIC, 5, marks=(mark(1, 1),)), key).mark_hits == (True,)


@pytest.mark.parametrize(
    ("named", "told"),
    [((), None), ((Hallmark.BAD_TEXT,), False), ((Hallmark.CLEAN_FRACTURE,), True)],
)
def test_naming_the_hallmark(named, told):
    assert grade(Call(Choice.NOT_AUTHENTIC, 3, named), FAKE).named is told


def test_a_hallmark_tied_to_a_mark_counts_as_named():
    call = Call(Choice.NOT_AUTHENTIC, 3, marks=(mark(0, 0, Hallmark.CLEAN_FRACTURE),))
    assert grade(call, FAKE).named is True


@pytest.mark.parametrize("confidence", [0, 6, -1])
def test_confidence_has_five_steps(confidence):
    with pytest.raises(ValueError, match="1 to 5"):
        Call(Choice.AUTHENTIC, confidence)


@given(st.floats(101, 199), st.floats(101, 199))
def test_inside_is_at_no_distance(x, y):
    assert distance_to(SQUARE, Point(x, y)) == 0


@given(st.floats(0, 500), st.floats(0, 500))
def test_distance_to_a_square_is_the_known_one(x, y):
    dx, dy = max(100 - x, 0, x - 200), max(100 - y, 0, y - 200)
    assert distance_to(SQUARE, Point(x, y)) == pytest.approx((dx**2 + dy**2) ** 0.5, abs=1e-6)


def test_a_verdict_survives_json():
    verdict = grade(Call(Choice.NOT_AUTHENTIC, 4, marks=(mark(150, 150),)), FAKE)
    assert Verdict.from_json(verdict.as_json()) == verdict
