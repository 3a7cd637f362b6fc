"""Nobody plays a clinical film whose label no person has agreed to."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.calls import someone
from tests.fixtures.play import small_film
from trainer.core.words import Provenance, Role, Truth
from trainer.data.images import Case, Dataset
from trainer.services import bank, labels, pool, vouching
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

POOL = {"provenance": "clinical", "datasets": ["real"], "split": "practice"}
WHY = "all rows of table 2 against our manifest"


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def session(database):
    with database.writing() as opened, opened.begin():
        yield opened


def add(session, store, n, provenance=Provenance.CLINICAL, **body):
    facts = bank.SetFacts("real", "Real films", provenance, "CC BY")
    where = bank.open_set(session, None, facts, now=NOW)
    film = small_film(n)
    image = bank.keep_film(session, store, where, film, now=NOW)
    truth = bank.TruthFacts(Truth.AUTHENTIC, body=body)
    return bank.add_case(session, store, where, image, film, truth, kin=f"k{n}", now=NOW)


def played(session):
    return {c.id for c in pool.candidates(session, someone(session, "lea", Role.LEARNER).id, POOL)}


def dataset(session):
    return session.scalars(select(Dataset)).one()


def test_a_set_waits_until_someone_answers_for_every_label(session, store):
    ids = [add(session, store, n) for n in range(3)]
    ann = someone(session, "ann", Role.CURATOR)
    with pytest.raises(ConflictError, match="labels of 3 of its 3 cases"):
        vouching.gate(session, dataset(session))
    key = session.get_one(Case, ids[0]).key_id
    labels.agree_case(session, ann, ids[0], key, now=NOW)
    labels.agree_case(session, ann, ids[0], key, now=NOW)  # again is no change
    standing = labels.standing(session, "real")
    assert (standing.cases, standing.agreed, standing.waiting) == (3, 1, 2)
    assert labels.agree_set(session, None, "real", by="Ann Lee", why=WHY, now=NOW) == 2
    vouching.gate(session, dataset(session))
    (voice,) = labels.standing(session, "real").voices
    assert (voice.name, voice.why) == ("Ann Lee", WHY)
    with pytest.raises(ConflictError, match="waits for anyone"):
        labels.agree_set(session, None, "real", by="Ann Lee", why=WHY, now=NOW)


def test_what_comes_into_a_published_set_later_is_not_played_before_someone_agrees(session, store):
    add(session, store, 1)
    labels.agree_set(session, None, "real", by="Ann Lee", why=WHY, now=NOW)
    bank.publish_set(session, None, "real", now=NOW)
    late = add(session, store, 2)
    assert len(played(session)) == 1
    ben = someone(session, "ben", Role.CURATOR)
    labels.agree_case(session, ben, late, session.get_one(Case, late).key_id, now=NOW)
    body = POOL
    assert len(pool.candidates(session, ben.id, body)) == 2


def test_a_key_that_changed_on_the_way_is_not_agreed_to_by_accident(session, store):
    case = add(session, store, 1)
    old = session.get_one(Case, case).key_id
    bank.put_key(session, store, case, small_film(1), bank.TruthFacts(Truth.SYNTHETIC), now=NOW)
    with pytest.raises(ConflictError, match="changed"):
        labels.agree_case(session, someone(session, "ann", Role.CURATOR), case, old, now=NOW)
    with pytest.raises(NotFoundError):
        labels.standing(session, "none")


def test_what_is_known_by_construction_needs_nobody_and_says_so(session, store):
    case = add(session, store, 1, engine="7", recipe={"hallmark": "halo_seam"}, reason="made")
    vouching.gate(session, dataset(session))
    (voice,) = labels.voices(session, session.get_one(Case, case).key_id)
    assert voice.words == "its truth is known by construction"
    assert labels.standing(session, "real").made == 1
    add(session, store, 2, engine="7")  # without its recipe nothing is known
    assert labels.standing(session, "real").waiting == 1


def test_simulated_sets_are_exempt(session, store):
    add(session, store, 1, Provenance.SIMULATED)
    standing = labels.standing(session, "real")
    assert standing.exempt
    assert standing.waiting == 0
    vouching.gate(session, dataset(session))


@pytest.mark.parametrize(
    ("by", "why", "fault"),
    [("", WHY, InvalidError), ("A", WHY, InvalidError), ("Ann Lee", "looks ok", InvalidError)],
)
def test_a_name_and_words_stand_with_it(session, store, by, why, fault):
    add(session, store, 1)
    with pytest.raises(fault):
        labels.agree_set(session, None, "real", by=by, why=why, now=NOW)
    with pytest.raises(NotAllowedError):
        lea = someone(session, "lea", Role.LEARNER)
        labels.agree_set(session, lea, "real", by="Lea Lee", why=WHY, now=NOW)
