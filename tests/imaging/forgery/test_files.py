"""Forged files say so, are whole or not there, and write over nothing."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from tests.imaging.forgery.pictures import stack, trunk
from trainer.cli.forge import forge as forge_command
from trainer.imaging.dicom.read import read_dicom
from trainer.imaging.forgery import files
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.order import Order


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def dicom(pixels: np.ndarray, photometric: str = "MONOCHROME2") -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = meta.MediaStorageSOPClassUID
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = "Muster^Erika", "Akte-4711", "19500101"
    ds.AccessionNumber, ds.Modality, ds.ImageType = "A1", "DX", ["ORIGINAL", "PRIMARY", ""]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, photometric
    ds.Rows, ds.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        ds.NumberOfFrames = pixels.shape[0]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 16, 15
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelData = pixels.tobytes()
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


@pytest.fixture(scope="module")
def film() -> np.ndarray:
    return trunk(side=160)[0]


def test_a_dicom_file_is_marked_and_loses_its_patient(film: np.ndarray) -> None:
    made = files.forge_bytes(dicom(film), Order("uniform_grain", 0.5, 3, "a test"))
    ds = pydicom.dcmread(io.BytesIO(made.image))
    assert ds.ImageType[0] == "DERIVED"
    assert "FORGED FOR TEACHING" in ds.DerivationDescription and "a test" in ds.ImageComments
    assert ds.ContributingEquipmentSequence[0].Manufacturer == "Telltale"
    assert b"Muster" not in made.image and b"Akte-4711" not in made.image
    assert str(ds.PatientName) == "FORGED^TEACHING"
    assert ds.pixel_array.shape == film.shape
    assert (ds.pixel_array != film).mean() > 0.5
    assert pydicom.dcmread(io.BytesIO(dicom(film))).StudyInstanceUID != ds.StudyInstanceUID


def test_signed_and_inverted_pixels_come_back_as_they_were(film: np.ndarray) -> None:
    signed = (film.astype(np.int32) // 8 - 1000).astype(np.int16)
    for pixels, photometric in ((signed, "MONOCHROME2"), (film, "MONOCHROME1")):
        made = files.forge_bytes(dicom(pixels, photometric), Order("halo_seam", 0.7, 1))
        back = pydicom.dcmread(io.BytesIO(made.image)).pixel_array
        mask = np.asarray(Image.open(io.BytesIO(made.mask))) > 0
        assert back.dtype == pixels.dtype
        assert np.array_equal(back[~mask], pixels[~mask])
        assert (back[mask] != pixels[mask]).any()


def test_a_stack_keeps_its_frames() -> None:
    pixels, _ = stack(side=128, slices=6)
    made = files.forge_bytes(dicom(pixels), Order("z_break", 0.6, 2))
    assert pydicom.dcmread(io.BytesIO(made.image)).pixel_array.shape == pixels.shape
    assert Image.open(io.BytesIO(made.mask)).size == (128, 6 * 128)


def test_a_png_is_marked_in_its_text_and_keeps_its_depth(film: np.ndarray) -> None:
    for pixels in (film, (film >> 8).astype(np.uint8)):
        made = files.forge_bytes(png(pixels), Order("vendor_smoothing", 1.0, 0))
        with Image.open(io.BytesIO(made.image)) as opened:
            assert "ALTERED FOR TEACHING" in opened.text["Description"]
            assert np.asarray(opened).dtype == pixels.dtype


def test_the_recipe_makes_the_file_again(film: np.ndarray) -> None:
    data = png(film)
    made = files.forge_bytes(data, Order("render_look", 0.3, 8))
    recipe = json.loads(made.recipe)
    again = files.forge_bytes(data, Order(recipe["hallmark"], recipe["dose"], recipe["seed"]))
    assert again == made
    assert recipe["report"]["truth"] == "tampered"


def test_nothing_is_written_over_and_nothing_half(film: np.ndarray, tmp_path: Path) -> None:
    made = files.forge_bytes(png(film), Order("render_look", 0.3, 8))
    image, _, _ = files.write(made, tmp_path)
    before = image.read_bytes()
    with pytest.raises(ForgeryError, match="is there already; nothing was written"):
        files.write(made, tmp_path)
    assert image.read_bytes() == before
    other = files.forge_bytes(png(film), Order("render_look", 0.3, 9))
    (tmp_path / f"{other.stem}.mask.png").write_bytes(b"mine")
    with pytest.raises(ForgeryError):
        files.write(other, tmp_path)
    left = sorted(p.name for p in tmp_path.iterdir() if other.stem in p.name)
    assert left == [f"{other.stem}.mask.png"]
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".forging")]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(
    film: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = files.forge_bytes(png(film), Order("render_look", 0.3, 8))
    (tmp_path / "taken").write_text("a file, no folder")
    with pytest.raises(ForgeryError, match="cannot write into"):
        files.write(made, tmp_path / "taken" / "out")
    link, calls = os.link, []

    def full(source: str, target: Path) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        link(source, target)

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(ForgeryError, match="No space left on device"):
        files.write(made, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_padding_stays_padding_and_does_not_shift_the_greys(film: np.ndarray) -> None:
    pixels = (film >> 5).astype(np.int16) - 1000
    pixels[:, :20] = -32000
    data = dicom(pixels)
    ds = pydicom.dcmread(io.BytesIO(data))
    ds.add_new("PixelPaddingValue", "US", 65536 - 32000)  # many writers get its VR wrong
    out = io.BytesIO()
    ds.save_as(out)
    made = files.forge_bytes(out.getvalue(), Order("uniform_grain", 1.0, 1))
    back = pydicom.dcmread(io.BytesIO(made.image)).pixel_array
    mask = np.asarray(Image.open(io.BytesIO(made.mask))) > 0
    assert (back[:, :20] == -32000).all() and not mask[:, :20].any()
    assert back[:, 20:].min() >= pixels[:, 20:].min()
    plain = files.forge_bytes(dicom(pixels[:, 20:].copy()), Order("uniform_grain", 1.0, 1))
    alone = pydicom.dcmread(io.BytesIO(plain.image)).pixel_array
    assert back[:, 20:].std() == pytest.approx(alone.std(), rel=0.02)


def test_what_was_forged_before_stays_marked_and_says_so(film: np.ndarray) -> None:
    for data in (dicom(film), png(film)):
        once = files.forge_bytes(data, Order("render_look", 0.3, 8, "one"))
        twice = files.forge_bytes(once.image, Order("grid_moire", 0.3, 8, "two"))
        assert once.earlier == "" and "render_look" in twice.earlier
        assert "render_look" in json.loads(twice.recipe)["forged_before"]
        said = files.mark_of(twice.image)
        assert "grid_moire" in said and "Before that: FORGED" in said and "render_look" in said


def test_lossy_pixels_stay_called_lossy(shared_data: Path) -> None:
    source = next((shared_data / "nih-cxr14-samples").glob("*.dcm")).read_bytes()
    ds = pydicom.dcmread(io.BytesIO(source))
    if "LossyImageCompression" in ds:
        del ds.LossyImageCompression
    out = io.BytesIO()
    ds.save_as(out)
    made = files.forge_bytes(out.getvalue(), Order("checkerboard", 0.5, 1))
    back = pydicom.dcmread(io.BytesIO(made.image))
    assert back.LossyImageCompression == "01"
    assert not back.file_meta.TransferSyntaxUID.is_compressed


def test_frames_that_are_not_evenly_spaced_are_refused() -> None:
    pixels, _ = stack(side=128, slices=6)
    ds = pydicom.dcmread(io.BytesIO(dicom(pixels)))
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    groups = []
    for z in (0, 2, 4, 6, 11, 13):
        place, turn, group = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [0, 0, z]
        turn.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        group.PlanePositionSequence, group.PlaneOrientationSequence = [place], [turn]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    out = io.BytesIO()
    ds.save_as(out)
    with pytest.raises(ForgeryError, match="unevenly spaced"):
        files.forge_bytes(out.getvalue(), Order("z_break", 0.6, 2))


@pytest.mark.shared_data
def test_every_foreign_dicom_file_is_forged_or_refused_in_words(shared_data: Path) -> None:
    """Compressed, signed, big-endian, deflated, overlaid, coloured, without pixels, broken."""
    forged, refused = 0, 0
    for path in sorted(shared_data.glob("dicom-corner-*/*")):
        try:
            made = files.forge_bytes(path.read_bytes(), Order("grid_moire", 0.5, 1))
        except ForgeryError as fault:
            refused += 1
            assert len(str(fault)) > 20, path.name
            continue
        forged += 1
        if made.ending == ".dcm":
            assert "ALTERED" in files.mark_of(made.image), path.name
            read_dicom(made.image, path.name)
    assert forged >= 15 and refused >= 15, (forged, refused)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither a DICOM"),
        (b"\x89PNG\r\n\x1a\nbroken", "neither a DICOM"),
        (b"\0" * 128 + b"DICM" + b"\0" * 10, "DICOM"),
        (png(np.zeros((200, 200, 3), np.uint8) + np.arange(3, dtype=np.uint8)), "coloured"),
        (png(np.full((200, 200), 7, np.uint8)), "flat"),
    ],
)
def test_a_broken_file_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ForgeryError, match=said):
        files.forge_bytes(data, Order("render_look", 0.3, 8))


def test_the_command_writes_three_files_and_says_what_it_did(
    film: np.ndarray, tmp_path: Path
) -> None:
    source = tmp_path / "film.png"
    source.write_bytes(png(film))
    out = tmp_path / "out"
    order = [str(source), "--hallmark", "checkerboard", "--dose", "0.4", "--seed", "5"]
    unsaid = CliRunner().invoke(forge_command, [*order, "--why", " ", "--out", str(out)])
    assert unsaid.exit_code == 1 and "say what it is made for" in unsaid.output
    asked = CliRunner().invoke(forge_command, [*order, "--out", str(out)], input="")
    assert asked.exit_code == 1 and "What is it made for" in asked.output and not out.exists()
    order += ["--why", "a test"]
    done = CliRunner().invoke(forge_command, [*order, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert len(list(out.iterdir())) == 3
    assert "up-sampling" in done.output
    again = CliRunner().invoke(forge_command, [*order, "--out", str(out)])
    assert again.exit_code == 1 and "is there already" in again.output
