"""What we write is valid under dciodvfy, in every region; headers say side, view and direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.fixtures.dicom3tools import Verify
from tests.imaging.forgery.pictures import trunk
from trainer.core.words import Hallmark, Modality, Truth
from trainer.imaging.film import Film
from trainer.imaging.forgery import files
from trainer.imaging.forgery.order import Order
from trainer.imaging.made import Made
from trainer.imaging.recipes import Recipe, case_of
from trainer.imaging.simulator import ct_out, dicom_out
from trainer.imaging.simulator.anatomy import REGIONS
from trainer.imaging.simulator.anatomy.elbow import regions as elbow
from trainer.imaging.simulator.anatomy.foot import regions as foot
from trainer.imaging.simulator.anatomy.knee import regions as knee
from trainer.imaging.simulator.anatomy.shoulder import regions as shoulder
from trainer.imaging.simulator.case import Region
from trainer.imaging.simulator.hanging import hanging, letters

ONE, TWO = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SIDE = 192
each_view = pytest.mark.parametrize("place", REGIONS, ids=lambda r: f"{r.name} {r.view}")


LIMBS = ("hand", "wrist", "elbow", "shoulder", "knee", "ankle", "foot")


def recipe_of(place: Region, side: str = "right") -> Recipe:
    given = {"side": side} if place.name in LIMBS else {}
    return Recipe(ONE, place.name, place.view, 4, given)


def made_of(recipe: Recipe, slices: int = 0) -> Made:
    """Return a film as the simulator hands it over; its header does not depend on its pixels."""
    pixels, _ = trunk(side=SIDE)
    patch = np.zeros((SIDE, SIDE), np.bool_)
    patch[60:90, 70:100] = True
    report = {"mas": 200.0, "corner_x_mm": -150.0, "corner_y_mm": 120.0, "slice_mm": 2.0}
    film = Film(pixels, (0.3, 0.3))
    if slices:
        tall = np.repeat(pixels[None] >> 4, slices, axis=0)
        at = tuple(-2.0 * k for k in range(slices))
        film = Film(tall, (1.0, 1.0), Modality.CT, intercept=-1024.0, slice_mm=at)
        patch = np.repeat(patch[None], slices, axis=0)
    forged = recipe.hallmark is not None
    return Made(
        film,
        Truth.TAMPERED if forged else Truth.AUTHENTIC,
        (),
        patch if forged else None,
        None,
        False,
        {"bones": patch, "psoas": ~patch},
        report,
        "test",
    )


@each_view
def test_films_their_truth_and_their_forgeries_are_valid(place: Region, dciodvfy: Verify) -> None:
    recipe = recipe_of(place)
    made = made_of(recipe)
    film = dicom_out.image(made, recipe)
    assert dciodvfy(film) == []
    assert dciodvfy(dicom_out.truth(made, recipe, film)) == []
    if place in REGIONS[:2]:  # a forgery keeps the header it finds
        data = dicom_out._bytes(film)
        made_again = files.forge_bytes(data, Order("checkerboard", 0.5, 1, "test"))
        assert dciodvfy(made_again.image) == []


def test_a_built_in_forgery_is_valid(dciodvfy: Verify) -> None:
    recipe = Recipe(
        ONE, "hand", "pa", 4, {}, Hallmark.CLEAN_FRACTURE, 0.8, "insertion model", twin=TWO
    )
    made = made_of(recipe)
    film = dicom_out.image(made, recipe)
    assert dciodvfy(film) == []
    assert dciodvfy(dicom_out.truth(made, recipe, film)) == []


def test_a_series_and_its_truth_are_valid(dciodvfy: Verify) -> None:
    recipe = Recipe(ONE, "chest", "ct", 4)
    made = made_of(recipe, slices=3)
    slices = ct_out.images(made, recipe)
    assert [dciodvfy(one) for one in slices] == [[], [], []]
    assert dciodvfy(ct_out.truth(made, recipe, slices)) == []
    data = dicom_out._bytes(slices[1])
    forged = files.forge_bytes(data, Order("halo_seam", 0.5, 1, "test"))
    assert dciodvfy(forged.image) == []


@each_view
def test_side_sex_and_age_are_the_patients(place: Region) -> None:
    recipe = recipe_of(place)
    _, case = case_of(recipe)
    ds = dicom_out.image(made_of(recipe), recipe)
    limb = place.name in LIMBS
    assert ds.ImageLaterality == ("R" if limb else "U")
    assert ds.PatientSex == {"female": "F", "male": "M"}[case.word("sex")]
    assert ds.PatientAge == f"{round(case.number('age')):03d}Y"
    assert ds.ViewCodeSequence[0].CodeMeaning
    if limb and place.view == "lateral":  # LL and RL are views of a trunk
        assert not ds.ViewPosition


@each_view
def test_a_right_limb_hangs_as_the_mirror_image_of_a_left_one(place: Region) -> None:
    left, right = (hanging(*case_of(recipe_of(place, side))) for side in ("left", "right"))
    if place.name not in LIMBS:
        assert left == right
        return
    swapped = tuple(way.translate(str.maketrans("LR", "RL")) for way in left.orientation)
    assert right.orientation == swapped
    assert right.view == left.view


@pytest.mark.parametrize(
    ("place", "view"),
    [
        (elbow.ELBOW_AP, elbow._FRONT),
        (elbow.ELBOW_LATERAL, elbow._SIDE),
        (shoulder.SHOULDER_AP, shoulder._FRONT),
        (knee.KNEE_LATERAL, knee._SIDE),
        (foot.ANKLE_LATERAL, foot._SIDE),
        (foot.FOOT_DP, foot._ABOVE),
        (foot.FOOT_OBLIQUE, foot._SLANTED),
        (foot.ANKLE_AP, foot._FRONT),
    ],
    ids=lambda v: getattr(v, "name", ""),
)
def test_limbs_hang_as_their_views_turn_them(place: Region, view: object) -> None:
    hangs = hanging(*case_of(recipe_of(place, "left")))
    right, up = np.array(view.right, float), np.array(view.up, float)  # type: ignore[attr-defined]
    assert hangs.orientation == (letters(right), letters(-up))
    way = letters(np.array(view.beam, float))[0]  # type: ignore[attr-defined]
    said = {"P": "antero-posterior", "L": "medial-lateral", "R": "lateral-medial"}
    if way in said:
        assert hangs.view.meaning == said[way]


def test_a_turned_patient_keeps_the_names_of_the_view() -> None:
    chest = replace(recipe_of(REGIONS[0]), parameters={"rotation": 8.0})
    hangs = hanging(*case_of(chest))
    assert (hangs.orientation, hangs.position) == (("L", "F"), "PA")
