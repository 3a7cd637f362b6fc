"""Distances of a posed solid at the voxels of a grid; see ``simulator/ct/voxels.py``."""

import math

import numpy as np

from trainer.imaging.simulator.kernels.rays import kernel, within

FAR = 9.0


@kernel
def solid_distance(V, start, dx, dy, dz, scl, cortex, out, inner):
    """Write the distance to the surface and, for a bone, to the marrow space.

    ``start`` is the fractional grid index of the first voxel; ``dx``, ``dy``, ``dz`` the steps in
    index from one column, row and slice to the next.
    """
    slices, rows, columns = out.shape
    bony = cortex.size > 0
    for k in range(slices):
        for j in range(rows):
            x = start[0] + j * dy[0] + k * dz[0]
            y = start[1] + j * dy[1] + k * dz[1]
            z = start[2] + j * dy[2] + k * dz[2]
            for i in range(columns):
                far = (
                    x < 0
                    or y < 0
                    or z < 0
                    or x > V.shape[0] - 1.001
                    or y > V.shape[1] - 1.001
                    or z > V.shape[2] - 1.001
                )
                d = FAR if far else within(V, x, y, z) * scl
                out[k, j, i] = d
                if bony:
                    inner[k, j, i] = d + cortex[min(max(int(z + 0.5), 0), cortex.size - 1)]
                x += dx[0]
                y += dx[1]
                z += dx[2]


@kernel
def draw_septa(seeds, corner, cell, xs, ys, zs, where, half, out):
    """Write how much of each voxel lies in the walls between lobules (Worley 1996).

    One seed lies in each cube of ``cell`` cm; a wall is the plane midway between the two nearest,
    ``half`` cm to each side of it. Voxels in which ``where`` is small are passed over.
    """
    slices, rows, columns = where.shape
    for k in range(slices):
        for j in range(rows):
            for i in range(columns):
                if where[k, j, i] < 0.3:
                    continue
                x = (xs[i] - corner[0]) / cell
                y = (ys[j] - corner[1]) / cell
                z = (zs[k] - corner[2]) / cell
                a, b, c = int(x), int(y), int(z)
                first = np.float32(1e9)
                second = np.float32(1e9)
                fx = fy = fz = sx = sy = sz = np.float32(0)
                for u in range(max(a - 1, 0), min(a + 2, seeds.shape[0])):
                    for v in range(max(b - 1, 0), min(b + 2, seeds.shape[1])):
                        for w in range(max(c - 1, 0), min(c + 2, seeds.shape[2])):
                            px = u + seeds[u, v, w, 0]
                            py = v + seeds[u, v, w, 1]
                            pz = w + seeds[u, v, w, 2]
                            d = (x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2
                            if d < first:
                                second, sx, sy, sz = first, fx, fy, fz
                                first, fx, fy, fz = d, px, py, pz
                            elif d < second:
                                second, sx, sy, sz = d, px, py, pz
                apart = math.sqrt((fx - sx) ** 2 + (fy - sy) ** 2 + (fz - sz) ** 2) + 1e-6
                away = (second - first) / (2 * apart) * cell
                if away < 2 * half:
                    out[k, j, i] = 1 - away / (2 * half)
