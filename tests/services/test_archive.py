"""The bank as one archive: it comes back as it was, and what is damaged or hostile does not."""

import hashlib
import json
import struct
import tracemalloc
import uuid
import zipfile
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import delete, func, select

from tests.fixtures.app import NOW
from tests.fixtures.play import fill_bank, small_film
from trainer.core.review import StopKind
from trainer.core.words import Hallmark, Provenance, Truth
from trainer.data import Base
from trainer.data.audit import AuditEvent
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.review import CaseStop, KeyAgreement
from trainer.data.sets import AuditRun, SetPublication
from trainer.imaging.film import Film
from trainer.services import bank, shelf
from trainer.services.archive_pack import pack
from trainer.services.archive_restore import restore
from trainer.services.archive_rows import LEFT_OUT, TABLES, to_json
from trainer.services.blobs import FolderStore
from trainer.services.database import open_database
from trainer.services.errors import ConflictError, InvalidError, NotFoundError, OperatorError

WHY = "a backup before the move"


@pytest.fixture
def blobs(tmp_path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def full(database, blobs):
    """A bank with twins, masks, a corrected key, an original, an audit and an override."""
    with database.transaction() as session:
        fill_bank(session, blobs, n=3)
        original = blobs.put(b"the file as it came")
        planes = np.stack([small_film(i).pixels for i in range(3)])
        stack = Film(planes, (0.5, 0.5), region="chest", view="ax", slice_mm=(0.0, 2.0, 4.0))
        facts = bank.SetFacts("stacks", "Kōans — 象", Provenance.CLINICAL, "CC BY 4.0", "Someone")
        where = bank.open_set(session, None, facts, now=NOW)
        image = bank.keep_film(
            session, blobs, where, stack, now=NOW, facts={"originals": [original], "spaß": "ü"}
        )
        mask = np.zeros(stack.pixels.shape, bool)
        mask[1, 10:20, 10:30] = True
        truth = bank.TruthFacts(Truth.TAMPERED, (Hallmark.Z_BREAK,), mask=mask, body={"dose": 0.5})
        case = bank.add_case(session, blobs, where, image, stack, truth, kin="k", now=NOW)
        first = session.get_one(Case, case).key_id
        session.add_all(
            [
                KeyAgreement(case_key_id=first, name="Cora", part="agreed", agreed_at=NOW),
                CaseStop(case_id=case, kind=StopKind.HELD, why="Seen twice.", begun_at=NOW),
            ]
        )
        mimic = {"mimic_of": Hallmark.Z_BREAK, "mask": np.roll(mask, 1, axis=0)}
        corrected = bank.TruthFacts(Truth.AUTHENTIC, body={"reason": "A breath."}, **mimic)
        bank.put_key(session, blobs, case, stack, corrected, now=NOW + timedelta(hours=1))
        audit = AuditRun(
            dataset_id=where, made_at=NOW, engine="1", fingerprint="f", result={"auc": 0.7}
        )
        session.add(audit)
        session.flush()
        session.add(
            SetPublication(
                dataset_id=where,
                audit_id=audit.id,
                published_at=NOW,
                by="Cora",
                override="It is for a lesson on audits.",
                despite=["aspect"],
            )
        )
    return database


def everything(database):
    """Return every row of the bank, as plain values, by table and id."""
    with database.reading() as session:
        return {
            name: {row["id"]: row for row in map(to_json, session.scalars(select(table)))}
            for name, table in TABLES.items()
        }


def pack_up(database, blobs, path, **more):
    return pack(database.reading, blobs, path, by="Cora", now=NOW, **{"why": WHY} | more)


@pytest.fixture
def archive(full, blobs, tmp_path):
    path = tmp_path / "bank.zip"
    pack_up(full, blobs, path)
    return path


@pytest.fixture
def elsewhere(sqlite_template, tmp_path):
    """An empty installation of SQLite beside the one under test."""
    copy = tmp_path / "elsewhere.db"
    copy.write_bytes(sqlite_template.read_bytes())
    opened = open_database(f"sqlite:///{copy}")
    yield opened
    opened.engine.dispose()


def put_back(path, database, blobs):
    return restore(path, database.transaction, blobs, None, now=NOW)


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


def rewrite(archive, change, *, sums=True):
    """Write the archive anew with ``change(files)`` applied; with fresh checksums or the old."""
    with zipfile.ZipFile(archive) as file:
        files = {name: file.read(name) for name in file.namelist()}
    manifest = files.pop("manifest.sha256")
    change(files)
    if sums:
        lines = [f"{hashlib.sha256(d).hexdigest()}  {n}\n" for n, d in files.items()]
        manifest = "".join(lines).encode()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
        file.writestr("manifest.sha256", manifest)


def edited(table, **values):
    """Return a change of the first row of a table."""

    def change(files):
        name = f"rows/{table}.jsonl"
        first, _, rest = files[name].partition(b"\n")
        files[name] = json.dumps(json.loads(first) | values).encode() + b"\n" + rest

    return change


def head(**values):
    def change(files):
        files["archive.json"] = json.dumps(json.loads(files["archive.json"]) | values).encode()

    return change


def a_blob(files):
    return next(n for n, d in files.items() if n.startswith("blobs/") and d[:4] == b"TTB1")


def changed_blob(files):
    name = a_blob(files)
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])


