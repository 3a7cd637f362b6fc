from __future__ import annotations

from datetime import timedelta

import pytest

from tests import factories
from tests.factories import person, quiz
from tests.fixtures.app import NOW
from trainer.core.assignments import AssignmentState
from trainer.core.sitting import Phase
from trainer.core.words import Role
from trainer.data.catalogue import Item, Lesson
from trainer.data.cohorts import Assignment
from trainer.services import assignments, cohorts
from trainer.services.errors import InvalidError, NotAllowedError, NotFoundError

DUE = NOW + timedelta(days=10)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


@pytest.fixture
def director(session):
    return person(session, "Dana", Role.DIRECTOR)


@pytest.fixture
def cohort(session, director):
    return cohorts.make(session, director, "Residents", now=NOW)


def join(session, director, cohort, *names):
    code = cohorts.view(session, director, cohort).code
    people = [person(session, name) for name in names]
    for who in people:
        cohorts.join_by_code(session, who, code, now=NOW)
    return people


def assign(session, director, cohort, made, **changes):
    terms = {"opens_at": NOW, "due_at": DUE, "pass_mark": 0.7, "now": NOW} | changes
    return assignments.assign(session, director, cohort, made.item, **terms)


def test_it_pins_the_revision_of_its_day(session, director, cohort):
    made = quiz(session)
    it = session.get_one(Assignment, assign(session, director, cohort, made))
    factories.revise(session, made, title="Another text")
    assert it.item_revision_id == made.revision
    assert it.publication_id == made.publication
    line = assignments.for_cohort(session, director, cohort, now=NOW)[0]
    assert (line.title, line.of_track) == ("Hyper-smooth texture", False)


def test_the_same_terms_again_are_the_same_assignment(session, director, cohort):
    made = quiz(session)
    first = assign(session, director, cohort, made)
    later = NOW + timedelta(seconds=1)
    assert assign(session, director, cohort, made, opens_at=later, now=later) == first
    others = [
        assign(session, director, cohort, made, **terms)
        for terms in (
            {"due_at": DUE + timedelta(days=1)},
            {"pass_mark": 0.8},
            {"opens_at": NOW + timedelta(days=1)},
        )
    ]
    assert len({first, *others}) == 4
    assignments.withdraw(session, director, first, now=later)
    assert assign(session, director, cohort, made, now=later) != first


def test_a_tracks_quiz_can_be_assigned(session, director, cohort):
    made = quiz(session, "All of it", of_track=True)
    assign(session, director, cohort, made)
    (ann,) = join(session, director, cohort, "Ann")
    it = assignments.for_learner(session, ann, NOW)[0]
    assert (it.title, it.lesson_id, it.item_id) == ("All of it", None, made.item)


def test_what_is_on_offer(session):
    first, gone, whole = quiz(session), quiz(session), quiz(session, of_track=True)
    session.get_one(Lesson, gone.lesson).live = False
    withdrawn = quiz(session)
    session.get_one(Item, withdrawn.item).live = False
    session.flush()
    offered = [choice.item_id for choice in assignments.choices(session)]
    assert set(offered) == {first.item, whole.item}


def test_a_learners_states(session, director, cohort):
    (ann,) = join(session, director, cohort, "Ann")
    made = {
        name: (q := quiz(session, name), assign(session, director, cohort, q, **terms))
        for name, terms in {
            "open": {},
            "due": {"due_at": NOW + timedelta(days=2)},
            "over": {"due_at": NOW + timedelta(hours=1)},
            "closed": {"opens_at": NOW + timedelta(days=5)},
            "done": {},
            "passed": {},
        }.items()
    }

    def play(name, letters):
        quiz_, assignment = made[name]
        factories.sitting(session, ann, quiz_.revision, letters, assignment_id=assignment)

    play("done", "hmmfcf")
    play("passed", "hmcf")
    play("passed", "hhcc")
    later = NOW + timedelta(hours=2)
    found = {a.title: a for a in assignments.for_learner(session, ann, later)}
    assert {title: a.state for title, a in found.items()} == {
        "open": AssignmentState.OPEN,
        "due": AssignmentState.DUE,
        "over": AssignmentState.OVERDUE,
        "closed": AssignmentState.NOT_OPEN,
        "done": AssignmentState.DONE,
        "passed": AssignmentState.PASSED,
    }
    assert next(iter(found)) == "over"
    assert found["passed"].score.value == 1.0
    assert found["passed"].attempts == 2
    assert found["open"].score is None


