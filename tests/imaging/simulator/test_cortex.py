"""The cortex of a shaft and of a bone's end, plates and fresh breaks, nails."""

from __future__ import annotations

import numpy as np
import pytest

from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.limb.bone import Bony
from trainer.imaging.simulator.anatomy.limb.cortex import uneven
from trainer.imaging.simulator.anatomy.loft import calmed
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.fields import Field

RADIUS = 1.2


def crossings(cortex: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where a round shaft begins and where its marrow does, along many radii, cm."""
    f = Field((-1.6, -1.6, -4), (1.6, 1.6, 4), 0.08, far=0.8)
    x, y, _ = f.mesh()
    f.values = np.broadcast_to(np.sqrt(x**2 + y**2) - np.float32(RADIUS), f.shape).copy()
    bone = uneven(Bony("shaft", f, cortex), np.random.default_rng(seed))
    row = bone.field.values[:, f.shape[1] // 2, 5:-5]
    x = f.axes[0]
    half = x >= 0

    def first(level: float) -> np.ndarray:
        # from the outside inwards the distance falls
        return np.array([np.interp(level, r[half], x[half]) for r in row.T])

    assert abs(float(f.axes[1][f.shape[1] // 2])) < 1e-5
    return first(0.0), first(-float(np.ravel(bone.cortex)[0]))


@pytest.mark.parametrize("cortex", [0.05, 0.4])
def test_uneven_leaves_the_outline(cortex):
    outer, _ = crossings(cortex, 1)
    assert np.abs(outer - RADIUS).max() < 0.004


def test_a_thick_cortex_is_uneven_by_tenths_of_a_millimetre():
    """Not in proportion to its thickness, as if the shaft were bamboo."""
    thick = np.concatenate([np.subtract(*crossings(0.4, k)) for k in range(6)])
    assert abs(thick.mean() - 0.4) < 0.03
    assert 0.008 < thick.std() < 0.035
    assert np.ptp(thick) < 0.2


def test_a_thin_cortex_comes_and_goes():
    thin = np.concatenate([np.subtract(*crossings(0.05, k)) for k in range(6)])
    assert 0.2 < thin.std() / thin.mean() < 0.5
    assert thin.min() > 0.015


def test_shafts_are_smooth_outside_and_ends_are_not():
    ends, shaft = calmed(0.02, [0.04, 0.4])
    assert ends > 0.017
    assert shaft < 0.002


@pytest.mark.parametrize("name", ["shoulder ap", "hand pa", "knee lateral", "ankle ap"])
def test_no_plate_lies_on_a_fresh_break(name):
    place = region(*name.rsplit(" ", 1))
    for seed in range(80):
        assert place.case(seed, {"finding": "fracture"}).word("hardware") != "plate"
        assert place.case(seed, {"hardware": "plate"}).word("finding") == "none"
    drawn = [place.case(seed) for seed in range(400)]
    plated = [case for case in drawn if case.word("hardware") == "plate"]
    assert len(plated) >= 4
    assert all(case.word("finding") == "none" for case in plated)
    with pytest.raises(CaseError, match="no fresh fracture"):
        place.case(1, {"finding": "fracture", "hardware": "plate"})


def test_each_finger_has_a_thin_nail_on_its_back():
    place = region("hand", "pa")
    parts = {part.name: part for part in place.build(place.case(3)).parts}
    for k in range(1, 6):
        nail, bone = parts[f"nail {k}"].shape, parts[f"distal phalanx {k}"].shape
        assert -0.03 < nail.distance.min() < -0.015
        own = (nail.corners().mean(0) - bone.corners().mean(0)) @ bone.turn
        assert own[1] < -0.3  # the back is where the palm is not
        assert own[2] > 0
