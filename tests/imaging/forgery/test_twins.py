"""Twins share one place over all doses; a preview is small; a refusal says why."""

from __future__ import annotations

import numpy as np
import pytest

from tests.imaging.forgery.pictures import stack, trunk
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.twins import look_over, make_twins, reduced, what_fits


def test_twins_of_one_seed_change_one_place() -> None:
    image, anatomy = trunk()
    small, large = make_twins(
        image, hallmark="no_context", doses=(0.3, 0.9), seed=4, anatomy=anatomy
    )
    assert np.array_equal(small.mask, large.mask)
    assert small.report.parameters["row"] == large.report.parameters["row"]
    assert np.array_equal(large.pixels[~large.mask], image[~large.mask])


def test_a_preview_is_reduced_and_keeps_its_grey() -> None:
    image, _ = trunk(side=512)
    small = reduced(image, 256)
    assert small.shape == (256, 256) and small.dtype == np.uint16
    assert small.mean() == pytest.approx(image.mean(), rel=0.01)
    twin = make_twins(image, hallmark="render_look", doses=(0.5,), seed=0, preview=True)[0]
    assert twin.pixels.shape == (320, 320)
    assert reduced(small, 256) is small


def test_a_preview_of_a_stack_keeps_its_slices() -> None:
    image, _ = stack(side=288, slices=5)
    assert reduced(image, 144).shape == (5, 144, 144)


def test_what_fits_names_each_reason() -> None:
    image, _ = trunk()
    fits = {fit.name: fit for fit in what_fits(image)}
    assert fits["uniform_grain"].refusal == "" and fits["vendor_smoothing"].refusal == ""
    assert "stack" in fits["z_break"].refusal
    assert fits["joint_merge"].refusal  # a trunk shows no limb's bones
    with pytest.raises(ForgeryError):
        make_twins(image, hallmark="joint_merge", doses=(0.5,), seed=0)


def test_looking_over_says_how_sure_it_is() -> None:
    known = look_over(trunk()[0])
    assert known.sure["lungs"] > 0.5 and known.sure["midline"] > 0.5
    assert 0 <= known.sure["bone"] <= 1
