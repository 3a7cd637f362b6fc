"""A folder of slices is forged whole and marked whole, or refused in one sentence."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from PIL import Image
from pydicom.dataset import FileDataset
from pydicom.uid import CTImageStorage, SegmentationStorage, generate_uid

from tests.imaging.forgery.pictures import stack
from tests.imaging.forgery.test_files import dicom, png
from trainer.cli.forge import forge as forge_command
from trainer.imaging.forgery import series
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.folder import read_slices
from trainer.imaging.forgery.order import Order

SPACING = 2.5
ORDER = Order("z_break", 0.8, 3, "a test")
Change = Callable[[FileDataset, int], Any]


def nothing(_: FileDataset, __: int) -> None:
    """Leave a slice as it is."""


@pytest.fixture(scope="module")
def volume() -> np.ndarray:
    """Eight slices as a CT stores them: signed, air far below nought."""
    return (stack(slices=8)[0].astype(np.int32) // 16 - 1024).astype(np.int16)


def slices(volume: np.ndarray, change: Change = nothing) -> dict[str, bytes]:
    """Return a series, its files named against the order in which the slices lie."""
    parts, one = {}, generate_uid(entropy_srcs=["one series"])
    for number, plane in enumerate(volume):
        ds = pydicom.dcmread(io.BytesIO(dicom(plane)))
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
        ds.Modality, ds.SeriesInstanceUID, ds.InstanceNumber = "CT", one, number + 1
        ds.RescaleSlope, ds.RescaleIntercept = 1, 0
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [0, 0, SPACING * number]
        change(ds, number)
        out = io.BytesIO()
        ds.save_as(out, enforce_file_format=True)
        parts[f"{99 - number}.dcm"] = out.getvalue()
    return parts


def opened(made: series.ForgedSeries) -> list[FileDataset]:
    """Return the slices that were made, in the order of their names."""
    names = sorted(name for name in made.files if name.endswith(".dcm"))
    return [pydicom.dcmread(io.BytesIO(made.files[name])) for name in names]


def test_every_slice_is_marked_and_lies_where_it_lay(volume: np.ndarray) -> None:
    made = series.forge_series(slices(volume), ORDER)
    found = opened(made)
    assert [float(ds.ImagePositionPatient[2]) for ds in found] == [SPACING * n for n in range(8)]
    assert len({ds.SOPInstanceUID for ds in found}) == 8
    assert len({ds.SeriesInstanceUID for ds in found}) == 1
    assert found[0].SeriesInstanceUID != generate_uid(entropy_srcs=["one series"])
    for ds in found:
        assert ds.SOPInstanceUID == ds.file_meta.MediaStorageSOPInstanceUID
        assert list(ds.ImageType)[:2] == ["DERIVED", "SECONDARY"]
        assert "FORGED FOR TEACHING" in ds.DerivationDescription
        assert "a test" in ds.DerivationDescription
        assert ds.ContributingEquipmentSequence[-1].Manufacturer == "Telltale"
        assert (str(ds.PatientName), ds.PatientID) == ("FORGED^TEACHING", made.stem)
        assert "Muster" not in str(ds) and "Akte-4711" not in str(ds)


def test_only_the_mask_differs_and_the_recipe_names_every_file(volume: np.ndarray) -> None:
    parts = slices(volume)
    made = series.forge_series(parts, ORDER)
    pixels = np.stack([ds.pixel_array for ds in opened(made)])
    with Image.open(io.BytesIO(made.files["mask.png"])) as image:
        mask = np.asarray(image).reshape(volume.shape) > 0
    assert pixels.dtype == np.int16
    assert np.array_equal(pixels[~mask], volume[~mask])
    assert (pixels[mask] != volume[mask]).any()
    touched = np.flatnonzero(mask.any(axis=(1, 2)))
    told = made.report.parameters
    assert [touched[0], touched[-1]] == [told["first_slice"], told["last_slice"]]
    recipe = json.loads(made.files["recipe.json"])
    assert recipe["slices_sha256"] == [sha256(parts[f"{99 - n}.dcm"]).hexdigest() for n in range(8)]
    assert recipe["images_sha256"] == {
        name: sha256(data).hexdigest() for name, data in made.files.items() if "dcm" in name
    }


def test_the_order_of_files_does_not_matter_and_the_seed_does(volume: np.ndarray) -> None:
    parts = slices(volume)
    turned = dict(reversed(parts.items()))
    made = series.forge_series(parts, ORDER)
    assert series.forge_series(turned, ORDER).files == made.files
    other = series.forge_series(parts, Order("z_break", 0.8, 4, "a test"))
    assert other.stem != made.stem and other.files["mask.png"] != made.files["mask.png"]


def test_what_was_forged_before_says_so(volume: np.ndarray) -> None:
    once = series.forge_series(slices(volume), ORDER)
    parts = {name: data for name, data in once.files.items() if name.endswith(".dcm")}
    twice = series.forge_series(parts, Order("breathing_step", 0.5, 1, "again"))
    assert "z_break" in twice.earlier
    for ds in opened(twice):
        assert ds.DerivationDescription.startswith("ALTERED FOR TEACHING")
        assert "Before that: FORGED FOR TEACHING" in ds.DerivationDescription


def test_padding_stays_padding(volume: np.ndarray) -> None:
    padded = volume.copy()
    padded[:, :, :30] = -2000

    def say(ds: FileDataset, _: int) -> None:
        ds.add_new("PixelPaddingValue", "SS", -2000)

    made = series.forge_series(slices(padded, say), ORDER)
    pixels = np.stack([ds.pixel_array for ds in opened(made)])
    assert (pixels[:, :, :30] == -2000).all() and (pixels[:, :, 30:] > -2000).all()


def shift(ds: FileDataset, number: int) -> None:
    if number >= 5:
        ds.ImagePositionPatient = [0, 0, SPACING * number + 0.8]


def lost(ds: FileDataset, number: int) -> None:
    if number >= 5:
        ds.ImagePositionPatient = [0, 0, SPACING * (number + 1)]


def twice(ds: FileDataset, number: int) -> None:
    if number == 5:
        ds.ImagePositionPatient = [0, 0, SPACING * 4]


def mixed(ds: FileDataset, number: int) -> None:
    if number == 2:
        ds.SeriesInstanceUID = generate_uid()


def scaled(ds: FileDataset, number: int) -> None:
    ds.RescaleSlope = 1 + 0.1 * number


def nowhere(ds: FileDataset, number: int) -> None:
    if number == 3:
        del ds.ImagePositionPatient


def empty(ds: FileDataset, number: int) -> None:
    if number == 3:
        del ds.PixelData


def cropped(ds: FileDataset, number: int) -> None:
    if number == 3:
        ds.PixelData = ds.pixel_array[:-2].tobytes()
        ds.Rows -= 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (shift, r"unevenly spaced: 95\.dcm and 94\.dcm are 3\.3 mm apart, others 2\.5"),
        (lost, r"a slice is missing between 95\.dcm and 94\.dcm \(5 mm apart, others 2\.5\)"),
        (twice, r"lie in the same place"),
        (mixed, r"differ in their series: the folder mixes series"),
        (scaled, r"differ in their rescale slope"),
        (nowhere, r"96\.dcm does not say where it lies"),
        (empty, r"96\.dcm: the DICOM file holds no image"),
        (cropped, r"96\.dcm is 160 x 158 pixels"),
    ],
)
def test_what_is_no_whole_series_is_refused(volume: np.ndarray, change: Change, said: str) -> None:
    with pytest.raises(ForgeryError, match=said):
        series.forge_series(slices(volume, change), ORDER)


def test_files_that_are_no_slices_are_refused_by_name(volume: np.ndarray) -> None:
    parts = slices(volume)
    for more, said in (
        ({"notes.txt": b"hello"}, "notes.txt is no DICOM file"),
        ({"film.png": png(volume[0].astype(np.uint16))}, "film.png is no DICOM file"),
        ({"all.dcm": dicom(volume)}, "all.dcm holds 8 frames"),
        ({"cut.dcm": parts["99.dcm"][:2000]}, "cut.dcm: the DICOM"),
    ):
        with pytest.raises(ForgeryError, match=said):
            series.forge_series(parts | more, ORDER)
    with pytest.raises(ForgeryError, match="at least two slices"):
        series.forge_series({"99.dcm": parts["99.dcm"]}, ORDER)
    with pytest.raises(ForgeryError, match=r"rib_clone works on a film \(2-D\)"):
        series.forge_series(parts, Order("rib_clone", 0.5, 1))


@pytest.fixture
def folder(volume: np.ndarray, tmp_path: Path) -> Path:
    """A folder as a scanner leaves it, with a hidden file of the system's."""
    made = tmp_path / "in"
    made.mkdir()
    for name, data in slices(volume).items():
        (made / name).write_bytes(data)
    (made / ".DS_Store").write_bytes(b"x")
    return made


