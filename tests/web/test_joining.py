"""Joining a cohort by its code, with an account and without."""

from __future__ import annotations

import pytest

from tests.fixtures.app import NOW, PASSWORD
from tests.fixtures.pages import refused
from trainer.core.words import Role
from trainer.services import accounts, cohorts


def actor_of(session, email: str) -> accounts.Actor:
    return accounts.actor_by_id(session, accounts.user_id_of(session, email))


@pytest.fixture
def cohort(app_database, person):
    """Return ``(cohort id, invite code, the director's address)``."""
    director = person("dora", Role.DIRECTOR)
    with app_database.transaction() as session:
        who = actor_of(session, director)
        made = cohorts.make(session, who, "PGY-2", now=NOW)
        return made, cohorts.view(session, who, made).code, director


def members(app_database, cohort) -> list[str]:
    made, _, director = cohort
    with app_database.reading() as session:
        return [m.name for m in cohorts.view(session, actor_of(session, director), made).members]


def test_someone_without_an_account_makes_one_and_is_in(app, app_database, cohort):
    client = app.test_client()
    asked = client.post("/join", data={"code": cohort[1].lower().replace("-", " ")})
    assert asked.status_code == 302
    assert "PGY-2" in client.get(asked.location).text
    data = {"name": "New Learner", "email": "new@example.org", "password": PASSWORD}
    assert client.post(asked.location, data=data).location == "/"
    assert client.get("/account").status_code == 200
    assert members(app_database, cohort) == ["New Learner"]
    with app_database.reading() as session:
        assert {role for _, role in actor_of(session, "new@example.org").roles} == {Role.LEARNER}


def test_someone_with_an_account_joins_once_however_often(app_database, client_of, cohort):
    client = client_of("ann")
    for _ in range(2):
        assert "Join as Ann" in client.get(f"/join/{cohort[1]}").text
        assert client.post(f"/join/{cohort[1]}", data={"code": cohort[1]}).status_code == 302
    assert members(app_database, cohort) == ["Ann"]


def test_looking_at_an_invitation_changes_nothing(app, app_database, client_of, cohort):
    for client in (app.test_client(), client_of("ann")):
        assert client.get(f"/join/{cohort[1]}").status_code == 200
    assert members(app_database, cohort) == []


def test_a_code_that_leads_nowhere_says_what_to_do(app):
    client = app.test_client()
    for answer in (client.post("/join", data={"code": "WRONG"}), client.get("/join/WRONG")):
        assert answer.status_code == 404
        assert "ask your director" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "dora@example.org"}, "already has an account"),
        ({"email": "no mailbox"}, "is not a mail address"),
        ({"password": "short"}, "between 10 and 200"),
        ({"name": ""}, "fill this in"),
    ],
)
def test_a_registration_that_cannot_be_is_shown_again_with_what_was_typed(
    app, app_database, cohort, changed, said
):
    data = {"name": "New", "email": "new@example.org", "password": PASSWORD, **changed}
    answer = app.test_client().post(f"/join/{cohort[1]}", data=data)
    (field,) = changed
    refused(answer, **{field: said})
    if "name" not in changed:
        assert 'value="New"' in answer.text
    assert PASSWORD not in answer.text, "a password is never sent back"
    assert members(app_database, cohort) == []
