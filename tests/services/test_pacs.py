"""Against a real Orthanc: searched, fetched, broken off, gone on with; and one that lies."""

import contextlib
import http.server
import os
import signal
import threading
import time

import numpy as np
import pytest
import requests

from tests.fixtures.dicom import dicom_bytes
from tests.fixtures.orthanc import ADDRESSES, Orthanc
from tests.fixtures.uploads import NOW, picture
from trainer.services import dicom_receiver, pacs, pacs_fetch, upload_look, uploads
from trainer.services.errors import InvalidError, NotFoundError, OperatorError

pytestmark = [
    pytest.mark.pacs,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.allow_hosts(["127.0.0.1", *ADDRESSES]),
]
STUDY, CT = "1.2.840.99.1", {"Modality": "CT", "ImageOrientationPatient": list("100010")}


def ct(number: int, series: str = f"{STUDY}.7") -> bytes:
    return dicom_bytes(
        picture(number, 96, 96).astype(np.int16) * 4 - 500,
        StudyInstanceUID=STUDY, SeriesInstanceUID=series, SOPInstanceUID=f"{series}.{number}",
        InstanceNumber=number, StudyDate="20260503", StudyDescription="Thorax",
        AccessionNumber="A-17", BodyPartExamined="CHEST",
        ImagePositionPatient=["0", "0", str(number)], **CT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def filled(orthanc: Orthanc) -> list[str]:
    names = [orthanc.send(ct(number)) for number in range(1, 7)]
    cr = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": f"{STUDY}.8", "StudyDate": "20260503"}
    cr |= {"AccessionNumber": "A-17", "StudyDescription": "Thorax"}
    film = picture(9).astype(np.uint16) * 9
    names.append(orthanc.send(dicom_bytes(film, SOPInstanceUID=f"{STUDY}.8.1", **cr)))
    one = cr | {"Modality": "SR", "SeriesInstanceUID": f"{STUDY}.9"}
    sr = dicom_bytes(picture(8, 64, 64), SOPInstanceUID=f"{STUDY}.9.1", **one)
    names.append(orthanc.send(sr))
    return names


@pytest.fixture
def ann(curator_of):
    return curator_of("ann")


@pytest.fixture
def fetch(database, upload_store, ann):
    """Begin a fetch of series, or go on with one; return the upload and what came."""

    def go(server, pairs=None, upload=None, step=lambda at, total: None):
        if upload is None:
            with database.transaction() as session:
                upload = pacs_fetch.begin(session, ann, server.name, pairs, now=NOW)
        done = pacs_fetch.fetch(
            pacs.Pacs(server), database.reading, database.transaction, upload_store, upload, ann,
            clock=lambda: NOW, step=step,
        )  # fmt: skip
        return upload, done

    return go


def test_a_study_is_found_chosen_and_fetched(orthanc, filled, fetch, database, upload_store, ann):
    server = pacs.servers(f"clinic={orthanc.web}")["clinic"]
    asked = pacs.Pacs(server)
    (study,) = asked.studies(pacs.filters({"from": "2026-05-01", "to": "2026-05-31"}))
    assert (study.uid, study.patient, study.day) == (STUDY, "Doe Jane", "2026-05-03")
    assert (study.what, study.accession) == ("Thorax", "A-17")
    assert asked.studies(pacs.filters({"PatientName": "NOBODY*"})) == []
    again, found = asked.chosen(STUDY)
    assert again == study
    series = {one.modality: one for one in found}
    assert {m: s.fits for m, s in series.items()} == {"CT": True, "CR": True, "SR": False}
    assert series["CT"].instances in ("6", "")
    pairs = [(STUDY, series["CT"].uid), (STUDY, series["CR"].uid), (STUDY, f"{STUDY}.404")]
    upload, done = fetch(server, pairs)
    assert (done.new, done.total) == (7, 7)
    assert [name for name, _ in done.faults] == ["study-1/series-3"]
    with database.reading() as session:
        listed = uploads.files(session, ann, upload)
    assert not any(STUDY in one.name for one in listed)  # a UID leads to a patient
    found = upload_look.look(upload_store, upload, listed, lambda *_: None)
    assert [(u.file, u.slices, u.modality) for u in found.units] == [
        ("series-1", 6, "CT"),
        ("series-2/00001.dcm", 1, "XR"),
    ]
    _, again = fetch(server, upload=upload)
    assert (again.new, again.already) == (0, 7)


def test_one_that_stops_in_the_middle_is_gone_on_with(orthanc, filled, fetch):
    server = pacs.servers(f"clinic={orthanc.web}")["clinic"]
    real = pacs.CONNECT, pacs.SILENCE
    group = os.getpgid(orthanc.process.pid)

    def stop(at, _total):
        if at == 2:  # in earnest, only one that is down is silent so long
            pacs.CONNECT, pacs.SILENCE = 1.0, 0.5
            os.killpg(group, signal.SIGSTOP)

    try:
        upload, done = fetch(server, [(STUDY, f"{STUDY}.7")], step=stop)
    finally:
        os.killpg(group, signal.SIGCONT)
        pacs.CONNECT, pacs.SILENCE = real
    assert done.new in (2, 3)  # the signal may come an answer late
    assert done.total == 6
    assert "does not answer in time" in done.gone
    for _ in range(100):  # it wakes up in its own time
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"{orthanc.rest}/system", timeout=2).ok:
                break
        time.sleep(0.1)
    _, again = fetch(server, upload=upload)
    assert (again.new, again.already, again.faults) == (6 - done.new, done.new, [])


