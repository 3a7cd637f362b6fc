"""Vertebrae: cervical, thoracic and lumbar templates, shared by every region with a spine.

Own coordinates: half the body's height is 1 along z, its lateral radius 1.62 along x.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trainer.imaging.simulator.fields import Field, smooth_max
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.textures import smooth_noise

LATERAL_RADIUS = 1.62
VARIANTS = 3


@dataclass(frozen=True)
class _Kind:
    """Where the processes of one kind of vertebra end."""

    transverse: float
    transverse_height: float
    transverse_tip: float
    spine_length: float
    spine_drop: float


_KINDS = {
    "cervical": _Kind(1.9, 0.1, 0.24, -4.2, -1.0),
    "thoracic": _Kind(2.7, 0.75, 0.42, -5.2, -2.2),
    "lumbar": _Kind(3.7, 0.1, 0.24, -5.2, -0.6),
}


@lru_cache(maxsize=12)
def vertebra(kind: str, variant: int, cortex: float = 0.042) -> Solid:
    """Return a vertebra in its own coordinates.

    Parameters
    ----------
    kind : str
        ``cervical``, ``thoracic`` or ``lumbar``.
    variant : int
        0 to 2: surfaces differ.
    cortex : float
        Thickness of the cortex in own units.
    """
    form = _KINDS[kind]
    rng = np.random.default_rng([variant, ord(kind[0])])
    f = Field((-4.6, -6.6, -3.6), (4.6, 2.2, 2.4), 0.13, far=1.5)
    x, y, z = f.mesh()
    waist = 1 - 0.13 * np.clip(1 - z**2, 0, None)
    r = np.sqrt((x / (LATERAL_RADIUS * waist)) ** 2 + (y / (1.35 * waist)) ** 2)
    endplate = np.abs(z) - (1 - 0.09 * np.clip(1 - r**2, 0, 1) + 0.05 * np.clip(r - 0.75, 0, 0.3))
    body: NDArray[np.float32] = smooth_max((r - 1) * 1.35, endplate, 0.16)
    f.values = np.ascontiguousarray(np.minimum(body, 1.5), np.float32)
    for s in (-1, 1):
        _arch(f, form, s)
    tip = (0, form.spine_length, form.spine_drop)
    half = (0, form.spine_length * 0.8, form.spine_drop * 0.75)
    f.capsules([(0, -3.0, -0.5), half, tip], [0.25, 0.24, 0.40], blend=0.2)
    f.values += 0.06 * smooth_noise(f.shape, (10, 10, 8), rng)
    f.values += 0.03 * smooth_noise(f.shape, (24, 24, 18), rng)
    return f.solid(cortex)


def _arch(f: Field, form: _Kind, s: int) -> None:
    """Add pedicle, lamina, transverse and articular processes of one side."""
    f.capsules([(s * 0.95, -0.95, 0.38), (s * 1.12, -2.3, 0.33)], [0.40, 0.36], blend=0.15)
    f.capsules([(s * 1.15, -2.3, 0.35), (s * 0.22, -3.0, -0.55)], [0.33, 0.28], blend=0.2)
    t, height = form.transverse, form.transverse_height
    f.capsules(
        [(s * 1.2, -2.3, 0.35), (s * 0.8 * t, -3.1, 0.2 + 0.6 * height), (s * t, -3.5, height)],
        [0.36, 0.33, form.transverse_tip],
        blend=0.2,
    )
    f.capsules([(s * 0.85, -2.15, 0.3), (s * 0.95, -2.0, 1.2)], [0.36, 0.28], blend=0.2)
    f.capsules([(s * 0.75, -2.5, -0.3), (s * 0.85, -2.4, -1.3)], [0.36, 0.28], blend=0.2)
