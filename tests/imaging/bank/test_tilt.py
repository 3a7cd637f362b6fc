"""Where the slices of a stack lie: sheared, turned over, of another plane."""

import numpy as np
import pytest

from tests.fixtures.dicom import dicom_bytes
from trainer.imaging.bank.stack import assemble, tilt_of
from trainer.imaging.dicom.read import read_dicom

SIDE = 64


def series(row, column, step, count=5, gantry=0.0):
    """Return the decoded slices of a series whose table moves by ``step`` along the body."""
    row, column = np.array(row, float), np.array(column, float)
    if gantry:  # the slices lean, the table goes straight on
        turn = np.radians(gantry)
        column = np.array([0, np.cos(turn), np.sin(turn)])
    found = []
    for k in range(count):
        data = dicom_bytes(
            np.full((SIDE, SIDE), 100 + k, np.int16),
            Modality="CT",
            SeriesInstanceUID="1.2.9",
            ImageOrientationPatient=[f"{v:.6f}" for v in (*row, *column)],
            ImagePositionPatient=[f"{v:.4f}" for v in -100.0 + k * np.array(step, float)],
        )
        found.append((f"{k}.dcm", read_dicom(data, f"{k}.dcm")))
    return found


def test_an_upright_stack_is_not_tilted():
    whole = assemble(series((1, 0, 0), (0, 1, 0), (0, 0, 5)), "s")
    assert whole.plane == "axial"
    assert tilt_of(whole) == pytest.approx(0, abs=1e-6)
    assert whole.pixels[:, 0, 0].tolist() == [100, 101, 102, 103, 104]


@pytest.mark.parametrize("gantry", [-20.0, -0.5, 3.0, 25.0])
def test_a_tilted_gantry_is_measured(gantry):
    whole = assemble(series((1, 0, 0), (0, 1, 0), (0, 0, 5), gantry=gantry), "s")
    assert whole.plane == "axial"
    assert tilt_of(whole) == pytest.approx(abs(gantry), abs=0.02)
    # what lies between slices is counted along the normal, not along the table
    gap = np.diff(whole.slice_mm)
    assert gap == pytest.approx(5 * np.cos(np.radians(gantry)), abs=1e-3)


def test_one_slice_that_slid_aside_is_enough():
    slices = series((1, 0, 0), (0, 1, 0), (0, 0, 5))
    aside = series((1, 0, 0), (0, 1, 0), (2, 0, 5))
    whole = assemble([*slices[:3], *aside[3:]], "s")
    assert tilt_of(whole) > 30


def test_an_oblique_stack_along_its_normal_is_not_tilted():
    lean = np.radians(18)
    column = (0, np.cos(lean), np.sin(lean))
    step = 5 * np.cross((1, 0, 0), column)
    whole = assemble(series((1, 0, 0), column, step), "s")
    assert (whole.plane, tilt_of(whole)) == ("axial", pytest.approx(0, abs=0.02))


def test_slices_read_from_the_other_side_still_go_from_feet_to_head():
    whole = assemble(series((1, 0, 0), (0, -1, 0), (0, 0, 5)), "s")
    assert whole.pixels[:, 0, 0].tolist() == [100, 101, 102, 103, 104]
    assert np.all(np.diff(whole.slice_mm) > 0)


@pytest.mark.parametrize(
    ("row", "column", "step", "plane"),
    [
        ((0, 1, 0), (0, 0, -1), (4, 0, 0), "sagittal"),
        ((1, 0, 0), (0, 0, -1), (0, 4, 0), "coronal"),
        ((0.7071, 0.7071, 0), (0, 0, -1), (3, -3, 0), "oblique"),
    ],
)
def test_other_planes_are_named(row, column, step, plane):
    whole = assemble(series(row, column, step), "s")
    assert whole.plane == plane
    assert tilt_of(whole) == pytest.approx(0, abs=0.02)


def test_a_stack_without_places_has_none():
    data = dicom_bytes(np.zeros((SIDE, SIDE), np.int16), Modality="CT", SeriesInstanceUID="1")
    whole = assemble([(f"{k}.dcm", read_dicom(data, "x")) for k in range(3)], "s")
    assert (whole.slice_mm, whole.shift_mm, whole.plane, tilt_of(whole)) == ((), (), "", 0)
