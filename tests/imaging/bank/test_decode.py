import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trainer.imaging.bank.decode import decode_file
from trainer.imaging.dicom.errors import IntakeError

RAMP = np.arange(64 * 80, dtype=np.uint16).reshape(64, 80)


def saved(array: np.ndarray, kind: str, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind, **options)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """Return a whole, tiny PNG whose header claims any size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def refused(data: bytes, words: str) -> None:
    with pytest.raises(IntakeError, match=words) as caught:
        decode_file(data, "x")
    assert caught.value.cure


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_grey_comes_out_as_it_was_saved(kind, depth):
    out = decode_file(saved(RAMP.astype(depth), kind), "x")
    assert np.array_equal(out.pixels[0], RAMP.astype(depth))
    assert out.bits == np.dtype(depth).itemsize * 8


def test_lzma_and_pages_of_tiff():
    import tifffile

    out = io.BytesIO()
    tifffile.imwrite(out, np.stack([RAMP, RAMP + 7]), compression="lzma", photometric="minisblack")
    read = decode_file(out.getvalue(), "x")
    assert np.array_equal(read.pixels, np.stack([RAMP, RAMP + 7]))


def test_colour_palette_and_transparency_become_luminance():
    rgb = np.full((8, 8, 3), (200, 0, 100), np.uint8)
    grey = 0.299 * 200 + 0.114 * 100
    for data in (
        saved(rgb, "PNG"),
        saved(np.dstack([rgb, np.full((8, 8), 255, np.uint8)]), "PNG"),
    ):
        out = decode_file(data, "x")
        assert np.allclose(out.pixels, grey, atol=0.5)
        assert out.facts["colour_cast"] == pytest.approx(0.5, abs=0.01)
    clear = decode_file(saved(np.dstack([rgb, np.zeros((8, 8), np.uint8)]), "PNG"), "x")
    assert clear.pixels.max() == 0


def test_the_camera_s_turn_is_undone():
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the picture is at the right of the file
    array = np.zeros((40, 60), np.uint8)
    array[:, 50:] = 255
    out = decode_file(saved(array, "JPEG", exif=exif, quality=95), "x")
    assert out.pixels.shape == (1, 60, 40)
    assert out.pixels[0, 55:].mean() > 200


def test_what_a_file_says_of_itself_is_kept_aside():
    facts = decode_file(saved(RAMP.astype(np.uint8), "PNG", dpi=(300, 300)), "x").facts
    assert facts["format"] == "PNG"
    assert "pHYs" in facts["parts"]
    assert not facts["c2pa"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + bytes(400), "zip"),
        (b"<!DOCTYPE html>", "text file"),
        (b"hello", "neither DICOM"),
        (png_claiming(60_000, 60_000), "too many pixels"),
        (png_claiming(9_000, 9_000), "too many pixels"),
        (png_claiming(500, 500), "cannot be decoded"),
        (saved(RAMP.astype(np.uint8), "JPEG")[:700], "cannot be decoded|no readable"),
        (saved(RAMP, "PNG")[:60], "cannot be decoded|no readable"),
        (saved(RAMP, "TIFF")[:40], "cannot be decoded|no readable"),
        (b"\x89PNG\r\n\x1a\n", "no readable|cannot be decoded"),
    ],
)
def test_what_is_no_image_is_refused(data, words):
    refused(data, words)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_changed_bytes_give_an_image_or_a_reason_and_nothing_else(data):
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "TIFF"]))
    raw = bytearray(saved((RAMP[:16, :16] % 256).astype(np.uint8), kind))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=8)):
        raw[at] = data.draw(st.integers(0, 255))
    try:
        out = decode_file(bytes(raw), "x")
    except IntakeError as fault:
        assert fault.reason
    else:
        assert np.isfinite(out.pixels).all()


@given(data=st.binary(max_size=400), head=st.sampled_from([b"", b"\x08\x00\x05\x00", b"II*\x00"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_at_all(data, head):
    try:
        decode_file(head + data, "x")
    except IntakeError as fault:
        assert fault.cure
