"""Films as files: valid, candid, the same every time, all or nothing."""

import hashlib
import json
from importlib import resources

import highdicom
import numpy as np
import pydicom
import pytest
from highdicom._standard_utils import check_required_attributes
from PIL import Image
from pydicom.uid import UID
from pydicom.valuerep import validate_value

from trainer.core.words import Hallmark
from trainer.imaging.dicom.read import read_dicom
from trainer.imaging.recipes import Recipe, make, make_twins
from trainer.imaging.simulator import dicom_out

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
RECIPE = Recipe(
    ONE, "hand", "pa", 9, {"fracture_bone": "metacarpal 5"}, Hallmark.CLEAN_FRACTURE, 0.8,
    "insertion model", twin=TWO,
)  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return make_twins(RECIPE, 128)[1]


@pytest.fixture(scope="module")
def written(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("films") / "one"
    return folder, dicom_out.write(made, RECIPE, folder)


def test_the_image_reads_back_to_the_bit_and_says_that_it_is_simulated(made, written):
    ds = pydicom.dcmread(written[0] / "film.dcm")
    assert np.array_equal(ds.pixel_array, made.film.pixels)
    assert str(ds.PatientName) == "SIMULATED^HAND"
    assert "SIMULATED" in ds.SeriesDescription and "Simulated" in ds.ImageComments
    assert "FORGED: clean_fracture" in ds.DerivationDescription
    assert ds.BurnedInAnnotation == "NO" and ds.Modality == "DX"


def test_an_authentic_film_is_called_simulated_and_not_forged():
    recipe = Recipe(TWO, "chest", "pa", 3)
    ds = dicom_out.image(make(recipe, 96), recipe)
    assert "FORGED" not in ds.DerivationDescription.upper()
    assert "SIMULATED" in str(ds.PatientName)


def test_the_image_has_every_attribute_its_modules_need(written):
    """PS3.3 A.26.3, by highdicom's copy of the standard's module tables."""
    ds = pydicom.dcmread(written[0] / "film.dcm")
    folder = resources.files("highdicom") / "_standard"
    modules = json.loads((folder / "iod_module_map.json").read_text())["digital-x-ray-image"]
    needed = [m["key"] for m in modules if m["usage"] == "M"]
    assert "dx-image" in needed
    for module in needed:
        check_required_attributes(ds, module=module)
    assert UID(ds.SOPInstanceUID).is_valid and len(ds.SOPInstanceUID) <= 64
    for element in ds:
        if isinstance(element.value, str):
            validate_value(element.VR, element.value, pydicom.config.RAISE)


def test_the_truth_is_a_segmentation_of_that_image(made, written):
    seg = highdicom.seg.segread(written[0] / "truth.dcm")
    image = pydicom.dcmread(written[0] / "film.dcm")
    labels = [seg.get_segment_description(n).segment_label for n in seg.segment_numbers]
    assert "bones" in labels and labels[-1] == "altered"
    frames = seg.get_pixels_by_source_instance([image.SOPInstanceUID])
    assert np.array_equal(frames[0, ..., labels.index("altered")] > 0, made.mask)
    assert np.array_equal(frames[0, ..., labels.index("bones")] > 0, made.structures["bones"])
    assert seg.StudyInstanceUID == image.StudyInstanceUID


def test_masks_recipe_and_checksums_are_beside_it(made, written):
    folder, sums = written
    mask = np.asarray(Image.open(folder / "mask_altered.png"))
    assert np.array_equal(mask > 0, made.mask)
    assert Recipe.from_json((folder / "recipe.json").read_text()) == RECIPE
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    listed = (folder / "sha256.txt").read_text().splitlines()
    assert len(listed) == len(sums) == len(list(folder.iterdir())) - 1


def test_the_same_recipe_gives_the_same_bytes(made, written, tmp_path):
    assert dicom_out.write(made, RECIPE, tmp_path / "again") == written[1]


def test_our_own_reader_takes_it(made, written):
    decoded = read_dicom((written[0] / "film.dcm").read_bytes(), "film.dcm")
    assert decoded.pixels.shape[-2:] == made.film.pixels.shape


def test_nothing_is_overwritten_and_nothing_is_left_half_written(
    made, written, tmp_path, monkeypatch
):
    with pytest.raises(FileExistsError, match="there already"):
        dicom_out.write(made, RECIPE, written[0])
    monkeypatch.setattr(dicom_out, "truth", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        dicom_out.write(made, RECIPE, tmp_path / "broken")
    assert list(tmp_path.iterdir()) == []
