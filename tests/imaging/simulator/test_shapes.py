"""Path lengths through primitives against what geometry says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from trainer.imaging.simulator.camera import aim
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field, axes_from, smoothed
from trainer.imaging.simulator.trees import Growth, grow
from trainer.imaging.simulator.tubes import tube

SMALL = aim(columns=64, rows=64, width=10, centre=(0, 0, 0), detector_behind=6)


def rays(camera):
    """Return the unit direction of every ray."""
    u, v = np.meshgrid(np.arange(camera.columns), np.arange(camera.rows))
    at = camera.origin + u[..., None] * camera.right + v[..., None] * camera.down - camera.source
    return at / np.linalg.norm(at, axis=-1, keepdims=True)


def sphere_chord(camera, centre, radius):
    way = rays(camera)
    to = np.asarray(centre) - camera.source
    along = way @ to
    off = (to @ to) - along**2
    return 2 * np.sqrt(np.clip(radius**2 - off, 0, None))


@given(
    radius=st.floats(1, 3),
    x=st.floats(-1, 1),
    z=st.floats(-1, 1),
)
@settings(max_examples=15, deadline=None)
def test_a_sphere_has_the_chord_of_a_sphere(radius, x, z):
    solid = Field((-4.5,) * 3, (4.5,) * 3, 0.2).ellipsoid((x, 0, z), (radius,) * 3, blend=0.01)
    whole, marrow, _ = solid.solid().project(SMALL)
    wanted = sphere_chord(SMALL, (x, 0, z), radius)
    # edge-on a chord changes without bound: judge where it is at least half a radius
    thick = wanted > 0.5 * radius
    # straight lines between grid points cut a curved surface by spacing^2 / (8 radius), which an
    # oblique ray meets several times over
    assert np.abs(whole - wanted)[thick].max() < 0.02 + 0.08 / radius
    assert whole[wanted == 0].max() < 0.5
    assert not marrow.any()


def test_a_posed_and_stretched_sphere_keeps_its_chord():
    ball = Field((-1.5,) * 3, (1.5,) * 3, 0.08, far=1.0).ellipsoid((0, 0, 0), (1, 1, 1), blend=0.01)
    turned = axes_from((0.3, 0.5, 0.8))
    whole, _, _ = ball.solid().posed(turned, (0.5, -1, 0.4), np.full(3, 2.0)).project(SMALL)
    wanted = sphere_chord(SMALL, (0.5, -1, 0.4), 2.0)
    assert np.abs(whole - wanted)[wanted > 1].max() < 0.05


def test_a_cortex_leaves_a_smaller_sphere_for_marrow():
    ball = Field((-3,) * 3, (3,) * 3, 0.1).ellipsoid((0, 0, 0), (2, 2, 2), blend=0.01)
    whole, marrow, textured = ball.solid(0.5).project(SMALL)
    wanted = sphere_chord(SMALL, (0, 0, 0), 1.5)
    assert np.abs(marrow - wanted)[wanted > 0.7].max() < 0.06
    assert (marrow <= whole + 1e-4).all()
    assert not textured.any()


@given(radius=st.floats(0.3, 2), second=st.floats(0.3, 2), lean=st.floats(-0.5, 0.5))
@settings(max_examples=20, deadline=None)
def test_a_straight_tube_has_the_chord_of_an_elliptic_cylinder(radius, second, lean):
    way = np.array([lean, 0.3 * lean, 1.0])
    way /= np.linalg.norm(way)
    points = way * np.linspace(-20, 20, 7)[:, None]
    side = np.array([1.0, 0, 0]) - way[0] * way
    side /= np.linalg.norm(side)
    other = np.cross(way, side)
    whole, _, _ = tube(points, radius, second, side=side).project(SMALL)
    ray = rays(SMALL)
    a = (ray @ side / radius) ** 2 + (ray @ other / second) ** 2
    sx, sy = SMALL.source @ side / radius, SMALL.source @ other / second
    b = (ray @ side / radius) * sx + (ray @ other / second) * sy
    c = sx**2 + sy**2 - 1
    wanted = 2 * np.sqrt(np.clip(b * b - a * c, 0, None)) / a
    assert np.abs(whole - wanted).max() < 1e-3


def test_a_bent_tube_has_neither_gap_nor_bulge_at_its_mitres():
    angle = np.linspace(0, np.pi, 60)
    ring = np.stack([3 * np.cos(angle), np.zeros(60), 3 * np.sin(angle) - 1.5], 1)
    whole, _, _ = tube(ring, 0.5).project(SMALL)
    seen = SMALL.project(ring[5:-5]).round().astype(int)
    on_line = whole[seen[:, 1], seen[:, 0]]
    assert on_line.min() > 0.93 and on_line.max() < 1.02


def test_a_tube_that_folds_back_ends_at_its_folds():
    """Where a line turns back, its mitre runs along it: no piece may go on beyond its node.

    Pieces without ends cross a ray at 0.9 of all they could reach together, ended ones at 0.3.
    """
    radius, found = 0.3, []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        steps = rng.normal(0, 0.05, (8, 3))
        back = rng.uniform(0.8, 1.1, (4, 1))
        steps[1::2] = -steps[::2] * back + rng.normal(0, 0.01, (4, 3))
        whole, _, _ = tube(np.cumsum(steps, 0), radius).project(SMALL)
        reach = np.hypot(np.linalg.norm(steps[1:], axis=1) + 2.5 * radius, 2 * radius)
        found.append(whole.max() / reach.sum())
    assert 0.1 < max(found) < 0.45


def test_a_tapered_tube_thins_evenly():
    points = np.array([[0, 0, -4.0], [0, 0, 4.0]])
    whole, _, _ = tube(points, [1.5, 0.5]).project(SMALL)
    middle = whole[:, 31:33].mean(1)
    rows = np.arange(8, 56)
    assert np.polyfit(rows, middle[rows], 1)[0] == pytest.approx(2 * 1.0 / (8 / (10 / 64)), rel=0.1)


def test_voxels_of_a_tube_fill_its_volume():
    points = np.array([[0, 0, -3.0], [0, 0, 3.0]])
    step = 0.1
    filled = tube(points, 0.8).occupancy(np.full(3, -4.0), np.full(3, step), (81, 81, 81))
    inside = filled[:, :, 15:66]  # leave the round ends out
    assert inside.sum() * step**3 == pytest.approx(np.pi * 0.64 * 51 * step, rel=0.03)


def test_a_window_sees_what_the_whole_camera_sees_there():
    ball = (
        Field((-3,) * 3, (3,) * 3, 0.1).ellipsoid((0.7, 0, 0.4), (2, 1.5, 1), blend=0.01).solid(0.3)
    )
    whole = ball.project(SMALL)[0]
    box = SMALL.box_of(ball.corners())
    part = ball.project(SMALL.window((20, 50, 16, 48)))[0]
    assert np.allclose(part, whole[16:48, 20:50], atol=1e-5)
    assert box[0] < 20 and box[1] > 50


def test_a_tree_reaches_every_leaf_and_thins_from_its_root():
    rng = np.random.default_rng(3)
    leaves = rng.uniform(-2, 2, (200, 3))
    tree = grow((0, 0, -5), leaves, Growth(tip=0.02, trunk=0.5, smoothing=0))
    distance = np.linalg.norm(leaves[:, None] - tree.nodes[None], axis=2).min(1)
    assert distance.max() < 1e-9
    trunk = tree.outer[np.linalg.norm(tree.nodes - [0, 0, -5], axis=1) < 0.5].max()
    assert trunk == pytest.approx(tree.outer.max())
    assert trunk > 4 * 0.02


def test_a_spline_passes_through_its_points():
    points = np.array([[0, 0, 0], [1, 2, 0], [3, 1, 2], [4, 0, 1.0]])
    curve = through(points, 400)
    assert np.linalg.norm(points[:, None] - curve[None], axis=2).min(1).max() < 0.02
    step = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    assert step.max() < 1.1 * step.min()


def test_a_shape_built_on_a_block_is_the_one_built_on_the_whole_grid():
    whole, pieced = (Field((-4, -3, -2), (4, 3, 2), 0.1, far=1.0) for _ in range(2))
    for f in (whole, pieced):
        f.capsules([(-3, 0, 0), (3, 0, 0)], 0.3)
    whole.join(whole.like().ellipsoid((2.03, 0.52, 0.31), (0.6, 0.7, 0.8)).values, 0.2)
    block = pieced.block((0.5, -1.5, -2), (3.8, 2.5, 2))
    block.ellipsoid((2.03, 0.52, 0.31), (0.6, 0.7, 0.8))
    pieced.lay(block, 0.2)
    assert block.values.size < 0.5 * whole.values.size
    near = whole.values < 0.3
    assert np.allclose(whole.values[near], pieced.values[near], atol=1e-4)
    with pytest.raises(ValueError, match="holds no point"):
        whole.block((9, 9, 9), (10, 10, 10))


def test_smoothing_a_grid_is_scipys_gaussian():
    values = np.random.default_rng(3).standard_normal((9, 2, 13)).astype(np.float32)
    for cells in (0.45, 1.3):
        assert np.allclose(smoothed(values, cells), gaussian_filter(values, cells), atol=2e-6)


@pytest.mark.parametrize("cut", [False, True])
def test_capsules_and_ellipsoids_have_their_distances_and_join_smoothly(cut):
    f = Field((-3,) * 3, (3,) * 3, 0.25, far=2.0)
    x, y, z = f.mesh()
    first = np.sqrt(x**2 + y**2 + z**2) - np.float32(1.5)
    f.values[:] = np.minimum(first, 2)
    before = f.values.copy()
    f.capsules([(-2, 0, 0), (0, 0, 0), (2, 0, 0)], 0.5, blend=0.01, cut=cut)
    bar = np.sqrt(np.maximum(np.abs(x) - 2, 0) ** 2 + y**2 + z**2) - 0.5
    wanted = np.maximum(before, -bar) if cut else np.minimum(before, bar)
    near = np.abs(wanted) < 0.5
    assert np.allclose(f.values[near], wanted[near], atol=0.01)
    g = f.like().ellipsoid((0.5, 0, 0), (1, 1, 1), blend=0.01)
    ball = np.sqrt((x - 0.5) ** 2 + y**2 + z**2) - 1
    assert np.abs(g.values - ball)[np.abs(ball) < 0.5].max() < 0.01
    h = f.like(before).join(before + 0.2, 0.8)
    assert h.values.min() < before.min() and (h.values <= before + 1e-6).all()
