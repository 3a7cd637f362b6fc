"""Smooth unions on distance grids; see ``simulator/fields.py``.

Grids are gone through row by row along the third axis, in single precision and in slices, whose
indices are known not to be negative: so each row goes through in the processor's full width.
"""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import blend, helper, kernel
from trainer.imaging.simulator.kernels.weighted import across, along


@helper
def _reach(low, high, start, spacing, size):
    """Return the first and the end of the grid's planes that lie between two places."""
    first = max(0, int((low - start) / spacing))
    return first, max(first, min(size, int((high - start) / spacing) + 2))


@helper
def _unite_row(row, other, k, cut):
    """Join one row of distances, smoothly (Quilez, polynomial)."""
    half, one, zero = np.float32(0.5), np.float32(1), np.float32(0)
    share = half / k
    if cut:
        for i in range(row.size):
            a, b = -row[i], other[i]
            h = min(max(half + share * (b - a), zero), one)
            row[i] = k * h * (one - h) - b - (a - b) * h
    else:
        for i in range(row.size):
            a, b = row[i], other[i]
            h = min(max(half + share * (b - a), zero), one)
            row[i] = b + (a - b) * h - k * h * (one - h)


@kernel
def unite_capsules(F, org, sp, A, B, RA, RB, k, cut, far):
    """Join a chain of round cones; inside it they join with next to no bulge."""
    nx, ny, nz = F.shape
    n = A.shape[0]
    within = np.float32(0.02)
    wide = np.float32(k)
    lines = np.empty((2, nz), np.float32)
    # the rows that each piece can reach
    span = np.empty((n, 6), np.int64)
    first, last = nx, 0
    for q in range(n):
        r = max(RA[q], RB[q]) + far
        for d in range(3):
            low, high = min(A[q, d], B[q, d]) - r, max(A[q, d], B[q, d]) + r
            span[q, 2 * d], span[q, 2 * d + 1] = _reach(low, high, org[d], sp, F.shape[d])
        first, last = min(first, span[q, 0]), max(last, span[q, 1])
    for a in range(first, last):
        for b in range(ny):
            begin, end = nz, 0
            for q in range(n):
                if span[q, 0] <= a < span[q, 1] and span[q, 2] <= b < span[q, 3]:
                    begin, end = min(begin, span[q, 4]), max(end, span[q, 5])
            if begin >= end:
                continue
            chain = lines[0, begin:end]
            chain[:] = far
            for q in range(n):
                if not (span[q, 0] <= a < span[q, 1] and span[q, 2] <= b < span[q, 3]):
                    continue
                c0, c1 = span[q, 4], span[q, 5]
                if c0 >= c1:
                    continue
                x, y = org[0] + a * sp - A[q, 0], org[1] + b * sp - A[q, 1]
                dx, dy, dz = B[q, 0] - A[q, 0], B[q, 1] - A[q, 1], B[q, 2] - A[q, 2]
                size = dx * dx + dy * dy + dz * dz + 1e-12
                start = org[2] + c0 * sp - A[q, 2]
                h0 = np.float32((x * dx + y * dy + start * dz) / size)
                dh = np.float32(sp * dz / size)
                fx, fy, fz, step = np.float32(x), np.float32(y), np.float32(start), np.float32(sp)
                gx, gy, gz = np.float32(dx), np.float32(dy), np.float32(dz)
                ra, dr = np.float32(RA[q]), np.float32(RB[q] - RA[q])
                piece, row = lines[1, c0:c1], lines[0, c0:c1]
                for c in range(piece.size):
                    at = np.float32(c)
                    h = min(max(h0 + at * dh, np.float32(0)), np.float32(1))
                    u, v, w = fx - h * gx, fy - h * gy, fz + at * step - h * gz
                    piece[c] = math.sqrt(u * u + v * v + w * w) - ra - dr * h
                if n > 1:
                    _unite_row(row, piece, within, False)
                else:
                    row[:] = piece
            _unite_row(F[a, b, begin:end], chain, wide, cut)


