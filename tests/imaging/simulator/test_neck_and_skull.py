"""Cervical spine and skull: courses, crushed vertebrae, swelling, fracture lines."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.cervical.region import build, neck_of
from trainer.imaging.simulator.anatomy.cervical.spine import NAMES, places
from trainer.imaging.simulator.anatomy.cervical.vertebra import (
    DEVIATES,
    SIZES,
    lower,
    with_spurs,
)
from trainer.imaging.simulator.anatomy.skull.bones import jaw
from trainer.imaging.simulator.anatomy.skull.region import _crack, _fracture
from trainer.imaging.simulator.anatomy.skull.soft import pineal
from trainer.imaging.simulator.body import Body, Projector
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
    own = np.zeros(DEVIATES)
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


@pytest.mark.parametrize("seed", range(12))
def test_a_crack_is_no_deeper_than_the_vault_is_thick(seed):
    """Seen on edge for a way, a crack is crossed lengthwise, but never by far."""
    for dose in (0.0, 0.5):
        case = SKULL.case(seed, {"finding": "linear fracture"}, Hallmark.CLEAN_FRACTURE, dose)
        paths = Projector(SKULL.camera(case, 192)).project(Body(tuple(_fracture(case))))
        assert 0.1 < paths.structures["fracture"].max() < 2.0


def test_a_fracture_of_the_skull_swells_and_its_forged_twin_does_not():
    case = SKULL.case(5, {}, Hallmark.NO_SOFT_TISSUE, 1.0)
    session = Session(SKULL, case.authentic(), 160)
    plain, forged = session.authentic(), session.forged(case)
    assert plain.structures["fracture"].any() and plain.structures["swelling"].any()
    assert "swelling" not in forged.structures and forged.structures["fracture"].any()
    assert (forged.place & plain.structures["swelling"]).sum() > 0.5 * forged.place.sum()


def test_no_side_of_a_cervical_vertebra_is_the_others_image_and_spurs_grow_at_its_rims():
    rng = np.random.default_rng(2)
    own = rng.standard_normal(DEVIATES)
    f = lower("C5", own, 0.0, rng)
    inside, mirrored = f.values < 0, f.values[::-1] < 0
    pillars = np.abs(f.axes[0]) > 1.1
    differ = (inside ^ mirrored)[pillars].sum() / inside[pillars].sum()
    assert 0.1 < differ < 0.9
    worn = with_spurs(f, "C5", own, 1.0, 0.0)
    grown = (worn.values < 0) & ~inside
    assert grown.sum() > 50 and (worn.values <= f.values + 1e-6).all()
    at = np.argwhere(grown) * f.spacing + f.corner
    assert np.abs(at[:, 2]).min() > 0.25  # at the rims, none at the waist
    assert np.array_equal(with_spurs(f, "C5", own, 0.0, 0.0).values, f.values)


def lowest(parts, word):
    part = next(p for p in parts if p.name == word)
    return part.shape.corners()[:, 2].min()


def test_a_mouth_opens_with_the_lower_teeth_and_leaves_the_upper():
    shut, wide = (jaw(SKULL.case(3, {"mouth": m, "age": 30.0})) for m in (0.0, 6.0))
    assert lowest(wide, "upper crowns") == lowest(shut, "upper crowns")
    for word in ("lower crowns", "mandible"):
        assert 0.4 < lowest(shut, word) - lowest(wide, word) < 1.5


def test_teeth_go_and_chalk_comes_with_age():
    young, old = ([SKULL.case(seed, {"age": age}) for seed in range(12)] for age in (20.0, 88.0))
    assert sum(len(pineal(c)) for c in old) > 4 * sum(len(pineal(c)) for c in young)

    def enamel(cases):
        crowns = [p for c in cases[:4] for p in jaw(c) if p.name.endswith("crowns")]
        return sum((p.shape.distance < 0).sum() for p in crowns)

    assert enamel(old) < 0.75 * enamel(young)


@pytest.mark.parametrize("lordosis", [-0.8, 1.8])
def test_the_throat_stays_within_the_neck_however_the_neck_is_bent(lordosis):
    parts = {p.name: p.shape for p in build(NECK.case(8, {"lordosis": lordosis})).parts}
    throat, size = parts["throat"], parts["throat"].stretch[0]
    own = np.argwhere(throat.distance < 0) * throat.spacing + throat.corner
    own = own[own[:, 2] < -7.5]  # below the mouth
    assert len(own) > 500
    assert (parts["flesh"].at(*(own * size).T) < 0).mean() > 0.995


def _stripe(case):
    """Return how far the throat's air lies before C3 to C7, their places, and all parts."""
    parts = {p.name: p.shape for p in build(case).parts}
    throat, gaps, places = parts["throat"], [], []
    for name in ("C3", "C4", "C5", "C6", "C7"):
        at = parts[name].place
        y = np.linspace(0, 6, 241)
        inside = throat.at(np.zeros(241), at[1] + y, np.full(241, at[2])) < 0
        gaps.append(y[np.argmax(inside)])
        places.append(at)
    return np.array(gaps), np.array(places), parts


@pytest.mark.parametrize("seed", [1, 5])
def test_the_airway_goes_with_a_neck_that_a_forgery_straightens(seed):
    straight, clone = Hallmark.STRAIGHT_SPINE, Hallmark.VERTEBRA_CLONE
    gaps, places, parts = _stripe(NECK.case(seed, hallmark=straight))
    forged, moved, others = _stripe(NECK.case(seed, hallmark=straight, dose=1.0))
    back = (places - moved)[:, 1]
    assert back.max() > 0.7
    assert np.abs(forged - gaps).max() < 0.35 and gaps.min() > 0.8
    assert parts["hyoid"].key() != others["hyoid"].key()
    # the neck's front goes back with it, as far as what else lies there lets it
    level = int(np.argmax(back))
    y = np.linspace(0, 12, 481)
    front = [
        y[np.max(np.flatnonzero(p["neck"].at(np.zeros(481), y, np.full(481, at[level][2])) < 0))]
        for p, at in ((parts, places), (others, moved))
    ]
    assert front[0] - front[1] > 0.2 * back[level]
    # copies of a vertebra lie where the vertebrae lay, and so does all before them
    whole, same = (_stripe(NECK.case(seed, hallmark=clone, dose=d))[2] for d in (0.0, 1.0))
    for name in ("throat", "neck", "flesh", "hyoid", "laryngeal cartilage"):
        assert whole[name].key() == same[name].key()
