"""Adding up a body's parts; see ``simulator/body.py``.

Rows are taken as slices: their indices are known not to be negative, so that they go through in
the processor's full width.
"""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import helper, kernel


@kernel
def extent(image):
    """Return the block of what is not 0: first and last column, first and last row, ends open."""
    rows, columns = image.shape
    left, right, top, bottom = columns, 0, rows, 0
    for j in range(rows):
        first = columns
        for i in range(columns):
            if image[j, i] != 0:
                first = i
                break
        if first == columns:
            continue
        last = columns - 1
        while image[j, last] == 0:
            last -= 1
        left, right = min(left, first), max(right, last + 1)
        top, bottom = min(top, j), j + 1
    return left, right, top, bottom


@helper
def _span(line):
    """Return the first column of what is not 0 in a row, and the end of it."""
    end = line.size
    first = 0
    while first < end and line[first] == 0:
        first += 1
    while end > first and line[end - 1] == 0:
        end -= 1
    return first, end


@kernel
def add_path(total, left, top, whole):
    """Add a part's path to its structure's."""
    for j in range(whole.shape[0]):
        first, end = _span(whole[j])
        path, out = whole[j, first:end], total[top + j, left + first : left + end]
        for i in range(path.size):
            out[i] += path[i]


@kernel
def add_tissue(materials, left, top, whole, weights):
    """Add a part of tissue: centimetres of each material in one of path."""
    for j in range(whole.shape[0]):
        first, end = _span(whole[j])
        path = whole[j, first:end]
        for m in range(weights.size):
            weight = weights[m]
            if weight != 0:
                out = materials[m, top + j, left + first : left + end]
                for i in range(path.size):
                    out[i] += weight * path[i]


@kernel
def add_uneven(materials, left, top, whole, noise, strength, power, weights):
    """Add a part's unevenness: noise over the film times a power of its path."""
    lumps = np.empty(whole.shape[1], np.float32)
    for j in range(whole.shape[0]):
        first, end = _span(whole[j])
        path, uneven = whole[j, first:end], noise[top + j, left + first : left + end]
        for i in range(path.size):
            lumps[i] = max(path[i], np.float32(0))
        if power == 0.5:
            for i in range(path.size):
                lumps[i] = math.sqrt(lumps[i])
        elif power != 1:
            for i in range(path.size):
                lumps[i] = lumps[i] ** power
        for m in range(weights.size):
            share = strength * weights[m]
            if share != 0:
                out = materials[m, top + j, left + first : left + end]
                for i in range(path.size):
                    out[i] += share * uneven[i] * lumps[i]


@kernel
def add_bone(materials, left, top, whole, marrow, textured, weights):
    """Add a bone: for each material its weight of the path, marrow, cortex and texture."""
    for j in range(whole.shape[0]):
        first, end = _span(whole[j])
        path, inner, woven = whole[j, first:end], marrow[j, first:end], textured[j, first:end]
        for m in range(weights.shape[0]):
            a, b, c, d = weights[m, 0], weights[m, 1], weights[m, 2], weights[m, 3]
            if a == 0 and b == 0 and c == 0 and d == 0:
                continue
            out = materials[m, top + j, left + first : left + end]
            for i in range(path.size):
                cortex = max(path[i] - inner[i], np.float32(0))
                out[i] += a * path[i] + b * inner[i] + c * cortex + d * woven[i]


@kernel
def some(stack):
    """Return which images of a stack hold anything."""
    found = np.zeros(stack.shape[0], np.bool_)
    for m in range(stack.shape[0]):
        for j in range(stack.shape[1]):
            here = False
            row = stack[m, j]
            for i in range(row.size):
                here |= row[i] != 0
            if here:
                found[m] = True
                break
    return found


@kernel
def weighed_difference(before, after, crossed, weights):
    """Return the weighed sum of what two stacks differ by, of the images named in ``crossed``."""
    rows, columns = before.shape[1:]
    out = np.zeros((rows, columns), np.float32)
    for j in range(rows):
        for m in range(crossed.size):
            k = crossed[m]
            weight = weights[k]
            row, new, old = out[j], after[k, j], before[k, j]
            for i in range(columns):
                row[i] += weight * (new[i] - old[i])
    return out
