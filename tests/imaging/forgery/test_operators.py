"""What every operator owes: nothing at dose 0, nothing outside the mask, the same from one seed."""

from __future__ import annotations

import itertools
import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imaging.forgery.pictures import limb, stack, trunk
from trainer.core.words import Hallmark, Truth
from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import Forged
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.registry import HALLMARKS, MIMICS, forge, operator

OPERATORS = [*HALLMARKS.values(), *MIMICS.values()]
# Hallmarks of limbs and of bone are shown on the limb, all others on the trunk.
ON_LIMB = {
    Hallmark.CLEAN_FRACTURE,
    Hallmark.SMOOTH_CORTEX,
    Hallmark.SKIN_RIM,
    Hallmark.TRABECULA,
    Hallmark.JOINT_MERGE,
}


@cache
def picture(kind: str) -> tuple[Pixels, Anatomy]:
    return {"trunk": trunk, "limb": limb, "stack": stack}[kind]()


def picture_for(op: Operator) -> tuple[Pixels, Anatomy]:
    if op.dimensions == (3,):
        return picture("stack")
    return picture("limb" if op.hallmark in ON_LIMB else "trunk")


@cache
def made(name: str, dose: float, seed: int = 5) -> Forged:
    image, anatomy = picture_for(operator(name))
    return forge(name, image, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy)


each = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)


@each
def test_dose_nought_changes_nothing(op: Operator) -> None:
    image, _ = picture_for(op)
    forged, mask, report = made(op.name, 0.0)
    assert np.array_equal(forged, image)
    assert forged is not image
    assert not mask.any()
    assert report.share == 0 and not report.everywhere


@each
@pytest.mark.parametrize("dose", [0.25, 1.0])
def test_outside_the_mask_every_bit_stays(op: Operator, dose: float) -> None:
    image, _ = picture_for(op)
    before = image.copy()
    forged, mask, report = made(op.name, dose)
    assert np.array_equal(image, before)
    assert forged.dtype == np.uint16 and forged.shape == image.shape == mask.shape
    assert np.array_equal(forged[~mask], image[~mask])
    assert mask.any() and (forged[mask] != image[mask]).any()
    assert report.everywhere == bool(mask.all())
    assert report.share == pytest.approx(mask.mean(), abs=1e-5)


@each
def test_one_seed_gives_one_forgery(op: Operator) -> None:
    image, anatomy = picture_for(op)
    first = made(op.name, 0.6)
    again = op(image, dose=0.6, rng=np.random.default_rng(5), anatomy=anatomy)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert first[2] == again[2]


@each
def test_more_dose_changes_more(op: Operator) -> None:
    image, _ = picture_for(op)
    change = [
        float(np.abs(made(op.name, dose)[0].astype(float) - image).sum())
        for dose in (0.1, 0.25, 0.55, 0.9)
    ]
    assert all(less < more for less, more in itertools.pairwise(change)), change


@each
def test_the_report_says_what_was_done(op: Operator) -> None:
    _, _, report = made(op.name, 0.55)
    assert report.hallmark is op.hallmark and report.dose == 0.55
    assert report.truth is (Truth.AUTHENTIC if op.mimic else Truth.TAMPERED)
    assert report.family and report.done
    told = json.loads(json.dumps(report.as_json()))
    assert told["parameters"] == dict(report.parameters)


@each
def test_the_greys_of_an_eight_bit_film_stay_eight_bit(op: Operator) -> None:
    image, anatomy = picture_for(op)
    coarse = ((image >> 8) * 257).astype(np.uint16)
    forged, _, _ = op(coarse, dose=0.8, rng=np.random.default_rng(5), anatomy=anatomy)
    assert not (forged % 257).any()
    assert forged.min() >= coarse.min() and forged.max() <= coarse.max()


@settings(max_examples=12, deadline=None)
@given(
    name=st.sampled_from([op.name for op in OPERATORS]),
    dose=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_dose_and_seed_keep_the_contract(name: str, dose: float, seed: int) -> None:
    op = operator(name)
    image, anatomy = picture_for(op)
    forged, mask, report = op(image, dose=dose, rng=np.random.default_rng(seed), anatomy=anatomy)
    assert np.array_equal(forged[~mask], image[~mask])
    if dose == 0:
        assert np.array_equal(forged, image)
    assert 0 <= report.share <= 1
