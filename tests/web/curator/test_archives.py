"""Archives on their page: packed with a reason, fetched by whoever asked, put back."""

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from tests.fixtures.pages import refused
from trainer.core.words import Role
from trainer.data.audit import AuditEvent
from trainer.jobs.queue import LocalQueue
from trainer.jobs.run import Office

WHY = "for the course in Basel"


@pytest.fixture
def cora(client_of, quiz):
    quiz()
    return client_of("cora", Role.CURATOR)


@pytest.fixture
def drain(app, app_database):
    office = Office(
        app.extensions["telltale_settings"], app_database, app.extensions["telltale_blobs"]
    )
    return LocalQueue(office).drain


def acts(database, act):
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.detail).where(AuditEvent.act == act)))


def packed(client, drain, **more):
    data = {"set": "small", "why": WHY, "originals": "yes"} | more
    assert client.post("/bank/archives/pack", data=data).status_code == 303
    assert drain() == 1
    page = client.get("/bank/archives").text
    return re.search(r'action="(/bank/archives/[^"]+/fetch)"', page)[1]


def test_without_a_reason_nothing_is_packed_and_nothing_is_lost(cora, app_database):
    answer = cora.post("/bank/archives/pack", data={"set": "small", "why": "so"})
    page = refused(answer, why="leave the system")
    assert ">so</textarea>" in page
    assert '<option value="small" selected>' in page
    assert 'name="originals" value="yes">' in page  # it was not ticked
    assert acts(app_database, "bank.export") == []


def test_all_that_is_wrong_with_an_order_is_said_at_once(cora, app_database):
    answer = cora.post("/bank/archives/pack", data={"set": "gone", "why": "", "originals": "yes"})
    page = refused(answer, set="gone", why="leave the system")
    assert 'name="originals" value="yes" checked>' in page
    assert acts(app_database, "bank.export") == []


def test_an_archive_is_packed_fetched_and_noted(cora, drain, app_database, client_of):
    fetch = packed(cora, drain)
    answer = cora.post(fetch)
    assert answer.mimetype == "application/zip"
    assert answer.content_length == len(answer.data)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert file.testzip() is None
        assert WHY in file.read("MARK.txt").decode()
        assert "by Cora" in file.read("MARK.txt").decode()
    assert acts(app_database, "bank.export") == [{"why": WHY, "originals": True}]
    assert [note["why"] for note in acts(app_database, "bank.fetch")] == [WHY]
    assert client_of("carl", Role.CURATOR).post(fetch).status_code == 404
    assert client_of("ann").post(fetch).status_code == 403


def test_an_archive_that_was_sent_is_put_back(cora, drain):
    data = cora.post(packed(cora, drain)).data
    sent = {"archive": (io.BytesIO(data), "b\u0000ank.zip")}
    answer = cora.post("/bank/archives/restore", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert drain() == 1
    page = cora.get("/bank/archives").text
    assert "small: 0 rows came in" in page


def test_what_is_no_archive_is_refused_in_plain_words(cora, drain, app):
    refused(cora.post("/bank/archives/restore"), archive="Choose the archive first")
    sent = {"archive": (io.BytesIO(b"not a zip"), "holiday.jpg")}
    cora.post("/bank/archives/restore", data=sent, content_type="multipart/form-data")
    drain()
    page = cora.get("/bank/archives").text
    assert "Not done. This is no whole archive" in page
    assert list((app.extensions["telltale_blobs"].root / "outputs").glob("*")) == []
