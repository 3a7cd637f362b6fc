"""Sphere tracing of posed distance grids; see ``simulator/solids.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import helper, kernel, periodic, slab, trilinear, within

# A cell of the ray mesh is traced in full where the path bends by more than this between knots.
# The error of cubic interpolation is under an eighth of it.
_BEND_CM = 0.25


@kernel
def sample_solid(grid, index, out):
    for i in range(out.size):
        x, y, z = index[0, i], index[1, i], index[2, i]
        beyond = max(max(-x, x - grid.shape[0] + 1), max(-y, y - grid.shape[1] + 1))
        beyond = max(beyond, max(-z, z - grid.shape[2] + 1))
        out[i] = trilinear(grid, x, y, z) if beyond <= 0 else 9.0


@helper
def _inside(f, g, h):
    """Return how much of a step of length h lies inside, distances f and g at its ends."""
    if f < 0 and g < 0:
        return h
    if f < 0:
        return h * f / (f - g)
    if g < 0:
        return h * g / (g - f)
    return 0.0


@helper
def _ray(V, sx, sy, sz, lx, ly, lz, reach, scl, cortex, spongy, smin, tile, per_cm, step, phase):
    """Trace one ray, in grid coordinates; return the three path lengths."""
    t0, t1 = slab(sx, lx, 1e-4, V.shape[0] - 1.01, 0.0, reach)
    t0, t1 = slab(sy, ly, 1e-4, V.shape[1] - 1.01, t0, t1)
    t0, t1 = slab(sz, lz, 1e-4, V.shape[2] - 1.01, t0, t1)
    whole = marrow = textured = 0.0
    if t0 >= t1:
        return whole, marrow, textured
    bony = cortex.size > 0
    t = t0
    f = within(V, sx + lx * t, sy + ly * t, sz + lz * t) * scl
    c = cortex[min(max(int(sz + lz * t + 0.5), 0), cortex.size - 1)] if bony else 0.0
    while t < t1:
        near = abs(f)
        if bony:
            near = min(near, abs(f + c))
        h = max(smin, near * 0.85)
        if step > 0 and bony and f < step - c:
            h = step
        if t + h > t1:
            h = t1 - t + 1e-7
        g = within(V, sx + lx * (t + h), sy + ly * (t + h), sz + lz * (t + h)) * scl
        whole += _inside(f, g, h)
        if bony:
            d = cortex[min(max(int(sz + lz * (t + h) + 0.5), 0), cortex.size - 1)]
            part = _inside(f + c, g + d, h)
            marrow += part
            if step > 0 and part > 0:
                m = t + 0.5 * h
                # grid index to tile index: the texture is fixed to the bone
                x, y, z = sx + lx * m, sy + ly * m, sz + lz * m
                k = min(max(int(z + 0.5), 0), spongy.size - 1)
                textured += (
                    part
                    * spongy[k]
                    * periodic(
                        tile,
                        per_cm[0, 0] * x + per_cm[0, 1] * y + per_cm[0, 2] * z + phase,
                        per_cm[1, 0] * x + per_cm[1, 1] * y + per_cm[1, 2] * z,
                        per_cm[2, 0] * x + per_cm[2, 1] * y + per_cm[2, 2] * z,
                    )
                )
            c = d
        t += h
        f = g
    return whole, marrow, textured


@helper
def _through(u, v, V, M, s, src, d0, du, dv, scl, cortex, spongy, smin, tile, per_cm, step, phase):
    """Trace the ray of one pixel."""
    wx = d0[0] + u * du[0] + v * dv[0] - src[0]
    wy = d0[1] + u * du[1] + v * dv[1] - src[1]
    wz = d0[2] + u * du[2] + v * dv[2] - src[2]
    reach = math.sqrt(wx * wx + wy * wy + wz * wz)
    wx, wy, wz = wx / reach, wy / reach, wz / reach
    return _ray(
        V,
        s[0],
        s[1],
        s[2],
        M[0, 0] * wx + M[0, 1] * wy + M[0, 2] * wz,
        M[1, 0] * wx + M[1, 1] * wy + M[1, 2] * wz,
        M[2, 0] * wx + M[2, 1] * wy + M[2, 2] * wz,
        reach,
        scl,
        cortex,
        spongy,
        smin,
        tile,
        per_cm,
        step,
        phase,
    )


@kernel
def project_solids(
    V, M, b, scl, cortex, spongy, src, d0, du, dv, smin, whole, marrow, textured,
    tile, weave, step, phase, mesh,
):  # fmt: skip
    s = np.empty(3)
    for d in range(3):
        s[d] = M[d, 0] * src[0] + M[d, 1] * src[1] + M[d, 2] * src[2] + b[d]
    # the tile is sampled in grid index: one grid cell is 1 / |row of M| cm wide
    cell = 1 / math.sqrt(M[0, 0] ** 2 + M[0, 1] ** 2 + M[0, 2] ** 2)
    fine = weave * cell
    v1, u1 = whole.shape
    u0 = v0 = 0
    if mesh <= 1:
        for v in range(v0, v1):
            for u in range(u0, u1):
                whole[v, u], marrow[v, u], textured[v, u] = _through(
                    u,
                    v,
                    V,
                    M,
                    s,
                    src,
                    d0,
                    du,
                    dv,
                    scl,
                    cortex,
                    spongy,
                    smin,
                    tile,
                    fine,
                    step,
                    phase,
                )
        return
    nu = (u1 - u0 + mesh - 1) // mesh + 1
    nv = (v1 - v0 + mesh - 1) // mesh + 1
    knots = np.empty((nv + 2, nu + 2), np.float32)
    for j in range(nv + 2):
        for i in range(nu + 2):
            knots[j, i] = _through(
                u0 + (i - 1) * mesh, v0 + (j - 1) * mesh,
                V, M, s, src, d0, du, dv, scl, cortex, spongy, smin, tile, fine, step, phase,
            )[0]  # fmt: skip
    w = np.empty((mesh, 4))
    for q in range(mesh):  # Catmull-Rom weights: smooth where bilinear would leave facets
        t = q / mesh
        w[q, 0] = 0.5 * (-t + 2 * t * t - t * t * t)
        w[q, 1] = 0.5 * (2 - 5 * t * t + 3 * t * t * t)
        w[q, 2] = 0.5 * (t + 4 * t * t - 3 * t * t * t)
        w[q, 3] = 0.5 * (-t * t + t * t * t)
    for j in range(1, nv):
        for i in range(1, nu):
            full = _rough(knots, j, i, cortex.size > 0)
            if not full and knots[j, i] == 0 and knots[j + 1, i + 1] == 0:
                continue  # smooth and empty
            for q in range(mesh):
                v = v0 + (j - 1) * mesh + q
                if v >= v1:
                    break
                for p in range(mesh):
                    u = u0 + (i - 1) * mesh + p
                    if u >= u1:
                        break
                    if full:
                        whole[v, u], marrow[v, u], textured[v, u] = _through(
                            u, v, V, M, s, src, d0, du, dv, scl, cortex, spongy, smin, tile, fine,
                            step, phase,
                        )  # fmt: skip
                    else:
                        total = 0.0
                        for y in range(4):
                            row = 0.0
                            for x in range(4):
                                row += w[p, x] * knots[j - 1 + y, i - 1 + x]
                            total += w[q, y] * row
                        whole[v, u] = max(total, 0.0)


@helper
def _rough(knots, j, i, bony):
    """Tell whether a cell must be traced in full.

    That is so where its 4 x 4 knots are not near a smooth surface; a bone has texture, and is
    traced wherever it is near at all.
    """
    some = False
    worst = 0.0
    for y in range(-1, 3):
        for x in range(-1, 3):
            if knots[j + y, i + x] > 0:
                some = True
    if bony or not some:
        return some
    for y in range(-1, 3):
        for k in range(2):
            bend = knots[j + y, i - 1 + k] - 2 * knots[j + y, i + k] + knots[j + y, i + 1 + k]
            worst = max(worst, abs(bend))
            bend = knots[j - 1 + k, i + y] - 2 * knots[j + k, i + y] + knots[j + 1 + k, i + y]
            worst = max(worst, abs(bend))
    return worst > _BEND_CM
