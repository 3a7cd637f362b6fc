"""Held films: covered from the original, decided on by name, out of play until then."""

import numpy as np
import pytest
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from sqlalchemy import select

from tests.fixtures.dicom import dicom_bytes
from tests.fixtures.uploads import NOW, picture, png
from trainer.core.words import Provenance
from trainer.data.audit import AuditEvent
from trainer.data.images import Case, Image
from trainer.imaging.bank.dataset import About
from trainer.imaging.bank.manifest import read_manifest
from trainer.imaging.bank.mask import Patch
from trainer.imaging.bank.reader import Reader
from trainer.imaging.bank.text import find_text
from trainer.imaging.block import decode
from trainer.services import holds, image_intake, masking, shelf
from trainer.services.blobs import FolderStore
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

ABOUT = About("t", "CC0", "c", True, Provenance.CLINICAL, "s", "k", "d")
HEAD = {"Modality": "CT", "BodyPartExamined": "HEAD", "SeriesInstanceUID": "1.2.9"}


@pytest.fixture(scope="module")
def reader():
    with Reader() as one:
        yield one


@pytest.fixture
def ann(curator_of):
    return curator_of("ann")


def burned(seed: int) -> np.ndarray:
    page = Picture.fromarray(picture(seed, 300, 320))
    font = ImageFont.load_default(18)
    ImageDraw.Draw(page).text((80, 130), "DOE JANE 1958", fill=255, font=font)
    return np.asarray(page)


@pytest.fixture
def bring(database, reader, tmp_path):
    """Import files by a manifest; return the blob store."""
    folder, blobs = tmp_path / "set", FolderStore(tmp_path / "blobs")
    folder.mkdir()

    def go(files: dict[str, bytes], manifest: str):
        for name, data in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
        work = image_intake.Work(
            database.transaction, blobs, reader, folder, "k" * 32, "images.csv", None, NOW
        )
        rows = read_manifest(manifest.encode(), "images.csv")
        report = image_intake.import_rows(work, "chest", ABOUT, rows.rows)
        assert not report.faults, report.faults
        return blobs

    return go


@pytest.fixture
def remake(database, reader, ann):
    def go(blobs, case_id, *patches, keep=None):
        order = masking.Order(patches, keep)
        return masking.remake(
            database.reading, database.transaction, blobs, reader, ann, case_id, order, now=NOW
        )

    return go


def the(session, name):
    return session.execute(
        select(Case, Image).join(Image, Case.image_id == Image.id).where(Image.name == name)
    ).one()


