"""Archives nobody has vouched for: each bad entry is refused by name, the rest comes in."""

import bz2
import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.imaging.bank.archive import Limits, Unpacked, kind_of, unpack
from trainer.imaging.bank.names import safe_name
from trainer.imaging.dicom.errors import IntakeError


def zipped(entries, **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data, **options)
    return out.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in members:
            info.size = info.size or len(data)
            archive.addfile(info, io.BytesIO(data) if data else None)
    return out.getvalue()


def member(name: str, **values) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(info, key, value)
    return info


@pytest.fixture
def opened(tmp_path):
    """Unpack bytes; return the files that lie there, and what was said of each refusal."""

    def go(data: bytes, name="a.zip", limits=None, done=None, folder=""):
        packed = tmp_path / "packed"
        packed.write_bytes(data)
        into = tmp_path / f"into{len(list(tmp_path.iterdir()))}"
        into.mkdir()
        fresh = done is None
        done = done or Unpacked()
        unpack(packed, name, into, folder, done, limits or Limits())
        there = {
            p.relative_to(into).as_posix(): p.read_bytes() for p in into.rglob("*") if p.is_file()
        }
        assert all(p.name.startswith(("packed", "into")) for p in tmp_path.iterdir())
        assert not fresh or sorted(done.names) == sorted(there)
        assert not any(p.is_symlink() for p in into.rglob("*"))
        return there, [str(f) for f in done.faults]

    return go


def one(faults: list[str], *words: str) -> None:
    assert len(faults) == 1, faults
    for word in words:
        assert word in faults[0]


def test_whole_archives_come_in(opened):
    files = [("real/1.png", b"one"), ("ünïcode/名前.png", b"two"), ("__MACOSX/._1.png", b"x")]
    there, faults = opened(zipped(files))
    assert there == {"real/1.png": b"one", "ünïcode/名前.png": b"two"}
    assert not faults


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.tar", lambda d: d), ("a.tgz", gzip.compress), ("a.tar.bz2", bz2.compress)],
)
def test_tars_come_in(opened, name, pack):
    there, faults = opened(pack(tarred((member("x/1.dcm"), b"one"), (member("2"), b"2"))), name)
    assert there == {"x/1.dcm": b"one", "2": b"2"}
    assert not faults


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../out.png", "leads out of the folder"),
        ("a/../../out.png", "leads out of the folder"),
        ("..\\out.png", "leads out of the folder"),
        ("/etc/passwd", "a place on a disk"),
        ("C:\\x.png", "a place on a disk"),
        ("a/b\u202egnp.exe", "cannot be seen"),
        ("line\nbreak.png", "cannot be seen"),
        ("x" * 300 + ".png", "longer than"),
        ("/".join(["d"] * 40) + "/x.png", "folders deep"),
        ("con. /x.png", "space or a full stop"),
    ],
)
def test_a_bad_name_costs_itself_alone(opened, name, words):
    there, faults = opened(zipped([(name, b"bad"), ("good.png", b"good")]))
    assert there == {"good.png": b"good"}
    one(faults, words)
    there, faults = opened(tarred((member(name), b"bad"), (member("fine.png"), b"good")), "a.tar")
    assert "fine.png" in there
    one(faults, words)


def test_links_and_devices_are_refused(opened):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("link.png/x", b"through it")
    there, faults = opened(out.getvalue())
    one(faults, "a link or device")
    assert there == {"link.png/x": b"through it"}
    there, faults = opened(
        tarred(
            (member("sym", type=tarfile.SYMTYPE, linkname="/etc"), b""),
            (member("hard", type=tarfile.LNKTYPE, linkname="sym"), b""),
            (member("pipe", type=tarfile.FIFOTYPE), b""),
            (member("dev", type=tarfile.CHRTYPE), b""),
            (member("sym/x"), b"y"),
        ),
        "a.tar",
    )
    assert len(faults) == 4
    assert "sym/x" in there


