"""Tomograms of the chest: twins, truth, the same patient as on the film, files."""

import json
from importlib import resources

import highdicom
import numpy as np
import pydicom
import pytest
from highdicom._standard_utils import check_required_attributes
from PIL import Image
from scipy.ndimage import binary_erosion, center_of_mass

from trainer.core.words import Hallmark, Modality, Truth
from trainer.imaging.recipes import Recipe, RecipeError, authentic_of, make, make_twins
from trainer.imaging.simulator import dicom_out
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.ct.series import Scan

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CT = region("chest", "ct")
SIDE = 112
SETTINGS = {
    "slices": 12.0, "slice_mm": "2.0", "mas": 60.0, "kernel": "soft", "recon": "fbp",
    "granuloma": "none", "breath": 0.0,
}  # fmt: skip


def scan(finding, seed=21, **more):
    given = {**SETTINGS, "finding": finding, "finding_size": 0.8, **more}
    return Scan(CT, CT.case(seed, given), SIDE)


def altered(case, hallmark, dose):
    return CT.case(case.seed, dict(case.values), hallmark, dose)


@pytest.fixture(scope="module")
def healthy():
    return scan("none")


@pytest.fixture(scope="module")
def ill():
    return scan("nodule")


@pytest.mark.parametrize("hallmark", CT.structural)
@pytest.mark.parametrize("which", ["healthy", "ill"])
def test_twins_are_equal_to_the_bit_outside_the_mask_and_differ_inside(hallmark, which, request):
    patient = request.getfixturevalue(which)
    plain = patient.authentic()
    twin = patient.forged(altered(patient.case, hallmark, 0.8))
    before, after = plain.film.pixels.astype(int), twin.film.pixels.astype(int)
    assert np.array_equal(before[~twin.mask], after[~twin.mask])
    assert np.abs(after - before)[twin.place].mean() > (1 if hallmark is Hallmark.HU_NOISE else 10)
    assert twin.place.any() and not (twin.place & ~twin.mask).any()
    assert twin.mask.all() == (hallmark is Hallmark.HU_NOISE)
    nothing = patient.forged(altered(patient.case, hallmark, 0.0))
    assert np.array_equal(nothing.film.pixels, before) and not nothing.mask.any()


def test_the_truth_lies_where_the_nodule_is(healthy, ill):
    nodule = ill.authentic().structures["nodule"]
    gone = ill.forged(altered(ill.case, Hallmark.NO_CONTEXT, 0.8))
    assert gone.report["removed"] == 1
    assert (gone.place & nodule).sum() > 0.8 * nodule.sum()
    assert gone.film.pixels[nodule].mean() < ill.authentic().film.pixels[nodule].mean() - 400
    put_in = healthy.forged(altered(healthy.case, Hallmark.NO_CONTEXT, 1.0))
    assert "nodule" not in healthy.authentic().structures and put_in.report["removed"] == 0
    wanted = [put_in.report[f"lesion_{axis}"] for axis in ("slice", "row", "column")]
    assert np.allclose(center_of_mass(put_in.place), wanted, atol=1.6)


def test_noise_inside_a_nodule_put_in_is_the_series_own(healthy):
    """Blended: the residual of forged against authentic has no noise in it."""
    twin = healthy.forged(altered(healthy.case, Hallmark.NO_CONTEXT, 1.0))
    change = twin.film.pixels.astype(float) - healthy.authentic().film.pixels
    bare = healthy.forged(altered(healthy.case, Hallmark.HALO_SEAM, 1.0))
    foreign = bare.film.pixels.astype(float) - healthy.authentic().film.pixels

    def rough(image, where):
        k = int(np.argmax(where.sum((1, 2))))
        kink = np.abs(np.diff(image[k], 2, axis=1))
        return np.median(kink[where[k][:, 1:-1]])

    quiet = twin.mask & (np.abs(change) < 60)
    assert rough(change, quiet) < 0.5 * rough(foreign, bare.mask & (np.abs(foreign) < 60))


