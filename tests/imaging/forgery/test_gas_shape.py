"""Which bubble is copied: a dark round one, not the corner of something dark."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.imaging.film import Pixels
from trainer.imaging.forgery.anatomy import Anatomy
from trainer.imaging.forgery.contract import ForgeryError
from trainer.imaging.forgery.registry import forge
from trainer.imaging.forgery.texture import blur

SIDE = 256
BUBBLE = (180, 90, 11)


def belly(*, bubble: bool) -> tuple[Pixels, Anatomy]:
    """Return a grey belly, a black corner reaching into it, and perhaps a fainter round bubble."""
    rows, columns = np.indices((SIDE, SIDE))
    grey = np.full((SIDE, SIDE), 0.6, np.float32)
    grey[:110, 150:] -= 0.4
    if bubble:
        row, column, radius = BUBBLE
        grey[np.hypot(rows - row, columns - column) < radius] -= 0.2
    grey = blur(grey, 2) + np.random.default_rng(1).normal(0, 0.01, grey.shape)
    image = np.clip(np.rint(grey * 60_000), 0, 65_535).astype(np.uint16)
    whole = np.ones((SIDE, SIDE), np.bool_)
    return image, Anatomy(body=whole, lungs=~whole)


def test_a_bubble_is_copied_though_a_darker_corner_is_there() -> None:
    image, anatomy = belly(bubble=True)
    _, _, report = forge(
        "gas_shape", image, dose=0.8, rng=np.random.default_rng(2), anatomy=anatomy
    )
    row, column = (float(report.parameters[k]) for k in ("row", "column"))
    assert np.hypot(row - BUBBLE[0], column - BUBBLE[1]) < BUBBLE[2] / 2


def test_a_corner_alone_is_no_bubble() -> None:
    image, anatomy = belly(bubble=False)
    with pytest.raises(ForgeryError, match="no gas bubble stands out"):
        forge("gas_shape", image, dose=0.8, rng=np.random.default_rng(2), anatomy=anatomy)
