"""What is said of an upload on its page: refused in the page's own words, and kept once."""

import json
import uuid

import pytest
from sqlalchemy import select

from tests.fixtures.pages import refused
from tests.fixtures.uploads import FACTS, some_uploads
from trainer.core.words import Role
from trainer.data.people import User
from trainer.data.uploads import Upload
from trainer.data.work import Job
from trainer.services import accounts

SAID = {"how": "form", "slug": "mine", "all-truth": "authentic", "all-region": "chest"}
SAID |= {key: value for key, value in FACTS.items() if isinstance(value, str)}
SAID |= {"display_allowed": "yes"}


@pytest.fixture
def looked(app, app_database, quiz, client_of):
    """Return (curator, address) of an upload of two files that waits to be described."""
    quiz()
    client = client_of("cora", Role.CURATOR)
    with app_database.reading() as session:
        who = session.scalars(select(User).where(User.email == "cora@example.org")).one()
        cora = accounts.as_actor(who)
    some_uploads(app_database, app.extensions["telltale_settings"], cora)
    with app_database.reading() as session:
        found = session.scalars(select(Upload.id).where(Upload.state == "looked")).one()
    return client, f"/bank/uploads/{found}"


def test_what_was_left_open_is_asked_for_as_the_page_asks(looked):
    client, where = looked
    page = refused(
        client.post(f"{where}/import", data={"how": "form"}),
        **{
            "l0-truth": "It is empty. Use authentic",
            "l1-truth": "It is empty. Use authentic",
            "slug": "The set has no name yet. Use small letters, digits, hyphens.",
            "provenance": "“Origin” is open. Choose clinical or simulated.",
            "display_allowed": "is open. Choose yes or no.",
            "title": "“Title” is missing or empty.",
            "licence": "“Licence” is missing or empty.",
            "citation": "“Citation” is missing or empty.",
            "source": "“Source” is missing or empty.",
            "consent_basis": "“Consent” is missing or empty.",
            "deidentification": "“De-identification” is missing or empty.",
        },
    )
    assert "true where" not in page
    assert "11 fields need another look" in page


def test_faults_of_the_set_and_of_its_films_are_said_in_one_round_and_nothing_is_kept(
    looked, app, app_database
):
    client, where = looked
    wrong = {"slug": "Two Words", "licence": "", "all-hallmarks": "seem", "l1-split": "both"}
    wrong |= {"l0-patient": "P1", "l1-truth": "tampered"}
    page = refused(
        client.post(f"{where}/import", data=SAID | wrong),
        **{
            "slug": "'two words' cannot name a set",
            "licence": "“Licence” is missing",
            "all-hallmarks": "'seem' is not known",
            "l1-split": "'both' is not known",
        },
    )
    for typed in ('value="seem"', 'value="P1"', 'value="Two Words"', "<option selected>tampered"):
        assert typed in page, typed
    with app_database.reading() as session:
        upload = session.scalars(select(Upload).where(Upload.state == "looked")).one()
        assert "said" not in upload.body
        assert session.scalars(select(Job)).all() == []
    folder = app.extensions["telltale_settings"].upload_folder
    assert list(folder.rglob("rows.json")) == []
    assert client.post(f"{where}/import", data=SAID).location == where


def test_one_patient_on_both_sides_is_said_where_the_side_is_chosen(looked):
    client, where = looked
    both = {"all-patient": "P1", "l1-split": "test"}
    page = refused(client.post(f"{where}/import", data=SAID | both), **{"l1-split": "Its patient"})
    assert "by row 0" not in page


def test_a_known_set_that_was_not_chosen_is_asked_for_where_it_is_chosen(looked):
    client, where = looked
    answer = client.post(f"{where}/import", data=SAID | {"how": "known"})
    refused(answer, known="It does not say what the files are. Choose one of the ways.")


def test_one_fault_of_many_files_is_told_once(looked, app):
    client, where = looked
    folder = app.extensions["telltale_settings"].upload_folder
    (path,) = folder.rglob(f"*{where.rpartition('/')[2].replace('-', '')}*/found.json")
    found = json.loads(path.read_text(encoding="utf-8"))
    found["units"] = [found["units"][0] | {"file": f"{i}.png"} for i in range(30)]
    path.write_text(json.dumps(found), encoding="utf-8")
    told = client.post(f"{where}/import", data=SAID | {"all-truth": ""})
    page = refused(told, **{"all-truth": "30 files, 0.png the first: it is empty."})
    assert page.count("it is empty") == 1


def test_another_curator_learns_nothing_of_an_upload(looked, client_of):
    _, where = looked
    eve = client_of("eve", Role.CURATOR)
    for path in ("/import", "/look", "/reopen", "/discard", "/fetch"):
        assert eve.post(f"{where}{path}", data=SAID).status_code == 404, path
        assert eve.post(f"/bank/uploads/{uuid.uuid4()}{path}", data=SAID).status_code == 404
    for path in ("", "/images.csv", "/report.csv"):
        assert eve.get(f"{where}{path}").status_code == 404, path


def test_a_second_import_changes_nothing_of_the_first(looked, app_database):
    client, where = looked
    assert client.post(f"{where}/import", data=SAID).location == where
    assert client.post(f"{where}/import", data=SAID | {"slug": "other"}).location == where
    with app_database.reading() as session:
        upload = session.scalars(select(Upload).where(Upload.state == "looked")).one()
        assert upload.body["said"]["slug"] == "mine"
        assert len(session.scalars(select(Job).where(Job.kind == "upload.import")).all()) == 1
