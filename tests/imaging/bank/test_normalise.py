import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from trainer.core.words import Modality
from trainer.imaging.bank import truth
from trainer.imaging.bank.normalise import QUANTILES, TARGETS, normalise, tone
from trainer.imaging.bank.plan import Plan, content_box, make_plan, measure
from trainer.imaging.dicom.decoded import Decoded
from trainer.imaging.dicom.errors import IntakeError

SEED = hashlib.sha256(b"a file").digest()


def scene(rows: int, columns: int, seed: int = 1) -> np.ndarray:
    """Return smooth structure with grain, from 0 to about 1."""
    rng = np.random.default_rng(seed)
    big = gaussian_filter(rng.normal(size=(rows, columns)), 12)
    small = rng.normal(size=(rows, columns)) * 0.01
    return (big - big.min()) / np.ptp(big) + small


def decoded(pixels: np.ndarray, bits: int = 16, **more) -> Decoded:
    return Decoded(np.atleast_3d(pixels.T).T.astype(np.float32), bits, **more)


def group(*sizes, bits=8):
    return [measure(decoded(scene(*size), bits)) for size in sizes]


def test_the_canvas_is_the_same_for_all_and_nothing_is_enlarged():
    plan = make_plan(Modality.XR, [group((640, 520), (700, 500)), group((256, 256), (300, 300))])
    for rows, columns in ((640, 520), (700, 500), (256, 256), (300, 300)):
        made = normalise(decoded(scene(rows, columns)), plan, SEED, "x")
        assert made.film.pixels.shape == (plan.rows, plan.columns)
        assert made.box.height >= plan.rows
        assert made.box.width >= plan.columns
        assert made.film.spacing_mm == plan.spacing_mm


def test_the_larger_class_does_not_outvote_the_smaller():
    wide, tall = [(300, 600)] * 9, [(600, 300)]
    plan = make_plan(Modality.XR, [group(*wide), group(*tall)])
    assert plan.columns / plan.rows == pytest.approx(1, abs=0.02)


def test_too_small_is_refused_with_what_would_do():
    plan = Plan(Modality.XR, 256, 256, True, 8, (1.0, 1.0))
    with pytest.raises(IntakeError, match="never enlarged"):
        normalise(decoded(scene(200, 200)), plan, SEED, "x")


def test_the_same_bytes_give_the_same_film_and_other_bytes_another():
    plan = make_plan(Modality.XR, [group((300, 300))])
    one = normalise(decoded(scene(300, 300)), plan, SEED, "x").film.pixels
    assert np.array_equal(one, normalise(decoded(scene(300, 300)), plan, SEED, "x").film.pixels)
    other = normalise(decoded(scene(300, 300)), plan, hashlib.sha256(b"b").digest(), "x")
    assert not np.array_equal(one, other.film.pixels)


@given(
    gain=st.floats(0.05, 1000),
    offset=st.floats(-5000, 5000),
    gamma=st.floats(0.4, 2.5),
)
@settings(max_examples=25, deadline=None)
def test_brightness_contrast_and_gamma_of_the_source_do_not_tell(gain, offset, gamma):
    source = np.clip(scene(220, 220), 0, None) ** gamma * gain + offset
    plan = Plan(Modality.XR, 190, 190, True, 8, (1.0, 1.0))
    film = normalise(decoded(source), plan, SEED, "x").film.pixels / 65535
    assert np.allclose(np.quantile(film, QUANTILES), TARGETS, atol=0.11)
    assert film.mean() == pytest.approx(0.515, abs=0.06)


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_tone_keeps_order_and_clips_nothing(seed):
    rng = np.random.default_rng(seed)
    values = np.sort(rng.choice([rng.normal, rng.standard_cauchy, rng.exponential])(size=4000))
    greys = tone(values.astype(np.float32))
    assert np.all(np.diff(greys) >= 0)
    assert greys.min() >= 0
    assert greys.max() <= 1
    inside = (values > np.quantile(values, 0.001)) & (values < np.quantile(values, 0.999))
    assert np.all(np.diff(np.unique(greys[inside])) > 0)


def test_eight_bits_leave_no_comb():
    """The gaps between the grey levels of a coarse source must not show in the film."""
    plan = Plan(Modality.XR, 200, 200, True, 8, (1.0, 1.0))
    fine = scene(240, 240)
    coarse = np.rint(np.clip(fine, 0, 1) * 255)

    def comb(film: np.ndarray) -> float:
        counts = np.bincount((film >> 5).ravel(), minlength=2048)[300:1700]
        return float(counts.var() / counts.mean())  # 1 for a smooth histogram (Poisson)

    one = normalise(decoded(fine * 255, 16), plan, SEED, "x").film.pixels
    two = normalise(decoded(coarse, 8), plan, SEED, "x").film.pixels
    assert comb(two) == pytest.approx(comb(one), rel=0.35)


@pytest.mark.parametrize("border", [0.0, 0.5, 1.0])
def test_flat_borders_are_left_out(border):
    framed = np.full((400, 500), border)
    framed[60:340, 80:470] = scene(280, 390)
    box = content_box(framed.astype(np.float32))
    assert (box.top, box.left, box.bottom, box.right) == pytest.approx((60, 80, 340, 470), abs=3)


def test_too_few_greys_are_refused():
    plan = Plan(Modality.XR, 190, 190, True, 8, (1.0, 1.0))
    with pytest.raises(IntakeError, match="grey levels"):
        normalise(decoded(np.rint(scene(220, 220) * 12)), plan, SEED, "x")
    with pytest.raises(IntakeError, match="one value"):
        normalise(decoded(np.ones((220, 220))), plan, SEED, "x")


def test_ct_keeps_hounsfield_units_and_hides_its_padding():
    slices = np.rint(scene(128, 128) * 1000 - 500)
    slices[:10] = -2000
    slices[20, 20] = 9000
    plan = make_plan(Modality.CT, [[measure(decoded(slices))] * 2])
    assert not plan.reduced
    film = normalise(decoded(slices), plan, SEED, "x").film
    values = film.pixels * film.slope + film.intercept
    assert np.array_equal(values, np.clip(slices, -1024, 3071))


def test_a_mask_follows_its_film():
    source = scene(300, 300)
    mask = np.zeros((300, 300), np.float32)
    mask[100:140, 150:200] = 1
    plan = Plan(Modality.XR, 200, 200, True, 8, (1.0, 1.0))
    made = normalise(decoded(source), plan, SEED, "x")
    on_film = truth.film_mask(mask, made)
    rows, columns = np.nonzero(on_film)
    left, top = made.point(150, 100)
    right, bottom = made.point(199, 139)
    assert (columns.min(), columns.max()) == pytest.approx((left, right), abs=1)
    assert (rows.min(), rows.max()) == pytest.approx((top, bottom), abs=1)
    drawn = truth.outline_mask([((150, 100), (199, 100), (199, 139), (150, 139))], made)
    assert (drawn & on_film).sum() / (drawn | on_film).sum() > 0.9
