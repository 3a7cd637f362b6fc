"""The hip bone: a wing that is a bent sheet, a socket, and the ring of pubis and ischium.

Acetabular inclination 39 and centre-edge angle 36 degrees on average (Fowkes et al., Skeletal
Radiol 2011); anteversion 19 degrees (Jiang et al., Medicine 2015). Courses and girths of the rest
are an engineer's estimate, held against Gray's figures.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from trainer.imaging.simulator.anatomy.loft import roughen
from trainer.imaging.simulator.anatomy.pelvis.girdle import HIP, Girdle
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.curves import outline, through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.kernels.fields import unite_field
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.tissue import Tissue

Map = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = 0.17
# the wing seen from its own side: outwards and along it; the sheet lies between
_OUT, _ALONG = np.array([0.88, -0.475]), np.array([-0.475, -0.88])
_SHEET = (
    (12.2, 4.8, 7.2), (13.9, 2.2, 10.4), (13.2, -0.8, 12.2), (11.2, -4.0, 13.0), (8.4, -7.0, 12.0),
    (4.1, -9.4, 8.3), (4.3, -8.1, 3.9), (10.5, 3.7, 4.0), (9.6, 0.8, 3.2), (7.4, -1.5, 3.0),
    (6.2, -5.0, 5.0), (6.7, -5.9, 8.0), (9.9, -1.2, 7.2), (7.0, -4.3, 2.6), (8.0, -1.5, 0.8),
)  # fmt: skip
# outline, along the wing and up: front spine, crest, back spines, notch, socket, lower front spine
_OUTLINE = (
    (-9.8, 7.1), (-9.6, 8.6), (-8.6, 10.6), (-6.6, 12.2), (-3.6, 13.1), (-0.6, 13.0), (2.4, 12.0),
    (4.9, 10.3), (6.9, 8.3), (6.7, 7.1), (5.9, 6.3), (6.2, 5.0), (5.2, 4.0), (4.2, 3.5), (2.2, 3.6),
    (0.9, 3.0), (0.0, 1.5), (-1.5, 0.3), (-5.0, 0.3), (-7.4, 1.6), (-8.7, 3.4), (-8.9, 4.3),
    (-8.6, 5.2), (-9.2, 6.2),
)  # fmt: skip
# where the wing is thicker: from, to (along, up), how wide, by how much
_THICK = (
    ((-5.0, 2.0), (-3.6, 2.4), 1.9, 0.85), ((2.6, 5.2), (3.9, 7.2), 1.5, 0.8),
    ((-3.0, 2.8), (2.0, 5.4), 0.9, 0.55), ((-8.2, 9.8), (-5.6, 4.0), 1.2, 0.10),
    ((-9.4, 7.3), (-9.2, 7.6), 0.8, 0.3), ((-8.4, 3.6), (-8.2, 4.0), 0.8, 0.2),
    ((4.4, 9.6), (5.6, 7.6), 0.9, 0.15),
)  # fmt: skip
_BARS = (
    # brim, upper ramus and body of the pubis
    (
        (7.1, -2.2, 3.4, 0.8), (7.7, 0.2, 2.4, 0.95), (7.7, 2.3, 1.6, 1.05), (6.5, 3.9, 0.7, 0.85),
        (4.5, 4.8, -0.4, 0.66), (2.4, 4.9, -1.7, 0.62), (1.2, 4.5, -2.1, 0.62),
    ),
    # back column, from the notch to the spine of the ischium
    ((7.0, -4.4, 2.5, 0.7), (7.3, -4.0, 0.6, 0.95), (7.2, -3.8, -1.2, 0.9), (5.7, -4.6, -1.5, .28)),
    # ischium, its tuberosity, its ramus, the pubis below: one bow about the obturator foramen
    (
        (8.5, -2.2, -0.8, 1.6), (8.1, -3.1, -2.8, 1.1), (7.4, -3.5, -4.7, 1.25),
        (6.7, -3.1, -6.0, 1.25), (5.7, -1.9, -6.6, 0.9), (4.5, -0.1, -6.4, 0.62),
        (3.2, 1.9, -5.7, 0.55), (2.1, 3.3, -4.9, 0.58), (1.35, 4.0, -4.0, 0.66),
        (1.2, 4.3, -2.9, 0.7), (1.5, 4.6, -2.1, 0.66),
    ),
)  # fmt: skip
_PUBIS = (
    ((0.6, 4.5, -2.0), (2.3, 4.7, -2.0), (0.6, 4.0, -4.2)),
    ((2.3, 4.7, -2.0), (0.6, 4.0, -4.2), (1.6, 4.1, -3.9)),
)
FACE = np.array([0.74, 0.26, -0.62])  # where the socket opens


def hip_bone(girdle: Girdle, own: Floats, rng: Generator) -> Field:
    """Return a left hip bone; ``own`` strays its landmarks.

    Its joint with the sacrum is still to be made: see :func:`carved`.
    """
    s = girdle.size
    f = Field((0.0, -10.8 * s, -8.2 * s), (15.6 * s, 6.4 * s, 13.9 * s), STEP, far=1.2)
    for k, bar in enumerate(_BARS):
        rows = np.array(bar)
        stray = 0.1 * np.tile(own[27 + 9 * k : 30 + 9 * k], len(rows))
        line = through(girdle.at(rows[:, :3], stray), 3 * len(rows))
        girth = np.interp(
            np.linspace(0, len(rows) - 1, len(line)), np.arange(len(rows)), rows[:, 3]
        )
        f.capsules(line, girth * s * (1 + 0.07 * own[80 + k]), blend=0.7)
    for corners in _PUBIS:
        f.plate(girdle.at(corners, 0.08 * np.tile(own[63:66], 3)), 0.55 * s, blend=0.5)
    f.smooth(0.9)  # before the wing, which is thinner than what this leaves
    low = int((1.0 * s - f.corner[2]) / STEP)
    upper = np.ascontiguousarray(f.values[:, :, low:])
    unite_field(upper.ravel(), _wing(f, low, girdle, own).ravel(), 0.5, False)
    f.values[:, :, low:] = upper
    _socket(f, girdle.at(HIP), girdle, own)
    x, _, z = f.mesh()
    # the two faces of the symphysis stand a little apart, further at their ends
    face = np.float32(0.21 * s) + np.float32(0.015 / s) * (z + np.float32(3.4 * s)) ** 2
    f.values = np.maximum(f.values, np.minimum(face, np.float32(0.35)) - x)
    return roughen(f, rng, 0.035, (1.2, 0.5))


def carved(f: Field, sacrum: Solid, s: float) -> Field:
    """Return a left hip bone of size ``s`` with a joint's width, 2 to 4 mm, to its sacrum."""
    f = f.like(f.values)
    end = int((6.6 * s - f.corner[0]) / STEP)
    back = int((-2.5 * s - f.corner[1]) / STEP)
    up = int((0.5 * s - f.corner[2]) / STEP)
    high = int((9.8 * s - f.corner[2]) / STEP)
    x, y, z = (np.asarray(axis, float) for axis in f.axes)
    here = np.ix_(range(end), range(back), range(up, high))
    wide = np.broadcast_arrays(x[:end, None, None], y[None, :back, None], z[None, None, up:high])
    # irregular, as joints with ridges are
    waves = 0.05 * np.sin(wide[2] * 2.6 + wide[1]) + 0.04 * np.sin(wide[2] * 5.1 - 2 * wide[1])
    gap = np.asarray(0.24 * s + waves, np.float32)
    f.values[here] = np.maximum(f.values[here], gap - sacrum.at(*wide))
    return f


