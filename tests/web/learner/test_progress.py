from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests import factories
from trainer import clock
from trainer.core.words import Provenance
from trainer.data.people import User
from trainer.services import accounts


@pytest.fixture
def ann(client_of):
    return client_of("ann")


def play(app_database, *played, **more):
    with app_database.transaction() as session:
        who = accounts.as_actor(session.scalars(select(User)).first())
        quiz = factories.quiz(session)
        for letters in played:
            factories.sitting(session, who, quiz.revision, letters, at=clock.now(), **more)


def text_of(answer):
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).replace("&nbsp;", " ").split())


def test_nothing_yet_leads_to_the_lessons(ann):
    page = ann.get("/progress")
    assert "Nothing to measure yet" in page.text
    assert "plotly" not in page.text


def test_few_answers_say_only_what_they_can(ann, app_database):
    play(app_database, "hhmccfVcX")
    page = text_of(ann.get("/progress"))
    assert "Hyper-smooth texture" in page
    assert "it takes 6 more on films that are not authentic and 6 more on authentic ones." in page
    assert "it takes 20 calls on each class" in page
    assert "7 of 50 calls" in page
    assert "Authentic, falsely accused" not in page


def test_enough_answers_show_every_measure_with_its_interval(ann, app_database):
    play(app_database, *["hhhmcccf"] * 7)
    answer = ann.get("/progress")
    page = text_of(answer)
    assert "Not authentic, found 75 % 95 % interval 57 to 87, 28 films" in page
    assert "Authentic, falsely accused 25 % 95 % interval 13 to 43, 28 films" in page
    assert re.search(r"d′ 1\.\d\d 95 % interval 0\.\d\d to \d\.\d\d No lean to either side", page)
    assert re.search(r"0\.\d\d 95 % interval 0\.\d\d to 0\.\d\d The chance", page)
    assert re.search(r"Sureness minus share right: \+10 points \(−\d to \+\d\d\), 56 calls", page)
    assert re.search(r"Smooth cortex bears it: found 75 % \(\d\d to \d\d\) 21 of 28", page)
    assert answer.text.count("data-chart=") == 2
    assert answer.text.index('id="sittings-table"') < answer.text.index("data-chart=")
    assert "radiologists" not in page


def test_the_lean_is_said_in_words(ann, app_database):
    play(app_database, *["hhhhhhhhmfffffccc"] * 4)
    page = text_of(ann.get("/progress"))
    assert "You call films not authentic too readily." in page
    assert "c = −0." in page


def test_others_stand_beside_clinical_films_alone_and_with_their_interval(ann, app_database):
    play(app_database, "hhmccf", "hhmccf", provenance=Provenance.CLINICAL)
    page = text_of(ann.get("/progress"))
    assert "75 % (95 % interval 68 to 81, 154 films" in page
    assert "a reference, not a ranking" in page
    assert "41 %" not in page


def test_earlier_sittings_unfold(ann, app_database):
    play(app_database, *["hc"] * 12)
    page = ann.get("/progress").text
    assert "2 earlier" in page
    assert page.count('/summary"') == 12


def test_the_page_says_how_each_number_is_computed(ann, app, app_database):
    play(app_database, *["hhhmcccf"] * 7)
    page = ann.get("/progress").text
    measures = app.test_client().get("/measures")
    assert measures.status_code == 200
    anchors = set(re.findall(r'href="/measures#([\w-]+)"', page))
    assert len(anchors) == 8
    assert anchors <= set(re.findall(r'<h2 id="([\w-]+)">', measures.text))


def test_another_persons_progress_is_not_shown(ann, client_of, app_database):
    play(app_database, "hhmccf")
    ben = client_of("ben")
    assert "Nothing to measure yet" in ben.get("/progress").text


def test_who_is_not_signed_in_is_sent_to_sign_in(app):
    assert app.test_client().get("/progress").location == "/sign-in?next=/progress"
