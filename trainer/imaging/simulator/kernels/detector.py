"""What a detector counts and reads out; see ``simulator/detector.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


@kernel
def count(signal, per_pixel, deviate, pad, out):
    """Write the quanta counted, mirrored about the edge pixels in a border of ``pad``."""
    rows, columns = signal.shape
    zero, one, sixth = np.float32(0), np.float32(1), np.float32(1 / 6)
    for j in range(rows):
        row = out[pad + j, pad : pad + columns]
        for i in range(columns):
            mean, z = signal[j, i] * per_pixel, deviate[j, i]
            row[i] = max(mean + math.sqrt(mean) * z + (z * z - one) * sixth, zero)
        for a in range(1, pad + 1):
            out[pad + j, pad - a] = out[pad + j, pad + min(a, columns - 1)]
            out[pad + j, pad + columns - 1 + a] = out[
                pad + j, pad + columns - 1 - min(a, columns - 1)
            ]
    for a in range(1, pad + 1):
        above, below = min(a, rows - 1), rows - 1 - min(a, rows - 1)
        for i in range(columns + 2 * pad):
            out[pad - a, i] = out[pad + above, i]
            out[pad + rows - 1 + a, i] = out[pad + below, i]


@kernel
def read_out(blurred, pad, readout, gain, electronic, structure, per_pixel):
    """Return what is read of blurred counts, in units of the raw beam."""
    rows, columns = readout.shape
    out = np.empty((rows, columns), np.float32)
    one = np.float32(1)
    for j in range(rows):
        row = blurred[pad + j, pad : pad + columns]
        for i in range(columns):
            counts = row[i] + electronic * readout[j, i]
            out[j, i] = counts * (one + structure * gain[j, i]) / per_pixel
    return out


@kernel
def expected(signal, per_pixel, electronic):
    """Return the relative noise of counts: of the quanta and of the read-out."""
    rows, columns = signal.shape
    out = np.empty((rows, columns), np.float32)
    one = np.float32(1)
    for j in range(rows):
        for i in range(columns):
            share = one / max(signal[j, i] * per_pixel, one)
            other = electronic * share
            out[j, i] = math.sqrt(share + other * other)
    return out
