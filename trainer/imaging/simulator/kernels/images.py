"""Look-up tables and enlargement; see ``simulator/vendors.py`` and ``beam.py``."""

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel


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
def enlarge(small, step, rows, columns):
    """Return an image enlarged by a whole number, pixels being areas, by straight lines."""
    m, n = small.shape
    out = np.empty((rows, columns), np.float32)
    left = np.empty(columns, np.int64)
    share = np.empty(columns, np.float32)
    for i in range(columns):
        x = min(max((i + 0.5) / step - 0.5, 0.0), n - 1.0)
        left[i] = min(int(x), max(n - 2, 0))
        share[i] = x - left[i]
    for j in range(rows):
        y = min(max((j + 0.5) / step - 0.5, 0.0), m - 1.0)
        top = min(int(y), max(m - 2, 0))
        down = np.float32(y - top)
        low = min(top + 1, m - 1)
        for i in range(columns):
            k = left[i]
            right = min(k + 1, n - 1)
            a = small[top, k] + share[i] * (small[top, right] - small[top, k])
            b = small[low, k] + share[i] * (small[low, right] - small[low, k])
            out[j, i] = a + down * (b - a)
    return out