def _wing(f: Field, low: int, girdle: Girdle, own: Floats) -> Map:
    """Return the distance to the wing in the planes from ``low`` up."""
    s = girdle.size
    stray = 0.16 * own[: 3 * len(_SHEET)]
    nodes = girdle.at(_SHEET, np.pad(stray, (0, max(0, 3 * len(_SHEET) - stray.size))))
    along, out = nodes[:, :2] @ _ALONG, nodes[:, :2] @ _OUT
    bent = RBFInterpolator(np.stack([along, nodes[:, 2]], 1), out, smoothing=0.02)
    edge = np.array(_OUTLINE) * s * ([0.98, 0.95] if girdle.female else [1.0, 1.0])
    edge = edge + 0.12 * np.resize(own[45:], edge.shape)
    level = np.zeros((len(edge), 1))
    edge = np.hstack([edge, level])
    edge = through(np.vstack([edge, edge[:1]]), 90)[:-1, :2]
    u = np.arange(edge[:, 0].min() - 1.5, edge[:, 0].max() + 1.5, 0.2)
    z = np.asarray(f.axes[2][low:], float)
    grid = np.stack(np.meshgrid(u, z, indexing="ij"), -1)
    coarse = np.stack(np.meshgrid(u[::3], z[::3], indexing="ij"), -1)
    sheet = bent(coarse.reshape(-1, 2)).reshape(coarse.shape[:2])
    sheet = _finer(sheet, u[::3], z[::3], u, z)
    slope = 1 / np.sqrt(1 + np.gradient(sheet, u, axis=0) ** 2 + np.gradient(sheet, z, axis=1) ** 2)
    rim = outline(grid, edge)
    half = 0.22 + 0.30 * np.exp(-(((rim + 0.3) / 0.75) ** 2)) * np.clip(
        (grid[..., 1] / s - 6.5) / 2, 0.15, 1
    )
    for a, b, wide, more in _THICK:
        half += more * np.exp(-((_to_line(grid / s, np.array(a), np.array(b)) / wide) ** 2))
    half *= s
    tables = np.stack([sheet, slope, half, rim], 1).astype(np.float32)
    x, y = (np.asarray(axis, float) for axis in f.axes[:2])
    across = (x[:, None] * _OUT[0] + y[None, :] * _OUT[1]).astype(np.float32)
    place = np.clip(
        (x[:, None] * _ALONG[0] + y[None, :] * _ALONG[1] - u[0]) / 0.2, 0, len(u) - 1.001
    )
    values = np.full((*place.shape, len(z)), f.far, np.float32)
    near = (np.abs(across - sheet.mean()) < 5) & (place > 0) & (place < len(u) - 1.01)
    at = place[near]
    i, t = at.astype(int), (at % 1).astype(np.float32)[:, None, None]
    rows = tables[i] * (1 - t) + tables[i + 1] * t
    flat = np.abs(across[near][:, None] - rows[:, 0]) * rows[:, 1] - rows[:, 2]
    # the rim is round: both distances count where both are near
    a, b = flat + rows[:, 2], rows[:, 3] + rows[:, 2]
    round_off = np.hypot(np.maximum(a, 0), np.maximum(b, 0)) - rows[:, 2]
    values[near] = np.minimum(np.where(b > 0, round_off, flat), f.far)
    return values


