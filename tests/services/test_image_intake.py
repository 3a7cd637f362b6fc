import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from scipy.ndimage import gaussian_filter
from sqlalchemy import func, select

from tests.fixtures.dicom import dicom_bytes
from trainer.core.words import Hallmark, Provenance, Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging.bank.dataset import About
from trainer.imaging.bank.grouping import plan_groups
from trainer.imaging.bank.manifest import read_manifest
from trainer.imaging.bank.reader import Reader
from trainer.imaging.block import decode
from trainer.imaging.film import Film
from trainer.services import bank, image_intake, set_publications, shelf
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, InvalidError, OperatorError

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ABOUT = About("t", "CC0", "c", True, Provenance.CLINICAL, "s", "k", "d")


def picture(seed: int, rows: int = 220, columns: int = 240) -> np.ndarray:
    rng = np.random.default_rng(seed)
    soft = gaussian_filter(rng.normal(size=(rows, columns)), 9)
    soft = (soft - soft.min()) / np.ptp(soft) * 230 + rng.normal(size=(rows, columns)) * 3
    return np.clip(soft, 0, 255).astype(np.uint8)


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(array).save(path)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "set"
    for index in range(4):
        save(place / f"real/{index}.png", picture(index))
        save(place / f"made/{index}.jpg", picture(100 + index, 256, 256))
    (place / "real/x.dcm").write_bytes(dicom_bytes(picture(50).astype(np.uint16) * 9))
    return place


@pytest.fixture(scope="module")
def reader():
    with Reader() as one:
        yield one


ROWS = (
    "file,truth,region,patient\n"
    + "".join(
        f"real/{i}.png,authentic,chest,p{i}\nmade/{i}.jpg,synthetic,chest,\n" for i in range(4)
    )
    + "real/x.dcm,authentic,chest,\n"
)


@pytest.fixture
def run(database, folder, reader, tmp_path):
    blobs = FolderStore(tmp_path / "blobs")

    def go(rows: str = ROWS, about: About = ABOUT, transaction=database.transaction, **change):
        work = image_intake.Work(
            transaction=transaction,
            blobs=change.get("blobs", blobs),
            reader=reader,
            folder=folder,
            key="k" * 32,
            manifest="images.csv",
            actor=None,
            now=NOW,
        )
        manifest = read_manifest(rows.encode(), "images.csv")
        assert not manifest.faults
        return image_intake.import_rows(work, "chest", about, manifest.rows)

    go.blobs = blobs
    return go


def test_a_folder_comes_in_and_gives_nothing_away(run, database):
    report = run()
    assert (report.taken, report.already, report.faults) == (9, 0, [])
    with database.reading() as session:
        images = session.scalars(select(Image)).all()
        assert len({(i.rows, i.columns, i.block_bytes) for i in images}) == 1
        headers = {run.blobs.get(i.sha256)[:24] + run.blobs.get(i.sha256)[32:64] for i in images}
        assert len(headers) == 1  # all but the default window, which follows the pixels
        case = session.scalars(select(Case).join(Image, Case.image_id == Image.id)).first()
        assert case.key.truth in Truth
        kins = set(session.scalars(select(Case.kin)))
        assert not any(kin == "p1" or "P-0815" in kin for kin in kins)
        assert sum(kin.startswith("patient:") for kin in kins) == 5


