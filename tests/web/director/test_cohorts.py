from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.fixtures.app import NOW
from tests.fixtures.pages import refused
from trainer import clock
from trainer.core.words import Role
from trainer.data.cohorts import Assignment, Cohort
from trainer.data.people import User
from trainer.services import accounts, assignments, cohorts


@pytest.fixture
def dana(client_of):
    return client_of("dana", Role.DIRECTOR)


def actor_of(session, name):
    return accounts.as_actor(
        session.scalars(select(User).where(User.email == f"{name}@example.org")).one()
    )


@pytest.fixture
def cohort(dana, app_database):
    made = dana.post("/cohorts", data={"name": "Residents 2027"})
    assert made.status_code == 302
    return made.location


@pytest.fixture
def assigned(dana, cohort, app_database):
    """Return (address of the report, assignment id, quiz) of an assignment of the cohort."""
    now = clock.now()
    with app_database.transaction() as session:
        quiz = factories.quiz(session)
        it = assignments.assign(
            session,
            actor_of(session, "dana"),
            session.scalars(select(Cohort.id)).one(),
            quiz.item,
            opens_at=now - timedelta(days=1),
            due_at=now + timedelta(days=5),
            pass_mark=0.7,
            now=now,
        )
    return f"/assignments/{it}", it, quiz


def code_on(page: str) -> str:
    return re.search(r"/join/([3-9A-Y]{4}-[3-9A-Y]{4})", page)[1]


def test_a_director_makes_a_cohort_and_a_learner_joins_by_its_link(dana, cohort, client_of):
    page = dana.get(cohort).text
    code = code_on(page)
    assert f"http://localhost/join/{code}" in page
    ann = client_of("ann")
    assert "Residents 2027" in ann.get(f"/join/{code}").text
    ann.post(f"/join/{code}", data={"code": code})
    assert "Ann" in dana.get(cohort).text
    assert "Residents 2027" in dana.get("/cohorts").text


def test_bad_names_are_said_and_nothing_is_lost(dana, cohort):
    again = dana.post("/cohorts", data={"name": "residents 2027"})
    assert 'value="residents 2027"' in refused(again, name="Choose another name")
    empty = dana.post("/cohorts", data={"name": ""})
    refused(empty, name="Please fill this in.")
    renamed = dana.post(f"{cohort}/name", data={"name": "x" * 121})
    assert 'value="xxx' in refused(renamed, name="between 1 and 120")


def test_a_name_is_text_not_markup(dana):
    where = dana.post("/cohorts", data={"name": "<script>alert(1)</script>"}).location
    page = dana.get(where).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_code_archive_and_members(dana, cohort, client_of, app_database):
    old = code_on(dana.get(cohort).text)
    dana.post(f"{cohort}/code")
    new = code_on(dana.get(cohort).text)
    ann = client_of("ann")
    assert ann.get(f"/join/{old}").status_code == 404
    ann.post(f"/join/{new}", data={"code": new})
    with app_database.reading() as session:
        who = actor_of(session, "ann").id
    dana.post(f"{cohort}/members/{who}/remove")
    assert "ann@example.org" not in dana.get(cohort).text
    dana.post(f"{cohort}/archive", data={"archived": "yes"})
    assert "archived" in dana.get("/cohorts").text
    assert ann.get(f"/join/{new}").status_code == 404
    dana.post(f"{cohort}/archive", data={"archived": "no"})
    assert ann.get(f"/join/{new}").status_code == 200


def form_of(quiz, /, **changes):
    due = (clock.now() + timedelta(days=9)).strftime("%Y-%m-%dT23:59")
    return {"quiz": str(quiz.item), "opens": "", "due": due, "zone": "UTC", "pass_mark": "65"} | (
        changes
    )


def test_assigning_a_quiz_in_a_time_zone(dana, cohort, app_database):
    with app_database.transaction() as session:
        quiz = factories.quiz(session)
    assert "Hyper-smooth texture" in dana.get(f"{cohort}/assign").text
    form = form_of(quiz, due="2031-07-01T23:59", zone="America/New_York")
    made = dana.post(f"{cohort}/assign", data=form)
    assert made.status_code == 302, made.text
    with app_database.reading() as session:
        it = session.scalars(select(Assignment)).one()
        assert it.due_at.isoformat() == "2031-07-02T03:59:00+00:00"
        assert (it.pass_mark, it.item_revision_id) == (0.65, quiz.revision)
    assert "Assigned" in dana.get(made.location).text