def _finer(table: Floats, u: Floats, z: Floats, fine_u: Floats, fine_z: Floats) -> Floats:
    """Return a table interpolated to finer axes."""
    half = np.stack([np.interp(fine_u, u, column) for column in table.T], 1)
    return np.stack([np.interp(fine_z, z, row) for row in half], 0)


def _to_line(grid: Floats, a: Floats, b: Floats) -> Floats:
    """Return the distance to a segment in the plane."""
    way = b - a
    share = np.clip((grid - a) @ way / (way @ way), 0, 1)
    return np.asarray(np.hypot(*np.moveaxis(grid - a - share[..., None] * way, -1, 0)))


def _socket(f: Field, hip: Floats, girdle: Girdle, own: Floats) -> None:
    """Join the cup of the acetabulum and cut the head's place out of it."""
    s = girdle.size
    cup = f.like().ellipsoid(hip, (3.3 * s,) * 3, blend=0.01)
    n = FACE / np.linalg.norm(FACE)
    mesh = f.mesh()
    ahead = sum(np.float32(n[k]) * (mesh[k] - np.float32(hip[k])) for k in range(3))
    reach = 0.05 + 0.14 * own[88] + 0.6 * girdle.spurs
    cup.values = np.maximum(cup.values, np.asarray(ahead - np.float32(reach * s), np.float32))
    f.join(cup.values, 0.5)
    f.ellipsoid(hip, (girdle.socket_radius(),) * 3, blend=0.06, cut=True)
    # the fossa, which no cartilage lines, and the notch below
    f.ellipsoid(
        hip + np.array([-1.1, -0.2, -0.9]) * s, np.array([1.75, 1.3, 1.6]) * s, blend=0.15, cut=True
    )
    notch = hip + np.array([0.2, 0.6, -2.6]) * s
    f.ellipsoid(notch, np.array([1.3, 1.3, 1.5]) * s, blend=0.2, cut=True)


def joint_wear(girdle: Girdle, rng: Generator, wing: Solid) -> list[Part]:
    """Return the dense bone of the socket's roof, thicker where a hip wears, and its cysts."""
    s, hip = girdle.size, girdle.at(HIP)
    f = Field(hip + np.array([-2.6, -2.2, 1.8]) * s, hip + np.array([3, 2.2, 5]) * s, 0.14, far=0.8)
    thick = 0.3 + 0.5 * girdle.narrowing
    f.ellipsoid(hip, (girdle.socket_radius() + thick * s,) * 3, blend=0.01)
    f.ellipsoid(hip, (girdle.socket_radius(),) * 3, blend=0.01, cut=True)
    x, y, _ = f.mesh()
    wide = np.hypot(x - np.float32(hip[0] + 0.5 * s), y - np.float32(hip[1])) - np.float32(1.6 * s)
    mesh = np.broadcast_arrays(*(m.astype(np.float64) for m in f.mesh()))
    f.values = np.maximum(np.maximum(f.values, wide), wing.at(*mesh))
    roof = Tissue(bone=(0.07 + 0.16 * girdle.narrowing) * girdle.mineral)
    parts = [Part("socket roof", f.smooth(0.8).solid(), roof)]
    for k in range(int(rng.integers(0, 4) * (girdle.narrowing > 0.45))):
        r = rng.uniform(0.2, 0.45) * s
        at = hip + np.array([rng.uniform(-0.6, 1.5), rng.uniform(-0.5, 0.5), 0]) * s
        at[2] += girdle.socket_radius() + 1.1 * r
        hole = Field(at - 1.0, at + 1.0, 0.1, far=0.4).ellipsoid(at, (r, r, 1.15 * r), blend=0.01)
        parts.append(
            Part(f"cyst {k}", hole.solid(), Tissue(soft=0.15, bone=-0.14 * girdle.mineral))
        )
    return parts
