"""Two people make a key; on both databases."""

from __future__ import annotations

import threading
import uuid

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from tests.fixtures.app import NOW, PASSWORD
from tests.fixtures.play import small_film
from tests.fixtures.review import PLACE, SAID
from trainer.core.review import AnnotationState
from trainer.core.words import Modality, Provenance, Role, Truth
from trainer.data.audit import AuditEvent
from trainer.data.images import Case, CaseKey
from trainer.data.people import Membership
from trainer.data.review import Annotation, KeyAgreement
from trainer.imaging import block
from trainer.imaging.film import Film
from trainer.imaging.runs import runs_of
from trainer.services import accounts, agreement, annotations, bank, casebook, desk
from trainer.services.blobs import FolderStore
from trainer.services.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
)


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def people(database):
    """Return actors by name: three curators, an administrator, a learner."""
    curators = dict.fromkeys(("ann", "ben", "cat"), Role.CURATOR)
    roles = curators | {"ada": Role.ADMINISTRATOR, "lea": Role.LEARNER}
    found = {}
    with database.transaction() as session:
        where = accounts.institution(session, "Test institution", NOW)
        for name, role in roles.items():
            who = accounts.create_user(
                session,
                None,
                email=f"{name}@example.org",
                name=name.title(),
                password=PASSWORD,
                roles=[role],
                institution_id=where,
                now=NOW,
            )
            found[name] = accounts.actor_by_id(session, who)
    return found


@pytest.fixture
def case(database, store):
    """Return a clinical case whose owner says that it is authentic."""
    with database.transaction() as session:
        facts = bank.SetFacts("real", "Real films", Provenance.CLINICAL, "CC BY")
        where = bank.open_set(session, None, facts, now=NOW)
        film = small_film(1)
        image = bank.keep_film(session, store, where, film, now=NOW)
        truth = bank.TruthFacts(Truth.AUTHENTIC)
        return bank.add_case(session, store, where, image, film, truth, kin="k", now=NOW)


def draft(session, who, case, place=PLACE, version=0, **facts):
    data = {"facts": SAID | facts, "place": place}
    return annotations.save(session, who, case, data, version=version, now=NOW)


def propose(database, who, case, place=PLACE, **facts):
    with database.transaction() as session:
        draft(session, who, case, place, **facts)
        key = session.get(Case, case).key_id
        return annotations.propose(session, who, case, key_id=key, now=NOW)


def look(database, who, proposal):
    with database.transaction() as session:
        agreement.look(session, who, proposal, now=NOW)


def agree(database, store, who, proposal):
    with database.transaction() as session:
        return agreement.agree(session, store, who, proposal, now=NOW).key_id


def test_a_proposal_becomes_the_key_when_another_curator_agrees(database, store, people, case):
    with database.reading() as session:
        first = session.get(Case, case).key_id
    proposal = propose(database, people["ann"], case, region="wrist", view="lateral")
    with database.reading() as session:
        assert session.get(Case, case).key_id == first
    look(database, people["ben"], proposal)
    key_id = agree(database, store, people["ben"], proposal)
    with database.reading() as session:
        key = session.get(Case, case).key
        assert key.id == key_id != first
        assert (key.truth, key.hallmarks) == (Truth.TAMPERED, ["halo_seam"])
        assert session.get(CaseKey, first).truth is Truth.AUTHENTIC  # never edited
        pixels, _ = block.decode(store.get(key.masks["0"]))
        assert pixels[10:13, :20].all()
        assert np.count_nonzero(pixels) == 60
        assert [o["z"] for o in key.outlines] == [0]
        image = session.get(Case, case).image
        assert (image.region, image.view) == ("wrist", "lateral")
        voices = session.scalars(select(KeyAgreement).where(KeyAgreement.case_key_id == key_id))
        assert {(v.name, v.part) for v in voices} == {("Ann", "proposed"), ("Ben", "agreed")}
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.subject == str(case)))
        assert {"key.propose", "key.look", "key.agree"} <= set(acts)
        assert key.body["agreement"]["independent"] is False  # looked over, not read apart


