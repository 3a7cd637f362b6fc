"""``flask user``."""

from __future__ import annotations

import pytest

from tests.fixtures.app import PASSWORD
from trainer.core.words import Role
from trainer.services import accounts


@pytest.fixture
def run(app):
    """Return ``run("list")``: the exit code and what was printed."""

    def go(*words: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["user", *words])
        return done.exit_code, done.output

    return go


def create(run, *more: str):
    return run("create", "ann@example.org", "--name", "Ann", "--password", PASSWORD, *more)


def sign_in(app, password: str) -> int:
    data = {"email": "ann@example.org", "password": password}
    return app.test_client().post("/sign-in", data=data).status_code


def test_an_account_that_is_made_can_sign_in(app, run):
    assert create(run) == (0, "made ann@example.org (learner)\n")
    assert sign_in(app, PASSWORD) == 302


def test_the_list_shows_who_there_is(run):
    create(run, "--role", "curator", "--role", "director")
    run("extra-time", "ann@example.org", "1.5")
    code, said = run("list")
    assert (code, said) == (0, "ann@example.org\tAnn\tcurator,director\tx1.5\topen\n")


def test_a_password_that_is_set_ends_every_session(app, run):
    create(run)
    client = app.test_client()
    client.post("/sign-in", data={"email": "ann@example.org", "password": PASSWORD})
    assert client.get("/account").status_code == 200
    code, _ = run("set-password", "ann@example.org", "--password", "a quite different one")
    assert code == 0
    assert client.get("/account").status_code == 302
    assert sign_in(app, PASSWORD) == 403
    assert sign_in(app, "a quite different one") == 302


def test_roles_are_replaced_in_the_institution_that_is_named(run, app_database):
    create(run)
    assert run("set-role", "ann@example.org", "--role", "administrator")[0] == 0
    with app_database.reading() as session:
        who = accounts.actor_by_id(session, accounts.user_id_of(session, "ann@example.org"))
    assert [role for _, role in who.roles] == [Role.ADMINISTRATOR]
    code, said = run("set-role", "ann@example.org", "--institution", "My institutoin")
    assert code == 1
    assert "There is no institution 'My institutoin'; there are: My institution." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "ann@example.org", "--name", "B", "--password", PASSWORD), "already has an"),
        (("create", "no mailbox", "--name", "B", "--password", PASSWORD), "is not a mail address"),
        (
            ("create", "b@example.org", "--name", " ", "--password", PASSWORD),
            "all of them printable. (--name)",
        ),
        (
            ("create", "b@example.org", "--name", "B", "--password", "short"),
            "than one odd one. (--password)",
        ),
        (("set-password", "b@example.org", "--password", PASSWORD), "has no account"),
        (("set-role", "b@example.org", "--role", "learner"), "has no account"),
        (("extra-time", "b@example.org", "2"), "has no account"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(run, words, said):
    create(run)
    before = run("list")
    code, told = run(*words)
    assert code == 1
    assert told.startswith("Error: ")
    assert said in told
    assert len(told.splitlines()) == 1
    assert run("list") == before


@pytest.mark.parametrize("factor", ["3", "0.5", "nan"])
def test_extra_time_is_one_of_four(run, factor):
    create(run)
    assert run("extra-time", "ann@example.org", factor)[0] == 2


def test_people_of_the_command_line_and_of_the_pages_are_one(run, app_database):
    create(run)
    with app_database.reading() as session:
        assert accounts.institution_named(session, "My institution")
        who = accounts.actor_by_id(session, accounts.user_id_of(session, " ANN@example.org"))
    assert who.name == "Ann"
