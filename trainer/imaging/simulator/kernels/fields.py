"""Smooth unions on distance grids; see ``simulator/fields.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import blend, helper, kernel


@kernel
def unite_capsules(F, org, sp, A, B, RA, RB, k, cut, far):
    nx, ny, nz = F.shape
    for i in range(A.shape[0]):
        r = max(RA[i], RB[i]) + far
        dx, dy, dz = B[i, 0] - A[i, 0], B[i, 1] - A[i, 1], B[i, 2] - A[i, 2]
        size = dx * dx + dy * dy + dz * dz + 1e-12
        a0 = max(0, int((min(A[i, 0], B[i, 0]) - r - org[0]) / sp))
        a1 = min(nx, int((max(A[i, 0], B[i, 0]) + r - org[0]) / sp) + 2)
        b0 = max(0, int((min(A[i, 1], B[i, 1]) - r - org[1]) / sp))
        b1 = min(ny, int((max(A[i, 1], B[i, 1]) + r - org[1]) / sp) + 2)
        c0 = max(0, int((min(A[i, 2], B[i, 2]) - r - org[2]) / sp))
        c1 = min(nz, int((max(A[i, 2], B[i, 2]) + r - org[2]) / sp) + 2)
        for a in range(a0, a1):
            x = org[0] + a * sp - A[i, 0]
            for b in range(b0, b1):
                y = org[1] + b * sp - A[i, 1]
                for c in range(c0, c1):
                    z = org[2] + c * sp - A[i, 2]
                    h = min(max((x * dx + y * dy + z * dz) / size, 0.0), 1.0)
                    d = math.sqrt((x - h * dx) ** 2 + (y - h * dy) ** 2 + (z - h * dz) ** 2)
                    d -= RA[i] + (RB[i] - RA[i]) * h
                    if cut:
                        F[a, b, c] = -blend(-F[a, b, c], d, k)
                    else:
                        F[a, b, c] = blend(F[a, b, c], d, k)


@kernel
def unite_ellipsoid(F, org, sp, C, R, M, k, cut, far, N, rough):
    nx, ny, nz = F.shape
    r = max(R[0], max(R[1], R[2])) + far
    for a in range(
        max(0, int((C[0] - r - org[0]) / sp)), min(nx, int((C[0] + r - org[0]) / sp) + 2)
    ):
        x = org[0] + a * sp - C[0]
        for b in range(
            max(0, int((C[1] - r - org[1]) / sp)), min(ny, int((C[1] + r - org[1]) / sp) + 2)
        ):
            y = org[1] + b * sp - C[1]
            for c in range(
                max(0, int((C[2] - r - org[2]) / sp)), min(nz, int((C[2] + r - org[2]) / sp) + 2)
            ):
                z = org[2] + c * sp - C[2]
                p = (M[0, 0] * x + M[1, 0] * y + M[2, 0] * z) / R[0]
                q = (M[0, 1] * x + M[1, 1] * y + M[2, 1] * z) / R[1]
                s = (M[0, 2] * x + M[1, 2] * y + M[2, 2] * z) / R[2]
                k0 = math.sqrt(p * p + q * q + s * s)
                k1 = math.sqrt((p / R[0]) ** 2 + (q / R[1]) ** 2 + (s / R[2]) ** 2) + 1e-6
                d = k0 * (k0 - 1) / k1
                if k0 < 1e-6:
                    d = -min(R[0], min(R[1], R[2]))
                if rough != 0:
                    d += rough * N[a, b, c]
                if cut:
                    F[a, b, c] = -blend(-F[a, b, c], d, k)
                else:
                    F[a, b, c] = blend(F[a, b, c], d, k)


@kernel
def unite_field(a, b, k, cut):
    for i in range(a.size):
        if cut:
            a[i] = -blend(-a[i], b[i], k)
        else:
            a[i] = blend(a[i], b[i], k)


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
