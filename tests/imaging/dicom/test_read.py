import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from tests.fixtures.dicom import dicom_bytes, dicom_set
from trainer.imaging.dicom.decoded import MOST_PIXELS
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.dicom.read import read_dicom

RAMP = np.arange(64 * 80, dtype=np.uint16).reshape(64, 80)


def refused(data: bytes) -> IntakeError:
    with pytest.raises(IntakeError) as caught:
        read_dicom(data, "x.dcm")
    assert caught.value.file == "x.dcm"
    assert caught.value.cure
    return caught.value


def test_values_come_out_as_they_were_stored():
    out = read_dicom(dicom_bytes(RAMP), "x.dcm")
    assert np.array_equal(out.pixels[0], RAMP)
    assert (out.bits, out.modality, out.patient) == (16, "CR", "P-0815")


def test_facts_hold_no_identifier():
    facts = str(read_dicom(dicom_bytes(RAMP, StudyDate="20250102"), "x.dcm").facts)
    for secret in ("P-0815", "Doe", "20250102", "1.2.3.4.5"):
        assert secret not in facts


@given(
    bits=st.integers(2, 16),
    signed=st.booleans(),
    slope=st.floats(0.25, 4),
    intercept=st.integers(-2000, 2000),
    overlay=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_any_depth_sign_and_rescale(bits, signed, slope, intercept, overlay):
    low = -(1 << (bits - 1)) if signed else 0
    values = np.resize(np.arange(low, low + (1 << bits), dtype=np.int64), (16, 16))
    stored = (values & ((1 << bits) - 1)).astype(np.uint16)
    if overlay and bits < 16:
        stored |= np.uint16(1 << bits)  # an overlay plane in the unused bits
    data = dicom_bytes(
        stored,
        BitsStored=bits,
        HighBit=bits - 1,
        PixelRepresentation=int(signed),
        RescaleSlope=f"{slope:.6g}",
        RescaleIntercept=str(intercept),
    )
    out = read_dicom(data, "x.dcm").pixels[0]
    assert np.allclose(out, values * float(f"{slope:.6g}") + intercept, rtol=1e-5, atol=0.01)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.int32])
def test_wide_and_narrow_words(kind):
    out = read_dicom(dicom_bytes(RAMP.astype(kind) % 128), "x.dcm")
    assert np.array_equal(out.pixels[0], RAMP % 128)


def test_monochrome1_is_turned_so_that_larger_is_whiter():
    out = read_dicom(dicom_bytes(RAMP, PhotometricInterpretation="MONOCHROME1"), "x.dcm")
    assert np.array_equal(out.pixels[0], RAMP.max() - RAMP.astype(int))


def test_padding_becomes_the_darkest_value_and_does_not_count_as_range():
    stored = RAMP.astype(np.int16) + 100
    stored[:4] = -2000
    out = read_dicom(
        dicom_bytes(stored, PixelPaddingValue=-2000, PhotometricInterpretation="MONOCHROME1"), "x"
    )
    assert out.pixels.min() == stored[4:].min()
    assert np.all(out.pixels[0, :4] == out.pixels.min())


def test_a_voi_lut_is_a_curve_and_is_applied_a_window_is_not():
    lut = Dataset()
    lut.LUTDescriptor, lut.LUTData = [256, 0, 16], (np.arange(256) ** 2).astype("<u2").tobytes()
    stored = (RAMP % 256).astype(np.uint8)
    data = dicom_bytes(stored, VOILUTSequence=[lut])
    assert np.array_equal(read_dicom(data, "x").pixels[0], stored.astype(int) ** 2)
    windowed = dicom_bytes(stored, WindowCenter="10", WindowWidth="5")
    assert np.array_equal(read_dicom(windowed, "x").pixels[0], stored)


def test_colour_becomes_luminance_and_the_cast_is_kept_aside():
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[..., 0], rgb[..., 2] = 200, 100
    ds = dicom_set(rgb[..., 0], SamplesPerPixel=3, PhotometricInterpretation="RGB")
    ds.PlanarConfiguration, ds.PixelData = 0, rgb.tobytes()
    out = _read(ds)
    assert np.allclose(out.pixels, 0.299 * 200 + 0.114 * 100, atol=0.01)
    assert out.facts["colour_cast"] == pytest.approx(0.5)


def _read(ds):
    import io

    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return read_dicom(out.getvalue(), "x.dcm")


def test_a_palette_is_looked_up():
    ds = dicom_set((RAMP % 4).astype(np.uint8), PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [4, 0, 8])
        setattr(ds, f"{colour}PaletteColorLookupTableData", bytes([10, 40, 20, 250]))
    out = _read(ds)
    assert np.allclose(out.pixels[0], np.array([10, 40, 20, 250])[RAMP % 4], atol=0.01)


def test_frames_and_their_places():
    frames = np.stack([RAMP, RAMP + 1, RAMP + 2])
    out = read_dicom(dicom_bytes(frames), "x")
    assert out.pixels.shape == (3, 64, 80)
    assert np.array_equal(out.pixels[2], RAMP + 2)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"RescaleSlope": "NaN", "RescaleIntercept": "0"}, "RescaleSlope is not a number"),
        ({"RescaleSlope": "0", "RescaleIntercept": "0"}, "RescaleSlope is 0"),
        ({"Modality": "SEG"}, "a segmentation"),
        ({"PixelData": None}, "without pixel data"),
        ({"Rows": None}, "does not state Rows"),
        ({"Rows": 0}, "says 0 for Rows"),
        ({"Rows": 60000, "Columns": 60000}, "the limit is"),
        ({"NumberOfFrames": MOST_PIXELS}, "the limit is"),
        ({"NumberOfFrames": 7}, "cannot be decoded"),
        ({"SamplesPerPixel": 2}, "2 samples per pixel"),
        ({"Rows": 128}, "cannot be decoded"),
        ({"BitsAllocated": 13}, "cannot be decoded"),
    ],
)
def test_a_lying_header_is_refused_by_name_reason_and_cure(values, words):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = dicom_bytes(RAMP, **values)
    assert words in refused(data).reason


@given(cut=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_short_is_refused(cut):
    data = dicom_bytes(RAMP)
    if cut < len(data):
        refused(data[:cut])


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_changed_bytes_give_an_image_or_a_reason_and_nothing_else(data):
    raw = bytearray(dicom_bytes(RAMP[:16, :16].copy()))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=8)):
        raw[at] = data.draw(st.integers(0, 255))
    try:
        out = read_dicom(bytes(raw), "x.dcm")
    except IntakeError as fault:
        assert fault.reason
    else:
        assert out.pixels.ndim == 3
        assert np.isfinite(out.pixels).all()
