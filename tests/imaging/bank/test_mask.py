"""A cover hides what is under it, changes nothing else, and is no sign of its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from trainer.imaging.bank.mask import Patch, cover
from trainer.imaging.bank.text import find_text


def ground(seed: int, grain: float = 6.0, rows: int = 240, columns: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    slope = 400 + 1.5 * y - 0.8 * x + 60 * np.sin(x / 90)
    return (slope + rng.normal(0, grain, (rows, columns))).astype(np.float32)


def written(frame: np.ndarray) -> np.ndarray:
    """Burn a line of letters in."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", frame.shape[::-1])
    ImageDraw.Draw(page).text((60, 80), "DOE JANE 1958", fill=255, font=ImageFont.load_default(16))
    return np.where(np.asarray(page) > 90, frame.max() + 200, frame).astype(np.float32)


def test_text_is_gone_and_nothing_else_is_touched():
    clean = ground(1)
    dirty = written(clean)
    assert find_text(dirty)
    patch = Patch(74, 50, 106, 190)
    done = cover(dirty[None], [patch], b"seed")[0]
    assert not find_text(done)
    outside = np.ones(clean.shape, bool)
    outside[patch.top : patch.bottom, patch.left : patch.right] = False
    assert np.array_equal(done[outside], dirty[outside])
    # What cannot be known is not far off: within the grain, on the mean of the place.
    inside = ~outside
    assert abs(float((done - clean)[inside].mean())) < 4
    assert np.array_equal(done, cover(dirty[None], [patch], b"seed")[0])


@pytest.mark.parametrize("grain", [2.0, 12.0])
@pytest.mark.parametrize("place", [(100, 100, 130, 220), (0, 0, 30, 140), (210, 180, 240, 300)])
def test_the_cover_has_the_grain_and_level_of_its_surroundings(grain, place):
    clean = ground(7, grain)
    done = cover(clean[None], [Patch(*place)], b"x")[0]
    part = (slice(place[0], place[2]), slice(place[1], place[3]))
    fine = done - ndimage.gaussian_filter(done, 2)
    spread = float(fine[part].std() / fine[60:100, 60:100].std())
    assert 0.75 < spread < 1.3
    seam = np.abs(np.diff(done, axis=0))
    edges = [row for row in (place[0] - 1, place[2] - 1) if 0 <= row < seam.shape[0]]
    jump = np.median([np.median(seam[row, place[1] : place[3]]) for row in edges])
    assert jump < 2.2 * np.median(seam)


@given(
    st.lists(st.tuples(*[st.integers(-30, 80)] * 4, *[st.integers(-1, 4)] * 2), max_size=4),
    st.integers(0, 3),
)
def test_any_patch_is_safe(numbers, seed):
    stack = np.random.default_rng(seed).normal(0, 1, (3, 40, 50)).astype(np.float32)
    before = stack.copy()
    done = cover(stack, [Patch(*some) for some in numbers], bytes([seed]))
    assert np.array_equal(stack, before)
    assert done.shape == stack.shape
    assert np.isfinite(done).all()


def test_a_patch_covers_its_own_slices_alone():
    stack = np.stack([ground(s) for s in range(5)])
    done = cover(stack, [Patch(20, 20, 60, 60, 1, 3)], b"")
    assert [bool((a != b).any()) for a, b in zip(stack, done, strict=True)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_a_place_without_surroundings_is_flat_and_no_crash():
    assert np.ptp(cover(ground(1)[None], [Patch(0, 0, 240, 300)], b"")[0]) == 0
