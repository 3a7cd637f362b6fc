"""Posed distance grids on the detector: their surface's facets, drawn one by one.

A point is at (u f, v f, f) seen from the source: pixel (u, v), at the share f of the way to the
detector. Grid index to that place is one affine map, and on a flat facet 1 / f is linear in the
pixel. A ray's path is the sum of f where it leaves less the sum where it enters, times its length.

Corners of facets are rounded to a fine raster of whole numbers, on which it is decided exactly and
by one rule which pixels a facet covers: facets that share an edge leave no pixel out and take none
twice, so a closed surface is left as often as it is entered.
"""

import math

import numpy as np

from trainer.imaging.simulator.kernels.facets import COUNT, TABLE
from trainer.imaging.simulator.kernels.rays import (
    TILE_ONE,
    helper,
    kernel,
    texture_along,
    trilinear,
)

# Steps of the raster to a pixel, as a power of two.
_BITS = 10
_STEPS = 1 << _BITS


@kernel
def sample_solid(grid, index, out):
    for i in range(out.size):
        x, y, z = index[0, i], index[1, i], index[2, i]
        beyond = max(max(-x, x - grid.shape[0] + 1), max(-y, y - grid.shape[1] + 1))
        beyond = max(beyond, max(-z, z - grid.shape[2] + 1))
        out[i] = trilinear(grid, x, y, z) if beyond <= 0 else 9.0


@helper
def _corner(V, add, H, h, i, j, k, axis, slot, X, Y, W):
    """Put the surface's crossing of the edge from node (i, j, k) along an axis into a slot.

    Beyond the grid all is outside: there the surface runs along the grid's end.
    """
    at = (i, j, k)[axis]
    x, y, z = float(i), float(j), float(k)
    t = 0.0
    if at < 0:
        t = 1.0
    elif at + 1 < V.shape[axis]:
        a = np.float64(V[i, j, k]) + add[k]
        if axis == 0:
            b = np.float64(V[i + 1, j, k]) + add[k]
        elif axis == 1:
            b = np.float64(V[i, j + 1, k]) + add[k]
        else:
            b = np.float64(V[i, j, k + 1]) + add[k + 1]
        t = a / (a - b)
    if axis == 0:
        x += t
    elif axis == 1:
        y += t
    else:
        z += t
    w = 1 / (H[2, 0] * x + H[2, 1] * y + H[2, 2] * z + h[2])
    u = (H[0, 0] * x + H[0, 1] * y + H[0, 2] * z + h[0]) * w
    v = (H[1, 0] * x + H[1, 1] * y + H[1, 2] * z + h[1]) * w
    X[slot] = np.int64(math.floor(u * _STEPS + 0.5))
    Y[slot] = np.int64(math.floor(v * _STEPS + 0.5))
    W[slot] = w


@helper
def _signs(V, add, i, S, some):
    """Mark which nodes of plane i are inside, with a border of what is not; and in which rows."""
    ny, nz = V.shape[1], V.shape[2]
    for j in range(ny):
        found = np.uint8(0)
        for k in range(nz):
            inside = np.uint8(V[i, j, k] + add[k] < 0)
            S[j + 1, k + 1] = inside
            found |= inside
        some[j + 1] = found


@helper
def _border(xa, ya, xb, yb):
    """Return 0 where a facet takes the pixels on its edge from a to b, else -1.

    As if every pixel lay a trifle further right, and a trifle of that further down.
    """
    return 0 if yb < ya or (yb == ya and xb > xa) else -1


