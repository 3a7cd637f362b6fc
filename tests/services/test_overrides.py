"""A set that was published in spite of its audit: every result reached on it says so, for good."""

import csv
import io
from datetime import timedelta

import pytest

from tests import factories
from tests.factories import person, quiz
from tests.fixtures.app import NOW
from trainer.core.words import Role
from trainer.data.sets import SetPublication
from trainer.services import assignments, cohort_reports, cohorts, progress, results, summaries

WHY = "We know that the frames differ."
DAY = timedelta(days=1)


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


def published(session, since, until=None, override=WHY):
    session.add(
        SetPublication(
            dataset_id=factories.dataset(session).id,
            published_at=since,
            ended_at=until,
            by="Cora Lee",
            override=override,
            despite=["edges and corners: AUC 0.91 (0.85 to 0.95)"],
        )
    )
    session.flush()


def test_a_sitting_carries_the_override_that_was_in_force_when_it_began(session):
    who, made = person(session), quiz(session)
    at = [factories.sitting(session, who, made.revision, "hc", at=NOW + n * DAY) for n in range(5)]
    published(session, NOW - DAY, NOW + DAY, override="")  # passed its audit
    published(session, NOW + DAY, NOW + 3 * DAY)
    published(session, NOW + 3 * DAY, override="")  # mended
    runs = {r.id: r for r in results.runs(session, now=NOW + 9 * DAY)}
    carried = [[o.reason for o in runs[one].overrides] for one in at]
    assert carried == [[], [WHY], [WHY], [], []]


def test_no_override_costs_no_query_for_the_sets_of_a_sitting(session):
    who, made = person(session), quiz(session)
    factories.sitting(session, who, made.revision, "hc")
    published(session, NOW - DAY, override="")
    assert results.runs(session, now=NOW + DAY)[0].overrides == ()


def test_summary_progress_report_and_csv_say_so(session):
    director = person(session, "Dana", Role.DIRECTOR)
    cohort, made = cohorts.make(session, director, "Residents", now=NOW), quiz(session)
    terms = {"opens_at": NOW, "due_at": NOW + 9 * DAY, "pass_mark": 0.7, "now": NOW}
    it = assignments.assign(session, director, cohort, made.item, **terms)
    who = person(session, "Lea")
    code = cohorts.view(session, director, cohort).code
    cohorts.join_by_code(session, who, code, now=NOW)
    one = factories.sitting(session, who, made.revision, "hhcc", assignment_id=it)
    published(session, NOW - DAY)
    now = NOW + DAY
    said = [
        summaries.summary(session, who, one, now=now).overrides,
        progress.progress(session, who, now=now).sittings[0].overrides,
    ]
    report = cohort_reports.report(session, director, it, now=now)
    said += [report.overrides, report.lines[0].overrides]
    assert [[o.by for o in overrides] for overrides in said] == [["Cora Lee"]] * 4
    rows = list(csv.DictReader(io.StringIO(cohort_reports.as_csv(report).decode("utf-8-sig"))))
    assert rows[0]["published in spite of its audit"] == "test-simulated (by Cora Lee)"
