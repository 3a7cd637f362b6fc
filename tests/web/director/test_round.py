"""The whole round: a director assigns, a learner joins and plays, the director sees how it went."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

from sqlalchemy import select

from trainer import clock
from trainer.core.words import Role
from trainer.data.cohorts import Assignment
from trainer.data.images import CaseKey
from trainer.data.learning import Showing
from trainer.data.people import User
from trainer.services import assignments
from trainer.services.accounts import as_actor


def play(client, app_database, start, choose):
    """Play a started quiz; ``choose`` says what is called, from what the film is."""
    room = start.location
    sitting = room.rsplit("/", 1)[1]
    number = 0
    client.post(f"{room}/show")
    while True:
        with app_database.reading() as session:
            rows = session.execute(
                select(Showing.token, CaseKey.truth)
                .join(CaseKey, Showing.case_key_id == CaseKey.id)
                .where(Showing.sitting_id == uuid.UUID(sitting))
                .order_by(Showing.position)
            ).all()
        token, truth = rows[number]
        said = client.post(
            f"/films/{token}/call", data={"choice": choose(truth), "confidence": "4"}
        )
        assert said.status_code == 303, said.text
        number += 1
        client.post(f"{room}/next", data={"number": str(number)})
        if number == len(rows):
            return


def right(truth):
    return "authentic" if truth.is_authentic else "not_authentic"


def accuse(_truth):
    return "not_authentic"


def test_from_assigning_to_the_report(client_of, app_database, quiz):
    item = quiz(cases=6)
    dana, ann, ben = client_of("dana", Role.DIRECTOR), client_of("ann"), client_of("ben")
    cohort = dana.post("/cohorts", data={"name": "Residents"}).location
    due = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    form = {"quiz": str(item), "due": due, "zone": "UTC", "pass_mark": "80"}
    report = dana.post(f"{cohort}/assign", data=form).location
    code = re.search(r"/join/([A-Z0-9-]{9})", dana.get(cohort).text)[1]
    for learner in (ann, ben):
        learner.post(f"/join/{code}", data={"code": code})
    with app_database.reading() as session:
        it = session.scalars(select(Assignment.id)).one()

    start = ann.post(f"/items/{item}/sittings", data={"assignment": str(it)})
    play(ann, app_database, start, right)
    start = ben.post(f"/items/{item}/sittings", data={"assignment": str(it)})
    play(ben, app_database, start, accuse)
    ben_alone = ben.post(f"/items/{item}/sittings")
    play(ben, app_database, ben_alone, right)

    page = " ".join(re.sub(r"<[^>]+>", " ", dana.get(report).text).split())
    assert "2 of 2 finished" in page
    assert re.search(r"Ann ann@example.org passed 100 ", page)
    assert re.search(r"Ben ben@example.org below the mark 50 ", page)
    rows = dana.get(f"{report}/results.csv").data.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Ann,ann@example.org,passed,yes,1,")
    assert rows[2].startswith("Ben,ben@example.org,done,yes,1,")
    with app_database.reading() as session:
        who = as_actor(session.scalars(select(User).where(User.name == "Ann")).one())
        found = assignments.for_learner(session, who, clock.now())
        assert [(a.state, a.attempts) for a in found] == [("passed", 1)]
    assert "Small quiz" in ann.get("/progress").text
