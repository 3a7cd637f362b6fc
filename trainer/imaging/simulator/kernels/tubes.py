"""Rays and voxels through mitred cones; see ``simulator/tubes.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import TILE_ONE, helper, kernel, texture_along

# The least radius at which a tube without marrow is traced, in pixels at its distance.
_LEAST = 0.75
# Cosine between a piece and the normal of its mitre from which on the mitre would reach further
# than 1.25 radii: a bend of over 100 degrees.
_FOLD = 0.62


@kernel
def bisect(P):
    """Return the unit normals of the planes at which a polyline's pieces meet."""
    n = P.shape[0]
    out = np.zeros((n, 3))
    for i in range(n - 1):
        x, y, z = P[i + 1, 0] - P[i, 0], P[i + 1, 1] - P[i, 1], P[i + 1, 2] - P[i, 2]
        size = math.sqrt(x * x + y * y + z * z) + 1e-12
        for j in (i, i + 1):
            out[j, 0] += x / size
            out[j, 1] += y / size
            out[j, 2] += z / size
    for i in range(n):
        size = math.sqrt(out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2) + 1e-12
        for d in range(3):
            out[i, d] /= size
    return out


@helper
def _after(start, step, t0, t1):
    """Clip the ray interval (t0, t1) to where start + step t >= 0."""
    if abs(step) < 1e-12:
        return (t0, t1) if start >= 0 else (1.0, -1.0)
    t = -start / step
    return (max(t0, t), t1) if step > 0 else (t0, min(t1, t))


@helper
def _cone(ox, oy, oz, dx, dy, dz, ra, rb, k, t0, t1):
    """Clip (t0, t1) to the inside of (x ra)^2 + (y rb)^2 = (1 + k z)^2."""
    x0, x1, y0, y1 = ox * ra, dx * ra, oy * rb, dy * rb
    z0, z1 = 1 + k * oz, k * dz
    a = x1 * x1 + y1 * y1 - z1 * z1
    b = x0 * x1 + y0 * y1 - z0 * z1
    c = x0 * x0 + y0 * y0 - z0 * z0
    if a < 1e-12 * (
        x1 * x1 + y1 * y1 + z1 * z1
    ):  # the ray runs inside the cone's own slope: it stays in or out of the piece
        middle = 0.5 * (t0 + t1)
        if a * middle * middle + 2 * b * middle + c < 0:
            return t0, t1
        return 1.0, -1.0
    discriminant = b * b - a * c
    if discriminant <= 0:
        return 1.0, -1.0
    root, one = math.sqrt(discriminant), 1 / a
    return max(t0, (-b - root) * one), min(t1, (-b + root) * one)


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
def _seen(p, src, S):
    """Return the pixel at which a point is seen, and its share of the way to the detector."""
    x, y, z = p[0] - src[0], p[1] - src[1], p[2] - src[2]
    f = S[2, 0] * x + S[2, 1] * y + S[2, 2] * z
    u = S[0, 0] * x + S[0, 1] * y + S[0, 2] * z
    v = S[1, 0] * x + S[1, 1] * y + S[1, 2] * z
    return u / f, v / f, f


@helper
def _spread(at, ex, ey, ez, S, lx, ly):
    """Return how many pixels a short way covers along a direction of the film, and across it."""
    f = S[2, 0] * ex + S[2, 1] * ey + S[2, 2] * ez
    u = (S[0, 0] * ex + S[0, 1] * ey + S[0, 2] * ez - at[0] * f) / at[2]
    v = (S[1, 0] * ex + S[1, 1] * ey + S[1, 2] * ez - at[1] * f) / at[2]
    return u * lx + v * ly, u * ly - v * lx


@helper
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@helper
def _reach(at, axis, mitre, first, second, ra, rb, S, lx, ly, most):
    """Return how far a piece's mitred end reaches along a direction of the film, and across it.

    At most ``most``: mitres of sharp bends are cut off.
    """
    along = _dot(axis, mitre)
    along = math.copysign(max(abs(along), 0.05), along)
    total, aside = 0.0, 0.0
    for side, r in ((first, ra), (second, rb)):
        # the point of the section's rim, moved along the tube on to the mitre
        q = (side[0] * mitre[0] + side[1] * mitre[1] + side[2] * mitre[2]) / along
        x, y = _spread(
            at,
            r * (side[0] - q * axis[0]),
            r * (side[1] - q * axis[1]),
            r * (side[2] - q * axis[2]),
            S, lx, ly,
        )  # fmt: skip
        total += x * x
        aside += y * y
    return min(1.1 * math.sqrt(total), most) + 1, min(1.1 * math.sqrt(aside), most) + 1


