"""Counts of the bank are kept until a film changes, in whatever process; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from tests.fixtures.app import NOW
from tests.fixtures.play import fill_bank, small_film
from trainer.core.words import Truth
from trainer.data.images import Case, Image
from trainer.services import bank, bank_search, shelf
from trainer.services.bank_search import Filters, find_films
from trainer.services.blobs import FolderStore
from trainer.services.database import open_database


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def filled(database, store):
    with database.transaction() as session:
        fill_bank(session, store, n=2)
    return database


def shown(database):
    """Return what the bank's page shows of the set, and how often films were counted for it."""
    counted = []

    def hear(_connection, _cursor, statement, *_rest):
        if "count(*)" in statement:
            counted.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    with database.reading() as session:
        one = shelf.summaries(session)[0]
        again = shelf.summary(session, "small")
        sums = sum(group.count for group in bank_search.groups(session))
        found = find_films(session, Filters(truth="tampered", state="in play")).total
    event.remove(database.engine, "before_cursor_execute", hear)
    assert one == again
    assert one.films == sums
    return one.counts, one.stopped, found, len(counted)


def test_films_are_counted_once_and_anew_after_each_kind_of_change(filled, store):
    assert shown(filled) == ({"authentic": 2, "tampered": 2}, 0, 2, 1)
    assert shown(filled) == ({"authentic": 2, "tampered": 2}, 0, 2, 0)

    with filled.transaction() as session:
        case = session.scalars(select(Case).where(Case.kin == "kin-3")).one()
        case.live = False
    assert shown(filled) == ({"authentic": 2, "tampered": 2}, 1, 1, 1)

    with filled.transaction() as session:
        case = session.scalars(select(Case).where(Case.kin == "kin-0")).one()
        bank.put_key(
            session, store, case.id, small_film(0), bank.TruthFacts(Truth.SYNTHETIC), now=NOW
        )
    assert shown(filled) == ({"authentic": 1, "synthetic": 1, "tampered": 2}, 1, 1, 1)

    with filled.transaction() as session:
        where = session.scalars(select(Case.dataset_id)).first()
        film = small_film(99)
        image = bank.keep_film(session, store, where, film, now=NOW)
        bank.add_case(
            session, store, where, image, film, bank.TruthFacts(Truth.AUTHENTIC), kin="new", now=NOW
        )
    assert shown(filled) == ({"authentic": 2, "synthetic": 1, "tampered": 2}, 1, 1, 1)

    with filled.transaction() as session:
        session.scalars(select(Image)).first().region = "knee"
    assert shown(filled)[3] == 1
    with filled.transaction() as session:  # what is not counted by counts nothing
        image = session.scalars(select(Image)).first()
        image.facts = image.facts | {"seen": True}
    assert shown(filled)[3] == 0


def test_what_was_counted_in_a_change_that_was_given_up_is_not_believed(filled):
    before = shown(filled)
    with filled.writing() as session, session.begin() as begun:
        for case in session.scalars(select(Case)):
            case.live = False
        session.flush()
        assert shelf.summary(session, "small").stopped == 4
        begun.rollback()
    assert shown(filled)[:3] == before[:3]
    with filled.transaction() as session:
        session.scalars(select(Case)).first().live = False
    assert shown(filled)[1] == 1


def test_a_change_by_another_process_is_seen(filled):
    other = open_database(filled.engine.url.render_as_string(hide_password=False))
    try:
        shown(filled)
        with other.transaction() as session:
            session.scalars(select(Case)).first().live = False
        assert shown(filled)[1] == 1
    finally:
        other.engine.dispose()
