"""A curator's way from a search to an upload, against a real Orthanc; and what is refused."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

from tests.fixtures.dicom import dicom_bytes
from tests.fixtures.orthanc import ADDRESSES
from tests.fixtures.pages import refused
from tests.fixtures.uploads import picture
from trainer.core.words import Role
from trainer.data.uploads import Upload
from trainer.data.work import Job

pytestmark = [pytest.mark.pacs, pytest.mark.allow_hosts(["127.0.0.1", *ADDRESSES])]
STUDY = "1.2.840.99.2"


@pytest.fixture
def curator(app, client_of, orthanc):
    values = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": f"{STUDY}.1", "StudyDate": "20260503"}
    film = picture(9).astype(np.uint16) * 9
    orthanc.send(dicom_bytes(film, SOPInstanceUID=f"{STUDY}.1.1", **values))
    settings = app.extensions["telltale_settings"]
    app.extensions["telltale_settings"] = replace(settings, pacs=f"clinic={orthanc.web}")
    return client_of("cora", Role.CURATOR)


def test_from_a_search_to_an_upload(app, curator, orthanc):
    refused(curator.post("/bank/pacs", data={"server": "clinic"}), **{"from": "a PACS is large"})
    wrong = {"server": "clinic", "from": "May", "to": "2026-05-33x", "PatientName": "Doe*"}
    page = refused(curator.post("/bank/pacs", data=wrong), **{"from": "A day", "to": "A day"})
    assert 'value="Doe*"' in page
    found = curator.post("/bank/pacs", data={"server": "clinic", "PatientName": "Doe*"})
    assert f'value="{STUDY}"' in found.text
    assert "Doe Jane" in found.text
    none = {"server": "clinic", "PatientName": "NOBODY"}
    assert "Nothing found" in curator.post("/bank/pacs", data=none).text
    asked = {"server": "clinic", "PatientName": "Doe*"}
    unchosen = curator.post("/bank/pacs/series", data=asked)
    assert "1 study" in refused(
        unchosen, study="Choose from 1 to 20 studies"
    )  # what was found stands there still
    page = curator.post("/bank/pacs/series", data=asked | {"study": STUDY})
    assert f'value="{STUDY}/{STUDY}.1" checked' in page.text
    assert re.search(r"<h3[^>]*>[^<]*Doe Jane[^<]*2026-05-03</h3>", page.text)  # whose series
    assert 'name="PatientName" value="Doe*"' in page.text  # the way back to the studies
    nothing = curator.post("/bank/pacs/fetch", data=asked | {"study": STUDY})
    page = refused(nothing, series="Choose from 1 to")
    assert f'value="{STUDY}/{STUDY}.1" aria-' in page  # what was not chosen stays so
    wanted = {"server": "clinic", "series": f"{STUDY}/{STUDY}.1"}
    where = curator.post("/bank/pacs/fetch", data=wanted).location
    assert re.fullmatch(r"/bank/uploads/[0-9a-f-]+", where)
    assert "Fetch 1 series from clinic" in curator.get(where).text
    with app.extensions["telltale_database"].reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "pacs.fetch")).one()
        assert STUDY not in str(job.parameters)  # UIDs go with the upload
        assert session.scalars(select(Upload)).one().origin == "pacs"


def test_no_address_but_the_operator_s_is_asked(curator, orthanc):
    for server in (orthanc.web, "http://127.0.0.1:22/", "", "other"):
        for path in ("/bank/pacs", "/bank/pacs/series", "/bank/pacs/fetch"):
            said = {"server": server, "PatientID": "1", "study": STUDY, "series": "1.2/1.2"}
            answer = curator.post(path, data=said)
            refused(answer, server="Choose one of the servers")
    wrong = curator.post("/bank/pacs/series", data={"server": "clinic", "study": "../../system"})
    assert "no UID" in wrong.text


def test_the_command_line_says_what_is_missing(app):
    run = app.test_cli_runner().invoke
    done = run(args=["bank", "receive"])
    assert done.exit_code == 1
    assert "TRAINER_DICOM_PEERS names nobody" in done.output
    done = run(args=["bank", "fetch", "clinic", "--study", "1.2", "--for", "x@example.org"])
    assert "no such PACS" in done.output
    assert run(args=["bank", "sweep"]).output == "0 uploads removed\n"