@helper
def _draw(xa, ya, wa, xb, yb, wb, xc, yc, wc, box, area, sign, ref, out, listed, head, link, value,
          used):  # fmt: skip
    """Add one facet's share of the way, to every pixel whose middle it covers.

    Corners go round with a positive area; ``box`` is first and last column and row.
    """
    left, right, top, bottom = box
    px, py = left << _BITS, top << _BITS
    # twice the areas of the triangles that the pixel makes with the sides across a, b and c
    ra = (xc - xb) * (py - yb) - (yc - yb) * (px - xb)
    rb = (xa - xc) * (py - yc) - (ya - yc) * (px - xc)
    rc = (xb - xa) * (py - ya) - (yb - ya) * (px - xa)
    one = 1.0 / area
    rw = (ra * wa + rb * wb + rc * wc) * one
    ra += _border(xb, yb, xc, yc)
    rb += _border(xc, yc, xa, ya)
    rc += _border(xa, ya, xb, yb)
    ua, ub, uc = (yb - yc) << _BITS, (yc - ya) << _BITS, (ya - yb) << _BITS
    va, vb, vc = (xc - xb) << _BITS, (xa - xc) << _BITS, (xb - xa) << _BITS
    uw = (ua * wa + ub * wb + uc * wc) * one
    vw = (va * wa + vb * wb + vc * wc) * one
    if not listed:
        # the same in floating point, which holds these whole numbers exactly: full width
        ga, gb, gc = np.float64(ua), np.float64(ub), np.float64(uc)
        for v in range(top, bottom + 1):
            row = out[v, left : right + 1]
            ea, eb, ec = np.float64(ra), np.float64(rb), np.float64(rc)
            for u in range(row.size):
                x = np.float64(u)
                inside = (ea + ga * x >= 0) & (eb + gb * x >= 0) & (ec + gc * x >= 0)
                f = sign * np.float32(1 / max(rw + uw * x, 1.0) - ref)
                row[u] += f if inside else np.float32(0)
            ra += va
            rb += vb
            rc += vc
            rw += vw
        return used
    for v in range(top, bottom + 1):
        ea, eb, ec, w = ra, rb, rc, rw
        for u in range(left, right + 1):
            if (ea | eb | ec) >= 0:
                f = 1 / max(w, 1.0) - ref
                out[v, u] += sign * f
                value[used] = f
                link[used] = head[v, u] * 2 + (sign > 0)
                head[v, u] = used
                used += 1
            ea += ua
            eb += ub
            ec += uc
            w += uw
        ra += va
        rb += vb
        rc += vc
        rw += vw
    return used


