"""What imitates a hallmark on an authentic film: shown where it is, after the call alone."""

import json
import re

import numpy as np
import pytest
from sqlalchemy import select

from tests.fixtures.mimics import COLUMN, ROW, SHOWN, mimic_set
from tests.fixtures.play import add_quiz
from trainer.core.words import Role, Truth
from trainer.data.images import Case, CaseKey
from trainer.imaging.block import decode

SCRIPTED = {"X-Requested-With": "fetch"}


@pytest.mark.parametrize("kind", ["placed", "everywhere", "plain"])
@pytest.mark.parametrize("slices", [1, 8])
def test_a_mimic_is_told_after_the_call_and_a_mark_on_it_stays_false(app, client_of, slices, kind):
    with app.extensions["telltale_database"].transaction() as session:
        mask = mimic_set(session, app.extensions["telltale_blobs"], slices, kind)
        quiz = add_quiz(session, cases=8)
    mask = mask.reshape(slices, *mask.shape[-2:])
    client = client_of("ann")
    sitting = client.post(f"/items/{quiz}/sittings").location.rsplit("/", 1)[1]
    state = client.post(f"/sittings/{sitting}/show", headers=SCRIPTED).get_json()
    refused, authentic = set(), 0
    for number in range(1, 9):
        film = state["film"]
        where = f"/films/{film['token']}/mask/"
        before = [client.get(f"{where}{z}") for z in range(slices)]
        refused |= {(one.status_code, len(one.data)) for one in before}
        assert state["truth"] is None
        z = 0 if slices == 1 else SHOWN[1]
        mark = {"kind": "point", "points": [[COLUMN, ROW]], "z": z, "confidence": 4}
        call = {"choice": "not_authentic", "confidence": "3", "marks": json.dumps([mark])}
        told = client.post(film["call"], data=call, headers=SCRIPTED).get_json()
        truth = told["truth"]
        if truth["authentic"]:
            authentic += 1
            assert truth["everywhere"] == (kind == "everywhere")
            assert bool(truth["masks"]) == bool(truth["outlines"]) == (kind == "placed")
            assert truth["hits"] is None and truth["twinOutlines"] == []
            lies = "The look that imitates a hallmark lies where it is outlined"
            assert (lies in told["panel"]) == (kind == "placed")
            over = "The look that imitates a hallmark is all over the film"
            assert (over in told["panel"]) == (kind == "everywhere")
            assert ("the film is authentic" in told["panel"]) == (kind != "plain")
            assert "What was changed" not in told["panel"] and "The change" not in told["panel"]
            if kind != "placed":
                assert {client.get(f"{where}{n}").status_code for n in range(slices)} == {404}
            for n in truth["masks"]:
                assert np.array_equal(decode(client.get(f"{where}{n}").data)[0] > 0, mask[n])
        else:
            assert truth["hits"] == [True]
        if number < 8:
            sent = {"number": told["number"]}
            client.post(f"/sittings/{sitting}/next", data=sent, headers=SCRIPTED)
            state = client.post(f"/sittings/{sitting}/show", headers=SCRIPTED).get_json()
    assert authentic
    assert len(refused) == 1 and refused.pop()[0] == 404


@pytest.mark.parametrize("kind", ["placed", "everywhere", "plain"])
def test_a_curator_is_told_where_the_look_lies(app, client_of, kind):
    database = app.extensions["telltale_database"]
    with database.transaction() as session:
        mimic_set(session, app.extensions["telltale_blobs"], 1, kind)
    with database.reading() as session:
        of_it = select(Case).join(CaseKey, Case.key_id == CaseKey.id)
        film = session.scalars(of_it.where(CaseKey.truth == Truth.AUTHENTIC)).first().id
        changed = session.scalars(of_it.where(CaseKey.truth == Truth.TAMPERED)).first().id
    client = client_of("cora", Role.CURATOR)
    page = client.get(f"/bank/small/films/{film}").text
    lies = "The look lies where it is outlined; the film is authentic."
    assert (lies in page) == (kind == "placed")
    assert ("The look is all over the film." in page) == (kind == "everywhere")
    assert "The look" not in client.get(f"/bank/small/films/{changed}").text
    named = "Imitates No context, and is authentic."
    assert (named in page) == (kind != "plain")
    listed = client.get("/bank/small?as=list").text
    assert ("imitates No context" in listed) == (kind != "plain")
    colours = [
        {layer["id"]: layer["colour"] for layer in state_of(client, one)["layers"]}
        for one in (film, changed)
    ]
    assert colours == [{"key": 4} if kind == "placed" else {}, {"key": 0}]


def state_of(client, case_id):
    page = client.get(f"/curate/cases/{case_id}").text
    return json.loads(re.search(r'id="state">(.*?)</script>', page, re.S)[1])
