"""Films of one picture: out of play together, and back after a look at each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.fixtures.app import NOW
from tests.fixtures.calls import LATER, answer, begin, showing, someone
from tests.fixtures.play import fill_bank, small_film
from trainer.core.review import StopKind
from trainer.core.words import Role, Truth
from trainer.data.images import Case, Image
from trainer.services import alike, bank, holds, reports, room, sittings, stops, truth
from trainer.services.actor import Actor
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, NotAllowedError, NotFoundError


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


@dataclass(frozen=True)
class Group:
    """A film that was called, its twin, a copy of its pixels, and another view of the patient."""

    case: UUID
    twin: UUID
    copy: UUID
    another_view: UUID
    sitting: UUID
    token: str
    lea: Actor
    ann: Actor


@pytest.fixture
def group(session, tmp_path):
    """Return the films of one picture, in play, and who reads and who looks after them."""
    store = FolderStore(tmp_path / "blobs")
    fill_bank(session, store, n=6)
    lea, ann = someone(session, "lea"), someone(session, "ann", Role.CURATOR)
    sitting = begin(session, lea)
    token = answer(session, lea, sitting)
    case = session.get_one(Case, showing(session, sitting).case_id)
    image = session.get_one(Image, case.image_id)

    def another(film, twin=None, blocks=None):
        made = bank.keep_film(session, store, case.dataset_id, film, now=NOW)
        if blocks:
            session.get_one(Image, made).blocks = blocks
        facts = bank.TruthFacts(Truth.AUTHENTIC)
        return bank.add_case(
            session, store, case.dataset_id, made, film, facts,
            kin=case.kin, now=NOW, twin_image_id=twin,
        )  # fmt: skip

    twin = another(small_film(70), twin=image.id)
    copy = another(small_film(71), blocks=image.blocks)
    case.twin_image_id = session.get_one(Case, twin).image_id
    return Group(case.id, twin, copy, another(small_film(72)), sitting, token, lea, ann)


def decide(session, group, outcome):
    ids = [r.id for r in reports.of_case(session, group.ann, group.case)]
    words = "Thank you, it is so."
    reports.decide(session, group.ann, group.case, ids, outcome=outcome, answer=words, now=LATER)


def live(session, *cases):
    return [session.get_one(Case, case).live for case in cases]


def stop_kinds(session, case):
    return [s.kind.value for s in stops.current(session, [case]).get(case, [])]


@pytest.fixture
def reported(session, group):
    """Let the film be reported: something in it identifies a person."""
    assert truth.tell(session, group.lea, group.token, now=LATER).twin
    reports.file(session, group.lea, group.token, reason="person", words="", now=LATER)
    return group


def test_what_identifies_a_person_leaves_play_with_all_films_of_the_same_picture(session, reported):
    assert not truth.tell(session, reported.lea, reported.token, now=LATER).twin
    with pytest.raises(NotFoundError, match="no twin"):
        truth.twin_of(session, reported.lea, reported.token, 0, now=LATER)
    assert live(session, reported.case, reported.twin, reported.copy) == [False] * 3
    assert live(session, reported.another_view) == [True]


@pytest.mark.parametrize(
    ("outcome", "stay"),
    [("declined", []), ("withdraw", ["withdrawn"]), ("corrected", ["report"]), ("hold", ["held"])],
)
def test_a_decision_counts_for_the_films_of_the_same_picture(session, reported, outcome, stay):
    decide(session, reported, outcome)
    for like in (reported.twin, reported.copy):
        assert stop_kinds(session, like) == stay
        assert live(session, like) == [not stay]
    listed = {one.case_id: one for one in alike.of_case(session, reported.ann, reported.case)}
    assert set(listed) == {reported.twin, reported.copy}
    assert all(one.waits is (outcome == "corrected") for one in listed.values())


def test_confirmed_to_identify_a_person_it_stays_hidden_from_those_who_played_it(session, reported):
    sittings.advance(session, reported.lea, reported.sitting, 0, now=LATER)
    with pytest.raises(NotFoundError, match="out of play"):
        room.block_of(session, reported.lea, reported.token, 0, now=LATER)
    decide(session, reported, "hold")
    with pytest.raises(NotFoundError, match="out of play"):
        room.block_of(session, reported.lea, reported.token, 0, now=LATER)
    holds.release(session, reported.ann, reported.case, by="Ann", now=LATER)
    assert room.block_of(session, reported.lea, reported.token, 0, now=LATER)


def test_withdrawn_for_a_person_it_is_rejected_and_takes_two_decisions_to_come_back(
    session, reported
):
    decide(session, reported, "withdraw")
    films = (reported.case, reported.twin, reported.copy)
    assert all(stops.may_identify(session, one) for one in films)
    assert not holds.held(session, "small")  # it waits for nobody
    ann, case = reported.ann, reported.case
    assert not stops.bring_back(session, ann, case, "The name was cut away.", now=LATER)
    holds.hold_again(session, ann, case, now=LATER)
    holds.release(session, ann, case, by="Ann", now=LATER)
    assert live(session, *films) == [True, False, False]
    assert not stops.may_identify(session, case)


def test_held_to_be_mended_they_are_looked_at_among_the_held_films(session, reported):
    decide(session, reported, "hold")
    films = (reported.case, reported.twin, reported.copy)
    assert {one.case_id for one in holds.held(session, "small")} == set(films)
    assert not stops.bring_back(
        session, reported.ann, reported.twin, "It is mended now.", now=LATER
    )
    for one in films:
        holds.release(session, reported.ann, one, by="Ann", now=LATER)
    assert live(session, *films) == [True] * 3
    assert not stops.current(session, films)


def test_let_back_otherwise_each_of_the_others_is_looked_at(session, reported):
    decide(session, reported, "corrected")
    look = (session, reported.ann, reported.case)
    assert alike.looked(*look, reported.twin, now=LATER)
    assert live(session, reported.case, reported.twin, reported.copy) == [True, True, False]
    with pytest.raises(ConflictError, match="any more"):
        alike.looked(*look, reported.twin, now=LATER)
    with pytest.raises(NotFoundError, match="same picture"):
        alike.looked(*look, reported.another_view, now=LATER)
    with pytest.raises(NotAllowedError):
        alike.looked(session, reported.lea, reported.case, reported.copy, now=LATER)


@pytest.mark.parametrize(
    ("stopped", "kind", "words"),
    [
        ("case", StopKind.HELD, "First decide about the film of this page"),
        ("copy", StopKind.WITHDRAWN, "It was withdrawn"),
    ],
)
def test_a_look_alone_does_not_undo_another_decision(session, reported, stopped, kind, words):
    decide(session, reported, "corrected")
    case = getattr(reported, stopped)
    stops.begin(session, reported.ann, case, kind, "A name at its edge.", now=LATER)
    with pytest.raises(ConflictError, match=words):
        alike.looked(session, reported.ann, reported.case, reported.copy, now=LATER)
    assert live(session, reported.copy) == [False]
