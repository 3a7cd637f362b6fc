"""A film as a picture: the standard's window, crops in native pixels, nothing but pixels in it."""

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainer.imaging import block, picture
from trainer.imaging.film import Film


def film(pixels, **more) -> Film:
    return Film(np.asarray(pixels, np.uint16), (0.2, 0.2), **more)


def ramp(side: int = 64) -> Film:
    return film(np.arange(side * side).reshape(side, side))


def open_png(data: bytes):
    return np.asarray(Image.open(io.BytesIO(data)))


def test_the_window_is_that_of_the_standard():
    # PS3.3 C.11.2.1.2.1: at c - 0.5 - (w-1)/2 black, at c - 0.5 + (w-1)/2 white, linear between
    made = block.encode(ramp(), window=block.Window(2048.5, 1001))
    shades = picture.grey(made)
    flat = {int(v): int(s) for v, s in zip(ramp().pixels.ravel(), shades.ravel(), strict=True)}
    assert (flat[1548], flat[2048], flat[2548]) == (0, 128, 255)
    assert flat[0] == 0 and flat[4095] == 255


def test_slope_and_intercept_count():
    plain, scaled = ramp(), film(ramp().pixels, slope=2.0, intercept=-1000.0)
    one = picture.grey(block.encode(plain, window=block.Window(2048, 1000)))
    two = picture.grey(block.encode(scaled, window=block.Window(2 * 2048 - 1000, 2000)))
    assert np.abs(one.astype(int) - two).max() <= 1


def test_a_crop_is_a_view_of_native_pixels():
    whole = open_png(picture.png(block.encode(ramp())))
    part = open_png(picture.png(block.encode(ramp()), (0.25, 0.5, 0.5, 0.25)))
    assert np.array_equal(part, whole[32:48, 16:48])


def test_a_large_film_is_shrunk_and_its_crop_is_not():
    rng = np.random.default_rng(3)
    large = block.encode(film(rng.integers(0, 60000, (2000, 3000))))
    assert open_png(picture.png(large)).shape == (933, 1400)
    assert open_png(picture.png(large, (0.0, 0.0, 0.4, 0.5))).shape == (1000, 1200)


def test_the_png_holds_pixels_and_nothing_else():
    data = picture.png(block.encode(ramp()))
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    names, at = [], 8
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8])
        at += size + 12
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}


@given(st.tuples(*[st.floats(0, 1)] * 4), st.integers(1, 5000), st.integers(1, 5000))
def test_a_box_lies_inside_the_film(crop, columns, rows):
    left, top, width, height = picture.box_of(crop, columns, rows)
    assert 0 <= left < columns and 0 <= top < rows
    assert 1 <= width <= columns - left and 1 <= height <= rows - top
