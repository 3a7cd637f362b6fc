"""The pelvis: two sides that differ, and a forgery whose sides do not."""

import numpy as np
import pytest

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.case import CaseError
from trainer.imaging.simulator.film import Session

COLUMNS = 160
PELVIS = region("pelvis", "ap")
CENTRED = {"rotation": 0.0, "roll": 0.0, "shift_x": 0.0, "gas": 1.2}


def asymmetry(path):
    return np.abs(path - path[:, ::-1]).mean() / path.mean()


def test_a_forged_pelvis_is_its_own_mirror_image_but_its_gas_is_not():
    session = Session(PELVIS, PELVIS.case(4, CENTRED, Hallmark.TOO_SYMMETRIC), COLUMNS)
    natural = session.authentic().paths.structures
    forged = session.forged(PELVIS.case(4, CENTRED, Hallmark.TOO_SYMMETRIC, 1.0)).paths.structures
    assert asymmetry(forged["bones"]) < 0.5 * asymmetry(natural["bones"])
    assert np.array_equal(forged["bowel gas"], natural["bowel gas"])
    assert asymmetry(forged["bowel gas"]) > 0.3


def test_structures_are_known():
    masks = Session(PELVIS, PELVIS.case(4), COLUMNS).authentic().paths.masks()
    assert {"bones", "soft tissue", "bowel gas"} <= set(masks)
    assert (masks["bones"] & ~masks["soft tissue"]).mean() < 0.002
    assert 0.15 < masks["bones"].mean() < 0.6


def test_a_well_centred_mimic_is_more_symmetric_than_the_usual_pelvis():
    mimic = PELVIS.case(4, mimic_of=Hallmark.TOO_SYMMETRIC)
    assert mimic.number("asymmetry") <= 0.3
    assert abs(mimic.number("rotation")) <= 0.4


def test_impossible_pelves_are_refused():
    with pytest.raises(CaseError, match=r"age.*between 18 and 100"):
        PELVIS.case(1, {"age": 3.0})
    with pytest.raises(CaseError, match=r"rotation.*between -0.4 and 0.4"):
        PELVIS.case(1, {"rotation": 8.0}, Hallmark.TOO_SYMMETRIC, 0.5)
    with pytest.raises(CaseError, match=r"no parameter 'fracture_kind'"):
        PELVIS.case(1, {"fracture_kind": "hip"})