def test_all_that_is_wrong_with_an_assignment_is_said_at_once(dana, cohort, app_database):
    with app_database.transaction() as session:
        quiz = factories.quiz(session)
    answer = dana.post(f"{cohort}/assign", data=form_of(quiz, quiz="", due="", pass_mark="120"))
    refused(answer, quiz="Choose what", due="fill this in", pass_mark="between 0 and 100")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quiz": ""}, "Choose what to assign"),
        ({"quiz": "3b0f6bb8-0000-4000-8000-000000000000"}, "Not a valid choice"),
        ({"due": ""}, "Please fill this in"),
        ({"due": "tomorrow"}, "Not a valid"),
        ({"due": "2020-01-01T10:00"}, "has passed already"),
        ({"opens": "2019-01-01T10:00", "due": "2020-01-01T10:00"}, "has passed already"),
        ({"zone": "Mars/Olympus"}, "Not a valid choice"),
        ({"pass_mark": "120"}, "between 0 and 100"),
    ],
)
def test_an_assignment_that_cannot_be_is_said_and_kept(dana, cohort, app_database, changes, says):
    with app_database.transaction() as session:
        quiz = factories.quiz(session)
    answer = dana.post(f"{cohort}/assign", data=form_of(quiz, **changes))
    refused(answer, **{list(changes)[-1]: says})
    if "pass_mark" not in changes:
        assert 'value="65"' in answer.text
    with app_database.reading() as session:
        assert session.scalars(select(Assignment)).all() == []


def test_the_report_its_chart_and_its_csv(dana, assigned, app_database):
    where, it, quiz = assigned
    with app_database.transaction() as session:
        director = actor_of(session, "dana")
        code = cohorts.listing(session, director)[0].id
        code = cohorts.view(session, director, code).code
        for name in ("Ann", "Ben", "=Eve()"):
            who = factories.person(session, name)
            cohorts.join_by_code(session, who, code, now=NOW)
            if name != "Ben":
                factories.sitting(
                    session, who, quiz.revision, "hhmccfVL", at=clock.now(), assignment_id=it
                )
    page = dana.get(where)
    assert "2 of 3 finished" in page.text
    assert 'data-chart="forest"' in page.text
    assert page.text.index('id="results"') < page.text.index('data-chart="forest"')
    assert "once 5 people have finished" in page.text
    download = dana.get(f"{where}/results.csv")
    assert download.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.search(
        r'filename="residents-2027-hyper-smooth-texture-\d{4}-\d\d-\d\d.csv"',
        download.headers["Content-Disposition"],
    )
    lines = download.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("'=Eve(),")
    withdrawn = dana.post(f"{where}/withdraw")
    assert withdrawn.status_code == 302
    assert "withdrawn" in dana.get(withdrawn.location).text


GETS = ("", "/assign")
POSTS = ("/name", "/code", "/archive", "/assign")


@pytest.mark.parametrize("kind", ["stranger", "learner", "anonymous"])
def test_who_else_reaches_nothing(dana, cohort, assigned, app, app_database, client_of, kind):
    where, _, quiz = assigned
    if kind == "stranger":
        guest, expected = client_of("stan", Role.DIRECTOR), 404
        with app_database.transaction() as session:
            elsewhere = accounts.institution(session, "Elsewhere", NOW)
            user = session.scalars(select(User).where(User.email == "stan@example.org")).one()
            for membership in user.memberships:
                membership.institution_id = elsewhere
    elif kind == "learner":
        guest, expected = client_of("lea", Role.LEARNER), 403
    else:
        guest, expected = app.test_client(), 302
    asked = [
        *(guest.get(f"{cohort}{path}") for path in GETS),
        *(guest.post(f"{cohort}{path}", data=form_of(quiz, name="Mine")) for path in POSTS),
        guest.post(f"{cohort}/members/{quiz.item}/remove"),
        guest.get(where),
        guest.get(f"{where}/results.csv"),
        guest.post(f"{where}/withdraw"),
    ]
    assert {answer.status_code for answer in asked} == {expected}
    for answer in asked:
        assert "Residents 2027" not in answer.text
        if kind == "anonymous":
            assert answer.location.startswith("/sign-in")
    if kind == "stranger":
        assert "Residents 2027" not in guest.get("/cohorts").text
    assert "Residents 2027" in dana.get(cohort).text
    with app_database.reading() as session:
        assert session.scalars(select(Assignment)).one().withdrawn_at is None
