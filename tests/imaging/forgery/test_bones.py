"""Breaks, joints and ribs: made where they can be seen, refused in words where they cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.imaging.forgery.pictures import limb, trunk
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import forge
from trainer.imaging.forgery.twins import look_over
from trainer.imaging.observers import template_d


def draw(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("looked", [True, False])
def test_a_trunk_has_no_bone_on_which_a_break_would_be_seen(looked: bool) -> None:
    image, _ = trunk()
    known = look_over(image) if looked else None
    with pytest.raises(ForgeryError, match="not sure where the bone is"):
        forge("clean_fracture", image, dose=0.5, rng=draw(), anatomy=known)


def test_a_break_needs_a_bone_that_stands_out_and_is_wide_enough() -> None:
    image, known = limb()
    assert known.shafts is not None
    for shafts in (
        [replace(one, half_width=4.0) for one in known.shafts],
        [replace(one, column=one.column + 3 * one.half_width) for one in known.shafts[:1]],
    ):
        with pytest.raises(ForgeryError, match="wide and plain enough for a break to be seen"):
            forge(
                "clean_fracture",
                image,
                dose=0.5,
                rng=draw(),
                anatomy=replace(known, shafts=tuple(shafts)),
            )


def test_a_break_is_dark_and_leaves_one_cortex_whole() -> None:
    image, known = limb()
    forged, mask, report = forge("clean_fracture", image, dose=1.0, rng=draw(3), anatomy=known)
    change = forged.astype(float) - image
    assert change[mask].max() <= 1 and change.min() < -5_000
    across = (np.nonzero(mask)[1] - report.parameters["column"]) / report.parameters["half_width"]
    assert across.min() > -0.8 or across.max() < 0.8
    assert template_d([image], [forged], [mask]) > 20


def test_a_joint_too_faint_to_be_seen_filled_is_refused() -> None:
    image, known = limb()
    assert known.bones is not None
    # The two rows of bones with next to no space between them.
    bones = known.bones.copy()
    middle = image.shape[0] // 2
    even = image.copy()
    even[middle - 14 : middle + 18] = image[middle - 60 : middle - 28]
    with pytest.raises(ForgeryError, match="too small or too faint"):
        forge("joint_merge", even, dose=0.5, rng=draw(), anatomy=Anatomy(bones=bones))


def test_ribs_are_miscounted_either_way_and_always_where_the_report_says() -> None:
    image, known = trunk()
    seen = set()
    for seed in range(6):
        forged, mask, report = forge("rib_clone", image, dose=1.0, rng=draw(seed), anatomy=known)
        lost = report.parameters["lost"]
        seen.add(lost)
        assert ("taken away" if lost else "copied") in report.done
        assert ("right" in report.done) == (np.nonzero(mask)[1].mean() > image.shape[1] / 2)
        change = forged.astype(float)[mask] - image[mask]
        # A rib is bright: one too many adds, one too few takes.
        assert (change.mean() < 0) == lost
    assert seen == {True, False}


def test_ribs_that_hardly_show_are_refused() -> None:
    image, known = trunk()
    assert known.lungs is not None
    grey = np.median(image[known.lungs])
    faint = image.astype(float)
    faint[known.lungs] = grey + 0.05 * (faint[known.lungs] - grey)
    with pytest.raises(ForgeryError, match="ribs are not plain enough"):
        forge("rib_clone", faint.astype(np.uint16), dose=0.5, rng=draw(), anatomy=known)
