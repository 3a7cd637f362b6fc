"""The administrator's pages."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from tests.fixtures.app import NOW, PASSWORD
from tests.fixtures.pages import refused
from trainer.core.words import Role
from trainer.data.audit import AuditEvent
from trainer.data.people import User
from trainer.services import accounts


@pytest.fixture
def admin(client_of):
    return client_of("ada", Role.ADMINISTRATOR)


@pytest.fixture
def id_of(app_database):
    def find(email: str):
        with app_database.reading() as session:
            return accounts.user_id_of(session, email)

    return find


@pytest.fixture
def actor_of(app_database):
    def find(email: str):
        with app_database.reading() as session:
            return accounts.actor_by_id(session, accounts.user_id_of(session, email))

    return find


def elsewhere(app_database, email: str, *roles: Role, name: str = "Elsewhere") -> None:
    """Make someone in another institution."""
    with app_database.transaction() as session:
        accounts.create_user(
            session,
            None,
            email=email,
            name=name,
            password=PASSWORD,
            roles=roles or (Role.LEARNER,),
            institution_id=accounts.institution(session, "Another institution", NOW),
            now=NOW,
        )


@pytest.mark.parametrize("role", [Role.LEARNER, Role.DIRECTOR, Role.CURATOR])
def test_nobody_but_administrators_gets_in(client_of, id_of, role):
    client = client_of("ann", role)
    own = id_of("ann@example.org")
    assert client.get("/people").status_code == 403
    assert client.get(f"/people/{own}").status_code == 403
    data = {"roles": "administrator"}
    assert client.post(f"/people/{own}/roles", data=data).status_code == 403
    assert ">People<" not in client.get("/account").text


def test_people_are_found_by_part_of_name_or_address(admin, person):
    for name in ("bob", "bobby", "carl"):
        person(name)
    assert admin.get("/people").text.count('scope="row"') == 4
    found = admin.get("/people?q=BOB").text
    assert found.count('scope="row"') == 2
    assert admin.get("/people?q=carl%40example").text.count('scope="row"') == 1
    assert "Nobody found" in admin.get("/people?q=%25").text, "a percent sign is no wildcard"
    assert "&lt;b&gt;" in admin.get("/people?q=<b>").text


def test_more_than_a_page_of_people_is_paged(admin, app_database):
    with app_database.transaction() as session:
        where = accounts.institution(session, "Test institution", NOW)
        for number in range(55):
            accounts.create_user(
                session,
                None,
                email=f"p{number:02}@example.org",
                name=f"Person {number:02}",
                password=PASSWORD,
                roles=[Role.LEARNER],
                institution_id=where,
                now=NOW,
            )
    first, second = admin.get("/people"), admin.get("/people?page=2")
    names = re.findall(r"Person \d\d", first.text + second.text)
    assert len(set(names)) == 55
    assert admin.get("/people?page=99").text.count('scope="row"') == 6
    assert admin.get("/people?page=x").status_code == 200


def test_roles_change_and_count_at_once(admin, client_of, id_of, actor_of):
    bob = client_of("bob")
    assert bob.get("/people").status_code == 403
    where = f"/people/{id_of('bob@example.org')}"
    answer = admin.post(f"{where}/roles", data={"roles": ["learner", "administrator"]})
    assert answer.status_code == 302
    assert bob.get("/people").status_code == 200
    refused(admin.post(f"{where}/roles", data={"roles": ["emperor"]}), roles="no such role")
    without = admin.post(f"{where}/roles", data={})
    refused(without, roles="at least one role")
    assert "<h1>Bob</h1>" in without.text  # on the page itself, with the roles as they stand
    assert without.text.count(" checked") == 2
    assert {role for _, role in actor_of("bob@example.org").roles} == {
        Role.LEARNER,
        Role.ADMINISTRATOR,
    }


def test_the_last_administrator_stays_one(admin, person, id_of, app_database):
    own = f"/people/{id_of('ada@example.org')}"
    answer = admin.post(f"{own}/roles", data={"roles": ["learner"]})
    refused(answer, 409, roles="last administrator")
    person("bea", Role.ADMINISTRATOR)
    assert admin.post(f"{own}/roles", data={"roles": ["learner"]}).status_code == 302
    assert admin.get("/people").status_code == 403


def test_extra_time_is_one_of_four(admin, person, id_of, actor_of):
    person("bob")
    where = f"/people/{id_of('bob@example.org')}/time"
    for factor in ("1.25", "1.5", "2", "1"):
        assert admin.post(where, data={"factor": factor}).status_code == 302
        assert actor_of("bob@example.org").time_factor == float(factor)
    for factor in ("3", "0", "-1", "nan", ""):
        refused(admin.post(where, data={"factor": factor}), factor="one of 1, 1.25, 1.5 and 2")
    assert actor_of("bob@example.org").time_factor == 1


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(app, admin, client_of, id_of):
    bob = client_of("bob")
    where = f"/people/{id_of('bob@example.org')}"
    assert admin.post(f"{where}/close").status_code == 302
    assert bob.get("/account").status_code == 302
    data = {"email": "bob@example.org", "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=data).status_code == 403
    assert admin.post(f"{where}/reopen").status_code == 302
    assert app.test_client().post("/sign-in", data=data).status_code == 302
    own = f"/people/{id_of('ada@example.org')}/close"
    assert admin.post(own).status_code == 409


def test_people_of_another_institution_are_out_of_reach(admin, app_database, id_of):
    elsewhere(app_database, "eve@example.org")
    assert "eve@example.org" not in admin.get("/people?q=eve").text
    where = f"/people/{id_of('eve@example.org')}"
    assert admin.get(where).status_code == 404
    for act, data in (
        ("roles", {"roles": "learner"}),
        ("time", {"factor": "2"}),
        ("close", {}),
        ("reopen", {}),
    ):
        assert admin.post(f"{where}/{act}", data=data).status_code == 404


def test_someone_of_two_institutions_is_not_closed_by_one(admin, person, app_database, id_of):
    person("bob")
    with app_database.transaction() as session:
        other = accounts.institution(session, "Another institution", NOW)
        bob = session.scalar(select(User).where(User.email == "bob@example.org"))
        bob.memberships.append(type(bob.memberships[0])(institution_id=other, role=Role.LEARNER))
    where = f"/people/{id_of('bob@example.org')}"
    assert "not yours to close" in admin.get(where).text
    assert admin.post(f"{where}/close").status_code == 409


def test_who_is_invited_chooses_a_password_and_signs_in(app, admin, person):
    data = {"name": "Cara Curie", "email": "cara@example.org", "role": "curator"}
    page = admin.post("/people/invite", data=data)
    assert page.status_code == 200
    link = re.search(r"http://127\.0\.0\.1:8000(/password/choose/\S+?)<", page.text).group(1)
    stranger, new = app.test_client(), "a long new password"
    before = {"email": "cara@example.org", "password": new}
    assert stranger.post("/sign-in", data=before).status_code == 403
    assert stranger.post(link, data={"password": new, "again": new}).status_code == 302
    assert stranger.post("/sign-in", data=before).status_code == 302
    again = admin.post("/people/invite", data=data)
    assert again.status_code == 400
    assert "already has an account" in again.text


def test_each_act_is_in_the_audit_log_with_who_did_it(admin, person, id_of, app_database):
    person("bob")
    where = f"/people/{id_of('bob@example.org')}"
    for act, data in (
        ("roles", {"roles": "director"}),
        ("time", {"factor": "2"}),
        ("close", {}),
        ("reopen", {}),
    ):
        admin.post(f"{where}/{act}", data=data)
    with app_database.reading() as session:
        ada = accounts.user_id_of(session, "ada@example.org")
        acts = session.scalars(
            select(AuditEvent.act).where(AuditEvent.actor_id == ada).order_by(AuditEvent.at)
        ).all()
        assert acts == ["user.roles", "user.time", "user.close", "user.reopen"]
        refused = select(func.count()).select_from(AuditEvent)
        before = session.scalar(refused)
    admin.post(f"{where}/time", data={"factor": "9"})
    with app_database.reading() as session:
        assert session.scalar(refused) == before
