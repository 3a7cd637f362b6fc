"""Signing in and out, changing and resetting a password, one's own account."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.fixtures.app import NOW, PASSWORD
from tests.fixtures.pages import refused
from trainer import clock
from trainer.core.words import Role
from trainer.data.people import PasswordReset, SignIn, User
from trainer.services.mail import Letter

NEW = "another long password"


class Tray:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    def link(self) -> str:
        return re.search(r"http://127\.0\.0\.1:8000(/\S+)", self.letters[-1].text).group(1)


@pytest.fixture
def tray(app) -> Tray:
    tray = Tray()
    app.extensions["telltale_post"].mailer = tray
    return tray


def ask_for_reset(app, email: str):
    answer = app.test_client().post("/password/forgot", data={"email": email})
    app.extensions["telltale_post"].settle()
    return answer


def sign_in(client, email: str, password: str = PASSWORD, **query):
    return client.post("/sign-in", query_string=query, data={"email": email, "password": password})


def csrf_of(page) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text).group(1)


def bare(answer, email: str) -> str:
    """Return a page without the two things in it that may differ."""
    return re.sub(r'value="[^"]*"', "", answer.text.replace(email, ""))


def test_the_session_and_its_csrf_token_change_on_signing_in(app, person):
    app.config["WTF_CSRF_ENABLED"] = True
    email, client = person("ann"), app.test_client()
    before = csrf_of(client.get("/sign-in"))
    planted = client.get_cookie("telltale").value
    answer = client.post(
        "/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": before}
    )
    assert answer.status_code == 302
    assert client.get_cookie("telltale").value != planted
    late = client.post("/account/name", data={"name": "Eve", "csrf_token": before})
    assert late.status_code == 400
    assert "too old to send" in late.text
    own = csrf_of(client.get("/account"))
    assert client.post("/account/name", data={"name": "Eve", "csrf_token": own}).status_code == 302


def test_a_cookie_kept_from_before_signing_out_is_void(app, client_of):
    client = client_of("ann")
    kept = client.get_cookie("telltale").value
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("telltale", kept)
    assert thief.get("/account").status_code == 302


def test_signing_in_twice_in_one_browser_ends_the_first_session(app, client_of, app_database):
    client = client_of("ann")
    kept = client.get_cookie("telltale").value
    assert sign_in(client, "ann@example.org").status_code == 302
    thief = app.test_client()
    thief.set_cookie("telltale", kept)
    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_no_way_leads_to_another_host(app, person, target):
    email = person("ann")
    assert sign_in(app.test_client(), email, next=target).location == "/"
    answer = app.test_client().post("/theme", data={"theme": "dark", "next": target})
    assert answer.location == "/"


def test_signing_in_goes_on_to_the_page_that_was_asked_for(app, person):
    email, client = person("ann"), app.test_client()
    asked = client.get("/account?x=1")
    assert asked.status_code == 302
    answer = client.post(asked.location, data={"email": email, "password": PASSWORD})
    assert answer.location == "/account?x=1"


def test_wrong_passwords_make_an_account_rest_and_nobody_learns_that_it_is_there(
    app, person, app_database, monkeypatch
):
    email, client = person("ann"), app.test_client()
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for _ in range(5):
        known = sign_in(client, email, "wrong")
        unknown = sign_in(client, "nobody@example.org", "wrong")
        for answer in (known, unknown):
            refused(answer, 403, password="do not go together")
        assert bare(known, email) == bare(unknown, "nobody@example.org")
    rests = sign_in(client, email)
    assert rests.status_code == 403, "the right password must not help while the account rests"
    assert bare(rests, email) == bare(known, email)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=3))
    assert sign_in(client, email).status_code == 302
    with app_database.reading() as session:
        user = session.scalar(select(User).where(User.email == email))
        assert (user.failed_sign_ins, user.locked_until) == (0, None)


def test_the_rest_grows_with_each_further_failure_up_to_an_hour(
    app, person, app_database, monkeypatch
):
    email, client, moment = person("ann"), app.test_client(), NOW
    waits = []
    for _ in range(18):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        sign_in(client, email, "wrong")
        with app_database.reading() as session:
            until = session.scalar(select(User.locked_until).where(User.email == email))
        waits.append((until - moment).total_seconds() if until else 0)
        moment = max(moment, until or moment) + timedelta(seconds=1)
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-3:] == [3600, 3600, 3600]


def test_a_changed_password_signs_every_other_browser_out(app, client_of):
    here = client_of("ann")
    there = app.test_client()
    sign_in(there, "ann@example.org")
    data = {"old": PASSWORD, "password": NEW, "again": NEW}
    assert here.post("/account/password", data=data).status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert sign_in(app.test_client(), "ann@example.org").status_code == 403
    assert sign_in(app.test_client(), "ann@example.org", NEW).status_code == 302


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"old": "wrong", "password": NEW, "again": NEW}, "present password is not right"),
        ({"old": PASSWORD, "password": "short", "again": "short"}, "between 10 and 200"),
        ({"old": PASSWORD, "password": NEW, "again": NEW + "x"}, "are not the same"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why_and_changes_nothing(app, client_of, data, said):
    client = client_of("ann")
    answer = client.post("/account/password", data=data)
    assert answer.status_code in (400, 403)
    assert said in answer.text
    assert sign_in(app.test_client(), "ann@example.org").status_code == 302


def test_guessing_the_present_password_makes_the_account_rest(app, client_of):
    client = client_of("ann")
    for _ in range(5):
        client.post("/account/password", data={"old": "guess", "password": NEW, "again": NEW})
    right = client.post("/account/password", data={"old": PASSWORD, "password": NEW, "again": NEW})
    assert right.status_code == 403


def test_a_reset_link_sets_a_password_once_and_ends_every_session(app, client_of, tray):
    client = client_of("ann")
    assert ask_for_reset(app, "  ANN@example.org ").status_code == 302
    link, stranger = tray.link(), app.test_client()
    assert tray.letters[0].to == "ann@example.org"
    assert stranger.get(link).status_code == 200
    assert stranger.get(link).status_code == 200, "looking at it must not use it up"
    refused(
        stranger.post(link, data={"password": "short", "again": "short"}), password="between 10"
    )
    assert stranger.post(link, data={"password": NEW, "again": NEW}).location == "/sign-in"
    assert client.get("/account").status_code == 302
    assert sign_in(stranger, "ann@example.org", NEW).status_code == 302
    again = stranger.post(link, data={"password": PASSWORD, "again": PASSWORD})
    assert again.status_code == 404
    assert "was used already or has run out" in again.text
    assert sign_in(app.test_client(), "ann@example.org", NEW).status_code == 302


def test_asking_for_a_reset_says_the_same_whoever_asks(app, person, tray):
    email = person("ann")
    known, unknown = ask_for_reset(app, email), ask_for_reset(app, "nobody@example.org")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert known.get_data() == unknown.get_data()
    assert [letter.to for letter in tray.letters] == [email]


def test_a_reset_link_runs_out_and_a_newer_one_voids_it(app, person, tray, app_database):
    email, stranger = person("ann"), app.test_client()
    ask_for_reset(app, email)
    old = tray.link()
    ask_for_reset(app, email)
    new = tray.link()
    assert stranger.get(old).status_code == 404
    assert stranger.get(new).status_code == 200
    with app_database.transaction() as session:
        kept = session.scalars(select(PasswordReset)).all()
        assert all(new.rsplit("/", 1)[1] not in row.token_hash for row in kept)
        past = clock.now() - timedelta(seconds=1)
        session.execute(update(PasswordReset).values(expires_at=past))
    assert stranger.get(new).status_code == 404


def test_a_reset_link_lives_for_one_hour(app, person, tray, app_database):
    before = clock.now()
    ask_for_reset(app, person("ann"))
    with app_database.reading() as session:
        until = session.scalar(select(PasswordReset.expires_at))
    assert timedelta(hours=1) <= until - before < timedelta(hours=1, minutes=1)


def test_the_link_holds_the_operators_address_whatever_the_request_claims(app, person, tray):
    email = person("ann")
    app.test_client().post(
        "/password/forgot", data={"email": email}, headers={"Host": "evil.example"}
    )
    app.extensions["telltale_post"].settle()
    assert "evil.example" not in tray.letters[0].text
    assert tray.link().startswith("/password/choose/")


def test_a_mail_server_that_fails_is_told_to_the_operator_and_not_to_the_asker(
    app, person, caplog, monkeypatch
):
    class Broken:
        def send(self, letter: Letter) -> None:
            raise ConnectionError("no route")

    monkeypatch.setattr(logging.getLogger("telltale"), "propagate", True)
    app.extensions["telltale_post"].mailer = Broken()
    email = person("ann")
    assert ask_for_reset(app, email).status_code == 302
    assert "a letter was not sent: no route" in caplog.text
    assert email not in caplog.text


def test_signing_out_elsewhere_leaves_this_browser_signed_in(app, client_of, app_database):
    here, there = client_of("ann"), app.test_client()
    sign_in(there, "ann@example.org")
    assert here.post("/account/sign-out-everywhere").status_code == 302
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    with app_database.reading() as session:
        open_now = session.scalars(select(SignIn).where(SignIn.ended_at.is_(None))).all()
        assert len(open_now) == 1


def test_a_person_changes_their_name_and_sees_their_extra_time(client_of, app_database):
    client = client_of("ann")
    assert client.post("/account/name", data={"name": "  Ann   Arbor "}).status_code == 302
    assert "Ann Arbor" in client.get("/account").text
    refused(client.post("/account/name", data={"name": "   "}), name="fill this in")
    assert client.post("/account/name", data={"name": "A\x00B"}).status_code == 400
    assert "usual time" in client.get("/account").text
    with app_database.transaction() as session:
        session.execute(update(User).values(time_factor=1.25))
    assert "1.25 times" in client.get("/account").text


def test_a_theme_that_is_none_is_refused(app, client_of):
    for client in (app.test_client(), client_of("ann", Role.LEARNER)):
        assert client.post("/theme", data={"theme": "<b>"}).status_code == 400
        assert client.post("/theme", data={"theme": "light"}).status_code == 302
        assert 'data-theme="light"' in client.get("/sign-in").text
