"""A quiz on stacks: the truth, slice by slice, and only after the call."""

import json

import numpy as np
import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.play import add_quiz
from trainer.core.words import Hallmark, Modality, Provenance, Truth
from trainer.data.images import Image
from trainer.imaging.block import decode
from trainer.imaging.film import Film
from trainer.services import bank

SLICES = 8
SCRIPTED = {"X-Requested-With": "fetch"}


def stack(seed):
    rng = np.random.default_rng(seed)
    pixels = rng.normal(1_000, 90, (SLICES, 64, 64)).clip(0, 4095).astype(np.uint16)
    positions = tuple(4.0 * z - 300.0 - seed for z in range(SLICES))
    return Film(pixels, (0.7, 0.7), Modality.CT, "chest", "axial", 1.0, -1024.0, positions)


@pytest.fixture
def stacks(app):
    """A set of stacks, the tampered ones changed in slices 3 and 4 (from 0), and a quiz over it."""
    database, blobs = app.extensions["telltale_database"], app.extensions["telltale_blobs"]
    mask = np.zeros((SLICES, 64, 64), bool)
    mask[3, 20:30, 20:30] = mask[4, 20:36, 20:36] = True
    with database.transaction() as session:
        facts = bank.SetFacts("small", "Small stacks", Provenance.SIMULATED, "CC0")
        where = bank.open_set(session, None, facts, now=NOW)
        for i in range(4):
            film, fake = stack(i), i % 2 == 0
            image = bank.keep_film(session, blobs, where, film, now=NOW)
            twin_film = stack(100 + i)
            twin = bank.keep_film(session, blobs, where, twin_film, now=NOW)
            if not fake:  # its changed state is a case of its own, drawn by no practice quiz
                changed = bank.TruthFacts(Truth.TAMPERED, (Hallmark.HALO_SEAM,), mask=mask)
                bank.add_case(
                    session, blobs, where, twin, twin_film, changed, kin=f"k{i}", now=NOW,
                    twin_image_id=image, split="test",
                )  # fmt: skip
            truth = bank.TruthFacts(Truth.AUTHENTIC)
            if fake:
                truth = bank.TruthFacts(Truth.TAMPERED, (Hallmark.HALO_SEAM,), mask=mask)
            bank.add_case(
                session, blobs, where, image, film, truth, kin=f"k{i}", now=NOW, twin_image_id=twin
            )
        bank.publish_set(session, None, "small", now=NOW)
        return add_quiz(session, cases=4), mask


def cards(client, quiz):
    """Return what is said of each film of a sitting before its call."""
    sitting = client.post(f"/items/{quiz}/sittings").location.rsplit("/", 1)[1]
    state = client.post(f"/sittings/{sitting}/show", headers=SCRIPTED).get_json()
    found = []
    for number in range(1, 5):
        found.append(state["film"])
        call = {"choice": "authentic", "confidence": "3"}
        client.post(state["film"]["call"], data=call, headers=SCRIPTED)
        state = client.post(
            f"/sittings/{sitting}/next", data={"number": number}, headers=SCRIPTED
        ).get_json()
        if state["phase"] == "ready":
            state = client.post(f"/sittings/{sitting}/show", headers=SCRIPTED).get_json()
    return found


def test_where_slices_lie_is_told_of_all_stacks_of_a_set_or_of_none(stacks, app, client_of):
    """One class re-exported without positions must not be known by that."""
    quiz, _ = stacks
    told = [film["stack"] for film in cards(client_of("ann"), quiz)]
    assert (
        told
        == [
            {"slice_mm": [4.0 * z for z in range(SLICES)], "plane": "", "tilt": 0, "modality": "CT"}
        ]
        * 4
    )
    with app.extensions["telltale_database"].transaction() as session:
        image = session.scalars(select(Image)).first()
        image.facts = image.facts | {"placed": False}
    told = [film["stack"] for film in cards(client_of("bob"), quiz)]
    assert told == [{"slice_mm": [], "plane": "", "tilt": 0, "modality": "CT"}] * 4


def mark(z):
    return {"kind": "point", "points": [[25, 25]], "z": z, "hallmark": None, "confidence": 4}


def test_the_truth_of_a_stack_is_told_slice_by_slice(stacks, client_of):
    quiz, mask = stacks
    client, other = client_of("ann"), client_of("bob")
    sitting = client.post(f"/items/{quiz}/sittings").location.rsplit("/", 1)[1]
    state = client.post(f"/sittings/{sitting}/show", headers=SCRIPTED).get_json()
    tampered = 0
    for _ in range(4):
        film = state["film"]
        assert film["slices"] == SLICES
        where = f"/films/{film['token']}/mask/"
        assert {client.get(where + str(z)).status_code for z in range(SLICES)} == {404}
        call = {
            "choice": "not_authentic",
            "confidence": "3",
            "marks": json.dumps([mark(z) for z in range(SLICES)]),
        }
        told = client.post(film["call"], data=call, headers=SCRIPTED).get_json()
        truth = told["truth"]
        found = [client.get(where + str(z)) for z in range(SLICES)]
        assert other.get(where + "3").status_code == 404
        if truth["masks"]:
            tampered += 1
            assert truth["masks"] == [3, 4]
            assert truth["twinOutlines"] == []
            assert [one.status_code == 200 for one in found] == mask.any(axis=(1, 2)).tolist()
            for z in truth["masks"]:
                assert np.array_equal(decode(found[z].data)[0] > 0, mask[z])
            assert [outline["z"] for outline in truth["outlines"]] == [3, 4]
            # 4 mm apart: the slice beside is within 5 mm, the next but one is not
            assert truth["hits"] == [z in (2, 3, 4, 5) for z in range(SLICES)]
            assert "outlined on the film, in slices 4 to 5." in told["panel"]
        else:
            assert {one.status_code for one in found} == {404}
            assert truth["outlines"] == []
            assert [outline["z"] for outline in truth["twinOutlines"]] == [3, 4]
            assert "Its twin was changed in slices 4 to 5." in told["panel"]
            assert truth["hits"] is None
        twins = [client.get(f"{truth['twin']}{z}") for z in range(SLICES)]
        assert {one.status_code for one in twins} == {200}
        state = client.post(
            f"/sittings/{sitting}/next", data={"number": told["number"]}, headers=SCRIPTED
        ).get_json()
        if state["phase"] == "ready":
            state = client.post(f"/sittings/{sitting}/show", headers=SCRIPTED).get_json()
    assert tampered == 2
