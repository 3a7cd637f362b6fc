from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from tests import factories
from tests.factories import person, quiz
from tests.fixtures.app import NOW
from trainer.core.assignments import AssignmentState
from trainer.core.stats.intervals import mean_of, wilson
from trainer.core.words import Role
from trainer.services import assignments, cohort_reports, cohorts
from trainer.services.errors import NotAllowedError, NotFoundError

DUE = NOW + timedelta(days=10)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


class Class:
    """A cohort with one assignment, and people to play it."""

    def __init__(self, session):
        self.session = session
        self.director = person(session, "Dana", Role.DIRECTOR)
        self.cohort = cohorts.make(session, self.director, "Residents", now=NOW)
        self.quiz = quiz(session)
        self.it = assignments.assign(
            session,
            self.director,
            self.cohort,
            self.quiz.item,
            opens_at=NOW,
            due_at=DUE,
            pass_mark=0.7,
            now=NOW,
        )

    def learner(self, name, *played, at=NOW):
        who = person(self.session, name)
        code = cohorts.view(self.session, self.director, self.cohort).code
        cohorts.join_by_code(self.session, who, code, now=NOW)
        for letters in played:
            factories.sitting(
                self.session, who, self.quiz.revision, letters, at=at, assignment_id=self.it
            )
        return who

    def report(self, now=NOW):
        return cohort_reports.report(self.session, self.director, self.it, now=now)


@pytest.fixture
def residents(session):
    return Class(session)


def test_each_learners_line(residents):
    residents.learner("Ann", "hhhmcccfVL")
    line = residents.report().lines[0]
    assert (line.name, line.attempts, line.cases) == ("Ann", 1, 10)
    assert line.sensitivity == wilson(3, 6)
    assert line.specificity == wilson(3, 4)
    assert line.score == mean_of(wilson(3.5, 6), wilson(3, 4))
    assert (line.false_alarms, line.verify, line.late, line.unanswered) == (1, 1, 1, 0)
    assert line.state is AssignmentState.DONE
    assert line.in_time is True


def test_the_best_sitting_counts(residents):
    residents.learner("Ann", "hmfc", "hhcc", "hhcf")
    line = residents.report().lines[0]
    assert (line.score.value, line.state, line.attempts) == (1.0, AssignmentState.PASSED, 3)


def test_finished_after_the_due_date(residents):
    residents.learner("Ann", "hhcc", at=DUE + timedelta(hours=1))
    line = residents.report(now=DUE + timedelta(days=1)).lines[0]
    assert (line.state, line.in_time) == (AssignmentState.PASSED, False)


def test_who_has_not_finished_is_listed(residents):
    residents.learner("Ann")
    found = residents.report(now=DUE + timedelta(days=1))
    assert found.lines[0].state is AssignmentState.OVERDUE
    assert (found.finished, found.lines[0].score, found.lines[0].in_time) == (0, None, None)


def test_the_whole_is_told_from_five_people_and_inferred_from_eight(residents):
    for i in range(4):
        residents.learner(f"P{i}", "hhcc")
    residents.learner("Idle")
    assert residents.report().summary is None
    residents.learner("P5", "hmfc")
    found = residents.report().summary
    assert (found.people, found.mean, found.passed) == (5, pytest.approx(0.9), 4)
    assert (found.lowest, found.highest, found.interval) == (0.5, 1.0, None)
    for i in range(6, 9):
        residents.learner(f"P{i}", "hmcc")
    found = residents.report().summary
    assert found.interval.n == 8
    assert found.interval.low < found.mean < found.interval.high <= 1.0


def test_a_person_taken_out_leaves_the_report(residents):
    ann = residents.learner("Ann", "hhcc")
    cohorts.remove_member(residents.session, residents.director, residents.cohort, ann.id, now=NOW)
    assert residents.report().lines == ()


def rows_of(data: bytes):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_csv_holds_what_the_page_holds(residents):
    residents.learner("Zoë Ångström", "hhhmcccfVL")
    residents.learner("Idle")
    idle, zoe = rows_of(cohort_reports.as_csv(residents.report()))
    assert (zoe["name"], zoe["sensitivity"], zoe["cases"]) == ("Zoë Ångström", "0.5000", "10")
    assert zoe["finished in time"] == "yes"
    assert (idle["state"], idle["score"], idle["cases"]) == ("open", "", "")


@pytest.mark.parametrize(
    "name",
    ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0"],
)
def test_no_cell_is_a_formula(name):
    assert cohort_reports.safe_cell(name) == f"'{name}"


def test_a_hostile_name_is_only_text_in_the_csv(residents):
    residents.learner('=cmd|"/C calc"!A0,"x"', "hc")
    row = rows_of(cohort_reports.as_csv(residents.report()))[0]
    assert row["name"] == '\'=cmd|"/C calc"!A0,"x"'
    assert row["false accusations"] == "0"
    assert cohort_reports.safe_cell("Ann-Marie O'Neill") == "Ann-Marie O'Neill"


def test_strangers_reach_nothing(residents, session):
    stranger = person(session, "Stan", Role.DIRECTOR, where="Elsewhere")
    with pytest.raises(NotFoundError, match="no such assignment"):
        cohort_reports.report(session, stranger, residents.it, now=NOW)
    learner = residents.learner("Lea", "hhcc")
    with pytest.raises(NotAllowedError):
        cohort_reports.report(session, learner, residents.it, now=NOW)
