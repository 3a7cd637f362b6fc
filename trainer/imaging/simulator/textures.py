"""Random fields: smooth shape noise, tissue clumps, trabecular bone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import fft
from scipy.ndimage import gaussian_filter

from trainer.imaging.simulator.kernels.curves import spread
from trainer.imaging.simulator.kernels.rays import TILE_ONE
from trainer.imaging.simulator.tissue import Weave

Field32 = NDArray[np.float32]

TRABECULAR_SIDE = 96
_TRABECULAR_SEED = 5


def smooth_noise(shape: tuple[int, ...], cells: tuple[int, ...], rng: Generator) -> Field32:
    """Return unit-variance noise that is smooth over ``shape / cells`` samples (cubic B-spline)."""
    values = rng.standard_normal([c + 3 for c in cells]).astype(np.float32)
    for axis, (n, c) in enumerate(zip(shape, cells, strict=True)):
        t = np.linspace(0, c - 1e-4, n)
        i = t.astype(int)
        f = t - i
        weights = np.stack(
            [(1 - f) ** 3, 3 * f**3 - 6 * f**2 + 4, -3 * f**3 + 3 * f**2 + 3 * f + 1, f**3], 1
        )
        rows = np.ascontiguousarray(np.moveaxis(values, axis, 0))
        rest = rows.shape[1:]
        wide = spread(rows.reshape(c + 3, -1), i, (weights / 6).astype(np.float32))
        values = np.moveaxis(wide.reshape(n, *rest), 0, axis)
    values = values - values.mean()
    return np.ascontiguousarray(values / values.std(), np.float32)


def power_noise(
    shape: tuple[int, int], rng: Generator, exponent: float, lowest: float = 0.0
) -> Field32:
    """Return periodic unit-variance noise with power ~ frequency^-exponent.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    rng : Generator
        Source of the noise.
    exponent : float
        2 to 4 for tissue.
    lowest : float
        Lowest frequency kept, cycles per image.
    """
    rows, columns = shape
    fy = np.fft.fftfreq(rows, 1 / rows)[:, None].astype(np.float32)
    fx = np.fft.rfftfreq(columns, 1 / columns)[None, :].astype(np.float32)
    square = fy * fy + fx * fx
    gain = np.where(
        square >= max(lowest, 0.5) ** 2, np.maximum(square, 0.25), np.inf
    ) ** np.float32(-exponent / 4)
    spectrum = fft.rfft2(rng.standard_normal(shape, dtype=np.float32)) * gain
    out = fft.irfft2(spectrum, s=shape).astype(np.float32)
    return np.asarray((out - out.mean()) / out.std(), np.float32)


@lru_cache(maxsize=2)
def trabecular(volume_fraction: float = 0.28, ring: float = 12.0) -> NDArray[np.uint8]:
    """Return a periodic cube of trabecular bone, mean ``TILE_ONE``: a level-cut Gaussian field.

    The level-cut field is the standard stochastic model of two-phase trabecular structure
    (Roberts & Garboczi, J. Mech. Phys. Solids 2002). The same cube serves every bone.

    Parameters
    ----------
    volume_fraction : float
        Share of the cube that is bone, BV/TV.
    ring : float
        Trabecular spacing: waves per cube.
    """
    n = TRABECULAR_SIDE
    rng = np.random.default_rng(_TRABECULAR_SEED)
    f = np.fft.fftfreq(n, 1 / n).astype(np.float32)
    fz = np.fft.rfftfreq(n, 1 / n).astype(np.float32)
    k = np.sqrt(f[:, None, None] ** 2 + f[None, :, None] ** 2 + (0.6 * fz[None, None, :]) ** 2)

    def shaped(gain: Field32) -> Field32:
        noise = fft.rfftn(rng.standard_normal((n, n, n), dtype=np.float32))
        out = fft.irfftn(noise * gain, s=(n, n, n)).astype(np.float32)
        return np.asarray(out / out.std(), np.float32)

    struts = shaped(np.exp(-0.5 * ((k - ring) / (0.3 * ring)) ** 2))
    cut = np.quantile(np.abs(struts), volume_fraction)
    bone = gaussian_filter((np.abs(struts) < cut).astype(np.float32), 0.6, mode="wrap")
    with np.errstate(divide="ignore"):
        clumps = shaped(np.where((k >= 3) & (k <= 10), k, np.inf) ** np.float32(-1.75))
    bone *= np.clip(1 + 0.22 * clumps, 0.1, 2.5)
    return np.asarray(np.clip(np.rint(bone / bone.mean() * TILE_ONE), 0, 255), np.uint8)


def weave(along: tuple[float, float, float], stretch: float) -> Weave:
    """Return how the tile lies in a bone whose trabeculae run along a direction.

    The tile is turned out of every axis, so that rays along an axis do not meet its repeats in step
    and its period does not show.

    Parameters
    ----------
    along : tuple of float
        Direction of the trabeculae in the bone's own coordinates.
    stretch : float
        How much longer than wide the meshes are, >= 1.
    """
    a, b = np.deg2rad([33.0, 27.0])
    oblique = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    oblique = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]]) @ oblique
    u = np.asarray(along, float) / np.linalg.norm(along)
    drawn = np.eye(3) - (1 - 1 / stretch) * np.outer(u, u)
    rows = np.diag([1.0, 1.0, 0.6]) @ oblique @ drawn
    first, second, third = (tuple(float(v) for v in row) for row in rows)
    return (first, second, third)  # type: ignore[return-value]
