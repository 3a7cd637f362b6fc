"""Broken input: one clear message that says what to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.imaging.forgery.pictures import trunk
from trainer.core.words import Hallmark
from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import HALLMARKS, forge, operator

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def film() -> tuple[Pixels, Anatomy]:
    return trunk()


@pytest.mark.parametrize("dose", [-0.1, 1.01, float("nan"), float("inf"), True])
def test_a_dose_outside_nought_to_one(film: tuple[Pixels, Anatomy], dose: float) -> None:
    with pytest.raises(ForgeryError, match="between 0 and 1"):
        forge("uniform_grain", film[0], dose=dose, rng=RNG(0))


def test_an_image_too_small() -> None:
    small = RNG(0).integers(0, 60_000, (100, 400)).astype(np.uint16)
    with pytest.raises(ForgeryError, match="400 x 100 pixels is too small"):
        forge("checkerboard", small, dose=0.5, rng=RNG(0))


def test_a_flat_image() -> None:
    with pytest.raises(ForgeryError, match="flat"):
        forge("checkerboard", np.full((256, 256), 900, np.uint16), dose=0.5, rng=RNG(0))


def test_a_saturated_image() -> None:
    image = np.where(RNG(0).random((256, 256)) < 0.5, 0, 65_535).astype(np.uint16)
    image[:20, :20] = RNG(0).integers(0, 60_000, (20, 20))
    with pytest.raises(ForgeryError, match="saturated"):
        forge("checkerboard", image, dose=0.5, rng=RNG(0))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_a_wrong_type(film: tuple[Pixels, Anatomy], kind: type) -> None:
    with pytest.raises(ForgeryError, match="uint16"):
        forge("checkerboard", film[0].astype(kind), dose=0.5, rng=RNG(0))


def test_a_stack_where_a_film_is_wanted(film: tuple[Pixels, Anatomy]) -> None:
    with pytest.raises(ForgeryError, match="works on a film"):
        forge("too_symmetric", np.stack([film[0]] * 3), dose=0.5, rng=RNG(0))


def test_a_mask_of_another_size(film: tuple[Pixels, Anatomy]) -> None:
    wrong = Anatomy(lungs=np.ones((10, 10), np.bool_))
    with pytest.raises(ForgeryError, match="lungs mask is"):
        forge("no_context", film[0], dose=0.5, rng=RNG(0), anatomy=wrong)


def test_a_midline_of_another_length(film: tuple[Pixels, Anatomy]) -> None:
    wrong = replace(film[1], midline=np.zeros(7, np.float32))
    with pytest.raises(ForgeryError, match="one column a row"):
        forge("too_symmetric", film[0], dose=0.5, rng=RNG(0), anatomy=wrong)


def test_unevenly_spaced_slices() -> None:
    with pytest.raises(ForgeryError, match="unevenly spaced"):
        Anatomy(slice_mm=(0.0, 2.0, 4.0, 9.0)).checked((4, 200, 200))
    with pytest.raises(ForgeryError, match="do not fit"):
        Anatomy(slice_mm=(0.0, 2.0)).checked((4, 200, 200))


def test_an_unknown_hallmark_lists_the_known() -> None:
    with pytest.raises(ForgeryError, match="smooth_cortex"):
        operator("sparkle")


def test_noise_has_no_anatomy_and_is_refused() -> None:
    noise = RNG(1).integers(20_000, 40_000, (256, 256)).astype(np.uint16)
    for hallmark in (Hallmark.NO_CONTEXT, Hallmark.TOO_SYMMETRIC, Hallmark.CLEAN_FRACTURE):
        with pytest.raises(ForgeryError, match="not sure where the"):
            HALLMARKS[hallmark](noise, dose=0.5, rng=RNG(0))
