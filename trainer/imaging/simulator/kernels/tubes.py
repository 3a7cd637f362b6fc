"""Rays and voxels through mitred cones; see ``simulator/tubes.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import TILE_ONE, helper, kernel, periodic, slab

# The least radius at which a tube without marrow is traced, in pixels at its distance.
_LEAST = 0.75


@helper
def _cone(ox, oy, oz, dx, dy, dz, ra, rb, k, t0, t1):
    """Clip (t0, t1) to the inside of (x/ra)^2 + (y/rb)^2 = (1 + k z)^2."""
    x0, x1, y0, y1 = ox / ra, dx / ra, oy / rb, dy / rb
    z0, z1 = 1 + k * oz, k * dz
    a = x1 * x1 + y1 * y1 - z1 * z1
    b = x0 * x1 + y0 * y1 - z0 * z1
    c = x0 * x0 + y0 * y0 - z0 * z0
    if a < 1e-14:  # the ray runs inside the cone's own slope: it stays in or out of the piece
        middle = 0.5 * (t0 + t1)
        if a * middle * middle + 2 * b * middle + c < 0:
            return t0, t1
        return 1.0, -1.0
    discriminant = b * b - a * c
    if discriminant <= 0:
        return 1.0, -1.0
    root = math.sqrt(discriminant)
    return max(t0, (-b - root) / a), min(t1, (-b + root) / a)


@helper
def _frame(ax, ay, az, sx, sy, sz):
    """Return the first and second axis of a piece, orthonormal to its direction."""
    along = sx * ax + sy * ay + sz * az
    sx -= along * ax
    sy -= along * ay
    sz -= along * az
    size = math.sqrt(sx * sx + sy * sy + sz * sz)
    if size < 1e-6:  # the wished side runs along the tube: any perpendicular will do
        if abs(ax) < 0.9:
            sx, sy, sz = 1 - ax * ax, -ax * ay, -ax * az
        else:
            sx, sy, sz = -ax * ay, 1 - ay * ay, -ay * az
        size = math.sqrt(sx * sx + sy * sy + sz * sz)
    sx /= size
    sy /= size
    sz /= size
    return sx, sy, sz, ay * sz - az * sy, az * sx - ax * sz, ax * sy - ay * sx


@helper
def _box(p, q, radius, src, d0, du, dv, rows, columns):
    """Return the pixels that can see a piece.

    First and last column, first and last row; the projected axis as a point and a direction (0
    where it is seen end-on); how far from the axis the piece can be seen.
    """
    nx = du[1] * dv[2] - du[2] * dv[1]
    ny = du[2] * dv[0] - du[0] * dv[2]
    nz = du[0] * dv[1] - du[1] * dv[0]
    reach = (d0[0] - src[0]) * nx + (d0[1] - src[1]) * ny + (d0[2] - src[2]) * nz
    du2 = du[0] * du[0] + du[1] * du[1] + du[2] * du[2]
    dv2 = dv[0] * dv[0] + dv[1] * dv[1] + dv[2] * dv[2]
    umin = vmin = 1e9
    umax = vmax = -1e9
    first = True
    line = (0.0, 0.0, 0.0, 0.0)
    near = 0.0
    for end in (p, q):
        x = end[0] - src[0]
        y = end[1] - src[1]
        z = end[2] - src[2]
        t = reach / (x * nx + y * ny + z * nz)
        x = src[0] + x * t - d0[0]
        y = src[1] + y * t - d0[1]
        z = src[2] + z * t - d0[2]
        u = (x * du[0] + y * du[1] + z * du[2]) / du2
        v = (x * dv[0] + y * dv[1] + z * dv[2]) / dv2
        ru = radius * t * 1.25 / math.sqrt(du2) + 1
        rv = radius * t * 1.25 / math.sqrt(dv2) + 1
        line = (u, v, 0.0, 0.0) if first else (line[0], line[1], u - line[0], v - line[1])
        near = max(near, max(ru, rv) + 1)
        first = False
        umin = min(umin, u - ru)
        umax = max(umax, u + ru)
        vmin = min(vmin, v - rv)
        vmax = max(vmax, v + rv)
    u0 = int(min(max(umin, 0.0), columns))
    u1 = int(min(max(umax + 1, -1.0), columns - 1))
    v0 = int(min(max(vmin, 0.0), rows))
    v1 = int(min(max(vmax + 1, -1.0), rows - 1))
    length = math.sqrt(line[2] * line[2] + line[3] * line[3])
    if length > 1e-6:
        line = (line[0], line[1], line[2] / length, line[3] / length)
    return u0, u1, v0, v1, line, near


@helper
def _textured(tile, per_cm, step, lo, ld, along, number, t0, t1):
    """Return the integral of the texture along one path, in the tube's coordinates."""
    steps = int((t1 - t0) / step) + 1
    h = (t1 - t0) / steps
    total = 0.0
    for m in range(steps):
        t = t0 + (m + 0.5) * h
        total += periodic(
            tile,
            (lo[0] + ld[0] * t + 37.1 * number) * per_cm,
            (lo[1] + ld[1] * t) * per_cm,
            (lo[2] + ld[2] * t + along) * 0.6 * per_cm,
        )
    return total * h / TILE_ONE