def test_bombs_are_refused_by_ratio_size_and_count(opened):
    grown = bytes(20 * 2**20)
    there, faults = opened(zipped([("bomb.dcm", grown), ("good", b"g")]))
    assert set(there) == {"good"}
    one(faults, "grows more than 250 times")
    _, faults = opened(gzip.compress(tarred((member("t.dcm"), grown))), "a.tar.gz")
    one(faults, "grows more than 250 times")
    noise = os.urandom(3000)
    _, faults = opened(zipped([("n1", noise), ("n2", noise)]), limits=Limits(entry_bytes=2000))
    assert len(faults) == 2
    there, faults = opened(zipped([(f"m{i}", noise) for i in range(9)]), limits=Limits(4, 7000))
    one(faults, "more than")
    assert sum(n.startswith("m") for n in there) == 2
    there, faults = opened(zipped([(f"k{i}", b"") for i in range(9)]), limits=Limits(files=4))
    one(faults, "more files than")
    assert sum(n.startswith("k") for n in there) == 4


def test_the_limits_hold_over_all_archives_of_an_upload(opened):
    done = Unpacked()
    opened(zipped([("a", b"x" * 600)]), done=done, limits=Limits(total_bytes=1000))
    _, faults = opened(zipped([("b", b"x" * 600)]), done=done, limits=Limits(total_bytes=1000))
    one(faults, "left for this upload")


def test_lying_sizes_and_damage_are_refused(opened):
    data = bytearray(zipped([("lie.png", b"abc" * 400), ("good", b"g")]))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 30)  # the index states fewer bytes than there are
    there, faults = opened(bytes(data))
    assert set(there) == {"good"}
    one(faults, "not what the archive says")
    data = bytearray(zipped([("flip.png", os.urandom(400)), ("good2", b"g")]))
    data[200] ^= 0xFF
    there, faults = opened(bytes(data))
    assert "good2" in there
    one(faults, "flip.png", "not what the archive says")
    _, faults = opened(zipped([("x", b"y")])[:-9])
    one(faults, "no table of contents")
    whole = tarred((member("first"), os.urandom(4000)), (member("second"), os.urandom(4000)))
    there, faults = opened(whole[:6000], "a.tar")
    assert "second" not in there
    one(faults, "damaged or cut short")
    huge = tarfile.TarInfo("huge")
    huge.size = 2**50
    _, faults = opened(huge.tobuf() + bytes(1024), "a.tar")
    one(faults, "larger than all may be")
    pax = tarfile.TarInfo("pax")
    pax.type, pax.size = tarfile.XHDTYPE, 2**30
    _, faults = opened(pax.tobuf() + bytes(1024), "b.tar")
    one(faults, "longer than any name")


def test_locked_odd_and_doubled_entries_are_refused(opened):
    data = bytearray(zipped([("secret.png", b"abc"), ("good", b"g")]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    there, faults = opened(bytes(data))
    one(faults, "locked with a password")
    assert set(there) == {"good"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("odd.png", b"abc")
    _, faults = opened(out.getvalue())
    one(faults, "by a method that is not opened")
    with pytest.warns(UserWarning, match="Duplicate"):
        doubled = zipped([("twice.png", b"1"), ("twice.png", b"2"), ("twice.png/x", b"3")])
    there, faults = opened(doubled)
    assert there["twice.png"] == b"1"
    assert len(faults) == 2
    assert "of that name already" in faults[0]


def test_other_archives_are_named(opened):
    for head in (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\xfd7zXZ\x00"):
        assert kind_of(head + bytes(500), "x") == "other archive"
    assert kind_of(gzip.compress(b"x"), "x.nii.gz") == "other archive"
    assert kind_of(b"\x89PNG", "x.zip") == ""
    _, faults = opened(b"7z\xbc\xaf\x27\x1c" + bytes(600), "a.7z")
    one(faults, "Pack it as a zip")


@given(st.text(max_size=60))
def test_no_name_leads_out(name):
    try:
        safe = safe_name(name)
    except IntakeError:
        return
    assert Path("/up", safe).resolve().is_relative_to("/up")
    assert safe_name(safe) == safe


@given(st.binary(max_size=600), st.sampled_from(["PK\x03\x04", "\x1f\x8b\x08", "BZh9", ""]))
def test_no_bytes_crash_it(tmp_path_factory, data, head):
    place = tmp_path_factory.mktemp("fuzz")
    (place / "p").write_bytes(head.encode("latin-1") + data)
    for name in ("a.zip", "a.tar.gz", "a.tar.bz2", "a.tar"):
        unpack(place / "p", name, place / "into", "", Unpacked(), Limits())
        assert {p.name for p in place.iterdir()} <= {"p", "into"}
