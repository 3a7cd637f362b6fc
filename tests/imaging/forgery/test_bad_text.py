"""A malformed marker has its film's noise: on strokes that were exposed, not on those burned in."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from trainer.imaging.film import Mask, Pixels
from trainer.imaging.forgery.anatomy import Anatomy, Box
from trainer.imaging.forgery.bad_text import between, forge, ink, strengths
from trainer.imaging.forgery.texture import blur, spread

SIDE, WHITE = 200, 60_000
PLACE = Box(60, 60, 130, 130)
BOX = (slice(60, 130), slice(60, 130))
GROUND, STROKE = 500.0, 900.0  # noise, SD


@pytest.fixture(scope="module")
def letter() -> np.ndarray:
    """An R as the detector sees it, 0..1."""
    image = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(image).text((74, 64), "R", 255, ImageFont.load_default(60))
    return blur(np.asarray(image, np.float32) / 255, 0.8)


def film(letter: np.ndarray, seed: int, stroke: float = STROKE) -> Pixels:
    """Return one exposure of a letter on grey that rises across the film."""
    grey = 14_000 + 40 * np.arange(SIDE, dtype=np.float32)[None]
    clean = grey + letter * (44_000 - grey)
    sd = GROUND + letter * (stroke - GROUND)
    noise = np.random.default_rng(seed).standard_normal(letter.shape)
    out = np.clip(np.rint(clean + sd * noise), 0, WHITE)
    out[:4, :4] = WHITE
    return out.astype(np.uint16)


def forged(image: Pixels, dose: float = 1.0) -> tuple[Pixels, Mask]:
    made, mask, _ = forge(
        image, dose=dose, rng=np.random.default_rng(5), anatomy=Anatomy(marker=PLACE)
    )
    return made, mask


def apart(one: Pixels, other: Pixels, where: Mask) -> float:
    """Return the noise in two exposures, robust: an edge found elsewhere is no noise."""
    return spread((one.astype(np.float32) - other)[where]) / np.sqrt(2)


def test_what_is_drawn_anew_is_as_noisy_as_what_was_there(letter: np.ndarray) -> None:
    pair = [film(letter, seed) for seed in (1, 2)]
    for dose in (0.5, 1.0):
        (one, first), (other, second) = (forged(image, dose) for image in pair)
        both = first & second
        came = both & (letter < 0.05) & (one > 38_000) & (other > 38_000)
        went = both & (letter > 0.95) & (one < 26_000) & (other < 26_000)
        assert came.sum() > 20 and went.sum() > 20
        assert apart(one, other, came) == pytest.approx(STROKE, rel=0.4)
        assert apart(one, other, went) == pytest.approx(GROUND, rel=0.4)


def test_the_strength_of_noise_is_read_on_strokes_and_ground(letter: np.ndarray) -> None:
    patch = film(letter, 3)[BOX].astype(np.float32) / WHITE
    ground, stroke = strengths(patch, ink(patch)[0])
    assert ground * WHITE == pytest.approx(GROUND, rel=0.2)
    assert stroke * WHITE == pytest.approx(STROKE, rel=0.3)


def test_a_letter_that_was_burned_in_gets_no_noise(letter: np.ndarray) -> None:
    pair = [np.where(letter > 0.5, np.uint16(WHITE), film(letter * 0, seed)) for seed in (4, 5)]
    patch = pair[0][BOX].astype(np.float32) / WHITE
    ground, stroke = strengths(patch, ink(patch)[0])
    assert ground * WHITE == pytest.approx(GROUND, rel=0.2) and stroke == 0
    (one, first), (other, second) = (forged(image) for image in pair)
    came = first & second & (letter < 0.05)
    full = came & (one > 0.99 * WHITE) & (other > 0.99 * WHITE)
    assert full.sum() > 20
    assert apart(one, other, full) < 0.15 * GROUND


def test_nothing_of_a_stroke_that_went_stays(letter: np.ndarray) -> None:
    """Not even its soft outline."""
    drawn, anew = between(letter, np.zeros_like(letter), 1.0)
    assert drawn.max() < 0.1
    assert anew[letter > 0.1].min() > 0.8
    same, none = between(letter, np.roll(letter, 3, axis=1), 0.0)
    assert np.array_equal(same, letter) and not none.any()