@helper
def _pixel(at, src, d0, du, dv):
    """Return the width of a pixel at a point's distance from the source, cm."""
    nx = du[1] * dv[2] - du[2] * dv[1]
    ny = du[2] * dv[0] - du[0] * dv[2]
    nz = du[0] * dv[1] - du[1] * dv[0]
    reach = (d0[0] - src[0]) * nx + (d0[1] - src[1]) * ny + (d0[2] - src[2]) * nz
    there = (at[0] - src[0]) * nx + (at[1] - src[1]) * ny + (at[2] - src[2]) * nz
    return math.sqrt(du[0] ** 2 + du[1] ** 2 + du[2] ** 2) * there / reach


@kernel
def project_tubes(
    P, M, N, R, S, O, J, src, d0, du, dv, whole, marrow, textured, tile, per_cm, step
):
    rows, columns = whole.shape
    along = 0.0
    for i in range(P.shape[0] - 1):
        if J[i] == 0:
            along = 0.0
            continue
        ax = P[i + 1, 0] - P[i, 0]
        ay = P[i + 1, 1] - P[i, 1]
        az = P[i + 1, 2] - P[i, 2]
        length = math.sqrt(ax * ax + ay * ay + az * az)
        if length < 1e-9 or R[i, 0] <= 0:
            continue
        ax, ay, az = ax / length, ay / length, az / length
        nx, ny, nz, bx, by, bz = _frame(ax, ay, az, N[i, 0], N[i, 1], N[i, 2])
        radius = max(max(R[i, 0], R[i, 1]), max(R[i + 1, 0], R[i + 1, 1]))
        has_marrow = S[i, 0] > 0 and S[i + 1, 0] > 0
        # what is thinner than a pixel would be seen by some rays and missed by their neighbours:
        # it is taken as wide as a pixel and as much thinner
        ra, rb, thinned = R[i, 0], R[i, 1], 1.0
        if not has_marrow:
            least = _LEAST * _pixel(P[i], src, d0, du, dv)
            ra, rb = max(ra, least), max(rb, least)
            thinned = R[i, 0] * R[i, 1] / (ra * rb)
            radius = max(radius, least)
        u0, u1, v0, v1, line, near = _box(P[i], P[i + 1], radius, src, d0, du, dv, rows, columns)
        k = 0.5 * (R[i + 1, 0] / R[i, 0] + R[i + 1, 1] / R[i, 1]) - 1
        if thinned < 1:
            k = 0.0
        ki = (S[i + 1, 0] / S[i, 0] - 1) / length if has_marrow else 0.0
        k /= length
        sx, sy, sz = src[0] - P[i, 0], src[1] - P[i, 1], src[2] - P[i, 2]
        lo = (
            sx * nx + sy * ny + sz * nz,
            sx * bx + sy * by + sz * bz,
            sx * ax + sy * ay + sz * az,
        )
        m0 = sx * M[i, 0] + sy * M[i, 1] + sz * M[i, 2]
        sx, sy, sz = src[0] - P[i + 1, 0], src[1] - P[i + 1, 1], src[2] - P[i + 1, 2]
        m1 = sx * M[i + 1, 0] + sy * M[i + 1, 1] + sz * M[i + 1, 2]
        for v in range(v0, v1 + 1):
            for u in range(u0, u1 + 1):
                if abs((u - line[0]) * line[3] - (v - line[1]) * line[2]) > near:
                    continue
                wx = d0[0] + u * du[0] + v * dv[0] - src[0]
                wy = d0[1] + u * du[1] + v * dv[1] - src[1]
                wz = d0[2] + u * du[2] + v * dv[2] - src[2]
                reach = math.sqrt(wx * wx + wy * wy + wz * wz)
                wx, wy, wz = wx / reach, wy / reach, wz / reach
                t0, t1 = slab(m0, wx * M[i, 0] + wy * M[i, 1] + wz * M[i, 2], 0.0, 1e9, 0.0, reach)
                t0, t1 = slab(
                    m1, wx * M[i + 1, 0] + wy * M[i + 1, 1] + wz * M[i + 1, 2], -1e9, 0.0, t0, t1
                )
                if t0 >= t1:
                    continue
                ld = (
                    wx * nx + wy * ny + wz * nz,
                    wx * bx + wy * by + wz * bz,
                    wx * ax + wy * ay + wz * az,
                )
                a0, a1 = _cone(lo[0], lo[1], lo[2], ld[0], ld[1], ld[2], ra, rb, k, t0, t1)
                if a0 >= a1:
                    continue
                whole[v, u] += thinned * (a1 - a0)
                if not has_marrow:
                    continue
                c0, c1 = _cone(
                    lo[0], lo[1] - O[i], lo[2], ld[0], ld[1], ld[2], S[i, 0], S[i, 1], ki, a0, a1
                )
                if c0 < c1:
                    marrow[v, u] += c1 - c0
                    if step > 0:
                        textured[v, u] += _textured(tile, per_cm, step, lo, ld, along, J[i], c0, c1)
        along += length


