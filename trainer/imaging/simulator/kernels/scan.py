"""Parallel-beam projection and backprojection; see ``simulator/ct/scanner.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


@kernel
def project_parallel(image, pixel, angles, channels, pitch):
    """Return line integrals (views, channels) of a square image: steps of half a pixel."""
    n = image.shape[0]
    middle = (n - 1) / 2.0
    step = 0.5
    steps = int(n * 1.42 / step)
    out = np.empty((angles.size, channels), np.float32)
    for a in range(angles.size):
        c, s = math.cos(angles[a]), math.sin(angles[a])
        for d in range(channels):
            off = (d - (channels - 1) / 2.0) * pitch / pixel
            total = 0.0
            for m in range(steps):
                t = (m - (steps - 1) / 2.0) * step
                x = middle + off * c - t * s
                y = middle + off * s + t * c
                if x < 0 or y < 0 or x >= n - 1 or y >= n - 1:
                    continue
                i = int(y)
                j = int(x)
                fy = y - i
                fx = x - j
                total += (image[i, j] * (1 - fx) + image[i, j + 1] * fx) * (1 - fy) + (
                    image[i + 1, j] * (1 - fx) + image[i + 1, j + 1] * fx
                ) * fy
            out[a, d] = total * step * pixel
    return out


# Each view is interpolated so many times finer first, so that the inner loop only looks up.
_FINER = 4


@kernel
def backproject(filtered, angles, pitch, n, pixel):
    """Return the square image of filtered views: linear interpolation between channels."""
    views, channels = filtered.shape
    finer = _FINER
    wide = (channels - 1) * finer + 1
    fine = np.empty((views, wide), np.float32)
    for a in range(views):
        for k in range(channels - 1):
            step = (filtered[a, k + 1] - filtered[a, k]) / np.float32(finer)
            for m in range(finer):
                fine[a, k * finer + m] = filtered[a, k] + step * np.float32(m)
        fine[a, wide - 1] = filtered[a, channels - 1]
    out = np.zeros((n, n), np.float32)
    middle = (n - 1) / 2.0
    scale = pixel / pitch * finer
    share = np.float32(math.pi / views)
    for a in range(views):
        c = np.float32(math.cos(angles[a]) * scale)
        s = math.sin(angles[a]) * scale
        view = fine[a]
        for i in range(n):
            base = np.float32((i - middle) * s - middle * c + (wide - 1) / 2.0 + 0.5)
            row = out[i]
            for j in range(n):
                k = int(base + np.float32(j) * c)
                row[j] += view[min(max(k, 0), wide - 1)]
    for i in range(n):
        for j in range(n):
            out[i, j] *= share
    return out


@kernel
def project_voxels(rows, columns, share, pixel, angles, pitch, out):
    """Add the paths through some square voxels, given from the middle, to views of parallel rays.

    Each voxel's shadow is a box as wide as the square looks from there, shared between channels.
    """
    views, channels = out.shape
    for a in range(views):
        c, s = math.cos(angles[a]), math.sin(angles[a])
        wide = max(abs(c), abs(s)) * pixel  # width of the shadow; its height times width is area
        high = pixel * pixel / wide
        for v in range(rows.size):
            centre = (columns[v] * c + rows[v] * s) * pixel / pitch + (channels - 1) / 2.0
            low = centre - 0.5 * wide / pitch + 0.5
            top = centre + 0.5 * wide / pitch + 0.5
            first = max(math.floor(low), 0)
            last = min(math.floor(top), channels - 1)
            for d in range(first, last + 1):
                part = min(top, d + 1.0) - max(low, float(d))
                if part > 0:
                    out[a, d] += share[v] * high * part
