"""Marked pixels: opening, distance, rims; see ``simulator/masks.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


@kernel
def opened(mask):
    """Return a mask less what holds no cross of five pixels; beyond its ends nothing is marked."""
    rows, columns = mask.shape
    core = np.zeros((rows, columns), np.uint8)
    out = np.zeros((rows, columns), np.uint8)
    for j in range(1, rows - 1):
        for i in range(1, columns - 1):
            core[j, i] = (
                mask[j, i] & mask[j - 1, i] & mask[j + 1, i] & mask[j, i - 1] & mask[j, i + 1]
            )
    for j in range(1, rows - 1):
        for i in range(1, columns - 1):
            out[j, i] |= core[j, i] | core[j, i - 1] | core[j, i + 1]
            out[j - 1, i] |= core[j, i]
            out[j + 1, i] |= core[j, i]
        out[j, 0] |= core[j, 1]
        out[j, columns - 1] |= core[j, columns - 2]
    return out


@kernel
def nearest(mask, most):
    """Return each pixel's distance to the nearest marked one, in pixels, at most ``most``."""
    rows, columns = mask.shape
    reach = math.ceil(most)
    far = np.float32(reach)
    # along columns first, then over each row: the squares add up
    out = np.empty((rows, columns), np.float32)
    for i in range(columns):
        out[0, i] = np.float32(0) if mask[0, i] else far
    for j in range(1, rows):
        for i in range(columns):
            beyond = min(out[j - 1, i] + np.float32(1), far)
            out[j, i] = np.float32(0) if mask[j, i] else beyond
    for j in range(rows - 2, -1, -1):
        for i in range(columns):
            out[j, i] = min(out[j, i], out[j + 1, i] + np.float32(1))
    # slices, whose indices are known not to be negative, let rows go through in full width
    line = np.full(columns + 2 * reach, far * far, np.float32)
    middle = line[reach : reach + columns]
    most = np.float32(most)
    for j in range(rows):
        row = out[j]
        least = far
        for i in range(columns):
            middle[i] = row[i] * row[i]
            least = min(least, row[i])
        if least == far:
            row[:] = most
            continue
        row[:] = middle
        for a in range(1, reach + 1):
            square = np.float32(a * a)
            left, right = line[reach - a : columns + reach - a], line[reach + a :]
            for i in range(columns):
                row[i] = min(row[i], min(left[i], right[i]) + square)
        for i in range(columns):
            row[i] = min(math.sqrt(row[i]), most)
    return out


@kernel
def weigh(distance, changed, start, width, out):
    """Write the weight of a forged film: 1 up to ``start`` and where changed, 0 past ``width``."""
    rows, columns = distance.shape
    one = np.float32(1)
    for j in range(rows):
        for i in range(columns):
            x = min(max(one - (distance[j, i] - start) / width, np.float32(0)), one)
            out[j, i] = one if changed[j, i] else x * x * (np.float32(3) - np.float32(2) * x)


@kernel
def tally(mask, change, difference):
    """Return the largest change, its mean inside a mask, and the largest difference at its rim.

    The rim is what lies within two steps outside the mask.
    """
    rows, columns = mask.shape
    largest, total, count = np.float32(0), 0.0, 0
    step = np.float32(0)
    for j in range(rows):
        some = np.float32(0)
        inside = 0
        for i in range(columns):
            size = abs(change[j, i])
            largest = max(largest, size)
            some += size if mask[j, i] else np.float32(0)
            inside += mask[j, i]
        total += some
        count += inside
        for i in range(columns):
            if mask[j, i] or abs(difference[j, i]) <= step:
                continue
            near = False
            for b in range(max(j - 2, 0), min(j + 3, rows)):
                reach = 2 - abs(b - j)
                for a in range(max(i - reach, 0), min(i + reach + 1, columns)):
                    near |= mask[b, a] != 0
            if near:
                step = abs(difference[j, i])
    return largest, total / max(count, 1), count, step