def test_only_sittings_begun_for_it_count(session, director, cohort):
    (ann,) = join(session, director, cohort, "Ann")
    made = quiz(session)
    it = assign(session, director, cohort, made)
    factories.sitting(session, ann, made.revision, "hhcc")
    assert assignments.for_learner(session, ann, NOW)[0].attempts == 0
    open_one = factories.sitting(
        session, ann, made.revision, "hc", assignment_id=it, phase=Phase.FEEDBACK
    )
    found = assignments.for_learner(session, ann, NOW)[0]
    assert (found.running_sitting_id, found.state) == (open_one, AssignmentState.OPEN)
    factories.sitting(session, ann, made.revision, "hhcX", assignment_id=it, phase=Phase.EXPIRED)
    assert assignments.for_learner(session, ann, NOW)[0].state is AssignmentState.PASSED


def test_withdrawn_and_archived_ones_leave_the_learner(session, director, cohort):
    (ann,) = join(session, director, cohort, "Ann")
    first, second = (assign(session, director, cohort, quiz(session)) for _ in range(2))
    assert assignments.withdraw(session, director, first, now=NOW) == cohort
    assert [a.id for a in assignments.for_learner(session, ann, NOW)] == [second]
    lines = assignments.for_cohort(session, director, cohort, now=NOW)
    assert [line.withdrawn_at is None for line in lines] == [True, False]
    cohorts.archive(session, director, cohort, now=NOW)
    assert assignments.for_learner(session, ann, NOW) == ()


def test_another_cohorts_assignment_is_not_the_learners(session, director, cohort):
    assign(session, director, cohort, quiz(session))
    assert assignments.for_learner(session, person(session), NOW) == ()


def test_the_directors_counts(session, director, cohort):
    ann, ben, _ = join(session, director, cohort, "Ann", "Ben", "Cleo")
    made = quiz(session)
    it = assign(session, director, cohort, made)
    factories.sitting(session, ann, made.revision, "hhcc", assignment_id=it)
    factories.sitting(session, ben, made.revision, "hmfc", assignment_id=it)
    line = assignments.for_cohort(session, director, cohort, now=NOW)[0]
    assert (line.members, line.done, line.passed) == (3, 2, 1)


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"due_at": NOW - timedelta(hours=1)}, "has passed already"),
        ({"opens_at": DUE + timedelta(days=1)}, "after the opening"),
        (
            {"opens_at": NOW - timedelta(days=9), "due_at": NOW - timedelta(days=1)},
            "has passed already",
        ),
        ({"pass_mark": 1.2}, "between 0 and 100"),
    ],
)
def test_terms_that_no_one_could_meet(session, director, cohort, terms, says):
    with pytest.raises(InvalidError, match=says):
        assign(session, director, cohort, quiz(session), **terms)


def test_a_quiz_that_is_gone_or_a_cohort_that_is_closed(session, director, cohort):
    made = quiz(session)
    session.get_one(Item, made.item).live = False
    with pytest.raises(NotFoundError, match="not on offer"):
        assign(session, director, cohort, made)
    cohorts.archive(session, director, cohort, now=NOW)
    with pytest.raises(InvalidError, match="archived"):
        assign(session, director, cohort, quiz(session))


ACTS = {
    "assign": lambda s, a, c, i, q: assign(s, a, c, q),
    "withdraw": lambda s, a, c, i, q: assignments.withdraw(s, a, i, now=NOW),
    "list": lambda s, a, c, i, q: assignments.for_cohort(s, a, c, now=NOW),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_strangers_reach_nothing(session, director, cohort, act):
    made = quiz(session)
    it = assign(session, director, cohort, made)
    stranger = person(session, "Stan", Role.DIRECTOR, where="Elsewhere")
    with pytest.raises(NotFoundError, match="no such"):
        act(session, stranger, cohort, it, made)
    with pytest.raises(NotAllowedError):
        act(session, person(session, "Lea"), cohort, it, made)
