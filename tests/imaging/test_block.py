import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.core.words import Modality
from trainer.imaging import block
from trainer.imaging.film import Film, FilmError


@given(st.integers(64, 90), st.integers(64, 90), st.integers(0, 2**32 - 1))
def test_a_block_gives_back_every_pixel(rows, columns, seed):
    pixels = np.random.default_rng(seed).integers(0, 65536, (rows, columns), dtype=np.uint16)
    back, window = block.decode(block.encode(Film(pixels, (0.2, 0.2))) + b"\0" * 999)
    assert np.array_equal(back, pixels)
    assert window.width >= 1


@pytest.mark.parametrize("cut", [0, 10, 63, 64, 64 + 64 * 64 * 2 - 1])
def test_a_block_cut_short_is_refused(cut):
    whole = block.encode(Film(np.zeros((64, 64), np.uint16), (1.0, 1.0)))
    with pytest.raises(FilmError):
        block.decode(whole[:cut])


def test_a_slice_that_is_not_there_is_refused():
    with pytest.raises(FilmError, match="no slice 1"):
        block.encode(Film(np.zeros((64, 64), np.uint16), (1.0, 1.0)), 1)


@pytest.mark.parametrize(("region", "centre"), [("chest", -600), ("abdomen", 40)])
def test_ct_opens_as_it_is_read_whatever_its_pixels(region, centre):
    pixels = np.random.default_rng(1).integers(0, 4000, (3, 64, 64)).astype(np.uint16)
    film = Film(pixels, (1, 1), Modality.CT, region, "ct", 1, -1024, (0, 1, 2))
    assert block.default_window(film).centre == centre