def test_what_a_peer_sends_becomes_an_upload(orthanc, filled, database, upload_store, ann):
    allowed = dicom_receiver.peers(f"ORTHANC@{orthanc.theirs}")
    receiver = dicom_receiver.Receiver(
        database.transaction, upload_store, "TELLTALE", allowed, lambda: NOW
    )
    port = receiver.start(orthanc.ours, 0)
    try:
        assert orthanc.store_to(port, filled).json()["FailedInstancesCount"] == 0
        assert orthanc.store_to(port, filled[:2]).ok  # again is no second file
        assert not orthanc.store_to(port, filled[:1], title="OTHER").ok
    finally:
        receiver.stop()
    with database.reading() as session:
        (upload,) = uploads.mine(session, ann, upload_store)
        listed = uploads.files(session, ann, upload.id)
    assert (upload.origin, upload.files, upload.whole) == ("dicom", 8, 8)
    found = upload_look.look(upload_store, upload.id, listed, lambda *_: None)
    assert [(u.slices, u.modality) for u in found.units if u.slices > 1] == [(6, "CT")]
    assert not any("Doe" in one.name or STUDY in one.name for one in listed)


@pytest.mark.parametrize("who", ["ORTHANC@127.0.0.1", "SOMEONE@{theirs}"])
def test_who_is_not_named_may_not_send(orthanc, filled, database, upload_store, who):
    allowed = dicom_receiver.peers(who.format(theirs=orthanc.theirs))
    receiver = dicom_receiver.Receiver(
        database.transaction, upload_store, "TELLTALE", allowed, lambda: NOW
    )
    port = receiver.start(orthanc.ours, 0)
    try:
        assert not orthanc.store_to(port, filled[:1]).ok
    finally:
        receiver.stop()
    assert not upload_store.folder.exists()


def test_an_image_above_the_limit_is_not_kept(orthanc, filled, database, tmp_path):
    small = uploads.open_store(tmp_path / "small", 4 / 2**20, 7)  # four KiB
    allowed = dicom_receiver.peers(f"ORTHANC@{orthanc.theirs}")
    receiver = dicom_receiver.Receiver(
        database.transaction, small, "TELLTALE", allowed, lambda: NOW
    )
    port = receiver.start(orthanc.ours, 0)
    try:
        answer = orthanc.store_to(port, filled[:1])
        assert not answer.ok or answer.json()["FailedInstancesCount"] == 1
    finally:
        receiver.stop()
    assert not list(small.folder.rglob("parts/*"))


class Rubbish(http.server.BaseHTTPRequestHandler):
    """A server that answers as its path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind = self.path.split("/")[1]
        bodies = {"html": b"<html>", "list": b"[1, 2]", "nested": b"[" * 50_000, "half": b"[{"}
        body = bodies.get(kind, b'[{"0020000D": {"Value": ["../../x"]}}, {"0020000D": 5}]')
        codes = {"no": 401, "busy": 503, "elsewhere": 302}
        self.send_response(codes.get(kind, 200))
        self.send_header("Location", "http://127.0.0.1:1/")
        json = "application/dicom+json"
        multipart = 'multipart/related; type="application/dicom"; boundary=x'
        self.send_header("Content-Type", multipart if kind == "cut" else json)
        length = len(body) + (1000 if kind == "half" else 0)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)
        self.close_connection = kind == "half"

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def rubbish():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rubbish)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("html", "makes no sense"),
        ("list", "makes no sense"),
        ("nested", "makes no sense"),
        ("half", "broke off|makes no sense"),
        ("no", "does not accept our name"),
        ("busy", "busy"),
        ("elsewhere", "sends us elsewhere"),
    ],
)
def test_rubbish_is_told_in_plain_words(rubbish, database_url, kind, words):
    asked = pacs.Pacs(pacs.Server("x", f"{rubbish}/{kind}"))
    with pytest.raises(pacs.PacsError, match=words):
        asked.studies({"PatientID": "1"})


def test_a_uid_that_is_none_is_left_out_and_never_becomes_an_address(rubbish, database_url):
    asked = pacs.Pacs(pacs.Server("x", f"{rubbish}/odd"))
    assert asked.studies({"PatientID": "1"}) == []
    for uid in ("../../x", "1.2/3", "", "1" * 65):
        with pytest.raises(InvalidError):
            asked.retrieve("1.2", "1.2", uid)
    with pytest.raises(pacs.PacsError, match="no DICOM file"):
        asked.retrieve("1.2", "1.2", "1.2")
    cut = pacs.Pacs(pacs.Server("x", f"{rubbish}/cut"))
    with pytest.raises(pacs.PacsError, match="broke off"):
        cut.retrieve("1.2", "1.2", "1.2")
    nobody = pacs.Pacs(pacs.Server("x", "http://127.0.0.1:9"))
    with pytest.raises(pacs.PacsError, match="cannot be reached"):
        nobody.studies({"PatientID": "1"})


def test_what_is_set_wrongly_is_said(database_url):
    found = pacs.servers("a=https://u:p%40ss@h:8/x/ b=http://h")
    assert (found["a"].url, found["a"].user, found["a"].password) == ("https://h:8/x", "u", "p@ss")
    for wrong in ("h", "a=ftp://h", "=http://h", "a=http://"):
        with pytest.raises(OperatorError, match="TRAINER_PACS"):
            pacs.servers(wrong)
    with pytest.raises(NotFoundError):
        pacs.named("a=http://h", "b")
    for wrong in ("", "TITLE", "@h", f"{'T' * 17}@h"):
        with pytest.raises(OperatorError, match="TRAINER_DICOM_PEERS"):
            dicom_receiver.peers(wrong)
    for said in ({}, {"ModalitiesInStudy": "CT"}, {"from": "May"}):
        with pytest.raises(InvalidError):
            pacs.filters(said)
    assert pacs.filters({"from": "2026-05-01"}) == {"StudyDate": "20260501-"}
