"""Uploads: what comes in pieces is whole, private, and goes when its time is over."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.fixtures.uploads import NOW, checksum, picture, png, zipped
from trainer.data.uploads import UploadFile
from trainer.services import upload_pieces as pieces
from trainer.services import uploads
from trainer.services.errors import ConflictError, InvalidError, NotFoundError


@pytest.fixture
def ann(curator_of):
    return curator_of("ann")


@pytest.fixture
def act(database, upload_store, ann):
    """Return ``act(function, ...)``: one call of a service in a transaction of its own."""

    def go(function, *args, **options):
        with database.transaction() as session:
            return function(session, ann, *args, **options)

    return go


DATA = bytes(range(256)) * 40_000  # 10 MB: three pieces


def offered(act, store, upload, *offers):
    made = [pieces.Offer(*one) for one in offers]
    return act(pieces.offer, upload, made, store, now=NOW)


def test_a_file_comes_in_pieces_and_goes_on_where_it_was(act, upload_store, database, ann):
    upload = act(uploads.make, now=NOW)
    (one,) = offered(act, upload_store, upload, ("a/b.dcm", len(DATA), "7"))

    def piece(start, data=None, word=None):
        data = DATA[start : start + pieces.PIECE] if data is None else data
        word = word or checksum(data)
        return act(pieces.receive, upload, one.id, start, data, word, upload_store, now=NOW)

    assert piece(0) == pieces.PIECE
    with pytest.raises(ConflictError, match=f"{pieces.PIECE} bytes"):
        piece(0)
    with pytest.raises(InvalidError, match="changed on its way"):
        piece(pieces.PIECE, word="00000000")
    with pytest.raises(InvalidError, match="does not fit"):
        piece(pieces.PIECE, data=b"")
    # A torn write: bytes on the disk that were never counted are written over.
    part = upload_store.part(upload, one.id)
    with part.open("ab") as file:
        file.write(b"torn" * 99)
    (again,) = offered(act, upload_store, upload, ("a/b.dcm", len(DATA), "7"))
    assert (again.id, again.received) == (one.id, pieces.PIECE)
    assert piece(2 * pieces.PIECE - pieces.PIECE) == 2 * pieces.PIECE
    assert piece(2 * pieces.PIECE) == len(DATA)
    assert part.read_bytes() == DATA
    assert part.stat().st_mode & 0o077 == 0
    with database.reading() as session:
        seen = uploads.look(session, ann, upload, upload_store)
    assert (seen.files, seen.whole, seen.received) == (1, 1, len(DATA))
    (edited,) = offered(act, upload_store, upload, ("a/b.dcm", len(DATA), "8"))
    assert edited.received == 0  # another file under the same name begins anew


def test_a_file_longer_than_it_said_is_refused(act, upload_store):
    upload = act(uploads.make, now=NOW)
    (one,) = offered(act, upload_store, upload, ("x.png", 5, "1"))
    with pytest.raises(InvalidError, match="does not fit"):
        act(
            pieces.receive, upload, one.id, 0, b"123456", checksum(b"123456"), upload_store, now=NOW
        )


def test_what_cannot_be_taken_is_refused_by_name_before_it_is_sent(act, tmp_path):
    store = uploads.open_store(tmp_path / "small", 1 / 1024, 7)  # one MiB
    upload = act(uploads.make, now=NOW)
    said = offered(
        act, store, upload,
        ("good.png", 100, ""), ("../x.png", 5, ""), ("empty.png", 0, ""), (".DS_Store", 5, ""),
        ("huge.zip", 2**21, ""), ("negative.png", -4, ""), ("名前.png", 10, ""),
        ("one.zip", 2**20 - 200, ""), ("too-much.png", 200, ""),
    )  # fmt: skip
    words = ["", "leads out", "0 bytes", "bookkeeping", "GiB", "GiB", "", "", "GiB in all"]
    for answer, word in zip(said, words, strict=True):
        assert (word in answer.refused) if word else not answer.refused, answer
        assert (answer.id is None) == bool(word)


def test_a_full_disk_is_said_before_it_is_full(act, upload_store, monkeypatch):
    monkeypatch.setattr(pieces, "SPARE", 2**62)
    upload = act(uploads.make, now=NOW)
    (one,) = offered(act, upload_store, upload, ("x.png", 5, ""))
    assert "disk is nearly full" in one.refused


def test_an_upload_is_its_owner_s_alone(act, upload_store, curator_of, database):
    bob = curator_of("bob")
    upload = act(uploads.make, now=NOW)
    (one,) = offered(act, upload_store, upload, ("x.png", 5, ""))
    for call in (
        lambda s: uploads.look(s, bob, upload, upload_store),
        lambda s: uploads.files(s, bob, upload),
        lambda s: uploads.discard(s, bob, upload, upload_store, now=NOW),
        lambda s: pieces.receive(
            s, bob, upload, one.id, 0, b"12345", checksum(b"12345"), upload_store, now=NOW
        ),
    ):
        with database.transaction() as session, pytest.raises(NotFoundError):
            call(session)
    with database.reading() as session:
        assert uploads.mine(session, bob, upload_store) == []
    with database.transaction() as session:
        sent = uploads.make(session, None, now=NOW, origin="dicom")
        assert [u.id for u in uploads.mine(session, bob, upload_store)] == [sent]


def test_what_is_left_alone_is_swept_and_what_is_discarded_is_gone(
    act, send, ann, upload_store, database
):
    old = send(ann, {"x.png": png(picture(1))})
    young = send(ann, {"x.png": png(picture(1))})
    done = send(ann, {"x.png": b"1"})
    act(uploads.discard, done, upload_store, now=NOW)
    assert not upload_store.place(done).exists()
    later = NOW + timedelta(days=6)
    with database.transaction() as session:
        uploads.find(session, ann, young).touched_at = later
    with database.transaction() as session:
        assert uploads.sweep(session, upload_store, now=NOW + timedelta(days=8)) == 1
        names = set(session.scalars(select(UploadFile.upload_id)))
    assert names == {young}
    assert upload_store.place(young).exists()
    assert not upload_store.place(old).exists()
    with pytest.raises(NotFoundError, match="removed after its time"):
        act(uploads.find, old)


def test_a_dropped_file_takes_its_bytes_along(act, send, ann, upload_store):
    upload = send(ann, {"a.png": b"1", "b.zip": zipped({"c": b"2"})})
    one, two = act(uploads.files, upload)
    act(uploads.drop, upload, one.id, upload_store)
    assert not upload_store.part(upload, one.id).exists()
    assert upload_store.part(upload, two.id).exists()
    with pytest.raises(NotFoundError):
        act(uploads.drop, upload, one.id, upload_store)