def test_foreign_noise_is_as_strong_in_the_air_as_in_the_body(healthy):
    plain = healthy.authentic()
    twin = healthy.forged(altered(healthy.case, Hallmark.HU_NOISE, 1.0))
    own, body = healthy._noise, plain.structures["body"]
    foreign = twin.film.pixels - (healthy._clean + 1024.0)
    air = (slice(None), slice(0, 14), slice(40, 72))
    assert own[air].std() < 0.9 * own[body].std()
    assert foreign[air].std() > 0.92 * foreign[body].std()


def test_a_break_stands_still_across_slices(healthy):
    twin = healthy.forged(altered(healthy.case, Hallmark.Z_BREAK, 1.0))
    slices = np.flatnonzero(twin.place.any((1, 2)))
    assert 2 <= len(slices) < 8 and np.all(np.diff(slices) == 1)
    still = np.diff(twin.film.pixels.astype(float), axis=0)
    moving = np.diff(healthy.authentic().film.pixels.astype(float), axis=0)
    inside = binary_erosion(twin.mask[slices[0]] & twin.mask[slices[1]], iterations=4)
    k = slices[0]
    assert np.abs(still[k][inside]).mean() < 0.75 * np.abs(moving[k][inside]).mean()


def test_a_breath_moves_the_front_and_leaves_the_spine(healthy):
    # a patient shows some 200 voxels of spine, of which streaks change a few: two are counted
    moved = {"lungs": [], "spine": []}
    for before in (healthy, scan("none", seed=22)):
        seed, shot = before.case.seed, before.authentic()
        stepped = scan("none", seed=seed, breath=7.0).authentic()
        changed = np.abs(stepped.film.pixels.astype(int) - shot.film.pixels) > 60
        first = int(np.argmax(changed.any((1, 2))))
        assert 3 <= first <= 8 and changed[first:].any((1, 2)).all()
        late = slice(first + 1, None)
        for name, voxels in moved.items():
            voxels.append(changed[late][shot.structures[name][late]])
    assert np.concatenate(moved["lungs"]).mean() > 4 * np.concatenate(moved["spine"]).mean()


@pytest.mark.parametrize("recon", ["iterative", "deep"])
def test_other_reconstructions_lower_the_noise_and_keep_the_anatomy(recon, healthy):
    other = scan("none", recon=recon).authentic().film.pixels.astype(float)
    plain = healthy.authentic().film.pixels.astype(float)
    liver = healthy.authentic().structures["mediastinum"]
    residual = [v - healthy._clean + -1024.0 for v in (plain, other)]
    assert residual[1][liver].std() < 0.75 * residual[0][liver].std()
    assert abs(residual[1][liver].mean()) < 3


def test_tissues_have_their_numbers_in_the_slices(healthy):
    plain = healthy.authentic()
    hu = plain.film.pixels.astype(float) * plain.film.slope + plain.film.intercept
    assert plain.film.modality is Modality.CT
    assert np.median(hu[:, :6, :6]) == pytest.approx(-1000, abs=25)
    assert -900 < np.median(hu[plain.structures["lungs"]]) < -780
    assert np.median(hu[plain.structures["spine"]]) > 100
    spread = np.diff(plain.film.slice_mm)
    assert np.allclose(spread, -2.0)


@pytest.mark.parametrize("kernel", ["soft", "lung"])
@pytest.mark.parametrize("slice_mm", ["1.0", "1.5", "2.0", "2.5", "3.0", 5])
def test_both_kernels_work_at_every_thickness(kernel, slice_mm):
    """Slices lie as far apart as they are thick; noise falls with its root, at every height."""
    made = scan("none", kernel=kernel, slice_mm=slice_mm, slices=8.0, mas=100.0)
    shot = made.authentic()
    assert np.allclose(np.diff(shot.film.slice_mm), -float(slice_mm), atol=0.011)
    hu = shot.film.pixels.astype(float) + shot.film.intercept
    assert -900 < np.median(hu[shot.structures["lungs"]]) < -780
    noise = made._noise[shot.structures["body"]].std() * float(slice_mm) ** 0.5
    low, high = {"soft": (2.4, 3.9), "lung": (3.0, 4.9)}[kernel]
    assert low < noise < high


