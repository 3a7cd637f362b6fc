"""The pages on which curators agree, and the way a report takes."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.pages import refused
from tests.fixtures.review import PLACE, SAID, clinical_set, propose
from tests.fixtures.world import play
from trainer.core.words import Role
from trainer.data.images import Case
from trainer.data.people import User
from trainer.services import accounts, stops

SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture
def bank(app, app_database, client_of):
    """Return (case id, clients of two curators and of a learner)."""
    with app_database.transaction() as session:
        case = clinical_set(session, app.extensions["telltale_blobs"])
    people = {n: client_of(n, Role.CURATOR) for n in ("ann", "ben")} | {"lea": client_of("lea")}
    return case, people


def actor(app_database, name):
    with app_database.reading() as session:
        email = f"{name}@example.org"
        return accounts.as_actor(session.scalars(select(User).where(User.email == email)).one())


def state_of(page):
    found = re.search(r'<script type="application/json" id="state">(.*?)</script>', page, re.S)
    return json.loads(found[1])


def save(client, case, version=0, **facts):
    body = {"facts": SAID | facts, "place": PLACE, "version": version}
    return client.post(f"/curate/cases/{case}/draft", json=body, headers=SCRIPT)


def test_from_a_draft_to_the_key_over_two_peoples_pages(bank, app_database):
    case, people = bank
    ann, ben = people["ann"], people["ben"]
    page = ann.get(f"/curate/cases/{case}/annotate").text
    state = state_of(page)
    assert state["film"]["rows"] == 64
    assert save(ann, case).json["version"] == 1
    assert save(ann, case).status_code == 409
    assert "Reload the page" in save(ann, case).text
    bad = save(ann, case, 1, truth="nonsense")
    assert bad.status_code == 400
    again = state_of(ann.get(f"/curate/cases/{case}/annotate").text)
    assert again["place"] == PLACE
    gone = ann.post(f"/curate/cases/{case}/propose", data={"key": state["key"]}, headers=SCRIPT)
    assert gone.json["leave"] == f"/curate/cases/{case}"

    waiting = ben.get("/curate").text
    assert "Read these films" in waiting
    assert f"/curate/cases/{case}/annotate" in waiting
    shut = ben.get(f"/curate/cases/{case}").text
    assert "Kept shut" in shut
    assert SAID["reason"] not in shut
    assert SAID["reason"] not in ben.get(f"/curate/cases/{case}/annotate").text
    proposal = re.search(r"/curate/proposals/([0-9a-f-]+)/look", shut)[1]
    assert ann.post(f"/curate/proposals/{proposal}/agree").status_code == 403
    assert ben.post(f"/curate/proposals/{proposal}/agree").status_code == 409
    ben.post(f"/curate/proposals/{proposal}/look")
    assert SAID["reason"] in ben.get(f"/curate/cases/{case}").text
    assert ben.post(f"/curate/proposals/{proposal}/agree").status_code == 303
    told = ann.get(f"/curate/cases/{case}").text
    assert "Ann proposed it" in told
    assert "Ben agreed to it" in told
    with app_database.reading() as session:
        assert session.get(Case, case).key.hallmarks == ["halo_seam"]


@pytest.mark.parametrize(
    "sent", ["[]", '{"facts": 7}', '{"facts": {}, "place": 3}', "{", '{"facts": {}, "version": []}']
)
def test_a_draft_of_nonsense_is_refused_in_words(bank, sent):
    case, people = bank
    answer = people["ann"].post(
        f"/curate/cases/{case}/draft", data=sent, content_type="application/json", headers=SCRIPT
    )
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or answer.json == {"version": 1}


def test_the_film_is_for_curators_alone(bank):
    case, people = bank
    assert people["ann"].get(f"/curate/cases/{case}/slices/0").data[:4] == b"TTB1"
    assert people["ann"].get(f"/curate/cases/{case}/slices/1").status_code == 404
    for path in ("", "/annotate", "/slices/0"):
        assert people["lea"].get(f"/curate/cases/{case}{path}").status_code == 403


def test_labels_are_agreed_to_set_wide_with_a_name_a_tick_and_words(bank):
    _, people = bank
    ann = people["ann"]
    assert "Nobody has agreed" in ann.get("/curate/labels/real").text
    labels = "/curate/labels/real"
    refused(ann.post(labels, data={"why": "x" * 20}), checked="Tick the box")
    assert "Nobody has agreed" in ann.get(labels).text
    refused(ann.post(labels), checked="Tick the box", why="ten letters")
    page = refused(ann.post(labels, data={"why": "short", "checked": "yes"}), why="ten letters")
    assert "short</textarea>" in page  # nothing that was typed is lost
    assert 'name="checked" value="yes" checked' in page
    data = {"why": "All rows of table 2 against the manifest", "checked": "yes"}
    assert ann.post("/curate/labels/real", data=data).status_code == 303
    told = ann.get("/curate/labels/real").text
    assert "Every label of this set" in told
    assert "Ann" in told
    assert ann.get("/curate/labels/none").status_code == 404


def test_two_readings_are_compared_line_by_line(bank, app_database):
    case, people = bank
    with app_database.transaction() as session:
        propose(session, actor(app_database, "ann"), case)
        propose(session, actor(app_database, "ben"), case, hallmarks=["trabecula"])
    page = people["ann"].get(f"/curate/cases/{case}").text
    assert "Side by side" in page
    assert "Dice 1.00, IoU 1.00" in page
    assert page.count('class="differs"') == 1
    people["ann"].post(f"/curate/cases/{case}/comments", data={"words": "<b>Grid?</b>"})
    assert "&lt;b&gt;Grid?" in people["ann"].get(f"/curate/cases/{case}").text


def reported(people, quiz, reason):
    """Let Lea play one film and report it; return the case, as the curators' list names it."""
    lea = people["lea"]
    where = play(lea, quiz(), cases=1)
    token = state_of(lea.get(where).text)["film"]["token"]
    lea.post(f"/films/{token}/report", data={"reason": reason}, headers=SCRIPT)
    return re.search(
        r"/curate/cases/([0-9a-f-]+)#reports", people["ann"].get("/curate/reports").text
    )[1]