@pytest.mark.parametrize("name", ["ann", "ada"])
def test_nobody_agrees_to_their_own_proposal_whatever_their_role(
    database, store, people, case, name
):
    proposal = propose(database, people[name], case)
    with pytest.raises(NotAllowedError, match="two people make a key"):
        agree(database, store, people[name], proposal)


def test_a_learner_neither_proposes_nor_agrees(database, store, people, case):
    proposal = propose(database, people["ann"], case)
    with pytest.raises(NotAllowedError):
        agree(database, store, people["lea"], proposal)
    with pytest.raises(NotAllowedError):
        propose(database, people["lea"], case)


def lose_role(database, who):
    with database.transaction() as session:
        session.execute(delete(Membership).where(Membership.user_id == who.id))


def test_who_lost_the_role_cannot_agree_even_with_a_page_from_before(database, store, people, case):
    proposal = propose(database, people["ann"], case)
    look(database, people["ben"], proposal)
    lose_role(database, people["ben"])
    with pytest.raises(NotAllowedError, match="any more"):
        agree(database, store, people["ben"], proposal)


def test_the_proposal_of_one_who_lost_the_role_is_taken_over_by_another(
    database, store, people, case
):
    proposal = propose(database, people["ann"], case)
    look(database, people["ben"], proposal)
    lose_role(database, people["ann"])
    with pytest.raises(ConflictError, match="Take it over"):
        agree(database, store, people["ben"], proposal)
    with database.transaction() as session:
        agreement.take_over(session, people["ben"], proposal, now=NOW)
        key = session.get(Case, case).key_id
        mine = annotations.propose(session, people["ben"], case, key_id=key, now=NOW)
    with pytest.raises(NotAllowedError):
        agree(database, store, people["ben"], mine)
    look(database, people["cat"], mine)
    assert agree(database, store, people["cat"], mine)