@kernel
def fill_tubes(P, N, R, J, org, sp, out):
    half = 0.25 * (sp[0] + sp[1])
    for i in range(P.shape[0] - 1):
        ax = P[i + 1, 0] - P[i, 0]
        ay = P[i + 1, 1] - P[i, 1]
        az = P[i + 1, 2] - P[i, 2]
        length = math.sqrt(ax * ax + ay * ay + az * az)
        reach = max(max(R[i, 0], R[i, 1]), max(R[i + 1, 0], R[i + 1, 1]))
        if J[i] == 0 or length < 1e-9 or reach <= 0:
            continue
        reach += half
        ax, ay, az = ax / length, ay / length, az / length
        nx, ny, nz, bx, by, bz = _frame(ax, ay, az, N[i, 0], N[i, 1], N[i, 2])
        lo = np.empty(3, np.int64)
        hi = np.empty(3, np.int64)
        for d in range(3):
            lo[d] = max(0, int((min(P[i, d], P[i + 1, d]) - reach - org[d]) / sp[d]))
            hi[d] = min(
                out.shape[d] - 1, int((max(P[i, d], P[i + 1, d]) + reach - org[d]) / sp[d]) + 1
            )
        for a in range(lo[0], hi[0] + 1):
            for b in range(lo[1], hi[1] + 1):
                for c in range(lo[2], hi[2] + 1):
                    x = org[0] + a * sp[0] - P[i, 0]
                    y = org[1] + b * sp[1] - P[i, 1]
                    z = org[2] + c * sp[2] - P[i, 2]
                    s = x * ax + y * ay + z * az
                    clamped = min(max(s, 0.0), length)
                    f = clamped / length
                    ra = R[i, 0] + (R[i + 1, 0] - R[i, 0]) * f
                    rb = R[i, 1] + (R[i + 1, 1] - R[i, 1]) * f
                    if ra <= 0 or rb <= 0:
                        continue
                    xn = (x * nx + y * ny + z * nz) / ra
                    yb = (x * bx + y * by + z * bz) / rb
                    e = s - clamped
                    small = min(ra, rb)
                    distance = (math.sqrt(xn * xn + yb * yb + e * e / (ra * rb)) - 1) * small
                    share = min(1.0, max(0.0, 0.5 - distance / (2 * half)))
                    if small < half:  # a tube thinner than a voxel fills only part of it
                        share *= min(1.0, ra * rb / (half * half))
                    out[a, b, c] = max(out[a, b, c], share)
