"""Polychromatic attenuation and the sum of its scatter; see ``simulator/beam.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel

# 2^x between 0 and 1 by its Chebyshev interpolant of fifth degree: good to 1e-7 of itself.
_P0, _P1, _P2, _P3, _P4, _P5 = (
    np.polynomial.Chebyshev.interpolate(np.exp2, 5, [0, 1])
    .convert(kind=np.polynomial.Polynomial)
    .coef.astype(np.float32)
)
_LOG2E = math.log2(math.e)
# The exponent of single-precision 1.0, and one step of it as a whole number.
_BIAS, _STEP = np.float32(127), np.float32(1 << 23)


@kernel
def attenuate(paths, crossed, mu, weight):
    """Return the share of the raw beam that is left behind paths of the crossed materials."""
    rows, columns = paths.shape[1:]
    out = np.zeros((rows, columns), np.float32)
    depth = np.empty(columns, np.float32)
    # 2^whole is made by writing its exponent, so that a row goes through in full width
    power = np.empty(columns, np.int32)
    left = power.view(np.float32)
    for j in range(rows):
        for b in range(weight.size):
            depth[:] = 0
            for m in range(crossed.size):
                k, per_cm = crossed[m], mu[crossed[m], b] * np.float32(-_LOG2E)
                for i in range(columns):
                    depth[i] += per_cm * paths[k, j, i]
            for i in range(columns):
                x = max(depth[i], np.float32(-120))
                whole = np.floor(x)
                depth[i] = x - whole
                power[i] = np.int32((whole + _BIAS) * _STEP)
            share = weight[b]
            for i in range(columns):
                x = depth[i]
                part = _P0 + x * (_P1 + x * (_P2 + x * (_P3 + x * (_P4 + x * _P5))))
                out[j, i] += share * part * left[i]
    return out


@kernel
def shape_beam(primary, depth, heel, shutter):
    """Make a share of the beam a signal: heel, corners, collimator; ``depth`` becomes scatter's.

    ``depth`` is the log attenuation on entry, the source of scatter on return.
    """
    rows, columns = primary.shape
    for j in range(rows):
        y = 2 * j / max(rows - 1, 1) - 1
        along = np.float32(1 - heel * 0.5 * y - heel * 0.25 * y * y)
        down = np.float32(y * y)
        across = np.float32(2 / max(columns - 1, 1))
        for i in range(columns):
            x = np.float32(i) * across - np.float32(1)
            flat = along * (np.float32(1) - np.float32(0.03) * (x * x + down))
            seen = primary[j, i] * flat * shutter[j, i]
            primary[j, i] = seen
            depth[j, i] *= seen