def report_on(page):
    """Return the id of the one report that a case's page asks to be answered."""
    return re.search(r'name="report" value="([0-9a-f-]+)"', page)[1]


def test_a_report_goes_to_the_curator_and_its_answer_comes_back(bank, quiz, app_database):
    _, people = bank
    lea, ann = people["lea"], people["ann"]
    where = play(lea, quiz(), cases=1)
    room = state_of(lea.get(where).text)
    token = room["film"]["token"]
    assert "Report this film" in room["panel"]
    short = lea.post(
        f"/films/{token}/report", data={"reason": "other", "words": "a"}, headers=SCRIPT
    )
    refused(short, words="few words")
    refused(lea.post(f"/films/{token}/report", headers=SCRIPT), reason="Choose what is wrong")
    data = {"reason": "person", "words": "A name is written at the edge."}
    sent = lea.post(f"/films/{token}/report", data=data, headers=SCRIPT)
    assert "Thank you" in sent.text
    assert lea.post(f"/films/{token}/report", data=data, headers=SCRIPT).status_code == 409
    assert "Not looked at yet" in lea.get("/progress/reports").text
    queue = ann.get("/curate/reports").text
    assert "out of play" in queue
    case = re.search(r"/curate/cases/([0-9a-f-]+)#reports", queue)[1]
    page = ann.get(f"/curate/cases/{case}").text
    assert "A name is written at the edge." in page
    assert not re.search(r"\bLea\b", page)  # who reported it is no matter here
    report = report_on(page)
    page = f"/curate/cases/{case}"
    empty = ann.post(f"{page}/reports", data={"report": report, "answer": "so what"})
    assert ">so what</textarea>" in refused(empty, outcome="Choose what is to be done")
    silent = ann.post(f"{page}/reports", data={"report": report, "outcome": "declined"})
    assert 'value="declined" required checked' in refused(silent, answer="why nothing is changed")
    refused(ann.post(f"{page}/comments", data={"words": " "}), words="between 1 and")
    short = ann.post(f"{page}/back", data={"why": "clean"})
    assert 'name="why" value="clean"' in refused(short, why="ten letters at least")
    answer = {"report": report, "outcome": "withdraw", "answer": "You are right, it is gone."}
    assert ann.post(f"/curate/cases/{case}/reports", data=answer).status_code == 303
    assert "You are right, it is gone." in lea.get("/progress/reports").text
    assert "withdrawn" in ann.get(f"/curate/cases/{case}").text
    assert "answered" in ann.get("/curate/reports?all=1").text
    back = {"why": "The name was cut away."}
    assert ann.post(f"/curate/cases/{case}/back", data=back).status_code == 303


