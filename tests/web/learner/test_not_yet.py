"""A quiz whose films are still being made: told before the click, and kindly after it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from trainer import clock
from trainer.core.words import Role
from trainer.data.catalogue import Item, Track
from trainer.data.images import Case, CaseKey
from trainer.data.people import User
from trainer.jobs import starter as filling
from trainer.services import accounts, assignments, cohorts, jobs, starter


@pytest.fixture
def few(app_database, monkeypatch, quiz):
    """Let the bank be the starter's, with three films of each class; return (quiz, what lacks)."""
    item = quiz(cases=12, title="Twelve films")
    monkeypatch.setattr(starter, "slugs", lambda: frozenset({"small"}))
    lacking = []
    with app_database.transaction() as session:
        for truth in ("authentic", "tampered"):
            cases = session.scalars(
                select(Case).join(CaseKey, Case.key_id == CaseKey.id).where(CaseKey.truth == truth)
            ).all()
            for case in cases[3:]:
                case.live = False
                lacking.append(case.id)
    return item, lacking


@pytest.fixture
def making(app_database):
    """Begin the making of films."""
    with app_database.transaction() as session:
        job = jobs.begin(session, None, jobs.STARTER, {}, 148, now=clock.now())
        jobs.step(session, job, 28, now=clock.now())
    return job


def arrive(database, lacking):
    with database.transaction() as session:
        for case_id in lacking:
            session.get_one(Case, case_id).live = True


def button(page, item):
    """Return the form of a quiz's button."""
    return re.search(rf'<form class="begin"[^>]*/items/{item}/.*?</form>', page, re.S)[0]


def track_of(database, item):
    with database.reading() as session:
        return session.get_one(Track, session.get_one(Item, item).track_id).slug


def test_a_quiz_says_that_it_waits_before_the_click(few, making, client_of, app_database, quiz):
    item, lacking = few
    ready = quiz(cases=4)
    ann = client_of("ann")
    for where in ("/learn", f"/learn/tracks/{track_of(app_database, item)}"):
        shut = button(ann.get(where).text, item)
        assert re.search(r"<button[^>]* disabled>", shut), where
        assert "6 of 12 films are there. The others are being made" in shut
    assert " disabled" not in button(ann.get("/learn").text, ready)
    told = ann.get("/learn/ready").json
    assert list(told["waits"]) == [str(item)]
    assert told["waits"][str(item)].startswith("6 of 12 films are there.")
    assert (told["state"], told["done"], told["total"]) == ("running", 28, 148)
    assert told["making"].endswith("28 of 148.")
    arrive(app_database, lacking)
    assert ann.get("/learn/ready").json["waits"] == {}
    open_now = button(ann.get("/learn").text, item)
    assert " disabled" not in open_now and "data-waits" not in open_now
    assert ann.post(f"/items/{item}/sittings").status_code == 302


def test_a_start_that_comes_too_early_is_told_what_can_be_played(few, making, client_of, quiz):
    item, _ = few
    other = quiz(cases=4, title="Four films")
    answer = client_of("ann").post(f"/items/{item}/sittings")
    assert answer.status_code == 409
    page = answer.text
    assert "<h1>Not quite yet</h1>" in page
    assert "28 of 148" in page
    assert " disabled" in button(page, item)
    now = page.split("What can be played now")[1]
    assert "Four films" in now and "Twelve films" not in now
    assert " disabled" not in button(now, other)
    assert "waits.js" in page


def test_nothing_is_promised_while_nothing_is_made(few, client_of):
    item, _ = few
    ann = client_of("ann")
    assert "No more are being made at the moment" in button(ann.get("/learn").text, item)
    page = ann.post(f"/items/{item}/sittings").text
    assert "What can be played now" not in page
    assert '<a href="/learn">lessons</a> can be read' in page


def test_films_that_begin_to_be_made_in_a_moment_are_promised(few, client_of, app_database):
    item, _ = few
    ann = client_of("ann")
    with app_database.transaction() as session:  # the first films are made, the server starts
        lead = jobs.begin(session, None, jobs.STARTER, {}, 40, now=clock.now())
        jobs.end(session, lead, "done", "", now=clock.now())
    filling.announce(app_database)
    told = ann.get("/learn/ready").json
    assert (told["state"], told["done"], told["total"]) == ("running", 0, len(starter.plan()))
    assert "The others are being made" in button(ann.get("/learn").text, item)


def test_an_assignment_that_waits_stays_one(few, making, client_of, app_database):
    item, lacking = few
    dee, ann, now = client_of("dee", Role.DIRECTOR), client_of("ann"), clock.now()
    del dee
    with app_database.transaction() as session:
        who = {u.name: accounts.as_actor(u) for u in session.scalars(select(User))}
        cohort = cohorts.make(session, who["Dee"], "PGY-2", now=now)
        code = cohorts.view(session, who["Dee"], cohort).code
        cohorts.join_by_code(session, who["Ann"], code, now=now)
        assigned = assignments.assign(
            session, who["Dee"], cohort, item, opens_at=now - timedelta(hours=1),
            due_at=now + timedelta(days=2), pass_mark=0.5, now=now,
        )  # fmt: skip
    card = button(ann.get("/learn").text, item)
    kept = f'name="assignment" value="{assigned}"'
    assert kept in card and " disabled" in card
    page = ann.post(f"/items/{item}/sittings", data={"assignment": str(assigned)}).text
    assert kept in button(page, item)
    arrive(app_database, lacking)
    gone = ann.post(f"/items/{item}/sittings", data={"assignment": str(assigned)})
    assert gone.status_code == 302


def test_a_set_with_too_few_films_says_so(few, client_of, app_database):
    with app_database.transaction() as session:  # no authored quiz draws from it any more
        for item in session.scalars(select(Item)):
            item.live = False
        for case in session.scalars(select(Case)):  # one anatomy: a sitting holds it once
            case.kin = "one"
    answer = client_of("ann").post("/sets/small/sittings")
    assert answer.status_code == 409
    assert "too few films of one class for a quiz: it takes two of each" in answer.text
    assert "Another tab" not in answer.text