@helper
def _limits(offset, slope, low, high, left, right):
    """Clip left..right to where low <= offset + slope u <= high."""
    if abs(slope) < 1e-9:
        if offset < low or offset > high:
            return 1.0, 0.0
        return left, right
    a, b = (low - offset) / slope, (high - offset) / slope
    if a > b:
        a, b = b, a
    return max(left, a), min(right, b)


@helper
def _form(A, x, y, z):
    """Return how a ray's part along a direction follows from its pixel: per u, per v, constant."""
    return (
        A[0, 0] * x + A[1, 0] * y + A[2, 0] * z,
        A[0, 1] * x + A[1, 1] * y + A[2, 1] * z,
        A[0, 2] * x + A[1, 2] * y + A[2, 2] * z,
    )


@kernel
def project_tubes(P, M, N, R, I, O, J, src, A, S, whole, marrow, textured, tile, per_cm, step):
    """Add the way of every ray through tubes, cm.

    A takes (u, v, 1) to the ray from source to detector, S is its inverse; places along a ray are
    shares of its length.
    """
    rows, columns = whole.shape
    pixel = math.sqrt(A[0, 0] ** 2 + A[1, 0] ** 2 + A[2, 0] ** 2)
    turns = per_cm / tile.shape[0]
    even = np.ones(1, np.float32)
    walked = 0.0
    for i in range(P.shape[0] - 1):
        if J[i] == 0:
            walked = 0.0
            continue
        ax = P[i + 1, 0] - P[i, 0]
        ay = P[i + 1, 1] - P[i, 1]
        az = P[i + 1, 2] - P[i, 2]
        length = math.sqrt(ax * ax + ay * ay + az * az)
        if length < 1e-9 or R[i, 0] <= 0:
            continue
        begin, end = _seen(P[i], src, S), _seen(P[i + 1], src, S)
        has_marrow = I[i, 0] > 0 and I[i + 1, 0] > 0
        # what is thinner than a pixel would be seen by some rays and missed by their neighbours:
        # it is taken as wide as a pixel and as much thinner
        ra, rb, thinned = R[i, 0], R[i, 1], 1.0
        k = 0.5 * (R[i + 1, 0] / ra + R[i + 1, 1] / rb) - 1
        if not has_marrow:
            least = _LEAST * pixel * begin[2]
            ra, rb = max(ra, least), max(rb, least)
            thinned = R[i, 0] * R[i, 1] / (ra * rb)
            k = 0.0 if thinned < 1 else k
        widest = max(max(R[i + 1, 0], R[i + 1, 1]), max(ra, rb))
        walked += length
        lx, ly = end[0] - begin[0], end[1] - begin[1]
        shown = math.sqrt(lx * lx + ly * ly)
        most = 1.25 * widest / (pixel * min(begin[2], end[2])) + 1
        over = shown + most
        if (
            max(begin[0], end[0]) + over < 0 or min(begin[0], end[0]) - over > columns
            or max(begin[1], end[1]) + over < 0 or min(begin[1], end[1]) - over > rows
        ):  # fmt: skip
            continue
        lx, ly = (lx / shown, ly / shown) if shown > 1e-6 else (1.0, 0.0)
        ax, ay, az = ax / length, ay / length, az / length
        axis = (ax, ay, az)
        nx, ny, nz, bx, by, bz = _frame(ax, ay, az, N[i, 0], N[i, 1], N[i, 2])
        first, second = (nx, ny, nz), (bx, by, bz)
        grown = max(1 + k, R[i + 1, 0] / ra)
        low, near = _reach(begin, axis, M[i], first, second, ra, rb, S, lx, ly, most)
        high, beside = _reach(
            end, axis, M[i + 1], first, second, ra * grown, max(rb * grown, R[i + 1, 1]), S, lx, ly,
            most,
        )  # fmt: skip
        near = max(near, beside)
        high += shown
        # a mitre that runs along the tube, where it folds back, does not end it: a piece ends there
        # as far beyond its node as on the film
        beyond = 1.25 * widest
        folds = min(_dot(axis, M[i]), _dot(axis, M[i + 1])) < _FOLD
        drop = max(abs(low * ly), abs(high * ly)) + near * abs(lx) + 1
        top = max(0, math.floor(min(begin[1], begin[1] + high * ly) - drop))
        bottom = min(rows - 1, math.ceil(max(begin[1], begin[1] + high * ly) + drop))
        k /= length
        ki = (I[i + 1, 0] / I[i, 0] - 1) / length if has_marrow else 0.0
        sx, sy, sz = src[0] - P[i, 0], src[1] - P[i, 1], src[2] - P[i, 2]
        x0 = sx * nx + sy * ny + sz * nz
        y0 = sx * bx + sy * by + sz * bz
        z0 = sx * ax + sy * ay + sz * az
        m0 = sx * M[i, 0] + sy * M[i, 1] + sz * M[i, 2]
        sx, sy, sz = src[0] - P[i + 1, 0], src[1] - P[i + 1, 1], src[2] - P[i + 1, 2]
        m1 = sx * M[i + 1, 0] + sy * M[i + 1, 1] + sz * M[i + 1, 2]
        xw = _form(A, nx, ny, nz)
        yw = _form(A, bx, by, bz)
        zw = _form(A, ax, ay, az)
        m0w = _form(A, M[i, 0], M[i, 1], M[i, 2])
        m1w = _form(A, M[i + 1, 0], M[i + 1, 1], M[i + 1, 2])
        one_a, one_b = 1 / ra, 1 / rb
        inner_a, inner_b = (1 / I[i, 0], 1 / I[i, 1]) if has_marrow else (0.0, 0.0)
        for v in range(top, bottom + 1):
            q = v - begin[1]
            ends = _limits(q * ly - begin[0] * lx, lx, -low, high, 0.0, columns - 1.0)
            ends = _limits(-q * lx - begin[0] * ly, ly, -near, near, ends[0], ends[1])
            if ends[0] > ends[1]:
                continue
            for u in range(math.ceil(ends[0]), int(ends[1]) + 1):
                d0 = m0w[0] * u + m0w[1] * v + m0w[2]
                d1 = m1w[0] * u + m1w[1] * v + m1w[2]
                t0, t1 = _after(m0, d0, 0.0, 1.0)
                t0, t1 = _after(-m1, -d1, t0, t1)
                if folds:
                    dz = zw[0] * u + zw[1] * v + zw[2]
                    t0, t1 = _after(z0 + beyond, dz, t0, t1)
                    t0, t1 = _after(length + beyond - z0, -dz, t0, t1)
                if t0 >= t1:
                    continue
                dx = xw[0] * u + xw[1] * v + xw[2]
                dy = yw[0] * u + yw[1] * v + yw[2]
                dz = zw[0] * u + zw[1] * v + zw[2]
                a0, a1 = _cone(x0, y0, z0, dx, dy, dz, one_a, one_b, k, t0, t1)
                if a0 >= a1:
                    continue
                reach = math.sqrt(dx * dx + dy * dy + dz * dz)
                whole[v, u] += thinned * (a1 - a0) * reach
                if not has_marrow:
                    continue
                c0, c1 = _cone(x0, y0 - O[i], z0, dx, dy, dz, inner_a, inner_b, ki, a0, a1)
                if c0 < c1:
                    marrow[v, u] += (c1 - c0) * reach
                    if step > 0:
                        place = (
                            (x0 + 37.1 * J[i]) * turns, y0 * turns,
                            (z0 + walked - length) * 0.6 * turns, 0.0,
                        )  # fmt: skip
                        way = (dx * turns, dy * turns, dz * 0.6 * turns, 0.0)
                        textured[v, u] += (
                            texture_along(tile, even, place, way, c0, c1, step / reach)
                            * reach / TILE_ONE
                        )  # fmt: skip


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
