"""Hyper-smooth bone: texture gone, edges kept, as if airbrushed."""

from __future__ import annotations

import numpy as np
from skimage.restoration import denoise_tv_chambolle

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, feather, spread


def waxed(scene: Scene, strength: float, where: Mask) -> Level:
    """Return the grey with its texture flattened and its edges kept (total variation, ROF 1992)."""
    rough = scene.level - blur(scene.level, 3 * max(scene.unit, 0.4))
    texture = spread(rough[where])
    smooth: Level = denoise_tv_chambolle(  # type: ignore[no-untyped-call]
        scene.level, weight=strength * (0.9 * texture + 0.012), max_num_iter=60, eps=1e-5
    ).astype(np.float32)
    return smooth


def paint(scene: Scene) -> Change:
    """Flatten the texture inside bone; inside the whole body where bone is not surely found."""
    refused: tuple[str, ...] = ()
    if scene.may("bone") and scene.anatomy.bone is not None:
        weight = feather(scene.anatomy.bone, 5 * scene.unit)
        where = "bone"
    else:
        weight = np.ones(scene.level.shape, np.float32)
        where = "the whole image"
        refused = ("bone is not surely found here, so the whole image was smoothed",)
    dose = scene.dose
    smooth = waxed(scene, 1.5, weight > 0.9)
    edges = smooth - blur(smooth, 1.5 * scene.unit + 0.5)
    glossy = smooth + (0.3 + 0.7 * dose) * edges
    # A generator's picture is not noiseless: a faint even grain keeps it from looking posterised.
    grain = scene.rng.standard_normal(scene.level.shape, dtype=np.float32)
    target = glossy + 0.18 * spread(scene.noise) * grain
    mix = min(1.0, 0.15 + 0.85 * dose) * weight
    level = scene.level + mix * (target - scene.level)
    return Change(
        level,
        weight > 0,
        f"fine texture inside {where} was flattened and the edges kept",
        {"kept_texture": round(1 - min(1.0, 0.15 + 0.85 * dose), 3)},
        refused,
    )


forge = Operator(
    Hallmark.SMOOTH_CORTEX,
    "Bone looks airbrushed: no trabeculae, grooves or irregular cortex, yet sharp edges.",
    "smoothing model",
    paint,
)
