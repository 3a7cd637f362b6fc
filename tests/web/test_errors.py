"""What a failed request is told: people, scripts, and those who ask for JSON."""

from __future__ import annotations

import pytest
from flask import Flask, abort, request
from sqlalchemy import text
from sqlalchemy.orm.exc import StaleDataError

from trainer.core.permissions import Permission
from trainer.services import errors as service
from trainer.web import db
from trainer.web.access import audience
from trainer.web.errors import HELP

FAULTS = {
    400: service.InvalidError("The pass mark is above 1."),
    403: service.NotAllowedError("Only the owner may."),
    404: service.NotFoundError("There is no such cohort."),
    409: service.ConflictError("The sitting has ended."),
}


@pytest.fixture
def failing(app: Flask) -> Flask:
    """Return the app with a page that fails in the way its address says."""

    @audience(Permission.PUBLIC)
    def fail(status: int) -> str:
        if status in FAULTS:
            raise FAULTS[status]
        if status == 410:
            raise StaleDataError
        if status == 500:
            raise ZeroDivisionError("secret detail")
        if status == 501:
            db.session().execute(text("select * from no_such_table where a = :a"), {"a": "Ann"})
        if status == 413:
            request.get_data()
        abort(status)

    app.add_url_rule("/fail/<int:status>", "fail", fail, methods=["GET", "POST"])
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 415, 500, 503])
def test_each_page_says_what_happened_and_what_to_do(failing, status):
    answer = failing.test_client().get(f"/fail/{status}")
    assert answer.status_code == status
    title, cure = HELP[status]
    assert f"<h1>{title}</h1>" in answer.text
    assert cure.split("{")[0].split("'")[0] in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert 'href="/"' in answer.text
    if status in FAULTS:
        assert str(FAULTS[status]) in answer.text


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500])
def test_scripts_get_plain_text_and_never_a_page(failing, status):
    answer = failing.test_client().get(f"/fail/{status}", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert "<" not in answer.text
    if status in FAULTS:
        assert answer.text == str(FAULTS[status])


@pytest.mark.parametrize("status", [404, 409, 500])
def test_who_asks_for_json_gets_json(failing, status):
    answer = failing.test_client().get(f"/fail/{status}", headers={"Accept": "application/json"})
    assert answer.json["status"] == answer.status_code == status
    assert answer.json["request"] == answer.headers["X-Request-Id"]


def test_a_row_that_moved_on_is_a_conflict(failing):
    assert failing.test_client().get("/fail/410").status_code == 409


def test_what_went_wrong_inside_stays_inside(failing):
    for kind in (500, 501):
        answer = failing.test_client().get(f"/fail/{kind}")
        assert answer.status_code == 500
        for word in ("secret detail", "no_such_table", "ZeroDivision", "Traceback", "select *"):
            assert word not in answer.text


def test_the_page_for_a_fault_of_ours_needs_no_database(failing, client_of, monkeypatch):
    client = client_of("ann")

    def gone():
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(db, "database", gone)
    answer = client.get("/learn")
    assert answer.status_code == 500
    assert f"<h1>{HELP[500][0]}</h1>" in answer.text


def test_an_address_that_is_none(app, client_of):
    for client in (app.test_client(), client_of("ann")):
        assert client.get("/no/such/page").status_code == 404
    assert app.test_client().get("/static/x/../../settings.py").status_code == 404


def test_a_wrong_method_names_the_right_one(app, client_of):
    answer = client_of("ann").get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert HELP[405][0] in answer.text


def test_too_large_a_body_says_how_much_the_server_takes(failing):
    failing.config["MAX_CONTENT_LENGTH"] = 1000
    answer = failing.test_client().post("/fail/413", data=b"x" * 2000)
    assert answer.status_code == 413
    assert "64 MB" in answer.text
    assert "TRAINER_UPLOAD_MB" in answer.text


def test_a_form_without_its_token_is_refused_and_explained(app, client_of):
    client = client_of("ann")
    app.config["WTF_CSRF_ENABLED"] = True
    for path in ("/sign-out", "/account/name", "/account/password", "/theme", "/sign-in", "/join"):
        answer = client.post(path, data={"name": "Eve", "theme": "dark"})
        assert answer.status_code == 400, path
        assert "This page was too old to send" in answer.text, path
    assert "Ann" in client.get("/account").text


def test_a_script_of_someone_signed_out_is_told_so_and_sent_nowhere(app):
    answer = app.test_client().get("/account", headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.mimetype) == (401, "text/plain")


@pytest.mark.parametrize(
    ("came", "link"),
    [
        ("http://localhost/join?next=/learn", "/join?next=/learn"),
        ("http://localhost/theme", ""),  # takes forms alone
        ("http://localhost/no/such", ""),
        ("http://elsewhere.example/join", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_a_refused_form_leads_back_to_its_own_page(failing, came, link):
    answer = failing.test_client().post("/fail/409", headers={"Referer": came})
    assert answer.status_code == 409
    assert ("Back to the page" in answer.text) is bool(link)
    assert not link or f'href="{link}">Back to the page' in answer.text
    assert "Back to the page" not in failing.test_client().get("/fail/409").text
