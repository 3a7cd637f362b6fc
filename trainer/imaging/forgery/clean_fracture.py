"""A clean fracture: one smooth dark line of even width that stops half-way through the bone."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.anatomy import Shaft
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.split import lost_by_paint
from trainer.imaging.forgery.texture import blur, ease

#: Least relief of a bone that is broken, as a share of the film's grey (engineer's estimate).
LEAST_RELIEF = 0.08
#: Least half width of such a bone, in pixels: in a thinner one a line is a dot.
LEAST_HALF_WIDTH = 5.0


def paint(scene: Scene) -> Change:
    """Cut one cortex of one long bone: even width, no step, no splinter, no swelling."""
    shafts = _plain_shafts(scene)
    rng = scene.rng
    shaft = shafts[int(rng.integers(len(shafts)))]
    slope, bend = float(rng.uniform(-0.35, 0.35)), float(rng.uniform(-0.12, 0.12))
    side = float(rng.choice([-1.0, 1.0]))
    reach = float(rng.uniform(0.05, 0.35))
    along, across = axes(shaft, scene.level.shape)
    width = shaft.half_width
    v = across * side / width  # 1 on the cut cortex, -1 on the whole one
    line = (slope * v + bend * np.square(v)) * width
    thick = (0.9 + 0.5 * scene.dose) * max(scene.unit, 0.5) + 0.02 * width
    gap = np.exp(-np.square((along - line) / thick))
    # From just outside the cut cortex to a little past the middle, the ends without a taper.
    window = ease((1.25 - v) / 0.12) * ease((v + reach) / 0.12)
    gap = gap * window
    gap[gap < 0.02] = 0
    bone = np.clip(
        scene.signal - blur(_floor(scene, along, across, width), 0.5 * width), 0.04, None
    )
    depth = (0.12 + 0.6 * scene.dose) * scene.dose**0.5
    level = scene.level - depth * gap * bone + scene.noise_under(lost_by_paint(depth * gap))
    return Change(
        level,
        gap > 0,
        "one cortex of a long bone was cut by a smooth line that stops inside the bone",
        {
            "row": round(shaft.row, 1),
            "column": round(shaft.column, 1),
            "half_width": round(width, 1),
            "depth": round(depth, 3),
        },
    )


def _plain_shafts(scene: Scene) -> list[Shaft]:
    """Return the straight pieces of bone on which a gap would be seen.

    A shaft that was handed in is bone; one that was found is so only inside bone that is sure.
    Either must stand out from the soft tissue on both its sides: an open gap shows no more than
    the bone's own relief, and where bones and bowel overlap that is next to nothing.
    """
    handed = scene.anatomy.shafts is not None and "shafts" not in scene.anatomy.sure
    known = scene.need("shafts") if handed else scene.need("bone", "shafts")
    shafts = [
        one
        for one in known.shafts or ()
        if one.half_width >= LEAST_HALF_WIDTH and _relief(scene.guide, one) >= LEAST_RELIEF
    ]
    if not shafts:
        raise ForgeryError(
            "no straight piece of a long bone is wide and plain enough for a break to be seen; "
            "take a larger film of a limb, or hand in a plain shaft"
        )
    return shafts


def _relief(scene: Scene, shaft: Shaft) -> float:
    """Return how much brighter a bone is than the brighter of its two sides, as a share of grey."""
    along, across = axes(shaft, scene.level.shape)
    near = np.abs(along) < 1.5 * shaft.half_width
    off = across / shaft.half_width
    grey = []
    for low, high in ((-0.8, 0.8), (-2.0, -1.4), (1.4, 2.0)):
        part = near & (low < off) & (off < high)
        if not part.any():
            return 0.0
        grey.append(float(np.median(scene.signal[part])))
    return grey[0] - max(grey[1:])


def axes(shaft: Shaft, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return each pixel's distance along and across a bone, in pixels."""
    rows, columns = np.indices(shape, dtype=np.float32)
    down, right = rows - shaft.row, columns - shaft.column
    along = down * shaft.down + right * shaft.across
    across = -down * shaft.across + right * shaft.down
    return along, across


def _floor(scene: Scene, along: np.ndarray, across: np.ndarray, width: float) -> np.ndarray:
    """Return the grey of the soft tissue beside the bone: what an open gap would show."""
    beside = (np.abs(along) < 3 * width) & (np.abs(across) > 1.5 * width)
    beside &= np.abs(across) < 2.5 * width
    grey = float(np.median(scene.signal[beside])) if beside.any() else 0.0
    return np.full(scene.level.shape, grey, np.float32)


forge = Operator(
    Hallmark.CLEAN_FRACTURE,
    "A smooth line of even width that cuts one cortex only: no step, no splinter.",
    "fracture model",
    paint,
    structural=True,
)
