"""Sphere tracing of posed distance grids; see ``simulator/solids.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import (
    TILE_ONE,
    helper,
    kernel,
    periodic,
    slab,
    trilinear,
    within,
)

# How far round a knot's ray the solid is looked for, in knot distances: rays between four knots are
# traced only where one of the four came that near. Twice what a true distance would need.
_REACH = 1.5
# Steps are even within so many of them from the surface, and made by so many at a time.
_LEAP, _STRIDE = 3.0, 6


@kernel
def sample_solid(grid, index, out):
    for i in range(out.size):
        x, y, z = index[0, i], index[1, i], index[2, i]
        beyond = max(max(-x, x - grid.shape[0] + 1), max(-y, y - grid.shape[1] + 1))
        beyond = max(beyond, max(-z, z - grid.shape[2] + 1))
        out[i] = trilinear(grid, x, y, z) if beyond <= 0 else 9.0


@helper
def _inside(f, g):
    """Return how much of a step lies inside, distances f and g at its ends; without a branch."""
    return (max(-f, 0.0) + max(-g, 0.0)) / (abs(f) + abs(g) + 1e-12)


@helper
def _cortex(cortex, z):
    return cortex[np.uintp(min(max(int(z + 0.5), 0), cortex.size - 1))]


@helper
def _spongiosa(x, y, z, spongy, tile, per_cm, phase):
    """Return the trabeculae at a grid index: the texture is fixed to the bone."""
    return (
        _cortex(spongy, z)
        / TILE_ONE
        * periodic(
            tile,
            per_cm[0, 0] * x + per_cm[0, 1] * y + per_cm[0, 2] * z + phase,
            per_cm[1, 0] * x + per_cm[1, 1] * y + per_cm[1, 2] * z,
            per_cm[2, 0] * x + per_cm[2, 1] * y + per_cm[2, 2] * z,
        )
    )


@helper
def _ray(V, origin, way, limits, scl, cortex, spongy, smin, tile, per_cm, step, phase, margin):
    """Trace one ray, in grid coordinates, between two limits.

    Return the three path lengths, and from where to where it is nearer than ``margin`` to the
    surface or inside.
    """
    sx, sy, sz = origin
    lx, ly, lz = way
    t0, t1 = slab(sx, lx, 1e-4, V.shape[0] - 1.01, limits[0], limits[1])
    t0, t1 = slab(sy, ly, 1e-4, V.shape[1] - 1.01, t0, t1)
    t0, t1 = slab(sz, lz, 1e-4, V.shape[2] - 1.01, t0, t1)
    whole = marrow = textured = 0.0
    first, last = 1e9, -1e9
    if t0 >= t1:
        return whole, marrow, textured, first, last
    bony = cortex.size > 0
    t = t0
    f = within(V, sx + lx * t, sy + ly * t, sz + lz * t) * scl
    c = _cortex(cortex, sz + lz * t) if bony else 0.0
    while t < t1:
        room = t1 - t
        if f > _LEAP * smin or (f < -_LEAP * smin and not bony):
            # far from the surface: as far as the distance itself allows
            h = min(0.85 * abs(f), room)
            whole += h if f < 0 else 0.0
            n = 0
        elif step > 0 and f + c < -_LEAP * step and room > step:
            # deep in the marrow: the texture alone is read
            n = min(int(-0.8 * (f + c) / step), int(room / step))
            for q in range(n):
                m = t + (q + 0.5) * step
                textured += step * _spongiosa(
                    sx + lx * m, sy + ly * m, sz + lz * m, spongy, tile, per_cm, phase
                )
            h = n * step
            whole += h
            marrow += h
            n = 0
        else:
            h = min(max(step, smin) if f + c < 0 else max(0.6 * step, smin), room)
            n = max(1, min(_STRIDE, int(room / h)))
        if n == 0:
            g = within(V, sx + lx * (t + h), sy + ly * (t + h), sz + lz * (t + h)) * scl
            if f + g - h < 2 * margin:  # the least distance on the way is (f + g - h) / 2 or more
                first = min(first, t)
                last = max(last, t + h)
            t += h
            f = g
            c = _cortex(cortex, sz + lz * t) if bony else 0.0
            continue
        # near the surface: even steps, whose places are known beforehand, so that the processor
        # need not wait for one distance to look up the next
        for _ in range(n):
            e = t + h
            g = within(V, sx + lx * e, sy + ly * e, sz + lz * e) * scl
            if f + g - h < 2 * margin:
                first = min(first, t)
                last = max(last, e)
            whole += h * _inside(f, g)
            if bony:
                d = _cortex(cortex, sz + lz * e)
                part = h * _inside(f + c, g + d)
                marrow += part
                if step > 0 and part > 0:
                    m = t + 0.5 * h
                    textured += part * _spongiosa(
                        sx + lx * m, sy + ly * m, sz + lz * m, spongy, tile, per_cm, phase
                    )
                c = d
            f = g
            t = e
    return whole, marrow, textured, first, last


@helper
def _towards(u, v, M, src, d0, du, dv):
    """Return a pixel's ray in grid coordinates per cm, and its length to the detector."""
    wx = d0[0] + u * du[0] + v * dv[0] - src[0]
    wy = d0[1] + u * du[1] + v * dv[1] - src[1]
    wz = d0[2] + u * du[2] + v * dv[2] - src[2]
    reach = math.sqrt(wx * wx + wy * wy + wz * wz)
    wx, wy, wz = wx / reach, wy / reach, wz / reach
    way = (
        M[0, 0] * wx + M[0, 1] * wy + M[0, 2] * wz,
        M[1, 0] * wx + M[1, 1] * wy + M[1, 2] * wz,
        M[2, 0] * wx + M[2, 1] * wy + M[2, 2] * wz,
    )
    return way, reach


