import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from trainer.imaging.bank.aside import AMPLIFIED, LONGEST, as_png, colour_of
from trainer.imaging.bank.reader import Reader
from trainer.imaging.dicom.errors import IntakeError


def file_of(array, kind="PNG"):
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind)
    return out.getvalue()


def grey(rows=40, columns=60, seed=0):
    return np.random.default_rng(seed).integers(20, 200, (rows, columns), np.uint8)


def test_a_sepia_film_is_told_from_a_grey_one_in_the_same_format():
    plain = np.repeat(grey()[..., None], 3, axis=-1)
    sepia = plain.copy()
    sepia[..., 0] += 6
    facts, panel = colour_of(file_of(plain), "plain.png")
    assert facts["red_blue"] == 0
    assert facts["coloured"] == 0
    assert panel is None
    facts, panel = colour_of(file_of(sepia), "sepia.png")
    assert facts["red_blue"] == 6
    assert facts["coloured"] == 1
    assert facts["means"][0] - facts["means"][2] == pytest.approx(6, abs=0.01)
    assert panel.shape == (40, 120, 3)
    # the distance of red from grey is 4 of the 6, of green and blue -2
    assert np.all(panel[:, 60:] == (128 + AMPLIFIED * 4, 128 - AMPLIFIED * 2, 128 - AMPLIFIED * 2))
    assert np.array_equal(panel[:, :60], sepia)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_mode_without_colour_says_nothing(kind):
    assert colour_of(file_of(grey(), kind=kind), "grey") == ({}, None)


@settings(max_examples=25)
@given(rows=st.integers(1, 900), columns=st.integers(1, 900))
def test_a_panel_is_never_larger_than_a_page_wants(rows, columns):
    film = np.zeros((rows, columns, 3), np.uint8)
    film[..., 1] = 9
    _, panel = colour_of(file_of(film), "a.png")
    assert max(panel.shape[0], panel.shape[1] // 2) <= LONGEST
    assert panel.shape[1] % 2 == 0


def test_transparency_lies_over_black_as_in_the_film():
    film = np.full((8, 8, 4), 200, np.uint8)
    film[..., 3] = 0
    facts, _ = colour_of(file_of(film), "clear.png")
    assert facts["means"] == [0, 0, 0]


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", file_of(np.stack([grey()] * 3, axis=-1))[:900]]
)
def test_a_broken_file_is_refused_with_a_reason(data):
    with pytest.raises(IntakeError, match="colour cannot be read"):
        colour_of(data, "broken.png")


def test_the_worker_hands_the_panel_on():
    film = np.repeat(grey()[..., None], 3, axis=-1)
    film[:20, :, 2] //= 2
    with Reader() as reader:
        facts, panel = reader.colour(file_of(film), "a.png")
        there = colour_of(file_of(film), "a.png")
        assert facts == there[0]
        assert np.array_equal(panel, there[1])
        assert reader.colour(file_of(grey()), "grey.png") == ({}, None)


def test_the_png_is_the_panel_and_nothing_else():
    panel = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    with Image.open(io.BytesIO(as_png(panel))) as image:
        assert np.array_equal(np.asarray(image), panel)
        assert not image.info
