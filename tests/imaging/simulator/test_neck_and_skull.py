"""Cervical spine and skull: courses, crushed vertebrae, swelling, fracture lines."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.cervical.region import neck_of
from trainer.imaging.simulator.anatomy.cervical.spine import NAMES, places
from trainer.imaging.simulator.anatomy.cervical.vertebra import SIZES, lower
from trainer.imaging.simulator.anatomy.skull.region import _crack
from trainer.imaging.simulator.film import Session

NECK, SKULL = region("cervical spine", "lateral"), region("skull", "lateral")


def bend(case):
    """Return how far C3 to C6 lie off the line from C2 to C7, cm, root mean square."""
    at = np.array([p for p, _ in places(case, neck_of(case), len(NAMES))])[1:7, 1:]
    line = at[0] + np.linspace(0, 1, 200)[:, None] * (at[-1] - at[0])
    off = np.linalg.norm(at[:, None] - line[None], axis=2).min(1)
    return float(np.sqrt((off**2).mean()))


def test_straightening_takes_out_the_lordosis_dose_by_dose_and_spasm_looks_like_it():
    hallmark = Hallmark.STRAIGHT_SPINE
    bends = [bend(NECK.case(6, {}, hallmark, dose)) for dose in (0.0, 0.4, 0.8, 1.0)]
    assert np.all(np.diff(bends) < 0) and bends[-1] < 0.05 < 0.15 < bends[0]
    assert bend(NECK.case(6, {}, mimic_of=hallmark)) < 0.5 * bends[0]


@pytest.mark.parametrize("name", ["C3", "C5", "C7"])
def test_a_crushed_vertebra_has_lost_its_front_and_kept_its_back(name):
    own = np.zeros(24)
    height = {}
    for wedge in (0.0, 0.4):
        f = lower(name, own, wedge, np.random.default_rng(3))
        inside = f.values < 0
        depth = SIZES[name][1]
        middle = np.abs(f.axes[0]) < 0.2
        for word, y in (("front", 0.6 * depth), ("back", -0.6 * depth)):
            row = int(np.argmin(np.abs(f.axes[1] - y)))
            column = inside[middle][:, row].mean(0) > 0.5
            height[wedge, word] = column.sum() * f.spacing
    assert height[0.4, "front"] < 0.78 * height[0.0, "front"]
    assert height[0.4, "back"] > 0.85 * height[0.0, "back"]


def test_swelling_before_a_fracture_narrows_the_throat_and_a_forgery_takes_it_away():
    case = NECK.case(7, {"finding": "wedge fracture"}, Hallmark.NO_SOFT_TISSUE, 1.0)
    session = Session(NECK, case.authentic(), 160)
    plain, forged = session.authentic(), session.forged(case)
    assert forged.mask.any() and not forged.mask.all()
    outside = ~forged.mask
    assert np.array_equal(plain.film.pixels[outside], forged.film.pixels[outside])
    moved = plain.structures["air"] ^ forged.structures["air"]
    assert moved.sum() > 30 and (moved & forged.mask).sum() > 0.9 * moved.sum()


def crooked(case):
    """Return how far a fracture strays from the line between its ends, relative to its length."""
    line, width, _ = _crack(case)
    chord = line[-1] - line[0]
    length = np.linalg.norm(chord)
    off = np.cross(line - line[0], chord / length)
    kinks = np.linalg.norm(np.diff(line, 2, axis=0), axis=1).mean()
    return float(np.linalg.norm(off, axis=1).max() / length), float(kinks), float(width.std())


def test_a_clean_fracture_is_even_and_a_natural_one_wanders():
    hallmark = Hallmark.CLEAN_FRACTURE
    natural, half, clean = (crooked(SKULL.case(5, {}, hallmark, d)) for d in (0.0, 0.5, 1.0))
    assert natural[1] > half[1] > clean[1]
    assert natural[2] > 0.01 > clean[2]


def test_a_fracture_of_the_skull_swells_and_its_forged_twin_does_not():
    case = SKULL.case(5, {}, Hallmark.NO_SOFT_TISSUE, 1.0)
    session = Session(SKULL, case.authentic(), 160)
    plain, forged = session.authentic(), session.forged(case)
    assert plain.structures["fracture"].any() and plain.structures["swelling"].any()
    assert "swelling" not in forged.structures and forged.structures["fracture"].any()
    assert (forged.place & plain.structures["swelling"]).sum() > 0.5 * forged.place.sum()
