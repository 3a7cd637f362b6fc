"""Polychromatic attenuation; see ``simulator/beam.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


@kernel
def attenuate(paths, mu, weight):
    materials, rows, columns = paths.shape
    out = np.empty((rows, columns), np.float32)
    for j in range(rows):
        for i in range(columns):
            total = np.float32(0.0)
            for b in range(weight.size):
                depth = np.float32(0.0)
                for m in range(materials):
                    depth += mu[m, b] * paths[m, j, i]
                total += weight[b] * math.exp(-depth)
            out[j, i] = total
    return out
