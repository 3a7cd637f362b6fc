"""Polychromatic attenuation; see ``simulator/beam.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel

# Steps of the table of exponentials per unit of depth, and how deep it goes.
_FINE, _DEEP = 64, 40


@kernel
def attenuate(paths, mu, weight, heel, shutter):
    """Return the primary beam at the detector and the source of its scatter."""
    materials, rows, columns = paths.shape
    table = np.exp(-np.arange(_FINE * _DEEP) / _FINE).astype(np.float32)
    last = np.float32(table.size - 1)
    primary = np.empty((rows, columns), np.float32)
    source = np.empty((rows, columns), np.float32)
    for j in range(rows):
        for i in range(columns):
            total = np.float32(0.0)
            for b in range(weight.size):
                depth = np.float32(0.0)
                for m in range(materials):
                    depth += mu[m, b] * paths[m, j, i]
                # exp(-depth) by a table and the start of its series: good to 1e-6
                steps = min(depth * np.float32(_FINE), last)
                k = np.uintp(steps)
                rest = (steps - np.float32(k)) * np.float32(1 / _FINE)
                total += weight[b] * table[k] * (1 - rest * (1 - np.float32(0.5) * rest))
            primary[j, i] = total
    for j in range(rows):
        y = 2 * j / max(rows - 1, 1) - 1
        along = np.float32(1 - heel * 0.5 * y - heel * 0.25 * y * y)
        for i in range(columns):
            x = np.float32(2 * i / max(columns - 1, 1) - 1)
            flat = along * (np.float32(1) - np.float32(0.03) * np.float32(x * x + y * y))
            total = primary[j, i]
            absorbed = min(-math.log(max(total, np.float32(3e-4))), np.float32(8))
            primary[j, i] = total * flat * shutter[j, i]
            source[j, i] = primary[j, i] * absorbed
    return primary, source