def run(*words: Any) -> Any:
    said = ("--hallmark", "z_break", "--why", "a test", *words)
    return CliRunner().invoke(forge_command, [str(word) for word in said])


def test_the_command_takes_a_folder_and_never_writes_over_one(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(folder, "--out", out)
    assert done.exit_code == 0, done.output
    (made,) = out.iterdir()
    assert made.name.startswith("forged-") and str(made) in done.output
    names = sorted(path.name for path in made.iterdir())
    assert names == [*(f"{n:04d}.dcm" for n in range(1, 9)), "mask.png", "recipe.json"]
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    again = run(folder, "--out", out)
    assert again.exit_code == 1 and "is there already; nothing was written" in again.output
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before
    assert [path.name for path in out.iterdir()] == [made.name]


def test_the_command_takes_the_slices_by_name(folder: Path, tmp_path: Path) -> None:
    named = [path for path in folder.iterdir() if path.suffix == ".dcm"]
    assert run(*named, "--out", tmp_path / "named").exit_code == 0
    assert run(folder, "--out", tmp_path / "folder").exit_code == 0
    (one,), (other,) = ((tmp_path / name).iterdir() for name in ("named", "folder"))
    assert one.name == other.name
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()


def test_the_command_refuses_folders_among_files_and_names_twice(
    folder: Path, tmp_path: Path
) -> None:
    twice = run(folder / "99.dcm", folder / "99.dcm", "--out", tmp_path / "out")
    assert twice.exit_code == 1 and "two files are called 99.dcm" in twice.output
    (folder / "more").mkdir()
    done = run(folder / "99.dcm", folder / "more", "--out", tmp_path / "out")
    assert done.exit_code == 1 and "more is a folder" in done.output
    named = run(*sorted(folder.glob("*.dcm")), png_in(folder), "--out", tmp_path / "out")
    assert named.exit_code == 1 and "mask_lungs.png is no DICOM file" in named.output
    assert not (tmp_path / "out").exists()


def png_in(folder: Path) -> Path:
    path = folder / "mask_lungs.png"
    path.write_bytes(png(np.zeros((16, 16), np.uint8)))
    return path


def test_what_lies_beside_the_slices_is_left_aside_and_said(folder: Path, tmp_path: Path) -> None:
    assert "left aside" not in run(folder, "--out", tmp_path / "alone").output
    png_in(folder)
    (folder / "mask_heart.PNG").write_bytes(b"whatever it is")
    (folder / "recipe.json").write_text("{}")
    (folder / "README").write_text("slices")
    (folder / "more").mkdir()
    truth = pydicom.dcmread(folder / "99.dcm")
    truth.SOPClassUID = truth.file_meta.MediaStorageSOPClassUID = SegmentationStorage
    truth.Modality, truth.SeriesInstanceUID = "SEG", generate_uid()
    truth.save_as(folder / "truth.dcm")
    done = run(folder, "--out", tmp_path / "beside")
    assert done.exit_code == 0, done.output
    said = "1 × .json, 2 × .png, 1 × DICOM Segmentation, 1 × a file without an ending, 1 × folder"
    assert f"note: left aside in the folder: {said}" in done.output
    (one,), (other,) = ((tmp_path / name).iterdir() for name in ("alone", "beside"))
    assert one.name == other.name
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes()


def test_a_folder_of_two_series_of_none_or_with_a_broken_slice_is_refused(
    folder: Path, volume: np.ndarray, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    above = tmp_path / "above"
    (above / "authentic").mkdir(parents=True)
    none = run(above, "--out", out)
    assert none.exit_code == 1
    assert "holds no DICOM image; name a folder that lies in it: authentic" in none.output
    whole = (folder / "95.dcm").read_bytes()
    for data, said in (
        (b"not any more", "95.dcm is no DICOM file (Part 10), though its name says so"),
        (whole[:136], "95.dcm is cut short or does not say what it is"),
        (whole[:-100], "95.dcm: the DICOM"),
    ):
        (folder / "95.dcm").write_bytes(data)
        broken = run(folder, "--out", out)
        assert broken.exit_code == 1 and said in broken.output, broken.output
    (folder / "95.dcm").write_bytes(whole)

    scout = pydicom.dcmread(folder / "99.dcm")
    scout.SeriesInstanceUID = generate_uid()
    scout.save_as(folder / "scout.dcm")
    two = run(folder, "--out", out)
    assert two.exit_code == 1
    assert "images of 2 series (8 from 92.dcm on, 1 from scout.dcm on)" in two.output
    assert not out.exists()


def test_a_fault_while_writing_leaves_nothing(volume: np.ndarray, tmp_path: Path) -> None:
    made = series.forge_series(slices(volume), ORDER)

    def fail(_: Path, __: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ForgeryError, match="No space left"):
        series.write_series(made, tmp_path, rename=fail)
    assert not list(tmp_path.iterdir())


@pytest.mark.shared_data
def test_real_series_are_taken_or_refused(shared_data: Path) -> None:
    brain = read_slices([shared_data / "mr-brain-ge-series"]).parts
    made = series.forge_series(brain, ORDER)
    assert len(opened(made)) == len(brain) == 20
    head = read_slices([shared_data / "ct-head-ge-series"]).parts
    with pytest.raises(ForgeryError, match="unevenly spaced"):
        series.forge_series(head, ORDER)