def race(database, store, tries):
    """Let several agree in the same moment; return what each got."""
    barrier, got = threading.Barrier(len(tries)), {}

    def run(name, who, proposal):
        barrier.wait()
        try:
            agree(database, store, who, proposal)
            got[name] = "agreed"
        except ConflictError as fault:
            got[name] = str(fault)

    threads = [threading.Thread(target=run, args=one) for one in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_two_who_agree_in_the_same_moment_make_one_key(database, store, people, case):
    proposal = propose(database, people["ann"], case)
    for name in ("ben", "cat"):
        look(database, people[name], proposal)
    got = race(database, store, [(n, people[n], proposal) for n in ("ben", "cat")])
    assert sorted(got.values()) == [
        "Someone else was quicker: this proposal is the key already.",
        "agreed",
    ]
    with database.reading() as session:
        assert session.scalar(select(func.count(CaseKey.id))) == 2


def test_two_proposals_agreed_to_in_the_same_moment_make_one_key(database, store, people, case):
    one = propose(database, people["ann"], case)
    other = propose(database, people["ben"], case, truth="synthetic", hallmarks=["trabecula"])
    got = race(database, store, [("ann", people["ann"], other), ("ben", people["ben"], one)])
    assert sorted(v == "agreed" for v in got.values()) == [False, True]
    with database.reading() as session:
        states = session.scalars(select(Annotation.state)).all()
        assert sorted(states) == [AnnotationState.AGREED, AnnotationState.CLOSED]


def test_a_colleagues_proposal_is_shut_until_one_has_read_the_film_or_asks(
    database, store, people, case
):
    proposal = propose(database, people["ann"], case)
    ben = people["ben"]
    with database.reading() as session:
        sheet = annotations.sheet(session, store, ben, case)
        assert sheet.blind
        assert sheet.facts.truth is None
        assert sheet.place == []
        (seen,) = casebook.casebook(session, ben, case).proposals
        assert seen.facts is None
        with pytest.raises(NotFoundError):
            casebook.drawn_place(session, ben, proposal)
    with pytest.raises(ConflictError, match="Look at the proposal first"):
        agree(database, store, ben, proposal)
    own = propose(database, ben, case, place=[{"z": 0, "runs": [640, 20, 704, 20]}])
    with database.reading() as session:
        book = casebook.casebook(session, ben, case)
        (pair,) = book.pairs
        assert pair.place.dice == pytest.approx(2 * 40 / 100)
        assert [d.what for d in pair.differences if not d.same] == []
        assert casebook.casebook(session, people["cat"], case).pairs == ()
    key_id = agree(database, store, ben, proposal)
    with database.reading() as session:
        evidence = session.get(CaseKey, key_id).body["agreement"]
        assert evidence == {
            "independent": True,
            "same_truth": True,
            "same_hallmarks": True,
            "dice": pytest.approx(0.8),
        }
        assert session.get(Annotation, own).state is AnnotationState.CLOSED


def test_who_has_looked_or_compared_is_independent_no_more(database, store, people, case):
    proposal = propose(database, people["ann"], case)
    with database.transaction() as session:
        draft(session, people["ben"], case)
    look(database, people["ben"], proposal)
    with database.reading() as session:
        mine = session.scalars(
            select(Annotation).where(Annotation.author_id == people["ben"].id)
        ).one()
        assert not mine.blind
    # Ann compares with Cat's, takes her own back and proposes anew: that one is not blind
    propose(database, people["cat"], case)
    second = propose(database, people["ann"], case, truth="synthetic")
    with database.reading() as session:
        assert not session.get(Annotation, second).blind
        assert session.get(Annotation, proposal).state is AnnotationState.CLOSED


def test_a_proposal_on_a_key_that_has_changed_has_to_be_revised(database, store, people, case):
    proposal = propose(database, people["ann"], case)
    look(database, people["ben"], proposal)
    with database.transaction() as session:
        draft(session, people["cat"], case)
        old = session.get(Case, case).key_id
        bank.put_key(session, store, case, small_film(1), bank.TruthFacts(Truth.AUTHENTIC), now=NOW)
    with pytest.raises(ConflictError, match="has to be revised"):
        agree(database, store, people["ben"], proposal)
    changed = pytest.raises(ConflictError, match="key of this film has changed")
    with changed, database.transaction() as session:
        annotations.propose(session, people["cat"], case, key_id=old, now=NOW)


@pytest.mark.parametrize(
    ("facts", "place", "words"),
    [
        ({"truth": ""}, PLACE, "authentic, synthetic or tampered"),
        ({}, [], "Draw the place"),
        ({"everywhere": True}, PLACE, "either a place or everywhere"),
        ({"reason": "so"}, PLACE, "Say in words"),
        ({"mimic_of": "trabecula"}, PLACE, "Only an authentic film imitates"),
        ({"truth": "authentic"}, PLACE, "no hallmark and no changed place"),
        (
            {"truth": "authentic", "hallmarks": [], "mimic_of": "trabecula", "reason": ""},
            [],
            "what makes it look so",
        ),
        ({"region": "", "modality": ""}, PLACE, r"^Name the region\.\nName the modality\.$"),
        ({"truth": "", "reason": "so", "region": ""}, PLACE, r"(?s)authentic, synth.*the region"),
    ],
)
def test_a_proposal_is_told_all_that_it_lacks(database, people, case, facts, place, words):
    with pytest.raises(InvalidError, match=words):
        propose(database, people["ann"], case, place, **facts)


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"hallmarks": ["no_such"]}, PLACE),
        ({"truth": "fake"}, PLACE),
        ({"region": "<b>"}, PLACE),
        ({"reason": "x" * 5000}, PLACE),
        ({"hallmarks": 7}, PLACE),
        ({}, [{"z": 1, "runs": [0, 1]}]),
        ({}, [{"z": 0, "runs": [0, 64 * 64 + 1]}]),
        ({}, ["nothing"]),
        ({}, {"z": 0}),
    ],
)
def test_a_draft_that_cannot_be_read_is_refused_and_nothing_is_lost(
    database, people, case, facts, place
):
    with database.transaction() as session:
        version = draft(session, people["ann"], case)
    with pytest.raises(InvalidError), database.transaction() as session:
        draft(session, people["ann"], case, place, version=version, **facts)
    with database.reading() as session:
        kept = session.scalars(select(Annotation)).one()
        assert kept.place == PLACE
        assert kept.facts["hallmarks"] == ["halo_seam"]


