import pytest

from tests.fixtures.app import NOW
from tests.fixtures.play import POOL, add_quiz, fill_bank, small_film
from trainer.core.words import Provenance, Truth
from trainer.data.catalogue import Item
from trainer.services import bank, set_quizzes
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, NotFoundError


@pytest.fixture
def session(database, tmp_path):
    with database.writing() as opened, opened.begin():
        fill_bank(opened, FolderStore(tmp_path / "blobs"))
        yield opened


def test_a_published_set_without_an_authored_quiz_is_offered_and_has_one(session):
    add_quiz(session, pool=POOL | {"datasets": ["another"]})
    (card,) = set_quizzes.offered(session)
    assert (card.slug, card.cases) == ("small", 24)
    first = set_quizzes.item_of(session, "small", now=NOW)
    assert set_quizzes.item_of(session, "small", now=NOW) == first
    body = session.get_one(Item, first).revision.body
    assert (body["cases"], body["pool"]["datasets"]) == (10, ["small"])


def test_a_set_that_an_author_uses_is_not_offered_twice(session):
    add_quiz(session)
    assert set_quizzes.offered(session) == ()


def test_an_unknown_set_and_one_of_a_single_class_are_refused(session, tmp_path):
    add_quiz(session)
    with pytest.raises(NotFoundError):
        set_quizzes.item_of(session, "none", now=NOW)
    blobs = FolderStore(tmp_path / "blobs")
    where = bank.open_set(
        session, None, bank.SetFacts("one", "One", Provenance.CLINICAL, "CC0"), now=NOW
    )
    film = small_film(7)
    image = bank.keep_film(session, blobs, where, film, now=NOW)
    bank.add_case(
        session, blobs, where, image, film, bank.TruthFacts(Truth.AUTHENTIC), kin="k", now=NOW
    )
    bank.publish_set(session, None, "one", now=NOW)
    with pytest.raises(ConflictError, match="too few films of one class"):
        set_quizzes.item_of(session, "one", now=NOW)
