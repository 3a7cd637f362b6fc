"""Solids drawn facet by facet, against geometry and against rays walked in small steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.imaging.simulator.camera import aim
from trainer.imaging.simulator.fields import Field, axes_from
from trainer.imaging.simulator.kernels.rays import TILE_ONE
from trainer.imaging.simulator.kernels.solids import cast
from trainer.imaging.simulator.solids import Solid

CAMERA = aim(columns=48, rows=40, width=9, centre=(0, 0, 0), detector_behind=6, turn=20, tilt=10)
POSES = st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.2, 1))
# Depths as grids have them, and what is rare in them: even steps, and nodes right on the surface.
DEPTHS = st.floats(-1, 1, width=32) | st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1.0])


def rays(camera):
    u, v = np.meshgrid(np.arange(camera.columns), np.arange(camera.rows))
    way = camera.origin + u[..., None] * camera.right + v[..., None] * camera.down - camera.source
    return way / np.linalg.norm(way, axis=-1, keepdims=True)


def walked(solid, camera, step=0.02, span=(170, 179)):
    """Return the path through a solid by counting small steps."""
    way = rays(camera)
    total = np.zeros(camera.shape)
    for t in np.arange(*span, step):
        x, y, z = np.moveaxis(camera.source + way * t, -1, 0)
        total += step * (solid.at(x, y, z) < 0)
    return total


def seen(solid, camera):
    """Return what the kernel is told of a pose."""
    matrix, shift = solid.to_grid()
    ray = np.stack([camera.right, camera.down, camera.origin - camera.source], 1)
    to = np.linalg.inv(matrix @ ray)
    return to, -(to @ (matrix @ camera.source + shift))


@given(
    grid=st.tuples(*[st.integers(1, 5)] * 3).flatmap(
        lambda n: arrays(np.float32, n, elements=DEPTHS)
    ),
    pose=POSES,
    cell=st.sampled_from([0.02, 0.4, 1.3]),
)
@settings(max_examples=60, deadline=None)
def test_every_ray_leaves_a_surface_as_often_as_it_enters(grid, pose, cell):
    solid = Solid(grid, np.array([-cell, -cell, 0.0]), cell).posed(axes_from(pose), (0.1, 0, 0.2))
    out = np.zeros(CAMERA.shape, np.float32)
    _, head, link, value = cast(
        grid, np.zeros(grid.shape[2], np.float32), *seen(solid, CAMERA), 0.9, True, out
    )
    for start, total in zip(head.ravel(), out.ravel(), strict=True):
        balance, way = 0, 0.0
        while start >= 0:
            leaves = 1 if link[start] & 1 else -1
            balance += leaves
            way += leaves * value[start]
            start = link[start] >> 1
        assert balance == 0
        assert way == pytest.approx(total, abs=1e-6)
        assert total > -1e-4


@given(low=st.floats(0.3, 1.5), high=st.floats(0.3, 1.5), pose=POSES)
@settings(max_examples=15, deadline=None)
def test_a_solid_ends_where_its_grid_ends(low, high, pose):
    """A grid that is inside everywhere is a box."""
    cell = (low + high) / 4
    corner = np.array([-low, -0.7, -1.0])
    solid = Solid(np.full((5, 3, 4), -1, np.float32), corner, cell).posed(
        axes_from(pose), (0, 0, 0)
    )
    box = np.array([corner, corner + cell * np.array([4, 2, 3])])
    way, source = rays(CAMERA) @ solid.turn, CAMERA.source @ solid.turn
    cuts = np.sort((box[:, None, None] - source) / way, axis=0)
    wanted = np.clip(cuts[1].min(-1) - cuts[0].max(-1), 0, None)
    whole = solid.project(CAMERA)[0]
    plain = wanted > 0.05  # on an edge the raster may take or leave a ray
    assert np.abs(whole - wanted)[plain].max() < 0.02
    assert whole[wanted == 0].max() < 0.05


@given(seed=st.integers(0, 1000), pose=POSES)
@settings(max_examples=4, deadline=None)
def test_any_union_and_cut_has_the_path_of_rays_walked_through_it(seed, pose):
    rng = np.random.default_rng(seed)
    f = Field((-2.5,) * 3, (2.5,) * 3, 0.12)
    for n in range(6):
        middle, half = rng.uniform(-1.6, 1.6, 3), rng.uniform(0.4, 1.2, 3)
        f.ellipsoid(middle, half, blend=0.2, cut=n == 4)
    solid = f.solid().posed(axes_from(pose), (0, 0.3, 0))
    whole = solid.project(CAMERA)[0]
    off = np.abs(whole - walked(solid, CAMERA))
    assert off.mean() < 0.01
    assert np.quantile(off, 0.99) < 0.12


def test_a_thin_shell_keeps_both_its_walls():
    f = Field((-2.5,) * 3, (2.5,) * 3, 0.1).ellipsoid((0, 0, 0), (2, 2, 2), blend=0.01)
    f.ellipsoid((0, 0, 0), (1.7, 1.7, 1.7), blend=0.01, cut=True)
    whole = f.solid().project(CAMERA)[0]
    off = np.linalg.norm(np.cross(rays(CAMERA), -CAMERA.source), axis=-1)
    chord = [2 * np.sqrt(np.clip(r * r - off**2, 0, None)) for r in (2.0, 1.7)]
    through = off < 1.4
    assert np.abs(whole - (chord[0] - chord[1]))[through].max() < 0.02


def test_a_solid_behind_the_detector_is_not_seen_and_one_at_the_source_is_refused():
    ball = Field((-1.5,) * 3, (1.5,) * 3, 0.1).ellipsoid((0, 0, 0), (1, 1, 1), blend=0.01).solid()
    way = -CAMERA.source / np.linalg.norm(CAMERA.source)
    assert ball.posed(np.eye(3), way * 8).project(CAMERA)[0].max() == pytest.approx(0, abs=1e-4)
    half = ball.posed(np.eye(3), way * 6).project(CAMERA)[0].max()
    assert half == pytest.approx(1, abs=0.05)
    with pytest.raises(ValueError, match="source"):
        ball.posed(np.eye(3), CAMERA.source).project(CAMERA)


def test_texture_is_read_along_the_marrow_alone():
    bone = Field((-2.5,) * 3, (2.5,) * 3, 0.1).ellipsoid((0, 0, 0), (2, 2, 2), blend=0.01)
    tile = np.full((8, 8, 8), 2 * TILE_ONE, np.uint8)
    _, marrow, textured = bone.solid(0.3).project(CAMERA, tile, grain=0.03)
    assert np.abs(textured - 2 * marrow).max() < 1e-3
    cortex = np.linspace(0.2, 0.6, bone.shape[2])
    _, marrow, textured = bone.solid(cortex, hollow=0.5).project(CAMERA, tile, grain=0.03)
    share = textured[marrow > 1] / marrow[marrow > 1] / 2
    assert 0.5 <= share.min() < 0.7 and 0.8 < share.max() <= 1


def test_texture_is_fixed_to_the_bone():
    """A tile of layers across the bone's own third axis is seen as layers in the turned bone."""
    tile = np.zeros((96, 96, 96), np.uint8)
    tile[:, :, :48] = 2 * TILE_ONE
    bone = Field((-0.3, -0.3, -2.5), (0.3, 0.3, 2.5), 0.1)
    bone.values[:] = -1
    straight = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    turned = axes_from((0.2, 0.1, 1.0))[:, [1, 2, 0]]
    solid = bone.solid(0.0).posed(turned, (0, 0, 0))
    _, marrow, textured = solid.project(CAMERA, tile, grain=2 / 96, weave=straight)
    # layers of 1 cm from the grid's end on
    at = CAMERA.project(turned[:, 2] * np.array([-2.0, -1, 0, 1])[:, None]).round().astype(int)
    found = textured[at[:, 1], at[:, 0]] / marrow[at[:, 1], at[:, 0]]
    assert found == pytest.approx([2, 0, 2, 0], abs=0.1)