@kernel
def project_solids(
    V, M, b, scl, cortex, spongy, src, d0, du, dv, smin, whole, marrow, textured,
    tile, weave, step, phase, mesh, bend,
):  # fmt: skip
    s = M @ src + b
    origin = (s[0], s[1], s[2])
    # the tile is sampled in grid index: one grid cell is 1 / |row of M| cm wide
    fine = weave / math.sqrt(M[0, 0] ** 2 + M[0, 1] ** 2 + M[0, 2] ** 2)
    rows, columns = whole.shape
    bony = cortex.size > 0
    # knots look for the surface alone
    bare = cortex[:0]
    margin = _REACH * mesh * math.sqrt(du[0] ** 2 + du[1] ** 2 + du[2] ** 2)
    nu = (columns + mesh - 1) // mesh + 1
    nv = (rows + mesh - 1) // mesh + 1
    knots = np.empty((nv + 2, nu + 2), np.float32)
    begin = np.empty((nv + 2, nu + 2))
    end = np.empty((nv + 2, nu + 2))
    for j in range(nv + 2):
        for i in range(nu + 2):
            way, reach = _towards((i - 1) * mesh, (j - 1) * mesh, M, src, d0, du, dv)
            knots[j, i], _, _, begin[j, i], end[j, i] = _ray(
                V, origin, way, (0.0, reach), scl, bare, spongy, smin, tile, fine, 0.0, phase,
                margin,
            )  # fmt: skip
    w = _weights(mesh)
    for j in range(1, nv):
        for i in range(1, nu):
            first = min(
                min(begin[j, i], begin[j, i + 1]), min(begin[j + 1, i], begin[j + 1, i + 1])
            )
            last = max(max(end[j, i], end[j, i + 1]), max(end[j + 1, i], end[j + 1, i + 1]))
            if first >= last:
                continue  # nothing near
            full = bony or _rough(knots, j, i, bend)
            for v in range((j - 1) * mesh, min(j * mesh, rows)):
                for u in range((i - 1) * mesh, min(i * mesh, columns)):
                    if full:
                        way, reach = _towards(u, v, M, src, d0, du, dv)
                        whole[v, u], marrow[v, u], textured[v, u], _, _ = _ray(
                            V, origin, way, (first, min(last, reach)), scl, cortex, spongy, smin,
                            tile, fine, step, phase, 0.0,
                        )  # fmt: skip
                        continue
                    p, q = u - (i - 1) * mesh, v - (j - 1) * mesh
                    total = 0.0
                    for y in range(4):
                        row = 0.0
                        for x in range(4):
                            row += w[p, x] * knots[j - 1 + y, i - 1 + x]
                        total += w[q, y] * row
                    whole[v, u] = max(total, 0.0)


@helper
def _weights(mesh):
    """Return Catmull-Rom weights: smooth where bilinear ones would leave facets."""
    w = np.empty((mesh, 4))
    for q in range(mesh):
        t = q / mesh
        w[q, 0] = 0.5 * (-t + 2 * t * t - t * t * t)
        w[q, 1] = 0.5 * (2 - 5 * t * t + 3 * t * t * t)
        w[q, 2] = 0.5 * (t + 4 * t * t - 3 * t * t * t)
        w[q, 3] = 0.5 * (-t * t + t * t * t)
    return w


@helper
def _rough(knots, j, i, bend):
    """Tell whether a cell's 4 x 4 knots are not near a smooth surface: it is traced in full."""
    for y in range(-1, 3):
        for k in range(2):
            across = knots[j + y, i - 1 + k] - 2 * knots[j + y, i + k] + knots[j + y, i + 1 + k]
            along = knots[j - 1 + k, i + y] - 2 * knots[j + k, i + y] + knots[j + 1 + k, i + y]
            if abs(across) > bend or abs(along) > bend:
                return True
    return False
