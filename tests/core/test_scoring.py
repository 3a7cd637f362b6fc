import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.grading.authenticity import Call, Key, grade
from trainer.core.scoring import Scored, score
from trainer.core.words import Choice, Truth


def case(truth, choice, late=False):
    verdict = grade(Call(choice, 3), Key(truth)) if choice else None
    return Scored(truth.is_authentic, verdict, late)


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from(list(Choice)))
def test_one_call_for_everything_is_worth_a_guess_whatever_the_mix(fakes, reals, choice):
    cases = [case(Truth.TAMPERED, choice)] * fakes + [case(Truth.AUTHENTIC, choice)] * reals
    assert score(cases).value == pytest.approx(0.5)


def test_a_false_accusation_costs_as_much_as_a_miss():
    right = [case(Truth.TAMPERED, Choice.NOT_AUTHENTIC)] * 4 + [
        case(Truth.AUTHENTIC, Choice.AUTHENTIC)
    ] * 4
    missed = [case(Truth.TAMPERED, Choice.AUTHENTIC), *right[1:]]
    accused = [*right[:-1], case(Truth.AUTHENTIC, Choice.NOT_AUTHENTIC)]
    assert score(missed).value == score(accused).value == 0.875


def test_late_and_missing_answers_are_counted_and_worth_nothing():
    got = score(
        [
            case(Truth.TAMPERED, Choice.NOT_AUTHENTIC, late=True),
            case(Truth.TAMPERED, None),
            case(Truth.AUTHENTIC, Choice.AUTHENTIC),
        ]
    )
    assert (got.cases, got.answered, got.late, got.hits) == (3, 2, 1, 0)
    assert got.value == 0.5


def test_without_one_class_there_is_no_score():
    assert score([case(Truth.AUTHENTIC, Choice.AUTHENTIC)]).value is None
