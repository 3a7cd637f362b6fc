"""Weighted sums of rows, the steps that every blur is made of; ends are mirrored.

``weights`` run from the middle outwards and hold for both sides.
"""

from trainer.imaging.simulator.kernels.rays import helper


@helper
def mirrored(k, n):
    """Return the index that stands for k in an axis mirrored at its ends (end values twice)."""
    while k < 0 or k >= n:
        k = -1 - k if k < 0 else 2 * n - 1 - k
    return k


@helper
def across(out, rows, j, weights):
    """Write the weighted sum of row j and those before and after it."""
    here, share = rows[j], weights[0]
    for i in range(out.size):
        out[i] = share * here[i]
    for a in range(1, weights.size):
        share = weights[a]
        one, two = rows[mirrored(j - a, len(rows))], rows[mirrored(j + a, len(rows))]
        for i in range(out.size):
            out[i] += share * (one[i] + two[i])


@helper
def along(out, line, weights):
    """Write the weighted sums along a line that has room before and after it for its mirrored ends.

    ``line`` holds as many values as ``out`` in its middle; the rest is filled here. Slices, whose
    indices are known not to be negative, let it go through in full width.
    """
    far, n = weights.size - 1, out.size
    for a in range(far):
        line[a] = line[far + mirrored(a - far, n)]
        line[far + n + a] = line[far + mirrored(n + a, n)]
    here, share = line[far : far + n], weights[0]
    for i in range(n):
        out[i] = share * here[i]
    for a in range(1, far + 1):
        share = weights[a]
        one, two = line[far - a : far - a + n], line[far + a :]
        for i in range(n):
            out[i] += share * (one[i] + two[i])