@kernel
def unite_ellipsoid(F, org, sp, C, R, M, k, cut, far, N, rough):
    """Join an ellipsoid (first order distance, after Quilez), its surface uneven by noise."""
    nx, ny, nz = F.shape
    r = max(R[0], max(R[1], R[2])) + far
    a0, a1 = _reach(C[0] - r, C[0] + r, org[0], sp, nx)
    b0, b1 = _reach(C[1] - r, C[1] + r, org[1], sp, ny)
    c0, c1 = _reach(C[2] - r, C[2] + r, org[2], sp, nz)
    line = np.empty(c1 - c0, np.float32)
    least = np.float32(-min(R[0], min(R[1], R[2])))
    wide, uneven = np.float32(k), np.float32(rough)
    ia, ib, ic = np.float32(1 / R[0]), np.float32(1 / R[1]), np.float32(1 / R[2])
    step = (
        np.float32(M[2, 0] * sp / R[0]), np.float32(M[2, 1] * sp / R[1]),
        np.float32(M[2, 2] * sp / R[2]),
    )  # fmt: skip
    z = org[2] + c0 * sp - C[2]
    for a in range(a0, a1):
        x = org[0] + a * sp - C[0]
        for b in range(b0, b1):
            y = org[1] + b * sp - C[1]
            p0 = np.float32((M[0, 0] * x + M[1, 0] * y + M[2, 0] * z) / R[0])
            q0 = np.float32((M[0, 1] * x + M[1, 1] * y + M[2, 1] * z) / R[1])
            s0 = np.float32((M[0, 2] * x + M[1, 2] * y + M[2, 2] * z) / R[2])
            for c in range(line.size):
                at = np.float32(c)
                p, q, s = p0 + at * step[0], q0 + at * step[1], s0 + at * step[2]
                near = math.sqrt(p * p + q * q + s * s)
                p, q, s = p * ia, q * ib, s * ic
                bend = math.sqrt(p * p + q * q + s * s) + np.float32(1e-6)
                inner = near * (near - np.float32(1)) / bend
                line[c] = least if near < np.float32(1e-6) else inner
            if rough != 0:
                noise = N[a, b, c0:c1]
                for c in range(line.size):
                    line[c] += uneven * noise[c]
            _unite_row(F[a, b, c0:c1], line, wide, cut)


@kernel
def unite_field(a, b, k, cut):
    """Join two lists of distances."""
    _unite_row(a, b, np.float32(k), cut)


@kernel
def soften(values, weights):
    """Return a grid blurred along its three axes; ``weights`` from the middle, mirrored ends."""
    nx, ny, nz = values.shape
    far = weights.size - 1
    out = np.empty((nx, ny, nz), np.float32)
    planes = values.reshape(nx, ny * nz)
    plane = np.empty((ny, nz), np.float32)
    line = np.empty(nz + 2 * far, np.float32)
    for i in range(nx):
        across(plane.reshape(ny * nz), planes, i, weights)
        for j in range(ny):
            across(line[far : far + nz], plane, j, weights)
            along(out[i, j], line, weights)
    return out


@helper
def _rim(px, py, pz, ex, ey, ez):
    """Return the squared distance from p to the segment from the origin along e."""
    h = min(max((px * ex + py * ey + pz * ez) / (ex * ex + ey * ey + ez * ez), 0.0), 1.0)
    return (px - h * ex) ** 2 + (py - h * ey) ** 2 + (pz - h * ez) ** 2


@kernel
def unite_plate(F, org, sp, A, B, C, half, k, far):
    """F becomes its smooth union with a plate of half thickness ``half`` on a triangle."""
    e = np.empty((3, 3))
    corner = np.empty((3, 3))
    for d in range(3):
        corner[0, d], corner[1, d], corner[2, d] = A[d], B[d], C[d]
        e[0, d], e[1, d], e[2, d] = B[d] - A[d], C[d] - B[d], A[d] - C[d]
    nx = e[0, 1] * e[2, 2] - e[0, 2] * e[2, 1]
    ny = e[0, 2] * e[2, 0] - e[0, 0] * e[2, 2]
    nz = e[0, 0] * e[2, 1] - e[0, 1] * e[2, 0]
    n2 = nx * nx + ny * ny + nz * nz
    lo = np.empty(3, np.int64)
    hi = np.empty(3, np.int64)
    for d in range(3):
        low = min(min(A[d], B[d]), C[d]) - far
        high = max(max(A[d], B[d]), C[d]) + far
        lo[d] = max(0, int((low - org[d]) / sp))
        hi[d] = min(F.shape[d], int((high - org[d]) / sp) + 2)
    for a in range(lo[0], hi[0]):
        for b in range(lo[1], hi[1]):
            for c in range(lo[2], hi[2]):
                x, y, z = org[0] + a * sp, org[1] + b * sp, org[2] + c * sp
                sides = 0
                rim = 1e18
                for q in range(3):
                    px, py, pz = x - corner[q, 0], y - corner[q, 1], z - corner[q, 2]
                    ex, ey, ez = e[q, 0], e[q, 1], e[q, 2]
                    cx = ey * nz - ez * ny
                    cy = ez * nx - ex * nz
                    cz = ex * ny - ey * nx
                    sides += 1 if cx * px + cy * py + cz * pz > 0 else -1
                    rim = min(rim, _rim(px, py, pz, ex, ey, ez))
                if sides >= 2:  # over the face
                    px, py, pz = x - A[0], y - A[1], z - A[2]
                    rim = (nx * px + ny * py + nz * pz) ** 2 / n2
                F[a, b, c] = blend(F[a, b, c], math.sqrt(rim) - half, k)
