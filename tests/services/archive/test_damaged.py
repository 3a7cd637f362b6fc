"""An archive that is damaged or hostile is refused, and nothing of it is written."""

import hashlib
import json
import struct
import uuid
import zipfile

import numpy as np
import pytest

from tests.services.archive.packing import everything, put_back
from trainer.services.archive_rows import TABLES
from trainer.services.blobs import FolderStore
from trainer.services.errors import InvalidError


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
    "a place on an authentic film that imitates nothing": (
        edited("keys", truth="authentic", mimic_of="", everywhere=True),
        "has a place only where it imitates",
    ),
    "an outline on an authentic film": (
        edited(
            "keys",
            truth="authentic",
            mimic_of="",
            everywhere=False,
            masks={},
            outlines=[{"z": 0, "points": [[1, 1], [5, 1], [5, 5]]}],
        ),
        "has a place only where it imitates",
    ),
    "a changed film that imitates": (
        edited("keys", truth="tampered", mimic_of="z_break"),
        "only an authentic film imitates",
    ),
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
    rewrite(archive, edited("keys", body={"reason": "Another."}), sums=False)
    with pytest.raises(InvalidError, match="has other bytes"):
        put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


def said_by(archive, whole):
    """Return the places of an archive's contents: a date between them may change and say nothing.

    The last byte of each is left out, for a compressed file may end in bits that mean nothing.
    """
    archive.write_bytes(whole)
    places = []
    with zipfile.ZipFile(archive) as file:
        for one in file.infolist():
            name, extra = struct.unpack_from("<HH", whole, one.header_offset + 26)
            start = one.header_offset + 30 + name + extra
            places += range(start, start + one.compress_size - 1)
    return places


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_cut_short_anywhere_or_changed_in_any_byte_it_is_refused(archive, elsewhere, tmp_path):
    whole = archive.read_bytes()
    rng = np.random.default_rng(8)
    for length in (0, 10, 1000, *rng.integers(0, len(whole), 12)):
        archive.write_bytes(whole[:length])
        with pytest.raises(InvalidError, match="no whole archive"):
            put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    for place in rng.choice(said_by(archive, whole), 30):
        archive.write_bytes(
            whole[:place] + bytes([whole[place] ^ (1 << int(place) % 8)]) + whole[place + 1 :]
        )
        with pytest.raises(InvalidError):
            put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
        assert everything(elsewhere)["sets"] == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fault_in_the_middle_of_the_rows_leaves_none(archive, elsewhere, tmp_path):
    def twice(files):
        files["rows/keys.jsonl"] += files["rows/keys.jsonl"].splitlines()[0] + b"\n"

    rewrite(archive, twice)
    with pytest.raises(InvalidError, match="nothing was taken in"):
        put_back(archive, elsewhere, FolderStore(tmp_path / "other"))
    assert everything(elsewhere) == {name: {} for name in TABLES}