@kernel
def cast(V, add, H, h, ref, listed, out):
    """Add the way through a solid, as a share of each ray's length, to ``out``.

    Parameters: the distances and what is added to them in each plane of the third axis (0 is the
    surface), grid index to place as seen from the source, a share near the solid's, whether every
    crossing is listed. Returns the pixels reached (first and last column and row, open) and the
    list: each pixel's last crossing; of each crossing the one before it, doubled, plus 1 where the
    ray leaves; and its share less ``ref``.
    """
    nx, ny, nz = V.shape
    rows, columns = out.shape
    turned = (
        H[0, 0] * (H[1, 1] * H[2, 2] - H[1, 2] * H[2, 1])
        - H[0, 1] * (H[1, 0] * H[2, 2] - H[1, 2] * H[2, 0])
        + H[0, 2] * (H[1, 0] * H[2, 1] - H[1, 1] * H[2, 0])
    )
    front = np.float32(1.0 if turned > 0 else -1.0)
    head = np.full(out.shape if listed else (1, 1), -1, np.int32)
    link = np.empty(1024 if listed else 1, np.int32)
    value = np.empty(link.size, np.float32)
    used = 0
    across, along = nz + 1, (ny + 1) * (nz + 1)
    X = np.empty(5 * along, np.int64)
    Y = np.empty(5 * along, np.int64)
    W = np.empty(5 * along)
    made = np.full(5 * along, -9, np.int32)
    S = np.zeros((2, ny + 2, nz + 2), np.uint8)
    some = np.zeros((2, ny + 2), np.uint8)
    four = np.empty(nz + 2, np.uint8)
    codes = np.zeros((nz + 8) // 8 * 8, np.uint8)
    words = codes.view(np.uint64)
    slots = np.empty(3, np.int64)
    least_u, most_u, least_v, most_v = columns, 0, rows, 0
    for i in range(-1, nx):
        low, high = (i + 1) & 1, i & 1
        if i + 1 < nx:
            _signs(V, add, i + 1, S[high], some[high])
        else:
            S[high] = 0
            some[high] = 0
        for j in range(-1, ny):
            if not (some[0, j + 1] | some[0, j + 2] | some[1, j + 1] | some[1, j + 2]):
                continue
            s0, s1, s2, s3 = S[low, j + 1], S[low, j + 2], S[high, j + 1], S[high, j + 2]
            for k in range(nz + 2):
                four[k] = s0[k] | s1[k] << 2 | s2[k] << 4 | s3[k] << 6
            # 0 and 255 are cells without a surface: most of them are passed over eight at a time
            for k in range(nz + 1):
                code = four[k] | four[k + 1] << 1
                codes[k] = np.uint8(0) if code == 255 else np.uint8(code)
            for k in range(-1, nz):
                if words[(k + 1) >> 3] == 0:
                    continue
                code = codes[k + 1]
                if code == 0:
                    continue
                base = (j + 1) * across + k + 1
                for n in range(COUNT[code]):
                    for m in range(3):
                        edge = TABLE[code, n, m]
                        axis, c = edge >> 2, edge & 3
                        di, dj, dk = 0, c >> 1, c & 1
                        if axis == 1:
                            di, dj = c >> 1, 0
                        elif axis == 2:
                            di, dj, dk = c >> 1, c & 1, 0
                        kind = 0 if axis == 0 else 2 * axis - 1 + ((i + di) & 1)
                        slot = kind * along + base + dj * across + dk
                        if made[slot] != i + di:
                            made[slot] = i + di
                            _corner(V, add, H, h, i + di, j + dj, k + dk, axis, slot, X, Y, W)
                        slots[m] = slot
                    a, b, c = slots[0], slots[1], slots[2]
                    area = (X[b] - X[a]) * (Y[c] - Y[a]) - (X[c] - X[a]) * (Y[b] - Y[a])
                    if area == 0:
                        continue
                    left = max((min(X[a], X[b], X[c]) + _STEPS - 1) >> _BITS, 0)
                    right = min(max(X[a], X[b], X[c]) >> _BITS, columns - 1)
                    if left > right:
                        continue
                    top = max((min(Y[a], Y[b], Y[c]) + _STEPS - 1) >> _BITS, 0)
                    bottom = min(max(Y[a], Y[b], Y[c]) >> _BITS, rows - 1)
                    if top > bottom:
                        continue
                    least_u, most_u = min(least_u, left), max(most_u, right + 1)
                    least_v, most_v = min(least_v, top), max(most_v, bottom + 1)
                    sign = front
                    if area < 0:
                        b, c, area, sign = c, b, -area, -sign
                    most = used + (right - left + 1) * (bottom - top + 1)
                    if listed and most > link.size:
                        link, value = _longer(link, most), _longer(value, most)
                    used = _draw(
                        X[a], Y[a], W[a], X[b], Y[b], W[b], X[c], Y[c], W[c],
                        (left, right, top, bottom), area, sign, ref, out, listed, head, link, value,
                        used,
                    )  # fmt: skip
    return (least_u, most_u, least_v, most_v), head, link, value


@helper
def _longer(array, least):
    longer = np.empty(max(2 * array.size, least), array.dtype)
    longer[: array.size] = array
    return longer


@kernel
def lengthen(out, box, A):
    """Turn shares of each ray's length into cm in a box; A takes (u, v, 1) to the ray."""
    left, right, top, bottom = box
    for v in range(top, bottom):
        for u in range(left, right):
            x = A[0, 0] * u + A[0, 1] * v + A[0, 2]
            y = A[1, 0] * u + A[1, 1] * v + A[1, 2]
            z = A[2, 0] * u + A[2, 1] * v + A[2, 2]
            out[v, u] = max(out[v, u] * math.sqrt(x * x + y * y + z * z), 0.0)


@kernel
def fill_texture(box, head, link, value, ref, A, place, T, tile, spongy, step, out):
    """Write the texture's integral along each ray between its listed crossings, cm.

    ``place``, ``T``: the source on the tile (turns) and in the grid's third index; (u, v, 1) to
    what of these a ray goes through.
    """
    left, right, top, bottom = box
    most = 16
    at = np.empty(most, np.float32)
    leaves = np.empty(most, np.int8)
    for v in range(top, bottom):
        for u in range(left, right):
            n = 0
            entry = head[v, u]
            while entry >= 0:
                if n == at.size:
                    at, leaves = _longer(at, n), _longer(leaves, n)
                f, leave = value[entry], link[entry] & 1
                entry = link[entry] >> 1
                m = n
                while m > 0 and at[m - 1] > f:
                    at[m], leaves[m] = at[m - 1], leaves[m - 1]
                    m -= 1
                at[m], leaves[m] = f, leave
                n += 1
            if n < 2:
                continue
            x = A[0, 0] * u + A[0, 1] * v + A[0, 2]
            y = A[1, 0] * u + A[1, 1] * v + A[1, 2]
            z = A[2, 0] * u + A[2, 1] * v + A[2, 2]
            reach = math.sqrt(x * x + y * y + z * z)
            way = (
                T[0, 0] * u + T[0, 1] * v + T[0, 2],
                T[1, 0] * u + T[1, 1] * v + T[1, 2],
                T[2, 0] * u + T[2, 1] * v + T[2, 2],
                T[3, 0] * u + T[3, 1] * v + T[3, 2],
            )
            deep, total = 0, 0.0
            for m in range(n - 1):
                deep += -1 if leaves[m] else 1
                if deep != 0 and at[m] < at[m + 1]:
                    total += deep * texture_along(
                        tile, spongy, place, way, at[m] + ref, at[m + 1] + ref, step / reach
                    )
            out[v, u] = total * reach / TILE_ONE
