"""A nutrient canal: an oblique dark line in one cortex, with dense walls."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.clean_fracture import axes
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import ease


def paint(scene: Scene) -> Change:
    """Draw a canal that runs steeply through one cortex and ends inside the bone."""
    shafts = scene.need("shafts").shafts
    if not shafts:
        raise ForgeryError("no straight piece of a long bone was found; hand one in as a shaft")
    rng = scene.rng
    shaft = shafts[int(rng.integers(len(shafts)))]
    steep = float(rng.uniform(1.4, 2.4)) * float(rng.choice([-1.0, 1.0]))
    side = float(rng.choice([-1.0, 1.0]))
    along, across = axes(shaft, scene.level.shape)
    width = shaft.half_width
    v = across * side / width
    line = steep * (v - 0.8) * width
    unit = max(scene.unit, 0.5)
    away = (along - line) / np.hypot(1, steep) / (0.9 * unit + 0.02 * width)
    window = ease((1.0 - v) / 0.2) * ease((v - 0.25) / 0.3)
    canal = np.exp(-np.square(away)) - 0.45 * np.exp(-np.square((np.abs(away) - 2.2) / 0.8))
    canal = canal * window
    canal[(np.abs(away) > 4) | (window < 0.01)] = 0
    bone = float(np.quantile(scene.signal[np.hypot(along, across) < width], 0.8))
    depth = (0.06 + 0.2 * scene.dose) * scene.dose**0.5 * max(bone, 0.2)
    return Change(
        scene.level - depth * canal,
        canal != 0,
        "a nutrient canal was drawn in one cortex",
        {"row": round(shaft.row, 1), "column": round(shaft.column, 1), "depth": round(depth, 3)},
    )


forge = Operator(
    Hallmark.CLEAN_FRACTURE,
    "A dark line in one cortex, but steep, tapering, with dense walls.",
    "normal variant",
    paint,
    structural=True,
    mimic="nutrient_canal",
)