def test_two_tabs_do_not_overwrite_each_other(database, people, case):
    ann = people["ann"]
    with database.transaction() as session:
        version = draft(session, ann, case)
        assert draft(session, ann, case, version=version, reason="More words now.") > version
    for stale in (0, version):
        with pytest.raises(ConflictError, match="has saved"), database.transaction() as session:
            draft(session, ann, case, version=stale)


def test_a_stack_is_annotated_slice_by_slice(database, store, people):
    pixels = np.random.default_rng(0).integers(0, 4000, (5, 64, 64)).astype(np.uint16)
    film = Film(pixels, (0.7, 0.7), Modality.CT, "chest", "axial", slice_mm=(0.0, 1, 2, 3, 4))
    with database.transaction() as session:
        facts = bank.SetFacts("ct", "CT", Provenance.CLINICAL, "CC BY")
        where = bank.open_set(session, None, facts, now=NOW)
        image = bank.keep_film(session, store, where, film, now=NOW)
        truth = bank.TruthFacts(Truth.AUTHENTIC)
        case = bank.add_case(session, store, where, image, film, truth, kin="ct", now=NOW)
    square = np.zeros((64, 64), bool)
    square[20:40, 20:40] = True
    place = [{"z": z, "runs": runs_of(square)} for z in (1, 2)]
    proposal = propose(database, people["ann"], case, place, modality="CT")
    look(database, people["ben"], proposal)
    agree(database, store, people["ben"], proposal)
    propose(database, people["cat"], case, place, modality="CT")
    with database.transaction() as session:  # a face was cut off: the last slices are gone
        image = session.get(Case, case).image
        kept, image.blocks = image.blocks, image.blocks[:2]
        session.flush()
        (seen,) = casebook.casebook(session, people["cat"], case).proposals
        assert "cut off" in seen.why_not
        image.blocks = kept
    with database.reading() as session:
        key = session.get(Case, case).key
        assert sorted(key.masks) == ["1", "2"]
        assert [o["z"] for o in key.outlines] == [1, 2]
        assert annotations.sheet(session, store, people["cat"], case).place == place


def test_the_desk_sorts_what_waits(database, store, people, case):
    propose(database, people["ann"], case)
    with database.reading() as session:
        ben = desk.desk(session, people["ben"])
        ann = desk.desk(session, people["ann"])
        assert [len(x) for x in (ben.read, ben.settle, ben.mine)] == [1, 0, 0]
        assert [len(x) for x in (ann.read, ann.settle, ann.mine)] == [0, 0, 1]
        assert [s.waiting for s in ann.sets] == [1]
    propose(database, people["ben"], case)
    with database.reading() as session:
        assert len(desk.desk(session, people["ben"]).settle) == 1
        assert len(desk.desk(session, people["cat"]).read) == 1
    with pytest.raises(NotAllowedError), database.reading() as session:
        desk.desk(session, people["lea"])


def test_curators_talk_and_take_back(database, people, case):
    ann = people["ann"]
    proposal = propose(database, ann, case)
    with database.transaction() as session:
        agreement.comment(session, people["ben"], case, " Is it the grid? ", now=NOW)
        with pytest.raises(InvalidError):
            agreement.comment(session, ann, case, "  ", now=NOW)
        with pytest.raises(NotFoundError):
            annotations.take_back(session, people["ben"], proposal, now=NOW)
        annotations.take_back(session, ann, proposal, now=NOW)
        book = casebook.casebook(session, ann, case)
        assert [(c.who, c.words) for c in book.comments] == [("Ben", "Is it the grid?")]
        assert book.proposals == ()
        with pytest.raises(NotFoundError):
            casebook.casebook(session, ann, uuid.uuid4())
