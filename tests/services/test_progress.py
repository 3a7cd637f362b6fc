from __future__ import annotations

from datetime import timedelta

import pytest

from tests import factories
from tests.factories import Played, calls, film, person, quiz, sitting
from tests.fixtures.app import NOW
from trainer.core.ability import Stage
from trainer.core.progress import LessonState
from trainer.core.sitting import Phase
from trainer.core.stats.intervals import wilson
from trainer.core.words import Choice, Provenance, Role, Truth
from trainer.data.catalogue import Concept
from trainer.data.learning import LessonRead, Sitting
from trainer.services.actor import Actor
from trainer.services.errors import NotAllowedError
from trainer.services.progress import lessons, progress

SOON = NOW + timedelta(days=30)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


@pytest.fixture
def ann(session):
    return person(session, "Ann")


def day(n):
    return NOW + timedelta(days=n)


def test_nothing_yet(session, ann):
    found = progress(session, ann, now=NOW)
    assert (found.sittings, found.pools, found.names) == ((), (), {})


def test_sittings_oldest_first_with_their_score(session, ann):
    made = quiz(session)
    later = sitting(session, ann, made.revision, "hhcf", at=day(2))
    first = sitting(session, ann, made.revision, "hmcfX", at=day(1), phase=Phase.EXPIRED)
    sitting(session, ann, made.revision, "hc", at=day(3), phase=Phase.FEEDBACK)
    sitting(session, person(session), made.revision, "hhcc", at=day(1))
    found = progress(session, ann, now=SOON).sittings
    assert [line.id for line in found] == [first, later]
    assert [line.expired for line in found] == [True, False]
    assert found[1].score.value == 0.75
    assert found[0].counts.answered == 4


def test_only_first_showings_count_and_twins_are_the_same_film(session, ann):
    made = quiz(session)
    twins = [film(session, Truth.SYNTHETIC, kin="one"), film(session, Truth.AUTHENTIC, kin="one")]
    first = Played(True, Choice.NOT_AUTHENTIC, case=twins[0])
    again = Played(False, Choice.NOT_AUTHENTIC, case=twins[1])
    sitting(session, ann, made.revision, [first, *calls("hhhhhhhhhccccccccccL")], at=day(1))
    sitting(session, ann, made.revision, [again, first], at=day(2))
    pool = progress(session, ann, now=SOON).pools[0]
    assert (pool.repeats, pool.late, pool.unanswered) == (2, 1, 0)
    assert pool.ability.found == wilson(10, 10)
    assert pool.ability.kept == wilson(10, 10)


def test_a_film_that_was_shown_without_an_answer_has_been_seen(session, ann):
    made = quiz(session)
    one = film(session, Truth.SYNTHETIC)
    sitting(session, ann, made.revision, [Played(True, case=one)], at=day(1))
    sitting(session, ann, made.revision, [Played(True, Choice.NOT_AUTHENTIC, case=one)], at=day(2))
    pool = progress(session, ann, now=SOON).pools[0]
    assert (pool.unanswered, pool.repeats, pool.ability.fakes) == (1, 1, 0)


def test_pools_are_never_mixed(session, ann):
    made = quiz(session)
    sitting(session, ann, made.revision, "h" * 12 + "c" * 12, at=day(1))
    sitting(
        session, ann, made.revision, "m" * 5 + "c" * 5, at=day(2), provenance=Provenance.CLINICAL
    )
    simulated, clinical = progress(session, ann, now=SOON).pools
    assert (simulated.provenance, simulated.ability.stage) == (Provenance.SIMULATED, Stage.EARLY)
    assert (clinical.ability.fakes, clinical.ability.stage) == (5, Stage.NONE)
    assert simulated.references == ()
    assert [r.id for r in clinical.references] == ["tordjman_gpt4o", "tordjman_roentgen"]


def test_a_running_exam_tells_nothing_through_the_numbers(session, ann):
    made = quiz(session)
    it = sitting(session, ann, made.revision, "h" * 10 + "c" * 10, phase=Phase.SHOWING)
    exam = session.get_one(Sitting, it)
    exam.rules = {**exam.rules, "feedback": "at_end"}
    session.flush()
    assert progress(session, ann, now=SOON).pools == ()
    assert lessons(session, ann, now=SOON) == {}
    exam.phase = Phase.FINISHED
    session.flush()
    assert progress(session, ann, now=SOON).pools[0].ability.found == wilson(10, 10)


def test_names_come_from_the_published_concepts(session, ann):
    made = quiz(session)
    session.add(
        Concept(
            id="track/smooth_cortex",
            track_id=made.track,
            slug="smooth_cortex",
            body={"name": "Hyper-smooth bone"},
            publication_id=made.publication,
        )
    )
    rows = [Played(True, Choice.NOT_AUTHENTIC), *calls("c")]
    sitting(session, ann, made.revision, rows)
    assert progress(session, ann, now=SOON).names == {"smooth_cortex": "Hyper-smooth bone"}


def test_the_same_answers_show_the_same_intervals(session, ann):
    made = quiz(session)
    sitting(session, ann, made.revision, "hhhmcccf" * 8)
    first, second = (progress(session, ann, now=SOON).pools[0].ability for _ in range(2))
    assert first.calibration is not None
    assert first == second


def test_where_each_lesson_stands(session, ann):
    practised, read, mastered, untouched = (quiz(session) for _ in range(4))
    session.add(LessonRead(user_id=ann.id, lesson_id=read.lesson, read_at=NOW))
    sitting(session, ann, practised.revision, "hhccv")
    sitting(session, ann, mastered.revision, "h" * 13, at=day(1))
    new = factories.revise(session, mastered)
    sitting(session, ann, new, "c" * 12, at=day(2))
    whole = quiz(session, of_track=True)
    sitting(session, ann, whole.revision, "hc")
    found = lessons(session, ann, now=SOON)
    assert {lesson: one.state for lesson, one in found.items()} == {
        practised.lesson: LessonState.PRACTISING,
        read.lesson: LessonState.READING,
        mastered.lesson: LessonState.MASTERED,
    }
    assert untouched.lesson not in found
    assert (found[practised.lesson].window.n, found[practised.lesson].window.right) == (5, 4)


def test_who_may_not_learn_has_no_progress(session):
    nobody = person(session, "Nil", Role.LEARNER)
    nobody = Actor(nobody.id, nobody.name, nobody.email, (), frozenset())
    with pytest.raises(NotAllowedError):
        progress(session, nobody, now=NOW)