def test_a_mimic_s_mask_comes_in_with_it_and_stays_a_look(run, database, folder):
    mask = np.zeros(picture(0).shape, np.uint8)
    mask[mask.shape[0] // 2 :, : mask.shape[1] // 2] = 255
    save(folder / "masks/0.png", mask)
    head = "file,truth,region,mimic_of,mask\n"
    rows = (
        head + "real/0.png,authentic,chest,no_context,masks/0.png\nreal/1.png,authentic,chest,,\n"
    )
    report = run(rows)
    assert (report.taken, report.faults) == (2, [])
    with database.reading() as session:
        look, plain = sorted(session.scalars(select(CaseKey)), key=lambda key: not key.mimic_of)
        assert (look.truth, look.mimic_of, look.hallmarks) == (Truth.AUTHENTIC, "no_context", [])
        assert look.outlines and list(look.masks) == ["0"] and not look.everywhere
        assert (plain.truth, plain.outlines, plain.masks) == (Truth.AUTHENTIC, [], {})


@pytest.mark.parametrize(
    ("facts", "said"),
    [(bank.TruthFacts(Truth.AUTHENTIC, mask=np.ones((80, 100), bool)), "no changed place"),
     (bank.TruthFacts(Truth.AUTHENTIC, everywhere=True), "no changed place"),
     (bank.TruthFacts(Truth.TAMPERED, mimic_of=Hallmark.NO_CONTEXT), "Only an authentic")],
)  # fmt: skip
def test_a_key_that_says_two_things_is_refused(run, database, facts, said):
    run()
    film = Film(np.zeros((80, 100), np.uint16), (0.2, 0.2))
    with database.transaction() as session:
        case = session.scalars(select(Case)).first()
        with pytest.raises(InvalidError, match=said):
            bank.put_key(session, run.blobs, case.id, film, facts, now=NOW)


def test_running_again_goes_on_where_it_stopped(run, database):
    steps = iter(range(1000))

    @contextmanager
    def dies():
        if next(steps) == 6:
            raise KeyboardInterrupt
        with database.transaction() as session:
            yield session

    with pytest.raises(KeyboardInterrupt):
        run(transaction=dies)
    with database.reading() as session:
        inside = session.scalar(select(func.count()).select_from(Image))
        assert 0 < inside < 9
        assert session.scalar(select(func.count()).select_from(CaseKey)) == inside
        assert session.scalar(select(func.count()).where(Case.key_id.is_(None))) == 0
    report = run()
    assert (report.taken, report.already) == (9 - inside, inside)


def test_a_full_disk_leaves_what_is_in(run, database):
    class Full(FolderStore):
        count = 0

        def put(self, data):
            self.count += 1
            if self.count > 3:
                raise OperatorError("cannot write: No space left on device. Make room.")
            return super().put(data)

    with pytest.raises(OperatorError, match="No space"):
        run(blobs=Full(run.blobs.root))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 1
        assert list(shelf.verify(session, run.blobs)) == []
    assert run().taken == 8


def test_bad_files_are_named_and_the_rest_goes_on(run, folder, database):
    (folder / "empty.png").write_bytes(b"")
    (folder / "zip.dcm").write_bytes(b"PK\x03\x04" + bytes(100))
    (folder / "tiny.png").write_bytes(b"")
    save(folder / "tiny.png", picture(7, 70, 70))
    (folder / "out.png").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.png")
    save(folder / "stray.png", picture(8))
    (folder / "us.dcm").write_bytes(dicom_bytes(picture(9), Modality="US"))
    (folder / "ct.dcm").write_bytes(dicom_bytes(picture(9), Modality="CT"))
    bad = ["empty.png", "zip.dcm", "out.png", "pipe.png", "missing.png", "us.dcm", "ct.dcm"]
    report = run(ROWS + "".join(f"{name},authentic,chest,\n" for name in bad))
    assert report.taken == 9
    said = {f.row: str(f) for f in report.faults}
    assert sorted(said) == list(range(11, 11 + len(bad)))
    for (number, text), words in zip(
        sorted(said.items()),
        ["empty", "zip archive", "leads out", "no plain file", "no such file", "is US", "says CT"],
        strict=True,
    ):
        assert f"images.csv, row {number}: " in text
        assert words in text
    assert report.unlisted == ["stray.png", "tiny.png"]
    with database.reading() as session:
        assert list(shelf.verify(session, run.blobs)) == []


def test_the_same_file_with_two_truths_is_a_fault(run, folder):
    (folder / "copy.png").write_bytes((folder / "real/0.png").read_bytes())
    report = run(ROWS + "copy.png,synthetic,chest,\n")
    assert "the same file is in the set as authentic" in str(report.faults[0])


def test_what_a_header_suspects_is_held(run, folder, database):
    (folder / "sc.dcm").write_bytes(dicom_bytes(picture(3), BurnedInAnnotation="YES"))
    assert run(ROWS + "sc.dcm,authentic,chest,\n").held == 1
    with database.reading() as session:
        (held,) = session.scalars(select(Case).where(~Case.live))
        assert "burned in" in held.image.facts["holds"][0]


def test_a_mask_becomes_outlines_on_the_film(run, folder, database):
    mask = np.zeros((256, 256), np.uint8)
    mask[100:150, 80:140] = 255
    save(folder / "mask.png", mask)
    save(folder / "wrong.png", mask[:99])
    rows = ROWS.replace("truth", "truth,mask", 1).replace("c,chest", "c,,chest")
    rows = rows.replace("made/0.jpg,synthetic,,", "made/0.jpg,tampered,mask.png,")
    rows = rows.replace("made/1.jpg,synthetic,,", "made/1.jpg,tampered,wrong.png,")
    report = run(rows)
    assert "the image is 256 x 256" in str(report.faults[0])
    with database.reading() as session:
        (key,) = session.scalars(select(CaseKey).where(CaseKey.truth == Truth.TAMPERED))
        pixels, _ = decode(run.blobs.get(key.masks["0"]))
        assert 0 < (pixels > 0).mean() < 0.2
        assert [outline["z"] for outline in key.outlines] == [0]
        assert not key.everywhere


def test_later_images_follow_the_plan_that_was_made(run, folder, database):
    run()
    save(folder / "later.png", picture(60, 900, 900))
    assert run(ROWS + "later.png,authentic,chest,\n").taken == 1
    with database.reading() as session:
        assert len(set(session.execute(select(Image.rows, Image.columns)))) == 1
    with pytest.raises(ConflictError, match="need a set of their own"):
        run(about=About("t", "CC0", "c", True, Provenance.SIMULATED, "s", "k", "d"))


def test_only_a_set_with_both_truths_is_played(run, database):
    run("file,truth\nreal/0.png,authentic\n")
    with database.transaction() as session, pytest.raises(ConflictError, match="one answer"):
        set_publications.publish(session, None, "chest", NOW)
    run()
    # now it is the labels that nobody has answered for
    with (
        database.transaction() as session,
        pytest.raises(ConflictError, match="nobody has agreed to the labels"),
    ):
        set_publications.publish(session, None, "chest", NOW)
    with database.reading() as session:
        assert session.scalars(select(Dataset)).one().published_at is None


def test_verify_finds_what_is_missing_and_what_was_changed(run, database):
    run()
    paths = sorted(p for p in run.blobs.root.rglob("*") if p.is_file())
    paths[0].unlink()
    data = bytearray(paths[1].read_bytes())
    data[-1] ^= 1
    paths[1].write_bytes(data)
    with database.reading() as session:
        faults = list(shelf.verify(session, run.blobs))
    assert sorted(f.what for f in faults) == ["has other bytes than its name says", "is missing"]


def test_regions_have_plans_of_their_own_only_where_both_classes_have_them():
    from trainer.core.words import Modality
    from trainer.imaging.bank.plan import Measure

    one = Measure(100, 100, (100, 100), 1, 8, None)
    both = {"authentic": [one] * 5, "other": [one] * 5}
    assert set(plan_groups(Modality.XR, {"hand": both, "knee": both})) == {
        "XR/hand",
        "XR/knee",
    }
    lone = {"authentic": [one] * 5}
    assert set(plan_groups(Modality.XR, {"hand": both, "knee": lone})) == {"XR"}


def slices(folder, name, count, size=128, **values):
    for index in range(count):
        data = dicom_bytes(
            (picture(300 + index, size, size).astype(np.int16) * 4 - 500),
            Modality="CT",
            SeriesInstanceUID="1.2.9",
            ImagePositionPatient=["0", "0", str(10 - index)],
            ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
            InstitutionName="Ward seven",
            **values,
        )
        (folder / name).mkdir(exist_ok=True)
        (folder / name / f"{index}.dcm").write_bytes(data)


def test_folders_of_slices_become_stacks_with_their_twins(run, folder, database):
    slices(folder, "one", 4)
    slices(folder, "two", 5)
    slices(folder, "tiny", 2, size=32)
    mask = np.zeros((128, 128), np.uint8)
    mask[30:60, 40:80] = 255
    save(folder / "marks/0.png", mask)
    save(folder / "marks/1.png", np.zeros_like(mask))
    report = run(
        "file,truth,modality,twin,mask\n"
        "one,authentic,CT,,\ntwo,tampered,CT,one,marks\ntiny,authentic,CT,,\n"
    )
    assert report.taken == 2
    assert len(report.faults) == 1
    assert "tiny" in str(report.faults[0])
    with database.reading() as session:
        by = {
            image.facts["name"]: (image, case)
            for image, case in session.execute(
                select(Image, Case).join(Case, Case.image_id == Image.id)
            )
        }
        one, two = by["one"], by["two"]
        assert (len(one[0].blocks), len(two[0].blocks)) == (4, 5)
        assert one[0].facts["slice_mm"] == [7, 8, 9, 10]
        assert (one[0].facts["placed"], one[0].facts["plane"], one[0].facts["tilt"]) == (
            True,
            "axial",
            0,
        )
        assert (one[0].rows, one[0].columns) == (128, 128)  # the tiny one shrinks nobody
        assert (one[1].twin_image_id, two[1].twin_image_id) == (two[0].id, one[0].id)
        assert one[1].kin == two[1].kin
        # 0.png belongs to 0.dcm, which lies highest: the last slice; 1.png marks nothing
        assert {outline["z"] for outline in two[1].key.outlines} == {4}
        assert list(two[1].key.masks) == ["4"]
        kept, _ = decode(run.blobs.get(two[1].key.masks["4"]))
        assert np.array_equal(kept > 0, mask > 0)
        assert list(shelf.verify(session, run.blobs)) == []
        kept = b"".join(run.blobs.get(sha) for sha in one[0].facts["originals"])
        assert b"Ward seven" not in kept
        assert b"P-0815" not in kept
        assert one[0].facts["deidentified"]["profile"].startswith("DICOM PS3.15 2026c")


def test_the_tint_of_a_file_is_kept_aside_and_never_in_the_film(run, folder, database):
    tinted = np.stack([picture(7)] * 3, axis=-1).astype(np.int16)
    tinted[..., 2] -= 12
    save(folder / "made/tinted.png", np.clip(tinted, 0, 255).astype(np.uint8))
    run("file,truth\nmade/tinted.png,synthetic\nreal/0.png,authentic\n")
    with database.reading() as session:
        colours = {
            image.facts["name"]: image.facts["colour"] for image in session.scalars(select(Image))
        }
        assert colours["real/0.png"] == {}
        assert colours["made/tinted.png"]["red_blue"] > 10
        assert run.blobs.get(colours["made/tinted.png"]["panel"]).startswith(b"\x89PNG")
        assert not list(shelf.verify(session, run.blobs))


def test_a_patient_stays_on_one_side_of_the_split_across_imports(run, database, folder):
    rows = "file,truth,region,patient,split\nreal/0.png,authentic,chest,p0,practice\n"
    more = "real/1.png,authentic,chest,p0,{}\nmade/0.jpg,synthetic,chest,,practice\n"
    assert not run(rows + "made/1.jpg,synthetic,chest,,practice\n").faults
    (fault,) = run("file,truth,region,patient,split\n" + more.format("test")).faults
    assert "its patient is in the set for practice already, its row says test" in str(fault)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 3
    assert not run("file,truth,region,patient,split\n" + more.format("practice")).faults


def test_a_dicom_file_with_the_head_of_a_tiff_is_cleaned_too(run, folder, database):
    """PS3.10 7.1 lets the preamble be anything, a TIFF's head for one."""
    plain = dicom_bytes(picture(51).astype(np.uint16) * 9)
    (folder / "dual.dcm").write_bytes(b"II*\x00" + plain[4:])
    report = run(ROWS + "dual.dcm,authentic,chest,\n")
    assert report.faults == []
    with database.reading() as session:
        image = session.scalars(select(Image).where(Image.name == "dual.dcm")).one()
        kept = b"".join(run.blobs.get(sha) for sha in image.facts["originals"])
    assert b"P-0815" not in kept
    assert b"Doe" not in kept
