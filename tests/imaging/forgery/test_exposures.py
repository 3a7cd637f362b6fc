"""Two exposures of one body, forged alike: what is looked for is looked for in the first."""

from __future__ import annotations

import numpy as np
import pytest

from tests.imaging.forgery.pictures import limb, trunk
from tests.imaging.forgery.test_operators import ON_LIMB
from trainer.core.words import Hallmark
from trainer.imaging.film import Pixels
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import HALLMARKS

STRUCTURAL = [h for h, op in HALLMARKS.items() if op.structural and 2 in op.dimensions]


def exposures(hallmark: Hallmark, seed: int = 0) -> tuple[Pixels, Pixels]:
    """Return a body taken twice: the second time with more noise."""
    first, _ = (limb if hallmark in ON_LIMB else trunk)(seed)
    noise = np.random.default_rng(99).normal(0, 900, first.shape)
    return first, np.clip(first + noise, 0, 65_535).astype(np.uint16)


@pytest.mark.parametrize("hallmark", STRUCTURAL)
def test_the_second_exposure_is_changed_in_the_very_place_of_the_first(hallmark: Hallmark) -> None:
    op = HALLMARKS[hallmark]
    first, second = exposures(hallmark)
    known = (limb if hallmark in ON_LIMB else trunk)(0)[1]
    taken = 0
    for anatomy in (known, None):
        try:
            _, mask, _ = op(first, dose=0.6, rng=np.random.default_rng(1), anatomy=anatomy)
        except ForgeryError:
            continue  # joints are not found without the bones
        forged, same, _ = op(
            second, dose=0.6, rng=np.random.default_rng(1), anatomy=anatomy, places_from=first
        )
        assert np.array_equal(mask, same)
        assert np.array_equal(forged[~mask], second[~mask])
        assert not np.array_equal(forged[mask], second[mask])
        taken += 1
    assert taken


def test_left_to_itself_the_second_exposure_is_looked_at_anew() -> None:
    op = HALLMARKS[Hallmark.GAS_SHAPE]
    first, second = exposures(Hallmark.GAS_SHAPE)
    masks = [op(one, dose=0.6, rng=np.random.default_rng(1))[1] for one in (first, second)]
    assert not np.array_equal(*masks)


def test_an_exposure_of_another_size_is_refused() -> None:
    op = HALLMARKS[Hallmark.GAS_SHAPE]
    first, second = exposures(Hallmark.GAS_SHAPE)
    with pytest.raises(ForgeryError, match="one of the same size"):
        op(second, dose=0.6, rng=np.random.default_rng(1), places_from=first[:-8])
    with pytest.raises(ForgeryError, match="convert it to uint16"):
        op(second, dose=0.6, rng=np.random.default_rng(1), places_from=first.astype(float))
