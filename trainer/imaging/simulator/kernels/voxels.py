"""Distances of a posed solid at the voxels of a grid; see ``simulator/ct/voxels.py``."""

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
