"""Look-up tables, blurs, images of other sizes; see ``simulator/vendors.py`` and ``beam.py``."""

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel
from trainer.imaging.simulator.kernels.weighted import across, along, mirrored


@kernel
def look_up(image, low, high, levels):
    """Return levels at an image's values by straight lines; outside the table its ends."""
    rows, columns = image.shape
    out = np.empty((rows, columns), np.float32)
    last = levels.size - 1
    scale = np.float32(last / (high - low))
    start = np.float32(low)
    for j in range(rows):
        for i in range(columns):
            x = min(max((image[j, i] - start) * scale, np.float32(0)), np.float32(last) - 1e-3)
            k = int(x)
            part = np.float32(x - k)
            out[j, i] = levels[k] + part * (levels[k + 1] - levels[k])
    return out


@kernel
def shrink(image, step):
    """Return the mean of each square of ``step`` pixels; past its ends the image goes on alike."""
    rows, columns = image.shape
    m, n = -(-rows // step), -(-columns // step)
    out = np.empty((m, n), np.float32)
    line = np.empty(n * step, np.float32)
    share = np.float32(1 / (step * step))
    for k in range(m):
        line[:] = 0
        for a in range(step):
            j = min(k * step + a, rows - 1)
            for i in range(columns):
                line[i] += image[j, i]
        for i in range(columns, n * step):
            line[i] = line[columns - 1]
        for q in range(n):
            total = np.float32(0)
            for a in range(step):
                total += line[q * step + a]
            out[k, q] = total * share
    return out


@kernel
def add_enlarged(image, small, step):
    """Add a small image enlarged by a whole number, pixels being areas, by straight lines."""
    m, n = small.shape
    rows, columns = image.shape
    left = np.empty(columns, np.int64)
    share = np.empty(columns, np.float32)
    for i in range(columns):
        x = min(max((i + 0.5) / step - 0.5, 0.0), n - 1.0)
        left[i] = min(int(x), max(n - 2, 0))
        share[i] = x - left[i]
    line = np.empty(n + 1, np.float32)
    for j in range(rows):
        y = min(max((j + 0.5) / step - 0.5, 0.0), m - 1.0)
        top = min(int(y), max(m - 2, 0))
        down = np.float32(y - top)
        low = min(top + 1, m - 1)
        for k in range(n):
            line[k] = small[top, k] + down * (small[low, k] - small[top, k])
        line[n] = line[n - 1]
        for i in range(columns):
            k = left[i]
            image[j, i] += line[k] + share[i] * (line[k + 1] - line[k])


@kernel
def blur(image, weights):
    """Return an image blurred along rows and columns by an odd number of even weights.

    ``weights`` run from the middle outwards; beyond its ends the image is mirrored.
    """
    rows, columns = image.shape
    far = weights.size - 1
    out = np.empty((rows, columns), np.float32)
    line = np.empty(columns + 2 * far, np.float32)
    for j in range(rows):
        across(line[far : far + columns], image, j, weights)
        along(out[j], line, weights)
    return out


@kernel
def halve(image):
    """Return every second pixel of an image blurred by (1 4 6 4 1) / 16 along both axes."""
    rows, columns = image.shape
    m, n = (rows + 1) // 2, (columns + 1) // 2
    out = np.empty((m, n), np.float32)
    line = np.empty(columns + 4, np.float32)
    for j in range(m):
        a, b = mirrored(2 * j - 2, rows), mirrored(2 * j - 1, rows)
        d, e = mirrored(2 * j + 1, rows), mirrored(2 * j + 2, rows)
        for i in range(columns):
            line[2 + i] = (
                np.float32(6) * image[2 * j, i]
                + np.float32(4) * (image[b, i] + image[d, i])
                + (image[a, i] + image[e, i])
            ) * np.float32(1 / 256)
        for k in (-2, -1):
            line[2 + k] = line[2 + mirrored(k, columns)]
        for k in (columns, columns + 1):
            line[2 + k] = line[2 + mirrored(k, columns)]
        for i in range(n):
            out[j, i] = (
                np.float32(6) * line[2 * i + 2]
                + np.float32(4) * (line[2 * i + 1] + line[2 * i + 3])
                + (line[2 * i] + line[2 * i + 4])
            )
    return out


@kernel
def redouble(small, rows, columns):
    """Return an image of twice the size: every pixel four times, blurred as :func:`halve` does."""
    m, n = small.shape
    out = np.empty((rows, columns), np.float32)
    line = np.empty(n + 2, np.float32)
    five, ten = np.float32(5 / 16), np.float32(10 / 16)
    one = np.float32(1 / 16)
    for j in range(rows):
        k = j >> 1
        above, below = max(k - 1, 0), min(k + 1, m - 1)
        if k + 1 == m and rows & 1:
            below = above  # mirrored where its pair is cut off
        first, last = (five, one) if j & 1 == 0 else (one, five)
        for i in range(n):
            line[1 + i] = first * small[above, i] + ten * small[k, i] + last * small[below, i]
        line[0] = line[1]
        line[n + 1] = line[max(n - 1, 1)] if columns & 1 else line[n]
        for i in range(columns >> 1):
            out[j, 2 * i] = five * line[i] + ten * line[i + 1] + one * line[i + 2]
            out[j, 2 * i + 1] = one * line[i] + ten * line[i + 1] + five * line[i + 2]
        if columns & 1:
            out[j, columns - 1] = five * line[n - 1] + ten * line[n] + one * line[n + 1]
    return out


@kernel
def quantise(image, white):
    """Return grey levels 0 to 1 as whole numbers to ``white``; what lies outside is cut."""
    rows, columns = image.shape
    out = np.empty((rows, columns), np.uint16)
    for j in range(rows):
        for i in range(columns):
            level = min(max(image[j, i], np.float32(0)), np.float32(1))
            out[j, i] = np.uint16(np.int32(np.rint(level * white)))
    return out