def test_text_is_covered_from_the_original_and_the_old_pixels_go(bring, remake, database, ann):
    files = {f"{i}.png": png(picture(i, 300, 320)) for i in range(4)}
    files |= {"text.png": png(burned(9))}
    rows = "".join(f"{n},{'authentic' if n < '2' else 'synthetic'},chest\n" for n in files)
    blobs = bring(files, "file,truth,region\n" + rows)
    with database.reading() as session:
        (waiting,) = holds.held(session, "chest")
        case, image = the(session, "text.png")
        view = holds.look(session, ann, case.id)
        original = blobs.get(image.facts["originals"][0])
    assert waiting.case_id == case.id
    assert "burned-in text" in waiting.reasons[0]
    assert view.lines
    before = decode(blobs.get(image.blocks[0]))[0]
    assert find_text(before.astype(np.float32))
    patches = [Patch(*box) for box in view.lines]
    seen = decode(masking.preview(blobs.get(image.blocks[0]), patches))[0]
    assert not find_text(seen.astype(np.float32))
    assert remake(blobs, case.id, *patches) == 0
    with database.reading() as session:
        case, made = the(session, "text.png")
        after = decode(blobs.get(made.blocks[0]))[0]
        assert not find_text(after.astype(np.float32))
        assert (made.facts["box"], made.rows, made.columns) == (
            image.facts["box"], image.rows, image.columns,
        )  # fmt: skip
        (done,) = made.facts["covered"]
        assert (done["by"], len(done["patches"])) == ("ann", len(patches))
        assert session.scalars(select(AuditEvent).where(AuditEvent.act == "bank.cover")).one()
        assert not case.live  # a cover is no release
        assert made.facts["originals"] == image.facts["originals"]
        assert list(shelf.verify(session, blobs)) == []
    assert blobs.get(made.facts["originals"][0]) == original
    assert not blobs.has(image.blocks[0])
    # Far from the cover the film is what it was, but for the tone curve that saw the letters.
    far = np.s_[before.shape[0] * 3 // 4 :]
    assert np.corrcoef(after[far].ravel(), before[far].ravel())[0, 1] > 0.98


def test_a_release_a_rejection_and_taking_either_back(bring, remake, database, ann):
    blobs = bring(
        {"a.dcm": dicom_bytes(picture(3, 300, 320), BurnedInAnnotation="YES")},
        "file,truth\na.dcm,authentic\n",
    )

    def act(function, *args, **options):
        with database.transaction() as session:
            case, _ = the(session, "a.dcm")
            function(session, ann, case.id, *args, now=NOW, **options)

    def state():
        with database.reading() as session:
            case, image = the(session, "a.dcm")
            return holds.state_of(image.facts), case.live, case.id

    assert state()[:2] == ("held", False)
    with pytest.raises(InvalidError, match="why"):
        act(holds.reject, " ")
    act(holds.reject, "A name in the collar")
    assert state()[:2] == ("rejected", False)
    with database.reading() as session:
        assert holds.held(session, "chest") == []
        (kept,) = holds.held(session, "chest", all_of_them=True)
        assert holds.look(session, ann, kept.case_id).decision["why"] == "A name in the collar"
    with pytest.raises(ConflictError, match="rejected"):
        act(holds.release, by="Ann")
    with pytest.raises(ConflictError, match="not held"):
        remake(blobs, state()[2], Patch(1, 1, 20, 20))
    act(holds.hold_again)
    act(holds.release, by="Ann")
    assert state()[:2] == ("released", True)
    act(holds.hold_again)
    assert state()[:2] == ("held", False)


def test_what_was_never_held_has_no_such_page(bring, database, ann):
    bring({"a.png": png(picture(3))}, "file,truth\na.png,authentic\n")
    with database.reading() as session:
        case, _ = the(session, "a.png")
        with pytest.raises(NotFoundError):
            holds.look(session, ann, case.id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_face_is_cut_off_or_covered_slice_by_slice(bring, remake, database, ann):
    files = {}
    for i in range(6):
        files[f"head/{5 - i}.dcm"] = dicom_bytes(
            picture(i, 128, 128).astype(np.int16) * 4 - 500,
            ImagePositionPatient=["0", "0", str(i)],
            ImageOrientationPatient=list("100010"),
            **HEAD,
        )
    blobs = bring(files, "file,truth,modality\nhead,authentic,CT\n")
    with database.reading() as session:
        case, image = the(session, "head")
        assert holds.look(session, ann, case.id).face
        old = [decode(blobs.get(sha))[0].astype(int) for sha in image.blocks]
    remake(blobs, case.id, Patch(90, 20, 120, 100, 4, 5), keep=(1, 5))
    remake(blobs, case.id, Patch(0, 0, 20, 20, 0, 0))  # of the five that are left
    with database.reading() as session:
        case, made = the(session, "head")
        new = [decode(blobs.get(sha))[0].astype(int) for sha in made.blocks]
        assert made.facts["slice_mm"] == image.facts["slice_mm"][1:]
        assert len(made.facts["covered"]) == 2
    changed = [(a != b) for a, b in zip(old[1:], new, strict=True)]
    assert changed[0][:20, :20].any()
    assert not changed[0][20:, 20:].any()
    assert not changed[1].any()
    assert not changed[2].any()
    for part in changed[3:]:
        assert part[90:120, 20:100].mean() > 0.5
        part[90:120, 20:100] = False
        assert not part.any()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_orders_that_make_no_sense_are_refused(database_url):
    def check(*patches, keep=None, placed=False, slices=1):
        return masking.check(masking.Order(patches, keep), 100, 80, slices, placed=placed)

    assert check(Patch(-5, -5, 10, 200)).patches == (Patch(0, 0, 10, 100),)
    assert check(Patch(0, 0, 5, 5, -3, 99), slices=9).patches[0].last == 8
    for patches, options, words in [
        ((), {}, "Draw a box"),
        ((Patch(0, 0, 80, 100),), {}, "most of the film"),
        ((Patch(90, 0, 95, 5),), {}, "outside"),
        ((Patch(5, 5, 5, 9),), {}, "no size"),
        ((Patch(0, 0, 5, 5),) * 41, {}, "At most"),
        ((), {"keep": (0, 1), "slices": 9}, "Fewer than three"),
        ((), {"keep": (2, 8), "slices": 9, "placed": True}, "names slices"),
        ((), {"keep": (0, 8), "slices": 9}, "Draw a box"),
    ]:
        with pytest.raises(InvalidError, match=words):
            check(*patches, **options)