def other_size(files):
    """A block whose header lies, under its own right name."""
    name = a_blob(files)
    old, data = name[6:8] + name[9:], files.pop(name)
    data = data[:8] + struct.pack("<II", 9, 9) + data[16:]
    new = hashlib.sha256(data).hexdigest()
    files[f"blobs/{new[:2]}/{new[2:]}"] = data
    for table in ("images", "keys"):
        rows = f"rows/{table}.jsonl"
        files[rows] = files[rows].replace(old.encode(), new.encode())


def added(name, data=b"x"):
    return lambda files: files.update({name: data})


HOSTILE = {
    "a name that leads out": (added("../../evil.sh"), "evil.sh"),
    "an absolute name": (added("/etc/passwd"), "passwd"),
    "a name of another system": (added("blobs\\..\\x"), "no archive of Telltale"),
    "a file that is not ours": (added("rows/users.exe"), "users.exe"),
    "a blob that is missing": (lambda f: f.pop(a_blob(f)), "lacks the blob"),
    "a table that is missing": (lambda f: f.pop("rows/keys.jsonl"), "lacks rows/keys"),
    "a changed blob": (changed_blob, "not named by its bytes"),
    "a block of another size": (other_size, "no film of the size"),
    "a newer format": (head(version=2), "newer version"),
    "another format": (head(format="zip"), "does not say"),
    "no head": (added("archive.json", b"[1"), "archive.json cannot be read"),
    "a column of a newer version": (edited("cases", mood="good"), "mood"),
    "a word that is none": (edited("keys", truth="maybe"), "truth"),
    "a number that is none": (edited("images", columns="64"), "columns"),
    "a time without a zone": (edited("sets", created_at="2026-01-01T00:00:00"), "time zone"),
    "an id that is none": (edited("cases", id="../x"), "id"),
    "a text that is too long": (edited("cases", split="x" * 17), "16 letters"),
    "a blob's name that leads out": (edited("keys", masks={"0": "../../x"}), "no sha256"),
    "a mask of no slice": (edited("keys", masks={"a": "0" * 64}), "not whole"),
    "a case of no image": (edited("cases", image_id=str(uuid.UUID(int=5))), "nothing was taken"),
    "an image without pixels": (edited("images", blocks=[]), "has no pixels"),
    "an empty licence": (edited("sets", licence=None), "is empty"),
    "no JSON": (added("rows/audits.jsonl", b"{]\n"), "audits.jsonl, line 1"),
    "nesting without end": (added("rows/audits.jsonl", b"[" * 200_000 + b"\n"), "line 1"),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_wrong_is_refused_and_nothing_is_written(archive, elsewhere, tmp_path, what):
    change, said = HOSTILE[what]
    rewrite(archive, change)
    with pytest.raises(InvalidError, match=said):
        put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    assert everything(elsewhere) == {name: {} for name in TABLES}
    assert not (tmp_path / "evil.sh").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_old_sums_tell_of_a_change(archive, elsewhere, tmp_path):
    rewrite(archive, edited("keys", truth="authentic"), sums=False)
    with pytest.raises(InvalidError, match="has other bytes"):
        put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_cut_short_anywhere_or_changed_in_any_byte_it_is_refused(archive, elsewhere, tmp_path):
    whole = archive.read_bytes()
    rng = np.random.default_rng(8)
    for length in (0, 10, 1000, *rng.integers(0, len(whole), 12)):
        archive.write_bytes(whole[:length])
        with pytest.raises(InvalidError, match="no whole archive"):
            put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    refused = 0
    for place in rng.integers(0, len(whole), 30):
        archive.write_bytes(
            whole[:place] + bytes([whole[place] ^ (1 << int(place) % 8)]) + whole[place + 1 :]
        )
        try:
            put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
        except InvalidError:
            refused += 1
            assert everything(elsewhere)["sets"] == {}
        else:  # a byte that says nothing, such as a date: all that counts was whole
            break
    assert refused > 10


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_in_the_middle_of_the_rows_leaves_none(archive, elsewhere, tmp_path):
    def twice(files):
        files["rows/keys.jsonl"] += files["rows/keys.jsonl"].splitlines()[0] + b"\n"

    rewrite(archive, twice)
    with pytest.raises(InvalidError, match="nothing was taken in"):
        put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    assert everything(elsewhere) == {name: {} for name in TABLES}


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
