"""Adding up a body's parts; see ``simulator/body.py``."""

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


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


@kernel
def add_tissue(materials, left, top, whole, weights):
    """Add a part of tissue: centimetres of each material in one of path."""
    rows, columns = whole.shape
    for m in range(weights.size):
        if weights[m] != 0:
            for j in range(rows):
                for i in range(columns):
                    materials[m, top + j, left + i] += weights[m] * whole[j, i]


@kernel
def add_bone(materials, left, top, whole, marrow, textured, weights):
    """Add a bone: for each material its weight of the path, marrow, cortex and texture."""
    rows, columns = whole.shape
    for m in range(weights.shape[0]):
        a, b, c, d = weights[m, 0], weights[m, 1], weights[m, 2], weights[m, 3]
        if a == 0 and b == 0 and c == 0 and d == 0:
            continue
        for j in range(rows):
            for i in range(columns):
                materials[m, top + j, left + i] += (
                    a * whole[j, i]
                    + b * marrow[j, i]
                    + c * max(whole[j, i] - marrow[j, i], np.float32(0))
                    + d * textured[j, i]
                )
