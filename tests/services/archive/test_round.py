"""The bank as one archive comes back as it was."""

import hashlib
import json
import tracemalloc
import zipfile

import pytest
from sqlalchemy import delete, func, select

from tests.fixtures.app import NOW
from tests.fixtures.play import fill_bank, small_film
from tests.services.archive.packing import WHY, everything, pack_up, put_back
from trainer.core.words import Provenance, Truth
from trainer.data import Base
from trainer.data.audit import AuditEvent
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.services import bank, shelf
from trainer.services.archive_rows import LEFT_OUT, TABLES
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, InvalidError, NotFoundError, OperatorError


def test_a_whole_bank_comes_back_as_it_was(full, blobs, archive, elsewhere, tmp_path):
    other = FolderStore(tmp_path / "other")
    done = put_back(archive, elsewhere, other)
    assert everything(elsewhere) == everything(full)
    assert done.added == sum(map(len, everything(full).values()))
    assert set(done.sets) == {"small", "stacks"}
    assert done.lost_twins == 0
    with elsewhere.reading() as session:
        assert list(shelf.verify(session, other)) == []
        stacks = select(Case).join(Dataset, Dataset.id == Case.dataset_id)
        case = session.scalars(stacks.where(Dataset.slug == "stacks")).one()
        assert case.key.truth is Truth.AUTHENTIC  # the corrected key counts
        keys = select(func.count()).where(CaseKey.case_id == case.id)
        assert session.scalar(keys) == 2
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.act == "bank.restore"))
        assert len(list(acts)) == 2


def test_it_comes_back_from_sqlite_into_either_database(
    archive, full, elsewhere, blobs, tmp_path, database_url, request
):
    """The archive that either wrote is read by both: here by the kind under test, emptied."""
    put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    second = tmp_path / "second.zip"
    pack_up(elsewhere, FolderStore(tmp_path / "other"), second)
    before = everything(full)
    with full.transaction() as session:
        session.execute(Case.__table__.update().values(key_id=None))
        for table in reversed(list(TABLES.values())):
            session.execute(table.__table__.delete())
    done = put_back(second, full, blobs)
    assert everything(full) == before
    assert done.there == 0


def test_beside_what_is_there_only_what_is_missing_comes_in(full, blobs, archive):
    before = everything(full)
    with full.transaction() as session:
        case = session.scalars(select(Case).where(Case.kin == "kin-0")).one()
        case.live = False
        corrected = bank.TruthFacts(Truth.AUTHENTIC, body={"reason": "Seen anew."})
        bank.put_key(session, blobs, case.id, small_film(0), corrected, now=NOW)
        gone = session.scalars(select(Case).where(Case.kin == "kin-1")).one()
        gone_id, key_id = gone.id, gone.key_id
        gone.key_id = None
        session.flush()
        session.execute(delete(CaseKey).where(CaseKey.id == key_id))
        session.execute(delete(Case).where(Case.id == gone_id))
    done = put_back(archive, full, blobs)
    assert (done.added, done.newer_keys) == (2, 1)
    after = everything(full)
    assert after["cases"][str(gone_id)] == before["cases"][str(gone_id)]
    assert after["cases"][str(case.id)]["live"] is False  # ours stays as it is
    assert put_back(archive, full, blobs).added == 0


def test_one_set_goes_alone_and_without_its_originals(full, blobs, elsewhere, tmp_path):
    path = tmp_path / "one.zip"
    packed = pack_up(full, blobs, path, slug="stacks", originals=False)
    assert packed.sets == ("stacks",)
    other = FolderStore(tmp_path / "other")
    put_back(path, elsewhere, other)
    with elsewhere.reading() as session:
        assert session.scalars(select(Dataset.slug)).all() == ["stacks"]
        assert "originals" not in session.scalars(select(Image)).one().facts
        assert list(shelf.verify(session, other)) == []
    assert b"the file as it came" not in [p.read_bytes() for p in other.root.rglob("*")
                                           if p.is_file()]  # fmt: skip


def test_the_mark_and_the_reason_are_in_it(archive):
    with zipfile.ZipFile(archive) as file:
        mark = file.read("MARK.txt").decode()
        head = json.loads(file.read("archive.json"))
        listed = file.read("manifest.sha256").decode().splitlines()
        for line in listed:
            sha256, name = line.split("  ")
            assert hashlib.sha256(file.read(name)).hexdigest() == sha256
        assert {line.split("  ")[1] for line in listed} == set(file.namelist()) - {
            "manifest.sha256"
        }
    assert "NOT images of patients" in mark
    assert WHY in mark
    assert head["why"] == WHY
    assert {s["slug"]: s["altered"] for s in head["sets"]} == {"small": 3, "stacks": 0}


def test_no_reason_no_set_no_whole_blob_no_archive(full, blobs, tmp_path):
    path = tmp_path / "x.zip"
    with pytest.raises(InvalidError, match="leave the system"):
        pack_up(full, blobs, path, why="  because  ")
    with pytest.raises(NotFoundError, match="no set 'hands'"):
        pack_up(full, blobs, path, slug="hands")
    with full.reading() as session:
        victim = blobs._path(session.scalars(select(Image.blocks)).first()[0])
    victim.write_bytes(victim.read_bytes()[:-1] + b"?")
    with pytest.raises(OperatorError, match="has other bytes"):
        pack_up(full, blobs, path)
    victim.unlink()
    with pytest.raises(OperatorError, match="is missing"):
        pack_up(full, blobs, path)
    assert list(tmp_path.glob("*.zip*")) == []
    assert list(tmp_path.glob(".*.part")) == []


def test_another_set_of_the_same_name_is_not_mixed_up_with_it(archive, elsewhere, tmp_path):
    with elsewhere.transaction() as session:
        facts = bank.SetFacts("small", "Another", Provenance.SIMULATED, "CC0")
        bank.open_set(session, None, facts, now=NOW)
    before = everything(elsewhere)
    with pytest.raises(ConflictError, match="another one"):
        put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    assert everything(elsewhere) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_bank(database, elsewhere, tmp_path):
    peaks = []
    blobs = FolderStore(tmp_path / "blobs")
    for n in (10, 100):
        with database.transaction() as session:
            fill_bank(session, blobs, n=n, side=128)
        tracemalloc.start()
        pack_up(database, blobs, tmp_path / f"{n}.zip")
        put_back(tmp_path / f"{n}.zip", elsewhere, FolderStore(tmp_path / f"other{n}"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    held = 190 * 2 * 128 * 128 * 2  # what the larger one has more, in pixels
    assert peaks[1] - peaks[0] < held / 4, peaks


def test_every_table_of_the_bank_is_in_or_is_left_out_for_a_reason():
    ours = {table.__tablename__ for table in TABLES.values()}
    near = {
        table.name
        for table in Base.metadata.tables.values()
        if {key.column.table.name for key in table.foreign_keys} & ours
    }
    assert near - ours == set(LEFT_OUT), (
        "a table refers to the bank: name it in archive_rows.TABLES, or in LEFT_OUT with the reason"
    )