def test_the_tomogram_and_the_film_show_one_patient():
    film, slices = region("chest", "pa").case(33), CT.case(33)
    same = ("age", "sex", "bmi", "scoliosis", "heart", "aorta", "stature")
    assert all(film.values[k] == slices.values[k] for k in same)


RECIPE = Recipe(
    ONE, "chest", "ct", 9, {**SETTINGS, "slices": 8.0, "finding": "nodule"},
    Hallmark.NO_CONTEXT, 0.7, "volume insertion model", twin=TWO,
)  # fmt: skip


@pytest.fixture(scope="module")
def pair():
    return make_twins(RECIPE, SIDE)


def test_a_recipe_gives_the_same_series_each_time(pair):
    authentic, forged = pair
    assert (authentic.truth, forged.truth) == (Truth.AUTHENTIC, Truth.TAMPERED)
    alone = make(authentic_of(RECIPE), SIDE)
    assert np.array_equal(alone.film.pixels, authentic.film.pixels)
    assert np.array_equal(make(RECIPE, SIDE).film.pixels, forged.film.pixels)


def test_what_a_scanner_cannot_do_is_refused():
    with pytest.raises(CaseError, match="mas"):
        CT.case(1, {"mas": -5})
    with pytest.raises(CaseError, match="slice_mm"):
        CT.case(1, {"slice_mm": "7.0"})
    with pytest.raises(RecipeError, match="too_symmetric"):
        make(Recipe(ONE, "chest", "ct", 1, {}, Hallmark.TOO_SYMMETRIC, 1.0, "symmetry model",
                    twin=TWO), SIDE)  # fmt: skip


@pytest.fixture(scope="module")
def folder(pair, tmp_path_factory):
    out = tmp_path_factory.mktemp("series") / "forged"
    dicom_out.write(pair[1], RECIPE, out)
    return out


def test_the_slices_read_back_with_their_places_and_say_what_they_are(pair, folder):
    film = pair[1].film
    slices = [pydicom.dcmread(p) for p in sorted(folder.glob("slice-*.dcm"))]
    assert len(slices) == film.pixels.shape[0]
    for k, ds in enumerate(slices):
        hu = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
        assert np.array_equal(hu, film.pixels[k] + film.intercept)
        assert str(ds.PatientName) == "SIMULATED^CHEST"
        assert "FORGED: no_context" in ds.DerivationDescription
        assert ds.Modality == "CT" and ds.RescaleType == "HU"
        assert float(ds.ImagePositionPatient[2]) == pytest.approx(film.slice_mm[k], abs=1e-3)
        assert ds.PixelSpacing == pytest.approx(film.spacing_mm, rel=1e-6)
    assert len({ds.SOPInstanceUID for ds in slices}) == len(slices)
    assert len({ds.SeriesInstanceUID for ds in slices}) == 1
    steps = np.diff([float(ds.ImagePositionPatient[2]) for ds in slices])
    assert np.allclose(steps, -float(slices[0].SliceThickness), atol=1e-3)


def test_the_slices_have_every_attribute_their_modules_need(folder):
    """PS3.3 A.3.3, by highdicom's copy of the standard's module tables."""
    ds = pydicom.dcmread(folder / "slice-001.dcm")
    tables = resources.files("highdicom") / "_standard"
    modules = json.loads((tables / "iod_module_map.json").read_text())["ct-image"]
    needed = [m["key"] for m in modules if m["usage"] == "M"]
    assert "ct-image" in needed
    for module in needed:
        check_required_attributes(ds, module=module)


def test_the_segmentation_lies_on_the_slices(pair, folder):
    seg = highdicom.seg.segread(folder / "truth.dcm")
    made = pair[1]
    uids = [pydicom.dcmread(p).SOPInstanceUID for p in sorted(folder.glob("slice-*.dcm"))]
    labels = [seg.get_segment_description(n).segment_label for n in seg.segment_numbers]
    frames = seg.get_pixels_by_source_instance(uids)
    assert np.array_equal(frames[..., labels.index("altered")] > 0, made.mask)
    assert np.array_equal(frames[..., labels.index("lungs")] > 0, made.structures["lungs"])
    picture = np.asarray(Image.open(folder / "mask_altered.png")) > 0
    assert np.array_equal(picture.reshape(made.mask.shape), made.mask)
