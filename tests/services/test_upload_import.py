"""From what was sent to the bank: archives opened, rows made, refusals named, files removed."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from tests.fixtures.dicom import dicom_bytes
from tests.fixtures.uploads import FACTS, NOW, picture, png, zipped
from trainer.core.words import Modality
from trainer.data.images import Case, Image
from trainer.imaging.bank.reader import Reader
from trainer.services import upload_import, upload_look, uploads
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError
from trainer.services.upload_import import Said

# What differs between the two databases is tried in test_uploads.py.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def reader():
    with Reader() as one:
        yield one


@pytest.fixture
def ann(curator_of):
    return curator_of("ann")


@pytest.fixture
def steps():
    return []


@pytest.fixture
def looked(database, ann, send, upload_store, steps):
    """Send files and look at them, as the job does."""

    def go(files, upload=None):
        upload = send(ann, files, upload)
        with database.reading() as session:
            listed = uploads.files(session, ann, upload)
        found = upload_look.look(upload_store, upload, listed, lambda *s: steps.append(s))
        with database.transaction() as session:
            upload_look.looked(session, upload, found, now=NOW)
        return upload, found

    return go


@pytest.fixture
def describe(database, ann, upload_store):
    """Say what an upload is; return the faults as text."""

    def go(upload, how="manifest", slug="trial", facts=FACTS, existing=False, cells=(), leave=""):
        said = Said(how, slug, existing, facts, cells, leave)
        with database.transaction() as session:
            faults = upload_import.describe(session, ann, upload, said, upload_store, now=NOW)
        return [str(fault) for fault in faults]

    return go


@pytest.fixture
def imported(database, ann, upload_store, reader, tmp_path):
    """Import a described upload, as the job does."""
    blobs = FolderStore(tmp_path / "blobs")

    def go(upload):
        with database.reading() as session:
            said = uploads.find(session, ann, upload).body["said"]
        root = upload_import.root_of(upload_store, upload)
        work = upload_import.open_work(
            database.transaction, blobs, reader, root, "k" * 32, said["how"], ann, NOW
        )
        report = upload_import.run(work, upload_store, upload, said, lambda *s: None)
        with database.transaction() as session:
            upload_import.finish(session, upload, report, upload_store, now=NOW)
        return report

    go.blobs = blobs
    return go


def rows_of(files: dict[str, str], *more: str) -> bytes:
    lines = [f"{name},{truth},chest" for name, truth in files.items()]
    return "\n".join(["file,truth,region", *lines, *more]).encode()


def test_a_packed_set_comes_in_and_its_files_go(looked, describe, imported, database, upload_store):
    real = {f"real/{i}.png": png(picture(i)) for i in range(3)}
    truth = dict.fromkeys(real, "authentic")
    packed = zipped(
        {f"my-set/{name}": data for name, data in real.items()}
        | {
            "my-set/images.csv": rows_of(truth, "gone.png,authentic,chest", "real/0.png,x,"),
            "my-set/real/stray.png": png(picture(9)),
            "my-set/real/notes.docx": b"PK\x03\x04words",
            "../evil.png": b"x",
        }
    )
    upload, found = looked({"set.zip": packed})
    assert found.root == "my-set"
    assert found.manifest
    assert [u.file for u in found.units] == [*real, "real/stray.png"]
    said = [str(f) for f in found.faults]
    assert any("leads out of the folder" in f for f in said)
    assert any("notes.docx: it is a zip archive" in f for f in said)
    assert describe(upload) == []
    report = imported(upload)
    assert (report.taken, report.already) == (3, 0)
    assert report.unlisted == ["real/stray.png"]
    assert any("gone.png: there is no such file" in str(f) for f in report.faults)
    assert not upload_store.place(upload).exists()
    with database.reading() as session:
        body = uploads.find(session, None, upload).body
    told = list(csv.reader(io.StringIO(upload_import.report_csv(body))))
    assert told[0] == ["file", "row", "reason", "what to do"]
    assert len(told) == 1 + len(report.faults) + 1
    assert "said" not in body


def test_loose_files_are_described_by_the_form(looked, describe, imported, database):
    upload, found = looked(
        {"a.png": png(picture(1)), "b/c.png": png(picture(2)), "b/readme.txt": b"x"}
    )
    assert [u.file for u in found.units] == ["a.png", "b/c.png"]
    assert "there is no set trial" in describe(upload, "form", existing=True)[0]
    cells = [{"file": u.file, "truth": "", "region": "hand"} for u in found.units]
    assert "truth: it is empty" in describe(upload, "form", cells=cells)[0]
    cells[0] |= {"truth": "authentic"}
    cells[1] |= {"truth": "synthetic", "hallmarks": "rib_clone", "generator": "gan"}
    assert describe(upload, "form", cells=cells) == []
    assert imported(upload).taken == 2
    with database.reading() as session:
        case = session.scalars(select(Case).where(Case.family == "gan")).one()
        assert case.key.hallmarks == ["rib_clone"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"licence": ""}, "licence is missing or empty"),
        ({"display_allowed": False}, "forbids display to learners"),
        ({"display_allowed": None}, "display_allowed is missing"),
        ({"provenance": "lunar"}, "provenance is 'lunar'"),
    ],
)
def test_a_set_that_may_not_be_shown_is_refused_with_the_reason(looked, describe, change, words):
    upload, _ = looked({"a.png": png(picture(1)), "images.csv": rows_of({"a.png": "authentic"})})
    assert any(words in fault for fault in describe(upload, facts=FACTS | change))
    for slug in ("Trial", "uploads", "a--b", ""):
        assert describe(upload, slug=slug)


def test_a_known_set_needs_its_owner_s_leave(looked, describe, imported, database):
    images = {f"images/Radio{n}.png": png(picture(i)) for i, n in enumerate(["001", "10", "011"])}
    answers = (
        "Image_Name,Real_or_AI,Reasoning\nRadio001.png,AI,smooth\nRadio010.png,Real,fine\n"
        "Radio011.png,Real,fine\nRadio012.png,AI,gone\nRadio001.png,Real,twice\n"
    )
    upload, found = looked(
        {"quiz.zip": zipped({f"q/{n}": d for n, d in images.items()}
                            | {"q/static/q_and_answer.csv": answers.encode()})}
    )  # fmt: skip
    assert found.root == "q"
    (said,) = describe(upload, "deepfakexray")
    assert "reserves all rights" in said
    assert describe(upload, "deepfakexray", leave="The authors, by letter of 3 May 2026") == []
    report = imported(upload)
    assert report.taken == 3
    told = " ".join(str(f) for f in report.faults)
    assert "no images/Radio012.png" in told
    assert "says otherwise" in told
    with database.reading() as session:
        image = session.scalars(
            select(Image).where(Image.source_sha256 != "").order_by(Image.id)
        ).first()
        assert image is not None


CT = {"Modality": "CT", "BodyPartExamined": "CHEST", "ImageOrientationPatient": list("100010")}


def slices(series: str, count: int, start: int = 0) -> list[bytes]:
    return [
        dicom_bytes(
            picture(start + i, 128, 128).astype(np.int16) * 4 - 500,
            SeriesInstanceUID=series,
            ImagePositionPatient=["0", "0", str(i)],
            **CT,
        )
        for i in range(count)
    ]


def test_series_of_one_folder_become_stacks_of_their_own(looked, describe, imported, database):
    one, two = slices("1.2.1", 3), slices("1.2.2", 4, 50)
    files = {f"ct/{i}": data for i, data in enumerate([*one, *two])}
    files |= {"cr.dcm": dicom_bytes(picture(3).astype(np.uint16) * 9, BodyPartExamined="HAND")}
    files |= {"us.dcm": dicom_bytes(picture(3), Modality="US")}
    upload, found = looked({"export.zip": zipped(files)})
    assert [(u.file, u.slices, u.modality) for u in found.units] == [
        ("cr.dcm", 1, "XR"),
        ("ct/series-1", 3, "CT"),
        ("ct/series-2", 4, "CT"),
    ]
    assert found.units[0].region == "hand"
    assert ["modality is US" in str(f) for f in found.faults] == [True]
    cells = [{"file": u.file, "truth": "authentic", "modality": u.modality} for u in found.units]
    assert describe(upload, "form", cells=cells) == []
    assert imported(upload).taken == 3
    with database.reading() as session:
        lengths = sorted(len(b) for b in session.scalars(select(Image.blocks)))
        assert lengths == [1, 3, 4]
        assert session.scalar(select(func.count()).where(Image.modality == Modality.CT)) == 2


def test_a_refusal_names_its_file_where_there_is_no_manifest(looked, describe, imported):
    whole = png(picture(1))
    upload, found = looked({"fine.png": whole, "cut.png": whole[: len(whole) // 2]})
    cells = [{"file": u.file, "truth": "authentic", "modality": "XR"} for u in found.units]
    assert describe(upload, "form", cells=cells) == []
    report = imported(upload)
    assert report.taken == 1
    assert [(fault.file, fault.row) for fault in report.faults] == [("cut.png", 0)]


def test_several_archives_keep_their_names_and_a_manifest_finds_its_files(looked):
    a, b = png(picture(1)), png(picture(2))
    _, found = looked(
        {
            "one.zip": zipped({"x.png": a}),
            "two.zip": zipped({"x.png": b}),
            "images.csv": b"file,truth\none/x.png,authentic\ny/x.png,authentic\nx.png,authentic\n",
        }
    )
    assert [u.file for u in found.units] == ["one/x.png", "two/x.png"]
    _, found = looked(
        {"z.zip": zipped({"deep/in/x.png": a}), "images.csv": b"file,truth\nin/x.png,authentic\n"}
    )
    assert found.root == ""
    assert [u.file for u in found.units] == ["deep/in/x.png"]


def test_looking_again_starts_from_what_was_sent(
    looked, database, ann, upload_store, send, describe, imported
):
    upload, found = looked({"a.png": png(picture(1)), "bad.zip": b"PK\x03\x04" + bytes(40)})
    assert ["no table of contents" in str(f) for f in found.faults] == [True]
    with database.transaction() as session, pytest.raises(ConflictError, match="Add files"):
        uploads.find_open(session, ann, upload)
    with database.transaction() as session:
        uploads.reopen(session, ann, upload, now=NOW)
    stray = upload_store.files(upload) / "left-from-before.png"
    stray.write_bytes(b"x")
    again, found = looked({"images.csv": rows_of({"a.png": "authentic"})}, upload)
    assert again == upload
    assert [u.file for u in found.units] == ["a.png"]
    assert found.manifest
    assert describe(upload) == []
    assert imported(upload).taken == 1
    second, _ = looked({"a.png": png(picture(1)), "b.png": png(picture(2))})
    cells = [{"file": n, "truth": "authentic"} for n in ("a.png", "b.png")]
    assert describe(second, "form", existing=True, cells=cells) == []
    report = imported(second)
    assert (report.taken, report.already) == (1, 1)


def test_a_cell_of_the_report_is_no_formula(database_url):
    body = {"report": {"faults": [["=cmd()", 0, "x", "y"]], "unlisted": ["@sum"]}}
    told = upload_import.report_csv(body)
    assert "'=cmd()" in told
    assert "'@sum" in told


def test_the_template_is_a_manifest_that_can_be_read(looked, upload_store):
    from trainer.imaging.bank.manifest import read_manifest

    _, found = looked({"a, b.png": png(picture(1)), "名.png": png(picture(2))})
    text = upload_import.template(found).replace('a, b.png",', 'a, b.png",authentic')
    read = read_manifest(("\ufeff" + text).encode(), "images.csv")
    assert [row.file for row in read.rows] == ["a, b.png"]
    assert len(read.faults) == 1  # the other still needs its truth
    assert Path(upload_store.folder).stat().st_mode & 0o077 == 0
