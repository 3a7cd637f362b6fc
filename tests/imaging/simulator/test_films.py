"""Films and twins: the same every time, equal outside the mask, graded by dose."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import REGIONS, region
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.film import Blades, Session

COLUMNS = 160
FORGERIES = [(r, h) for r in REGIONS for h in r.structural]


def name(value):
    return getattr(value, "name", str(value))


@pytest.mark.parametrize("place", REGIONS, ids=lambda r: f"{r.name}-{r.view}")
def test_the_same_seed_gives_the_same_film(place):
    films = [Session(place, place.case(11), COLUMNS).authentic().film.pixels for _ in range(2)]
    assert np.array_equal(*films)
    other = Session(place, place.case(12), COLUMNS).authentic().film.pixels
    assert not np.array_equal(films[0], other)
    assert films[0].std() > 5000  # a film, not a flat field


@pytest.mark.parametrize(("place", "hallmark"), FORGERIES, ids=name)
def test_twins_are_equal_outside_the_mask_and_differ_more_with_the_dose(place, hallmark):
    session = Session(place, place.case(5, hallmark=hallmark), COLUMNS)
    authentic = session.authentic()
    nothing = session.forged(place.case(5, hallmark=hallmark, dose=0.0))
    assert np.array_equal(nothing.film.pixels, authentic.film.pixels)
    assert nothing.mask is not None and not nothing.mask.any()
    sizes = []
    for dose in (0.3, 0.65, 1.0):
        forged = session.forged(place.case(5, hallmark=hallmark, dose=dose))
        sizes.append(float(np.abs(session.change(authentic.paths, forged.paths)).sum()))
    assert sizes[0] < sizes[1] < sizes[2]
    assert forged.mask is not None and forged.mask.any() and not forged.mask.all()
    apart = forged.film.pixels != authentic.film.pixels
    assert not apart[~forged.mask].any()
    assert apart[forged.mask].mean() > 0.5


def test_a_symmetric_chest_is_symmetric_but_for_heart_and_stomach():
    place = region("chest")
    given = {"rotation": 0.0, "roll": 0.0, "shift_x": 0.0, "tilt": 0.0}
    session = Session(place, place.case(3, given, Hallmark.TOO_SYMMETRIC), COLUMNS)

    def asymmetry(paths):
        ribs = paths.structures["ribs"]
        return np.abs(ribs - ribs[:, ::-1]).mean() / ribs.mean()

    natural = asymmetry(session.authentic().paths)
    forged = session.forged(place.case(3, given, Hallmark.TOO_SYMMETRIC, 1.0))
    assert asymmetry(forged.paths) < 0.35 * natural
    heart = forged.paths.structures["mediastinum"]
    assert np.abs(heart - heart[:, ::-1]).mean() > 0.2 * heart.mean()


def test_a_rigid_spine_is_straight():
    place = region("chest")
    session = Session(place, place.case(3, {"rotation": 0.0}, Hallmark.STRAIGHT_SPINE), COLUMNS)

    def sway(paths):
        spine = paths.structures["spine"]
        rows = np.flatnonzero(spine.max(1) > 2)
        x = (spine[rows] * np.arange(COLUMNS)).sum(1) / spine[rows].sum(1)
        return (x - np.polyval(np.polyfit(rows, x, 1), rows)).std()

    forged = session.forged(place.case(3, {"rotation": 0.0}, Hallmark.STRAIGHT_SPINE, 1.0))
    assert sway(forged.paths) < 0.4 * sway(session.authentic().paths)


def test_an_authentic_fracture_swells_and_a_clean_one_does_not():
    place = region("hand")
    given = {"fracture_bone": "metacarpal 5", "fracture_at": 0.6}
    session = Session(place, place.case(8, given, Hallmark.NO_SOFT_TISSUE), COLUMNS)
    swollen = session.authentic().paths.structures["soft tissue"].sum()
    dry = session.forged(place.case(8, given, Hallmark.NO_SOFT_TISSUE, 1.0))
    assert dry.paths.structures["soft tissue"].sum() < 0.995 * swollen
    bone = session.authentic().paths.structures["bones"]
    assert np.array_equal(dry.paths.structures["bones"], bone)


def test_truth_masks_lie_where_the_structures_are():
    place = region("chest")
    masks = Session(place, place.case(2), COLUMNS).authentic().paths.masks()
    assert {"lungs", "ribs", "spine", "mediastinum", "clavicles", "body"} <= set(masks)
    lungs = masks["lungs"]
    assert 0.15 < lungs.mean() < 0.6
    assert not (lungs & ~masks["body"]).any()
    middle = masks["spine"][:, COLUMNS // 2 - 30 : COLUMNS // 2 + 30]
    assert middle.sum() > 0.95 * masks["spine"].sum()


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("chest", {"age": -3}, "age.*between 18 and 100"),
        ("chest", {"bmi": float("nan")}, "bmi.*number"),
        ("chest", {"heart": "large"}, "heart.*number"),
        ("chest", {"fracture_bone": "metacarpal 5"}, "no parameter 'fracture_bone'"),
        ("hand", {"finding": "fracture", "fracture_bone": "femur"}, "metacarpal 5.*'femur'"),
        ("hand", {"vendor": "acme"}, "one of a, b, c"),
    ],
)
def test_impossible_parameters_are_refused_in_plain_words(name, given, message):
    with pytest.raises(CaseError, match=message):
        region(name).case(1, given)


def test_impossible_seeds_doses_hallmarks_and_regions_are_refused():
    chest = region("chest")
    with pytest.raises(CaseError, match="seed"):
        chest.case(-1)
    with pytest.raises(CaseError, match="dose"):
        chest.case(1, {}, Hallmark.TOO_SYMMETRIC, 1.2)
    with pytest.raises(CaseError, match="cannot be built"):
        chest.case(1, {}, Hallmark.CLEAN_FRACTURE, 0.5)
    with pytest.raises(CaseError, match=r"no region 'tail'.*knee \(ap, lateral\)"):
        region("tail")
    with pytest.raises(CaseError, match=r"knee has no view 'pa': it has ap, lateral$"):
        region("knee", "pa")


def test_a_forgery_refuses_an_authentic_twin_that_lacks_what_it_needs():
    with pytest.raises(CaseError, match=r"finding.*fracture"):
        region("hand").case(1, {"finding": "none"}, Hallmark.CLEAN_FRACTURE, 0.5)


def test_overriding_one_quantity_leaves_the_others():
    chest = region("chest")
    drawn, given = chest.case(4), chest.case(4, {"age": 71.0})
    changed = {k for k in drawn.values if drawn.values[k] != given.values[k]}
    assert changed == {"age"}


@pytest.mark.parametrize("size", [0.8, 1.0, 1.2])
def test_every_finger_tip_is_covered_by_flesh_whatever_the_hand_size(size):
    place = region("hand")
    given = {"size": size, "field": 34.0, "spread": 1.0}
    paths = Session(place, place.case(8, given), COLUMNS).authentic().paths
    bones, flesh = paths.structures["bones"] > 0.05, paths.structures["soft tissue"] > 0.05
    assert not (bones & ~flesh).any()
    assert np.flatnonzero(bones.any(1))[0] > np.flatnonzero(flesh.any(1))[0]


def test_blades_are_filled_from_the_open_field_before_processing():
    image = np.full((64, 96), 0.5, np.float32)
    shutter = np.ones(image.shape, np.float32)
    shutter[:20] = 0.0
    image[:20] = 0.0
    blades = Blades(shutter)
    filled = blades.fill(image.copy())
    assert np.array_equal(filled, np.full_like(image, 0.5))
    blades.draw(filled, 0.94)
    assert np.allclose(filled[:20], 0.94) and np.allclose(filled[20:], 0.5)
