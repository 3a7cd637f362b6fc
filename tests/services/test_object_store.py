"""Blobs in an S3 bucket: a round trip through a real server, and its faults in plain words."""

import io
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.pages import CheckedClient
from tests.fixtures.play import small_film
from trainer.app import create_app
from trainer.imaging import block
from trainer.services.blobs import open_store
from trainer.services.errors import NotFoundError, OperatorError
from trainer.settings import Settings

ABOUT = """
title = "Trial"
licence = "CC0"
citation = "none"
display_allowed = true
provenance = "clinical"
source = "made here"
consent_basis = "none needed"
deidentification = "none needed"
"""


@pytest.fixture
def app(sqlite_url, tmp_path, s3_server):
    """The app of every other test, with its pixels in the bucket."""
    settings = Settings(
        home=tmp_path / "home", database_url=sqlite_url, blob_store="s3://films/telltale"
    )
    made = create_app(settings)
    made.test_client_class = CheckedClient
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    yield made
    made.extensions["telltale_database"].engine.dispose()


def test_films_are_imported_played_and_verified(app, client_of, quiz, tmp_path, s3_server):
    folder = tmp_path / "set"
    folder.mkdir()
    rows = ["file,truth,region"]
    for index in range(4):
        grey = np.random.default_rng(index).integers(0, 255, (140, 150), np.uint8)
        Image.fromarray(grey).save(folder / f"{index}.png")
        rows.append(f"{index}.png,{'authentic' if index % 2 else 'synthetic'},chest")
    (folder / "images.csv").write_text("\n".join(rows) + "\n")
    (folder / "dataset.toml").write_text(ABOUT)
    run = app.test_cli_runner().invoke
    done = run(args=["bank", "import", str(folder), "--dataset", "trial"])
    assert "4 taken in" in done.output, done.output

    client = client_of("ann")
    where = client.post(f"/items/{quiz(cases=4)}/sittings").location
    state = client.post(f"{where}/show", headers={"X-Requested-With": "fetch"}).json
    served = client.get(f"/films/{state['film']['token']}/slices/0")
    pixels, _ = block.decode(served.data)
    assert any(np.array_equal(pixels, small_film(seed).pixels) for seed in range(24))

    assert run(args=["bank", "verify"]).output == "every blob is whole\n"
    s3 = s3_server.client("s3", s3_server.key, s3_server.secret)
    held = [o["Key"] for o in s3.list_objects_v2(Bucket="films")["Contents"]]
    assert all(key.startswith("telltale/") for key in held)
    original = (folder / "0.png").read_bytes()
    key = next(k for k in held if s3.get_object(Bucket="films", Key=k)["Body"].read() == original)
    with pytest.raises(urllib.error.HTTPError, match="403"):  # private: nobody reads it unsigned
        urllib.request.urlopen(f"{s3_server.url}/films/{key}")
    s3.delete_object(Bucket="films", Key=key)
    damaged = run(args=["bank", "verify"])
    assert damaged.exit_code == 1
    assert "is missing (trial, image" in damaged.output


def test_the_store_keeps_gives_and_drops(s3_server):
    store = open_store("s3://films/deep/down")
    sha256 = store.put(b"pixels")
    assert store.put(b"pixels") == sha256
    assert store.has(sha256)
    assert store.get(sha256) == b"pixels"
    with store.open(sha256) as file:
        assert file.read(3) == b"pix"
    other = open_store("s3://films/deep/down")  # as a second process sees it
    later = other.put(b"later")
    assert store.has(later)
    assert not store.has("0" * 64)
    for read in (store.get, store.open):
        with pytest.raises(NotFoundError):
            read("0" * 64)
    assert store.put_output("job/archive.zip", io.BytesIO(b"z" * 3_000_000)) == 3_000_000
    with store.open_output("job/archive.zip") as file:
        assert len(file.read()) == 3_000_000
    store.drop_outputs("job")
    store.drop_outputs("job")
    with pytest.raises(NotFoundError, match="no longer kept"):
        store.open_output("job/archive.zip")


def test_a_bucket_that_is_not_there_is_named(s3_server):
    store = open_store("s3://other/telltale")
    for act in (lambda: store.put(b"x"), lambda: store.get("0" * 64), lambda: store.open("0" * 64)):
        with pytest.raises(OperatorError, match="no bucket other"):
            act()


def test_a_wrong_key_is_said_to_be_wrong(s3_server, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    store = open_store("s3://films/telltale")
    for act in (lambda: store.put(b"x"), lambda: store.has("0" * 64)):
        with pytest.raises(OperatorError, match="AWS_ACCESS_KEY_ID"):
            act()


class Breaking(io.BytesIO):
    """A file in whose middle the server dies."""

    def __init__(self, size, die):
        super().__init__(bytes(size))
        self.die = die

    def read(self, size=-1):
        if self.tell() >= 60 * 2**20:  # the first part of several is up
            self.die()
        return super().read(size)


def test_what_breaks_off_leaves_nothing(s3_server):
    def die():
        raise OSError("the disk is gone")

    store = open_store("s3://films/telltale")
    with pytest.raises(OperatorError, match="the disk is gone"):
        store.put_output("job/archive.zip", Breaking(70 * 2**20, die))
    with pytest.raises(NotFoundError):
        store.open_output("job/archive.zip")
    s3 = s3_server.client("s3", s3_server.key, s3_server.secret)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="films")


def test_a_server_that_stops_in_the_middle_is_told(s3_server, monkeypatch):
    monkeypatch.setattr(
        "trainer.services.remote_blobs.S3_PATIENCE", {"retries": {"max_attempts": 0}}
    )
    store = open_store("s3://films/telltale")
    kept = store.put(b"pixels")
    with pytest.raises(OperatorError, match="Nothing could be written"):
        store.put_output("job/archive.zip", Breaking(70 * 2**20, s3_server.stop))
    for act in (lambda: store.put(b"more"), lambda: store.get(kept), lambda: store.has(kept)):
        with pytest.raises(OperatorError, match="see that it can be reached"):
            act()
