"""Smooth unions on distance grids; see ``simulator/fields.py``."""

import math

from trainer.imaging.simulator.kernels.rays import blend, kernel


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