def test_films_of_the_same_picture_are_brought_back_one_by_one_from_the_page(
    bank, quiz, app_database
):
    _, people = bank
    ann, lea = people["ann"], people["lea"]
    case = reported(people, quiz, "image")
    with app_database.transaction() as session:
        first = session.get_one(Case, uuid.UUID(case))
        others = session.scalars(
            select(Case).where(Case.dataset_id == first.dataset_id, Case.id != first.id).limit(2)
        ).all()
        for other in others:  # two copies of its pixels
            other.kin, other.image.blocks = first.kin, first.image.blocks
        twin, copy = (str(other.id) for other in others)
        stops.report(session, actor(app_database, "lea"), first.id, now=NOW)
    page = f"/curate/cases/{case}"
    assert "First decide about the film of this page" in ann.get(page).text
    assert ann.post(f"{page}/alike", data={"film": twin}).status_code == 409
    told = ann.post(f"{page}/back", data={"why": "The name was cut away."}, follow_redirects=True)
    assert "2 films that show the same picture are out of play, too." in told.text
    assert told.text.count("I have looked: bring it back") == 2
    assert ann.post(f"{page}/alike", data={}).status_code == 400
    assert lea.post(f"{page}/alike", data={"film": twin}).status_code == 403
    assert ann.post(f"{page}/alike", data={"film": twin}).location.endswith("#alike")
    left = ann.get(page).text
    assert left.count("I have looked: bring it back") == 1
    assert f'name="film" value="{copy}"' in left


def test_a_film_that_identifies_a_person_is_held_to_be_covered(bank, quiz):
    _, people = bank
    ann = people["ann"]
    case = reported(people, quiz, "person")
    report = report_on(ann.get(f"/curate/cases/{case}").text)
    ann.post(f"/curate/cases/{case}/reports", data={"report": report, "outcome": "hold"})
    assert f'href="/bank/held/{case}"' in ann.get(f"/curate/cases/{case}").text
    assert f'href="/bank/held/{case}"' in ann.get("/bank/small/held").text
    held = ann.get(f"/bank/held/{case}").text
    assert "A reader saw something that identifies a person." in held
    assert f'<h1 class="break">Film {case[:8]}</h1>' in held
    assert f'href="/bank/held/{case}"' in ann.get(f"/bank/small/films/{case}").text
    ann.post(f"/bank/held/{case}/release", data={"looked": "yes"})
    assert '<span class="tag done">in play</span>' in ann.get(f"/curate/cases/{case}").text


def test_a_plain_form_leads_back_to_the_room(bank, quiz):
    _, people = bank
    lea = people["lea"]
    where = play(lea, quiz(), cases=1)
    token = state_of(lea.get(where).text)["film"]["token"]
    sent = lea.post(f"/films/{token}/report", data={"reason": "image"})
    assert sent.location == where


def test_holding_and_agreeing_to_one_label_by_hand(bank, app_database):
    case, people = bank
    ann = people["ann"]
    key = re.search(r'name="key" value="([0-9a-f-]+)"', ann.get(f"/curate/cases/{case}").text)[1]
    assert ann.post(f"/curate/cases/{case}/label").status_code == 400
    ann.post(f"/curate/cases/{case}/label", data={"key": key})
    page = ann.get(f"/curate/cases/{case}").text
    assert "Ann agreed to the owner&#39;s label" in page
    for kind, status in (("burnt", 400), ("held", 303)):
        data = {"kind": kind, "why": "A wire crosses the wrist."}
        assert ann.post(f"/curate/cases/{case}/stop", data=data).status_code == status
    assert "A wire crosses the wrist." in ann.get(f"/curate/cases/{case}").text
