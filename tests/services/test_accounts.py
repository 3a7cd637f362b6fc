"""Accounts, links and people on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fixtures.app import NOW, PASSWORD
from trainer.core.words import Role
from trainer.services import accounts, people, resets
from trainer.services.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
)


def make(session, name: str, *roles: Role, where: str = "School"):
    user_id = accounts.create_user(
        session,
        None,
        email=f"{name}@example.org",
        name=name.title(),
        password=PASSWORD,
        roles=roles or (Role.LEARNER,),
        institution_id=accounts.institution(session, where, NOW),
        now=NOW,
    )
    return accounts.actor_by_id(session, user_id)


def test_one_mailbox_is_one_account_however_it_is_written(database):
    with database.transaction() as session:
        make(session, "ann")
        for email in ("ANN@example.org", "  ann@EXAMPLE.org "):
            with pytest.raises(ConflictError):
                accounts.create_user(
                    session,
                    None,
                    email=email,
                    name="Ann",
                    password=PASSWORD,
                    roles=[Role.LEARNER],
                    institution_id=accounts.institution(session, "School", NOW),
                    now=NOW,
                )
        assert accounts.sign_in(session, "Ann@Example.org", PASSWORD, now=NOW)


def test_a_session_ends_after_its_time_and_its_row_is_cleared_away(database):
    with database.transaction() as session:
        ann = make(session, "ann")
        token = accounts.sign_in(session, ann.email, PASSWORD, now=NOW)
        last = NOW + accounts.SESSION_LIFE
        assert accounts.actor_of(session, token, now=last - timedelta(seconds=1)) == ann
        assert accounts.actor_of(session, token, now=last) is None
        assert accounts.actor_of(session, "made up", now=NOW) is None
        accounts.sign_in(session, ann.email, PASSWORD, now=last)
        rows = session.execute(accounts.select(accounts.SignIn.token_hash)).all()
        assert len(rows) == 1
        assert token not in rows[0][0]


def test_a_failed_sign_in_counts_though_nothing_else_is_kept(database):
    with database.transaction() as session:
        make(session, "ann")
    for _ in range(accounts.FREE_TRIES):
        with database.transaction() as session, pytest.raises(NotAllowedError):
            accounts.sign_in(session, "ann@example.org", "wrong", now=NOW)
    with database.transaction() as session, pytest.raises(NotAllowedError):
        accounts.sign_in(session, "ann@example.org", PASSWORD, now=NOW)
    with database.transaction() as session:
        later = NOW + timedelta(seconds=2)
        assert accounts.sign_in(session, "ann@example.org", PASSWORD, now=later)


def test_a_link_is_good_once_for_its_time_and_ends_the_rest(database):
    with database.transaction() as session:
        make(session, "ann")
        for _ in range(accounts.FREE_TRIES):
            with pytest.raises(NotAllowedError):
                accounts.sign_in(session, "ann@example.org", "wrong", now=NOW)
        link = resets.ask(session, "ann@example.org", now=NOW)
        with pytest.raises(NotFoundError):
            resets.use(session, link.token, "a new password", now=NOW + resets.RESET_LIFE)
        with pytest.raises(InvalidError):
            resets.use(session, link.token, "short", now=NOW)
        resets.use(session, link.token, "a new password", now=NOW)
        assert accounts.sign_in(session, "ann@example.org", "a new password", now=NOW)
        with pytest.raises(NotFoundError):
            resets.use(session, link.token, "another password", now=NOW)


def test_nobody_gets_a_link_to_a_closed_account(database):
    with database.transaction() as session:
        ada, ann = make(session, "ada", Role.ADMINISTRATOR), make(session, "ann")
        where = ada.institutions(Role.ADMINISTRATOR)[0]
        link = resets.ask(session, ann.email, now=NOW)
        people.close(session, ada, where, ann.id, now=NOW)
        assert resets.ask(session, ann.email, now=NOW) is None
        with pytest.raises(NotFoundError):
            resets.use(session, link.token, "a new password", now=NOW)


def test_people_are_listed_by_name_whatever_its_capitals_and_found_by_a_part(database):
    with database.transaction() as session:
        ada = make(session, "ada", Role.ADMINISTRATOR)
        for name in ("zoë", "Émile", "bob", "alice", "under_score", "per%cent"):
            make(session, name.replace("ë", "e").replace("É", "e"))
        make(session, "eve", where="Elsewhere")
        where = ada.institutions(Role.ADMINISTRATOR)[0]
        names = [p.name for p in people.listing(session, ada, where).people]
        assert names == ["Ada", "Alice", "Bob", "Emile", "Per%Cent", "Under_Score", "Zoe"]
        found = people.listing(session, ada, where, search="R_S")
        assert [p.name for p in found.people] == ["Under_Score"]
        assert people.listing(session, ada, where, search="%").total == 1
        assert people.listing(session, ada, where, search="eve").total == 0


def test_only_who_administers_an_institution_looks_after_its_people(database):
    with database.transaction() as session:
        ada = make(session, "ada", Role.ADMINISTRATOR)
        eve = make(session, "eve", Role.ADMINISTRATOR, where="Elsewhere")
        dora = make(session, "dora", Role.DIRECTOR)
        where = ada.institutions(Role.ADMINISTRATOR)[0]
        for stranger, refusal in ((eve, NotFoundError), (dora, NotAllowedError)):
            with pytest.raises(refusal):
                people.listing(session, stranger, where)
            with pytest.raises(refusal):
                people.set_roles(session, stranger, where, dora.id, [Role.ADMINISTRATOR], now=NOW)
            with pytest.raises(refusal):
                resets.invite(
                    session,
                    stranger,
                    email="new@example.org",
                    name="New",
                    roles=[Role.ADMINISTRATOR],
                    institution_id=where,
                    now=NOW,
                )
