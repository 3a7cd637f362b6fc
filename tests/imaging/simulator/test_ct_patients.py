"""Patients in a scanner: they lie, and fluid, air and chalk are where they are in one who lies."""

import numpy as np
import pytest
from scipy.ndimage import label

from trainer.imaging.simulator.anatomy import region
from trainer.imaging.simulator.anatomy.chest.findings import rib_break
from trainer.imaging.simulator.anatomy.chest.frame import frame_of
from trainer.imaging.simulator.anatomy.chest.lungs import artery_trees
from trainer.imaging.simulator.anatomy.chest.ribs import rib_parts
from trainer.imaging.simulator.anatomy.chest.torso import torso
from trainer.imaging.simulator.ct import bronchi
from trainer.imaging.simulator.ct.calcium import coronary_parts
from trainer.imaging.simulator.ct.pathology import height
from trainer.imaging.simulator.ct.series import Scan
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import SOFT

CT = region("chest", "ct")
SIDE = 128
SETTINGS = {
    "slices": 8.0, "slice_mm": "2.0", "mas": 200.0, "kernel": "soft", "recon": "fbp",
    "granuloma": "none", "breath": 0.0, "emphysema": "none", "contrast": "none",
    "finding_size": 0.6, "finding_side": "left",
}  # fmt: skip


def series(finding, seed=21, **more):
    made = Scan(CT, CT.case(seed, {**SETTINGS, "finding": finding, **more}), SIDE).authentic()
    return made.film.pixels + made.film.intercept, made.structures


def rows_of(mask):
    """Return how far back a structure lies in its slices, as a share of the body's depth."""
    return float(np.nonzero(mask)[1].mean())


@pytest.fixture(scope="module")
def healthy():
    return series("none")


def test_the_patient_lies_with_raised_arms(healthy):
    frame = frame_of(CT.case(21, SETTINGS))
    assert frame.supine and frame.raised
    standing = frame_of(region("chest", "pa").case(21))
    assert frame.dome_right > standing.dome_right and frame.heart_size > standing.heart_size
    high, _ = series("none", slices=8.0, slice_mm="5.0")
    body = healthy[1]["body"][4]
    lowest = [int(np.flatnonzero(body[:, c]).max()) for c in np.flatnonzero(body.any(0))[30:-30]]
    assert np.ptp(lowest) <= 6  # the back is flat on the table
    assert high.shape == healthy[0].shape


def test_fluid_lies_behind_the_lung_and_presses_it_airless():
    hu, seen = series("effusion")
    fluid = seen["effusion"]
    assert rows_of(fluid) > rows_of(seen["lungs"]) + 8
    assert -25 < np.median(hu[fluid]) < 40
    columns = np.nonzero(fluid)[2]
    assert np.median(columns) > SIDE / 2  # the patient's left is on the right
    before = ~fluid & (np.roll(fluid, -3, axis=1))  # three pixels before the fluid's face
    assert np.median(hu[before]) > -300


def test_air_lies_before_the_lung():
    hu, seen = series("pneumothorax", finding_size=0.9)
    air = seen["pneumothorax"]
    assert rows_of(air) < rows_of(seen["lungs"]) - 8
    assert np.median(hu[air]) < -940
    assert np.median(hu[seen["lungs"] & ~air]) > -900


def test_bronchi_stay_open_in_a_consolidation():
    hu, seen = series("pneumonia", finding_size=0.9, slice_mm="1.0")
    filled = seen["consolidation"]
    assert np.median(hu[filled]) > -60
    holes = filled & (hu < -250)
    assert 3 < holes.sum() < 0.15 * filled.sum()


def test_oedema_thickens_septa_and_veils_the_hila(healthy):
    hu, seen = series("oedema", finding_size=0.9)
    lungs, plain = seen["lungs"], healthy[1]["lungs"]
    assert np.percentile(hu[lungs], 75) > np.percentile(healthy[0][plain], 75) + 40
    assert "oedema" in seen


def test_emphysema_empties_lobules_and_leaves_the_rest(healthy):
    plain, seen = healthy
    empty, _ = series("none", emphysema="centrilobular")
    less = (plain - empty)[seen["lungs"]]
    assert 0.02 < (less > 30).mean() < 0.4
    assert np.median(np.abs(less)) < 3


def test_the_slices_are_about_what_is_wrong():
    for finding in ("rib fracture", "pneumonia"):
        case = CT.case(21, {**SETTINGS, "finding": finding, "finding_rib": 6.0})
        frame = frame_of(case)
        at = height(frame, torso(frame))
        z = Scan(CT, case, SIDE).grid.z()
        assert z[-1] < at < z[0]
    broken = rib_break(CT.case(21, {**SETTINGS, "finding": "rib fracture"}))
    ends = [(part.shape.joined[:-1] == 0).sum() for part in rib_parts(frame, broken)]
    assert sorted(ends)[-2:] == [0, 1]  # one rib of two pieces


def test_chalk_comes_with_age():
    ball = Field((-9, -7, -27), (11, 11, -9), 0.5).ellipsoid((2, 3, -18), (6, 5, 6)).solid()

    def chalk(age):
        found = 0
        for seed in range(60, 72):
            frame = frame_of(CT.case(seed, {**SETTINGS, "age": age, "finding": "none"}))
            parts = coronary_parts(frame, ball, SOFT)
            assert parts[0].name == "coronary arteries"
            found += any(p.name == "chalk" for p in parts)
        return found

    assert chalk(25.0) == 0
    assert chalk(88.0) >= 9


def test_each_bronchus_touches_its_artery():
    """Axis to axis it lies as far as both radii and its wall ask for, at every point."""
    frame = frame_of(CT.case(21, SETTINGS))
    soft = torso(frame)
    for tree in artery_trees(frame, soft):
        airway = bronchi.beside(tree, tree.nodes[0] + [0.4, 0.3, 0.5])
        assert 20 < len(airway.nodes) < len(tree.nodes)
        near = np.linalg.norm(airway.nodes[8:, None] - tree.nodes[None], axis=2).min(1)
        assert np.median(near) < 0.6
        assert (near > 0.5 * airway.outer[8:, 0]).mean() > 0.95


def test_muscles_of_the_wall_are_more_than_one_sheet(healthy):
    """From the skin to the lung at the side: skin, fat, muscle, fat, muscle, rib or muscle."""
    hu, seen = healthy
    middle = hu[4]
    centre = int(np.nonzero(seen["lungs"][4])[0].mean())
    found = []
    for row in range(centre - 12, centre + 25, 3):
        inside = np.flatnonzero(seen["lungs"][4, row])
        wall = middle[row, inside.max() + 1 :]
        found.append(label((wall > 0) & (wall < 120))[1])
    assert np.mean(np.array(found) >= 2) > 0.5
