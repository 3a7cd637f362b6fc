"""Headers, limits, health, and what is never written into a log."""

from __future__ import annotations

import io
import json
import logging
import time
from types import SimpleNamespace

import pytest

from tests.fixtures.app import PASSWORD
from tests.fixtures.play import fill_bank
from trainer.app import create_app
from trainer.core.words import Role
from trainer.settings import Settings
from trainer.web.limits import limiter
from trainer.web.logs import JsonLines

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/account", "/no/such/page", "/healthz"])
def test_every_answer_is_guarded(client_of, path):
    answer = client_of("ann").get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_cookie_cannot_be_read_by_scripts_and_goes_over_https_where_it_is_told_to(
    tmp_path, sqlite_url
):
    for secure in (False, True):
        app = create_app(Settings(home=tmp_path, database_url=sqlite_url, cookie_secure=secure))
        answer = app.test_client().get("/sign-in", base_url="https://localhost")
        (cookie,) = answer.headers.getlist("Set-Cookie")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is secure
        app.extensions["telltale_queue"].stop()
        app.extensions["telltale_database"].engine.dispose()


@pytest.fixture
def limited(app, monkeypatch):
    """Return the app with its limits counted, from nought, in a minute that does not pass."""
    moment = time.time()
    monkeypatch.setattr(time, "time", lambda: moment)
    app.config["RATELIMIT_ENABLED"] = True
    limiter.enabled = True
    limiter.init_app(app)
    limiter.reset()
    yield app
    limiter.reset()
    limiter.enabled = False


@pytest.mark.parametrize(
    ("path", "data", "free"),
    [
        ("/sign-in", {"email": "x@example.org", "password": "wrong"}, 60),
        ("/password/forgot", {"email": "x@example.org"}, 4),
        ("/join", {"code": "WRONG"}, 60),
    ],
)
def test_guessing_is_slowed_down(limited, path, data, free):
    client = limited.test_client()
    for _ in range(free):
        assert client.post(path, data=data).status_code != 429
    answer = client.post(path, data=data)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 3601
    assert f"Try again in {answer.headers['Retry-After']} seconds" in answer.text
    assert client.get(path).status_code == 200, "looking at the page is not guessing"
    limited.extensions["telltale_post"].settle()


def test_one_mailbox_is_spared_while_another_is_written_to(limited):
    client = limited.test_client()
    for _ in range(5):
        client.post("/password/forgot", data={"email": "x@example.org"})
    assert client.post("/password/forgot", data={"email": "y@example.org"}).status_code == 302
    limited.extensions["telltale_post"].settle()


def test_health_asks_the_database_and_the_blob_store(app, app_database, tmp_path):
    client, store = app.test_client(), app.extensions["telltale_blobs"]
    well = {"status": "ok", "database": "ok", "images": "ok"}
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, well)
    with app_database.transaction() as session:
        fill_bank(session, store, n=1)
    assert client.get("/healthz").json == well
    store.root.rename(tmp_path / "elsewhere")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["images"]) == (503, "pixels are missing")


def test_health_without_a_schema_fails_and_says_where(tmp_path):
    app = create_app(Settings(home=tmp_path))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json["database"]) == (503, "cannot be read")
    app.extensions["telltale_queue"].stop()
    app.extensions["telltale_database"].engine.dispose()


def test_robots_and_icon(app):
    client = app.test_client()
    assert "Disallow: /" in client.get("/robots.txt").text
    icon = client.get("/favicon.ico", follow_redirects=True)
    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
    icon.close()


def test_no_log_line_holds_a_name_an_address_a_password_or_a_token(app, client_of, person):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("telltale")
    log.addHandler(handler)
    letters = []
    app.extensions["telltale_post"].mailer = SimpleNamespace(send=letters.append)
    try:
        client, admin = client_of("ann"), client_of("ada", Role.ADMINISTRATOR)
        client.post("/account/name", data={"name": "Ann Arbor"})
        client.get("/account?name=ann@example.org")
        client.post("/sign-in", data={"email": "ann@example.org", "password": "wrong secret"})
        client.get("/no/ann@example.org/here")
        client.post("/password/forgot", data={"email": "ann@example.org"})
        app.extensions["telltale_post"].settle()
        token = letters[0].text.split("/password/choose/")[1].split()[0]
        client.get(f"/password/choose/{token}")
        admin.get("/people?q=ann")
    finally:
        log.removeHandler(handler)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) >= 9
    assert all({"request", "route", "status", "ms"} <= line.keys() for line in lines)
    for secret in ("ann", "Arbor", "example.org", PASSWORD, "wrong secret", token, "127.0.0.1"):
        assert secret not in written.getvalue(), secret


def test_a_fault_is_logged_without_the_address_and_the_values(app, person, monkeypatch):
    from trainer.services import resets

    written = io.StringIO()
    handler = logging.StreamHandler(written)
    log = logging.getLogger("telltale")
    log.addHandler(handler)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken(session, token, *, now):
        session.connection().exec_driver_sql("select * from gone where token = ?", (token,))

    monkeypatch.setattr(resets, "holder", broken)
    try:
        answer = app.test_client().get("/password/choose/a-very-secret-token")
    finally:
        log.removeHandler(handler)
    assert answer.status_code == 500
    assert "fault in GET /password/choose/<token>" in written.getvalue()
    assert "no such table: gone" in written.getvalue()
    assert "a-very-secret-token" not in written.getvalue()
