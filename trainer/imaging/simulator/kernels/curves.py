"""Natural cubic splines and spline noise; see ``simulator/curves.py`` and ``textures.py``."""

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


@kernel
def natural_spline(at, values, wanted):
    """Return a natural cubic spline through (at, values) at the rising places ``wanted``."""
    n, m = values.shape
    second = np.zeros((n, m))
    factor = np.zeros(n)
    for i in range(1, n - 1):  # tridiagonal system for the second derivatives
        h0, h1 = at[i] - at[i - 1], at[i + 1] - at[i]
        pivot = 2 * (h0 + h1) - h0 * factor[i - 1]
        factor[i] = h1 / pivot
        for d in range(m):
            slope = (values[i + 1, d] - values[i, d]) / h1 - (values[i, d] - values[i - 1, d]) / h0
            second[i, d] = (6 * slope - h0 * second[i - 1, d]) / pivot
    for i in range(n - 2, 0, -1):
        for d in range(m):
            second[i, d] -= factor[i] * second[i + 1, d]
    out = np.empty((wanted.size, m))
    k = 0
    for q in range(wanted.size):
        while k < n - 2 and wanted[q] > at[k + 1]:
            k += 1
        h = at[k + 1] - at[k]
        a = (at[k + 1] - wanted[q]) / h
        b = 1 - a
        for d in range(m):
            out[q, d] = (
                a * values[k, d]
                + b * values[k + 1, d]
                + ((a**3 - a) * second[k, d] + (b**3 - b) * second[k + 1, d]) * h * h / 6
            )
    return out


@kernel
def spread(values, first, weights):
    """Return rows that are sums of four neighbouring rows: one axis of a cubic B-spline."""
    n, m = first.size, values.shape[1]
    out = np.empty((n, m), np.float32)
    for i in range(n):
        k = first[i]
        w0, w1, w2, w3 = weights[i, 0], weights[i, 1], weights[i, 2], weights[i, 3]
        for j in range(m):
            out[i, j] = (
                w0 * values[k, j]
                + w1 * values[k + 1, j]
                + w2 * values[k + 2, j]
                + w3 * values[k + 3, j]
            )
    return out
