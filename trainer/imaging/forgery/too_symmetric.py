"""Mirrored sides: one lung, rib cage or hemipelvis becomes the mirror image of the other."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import (
    binary_dilation,
    binary_fill_holes,
    binary_opening,
    gaussian_filter,
    label,
    maximum_filter,
    minimum_filter,
    zoom,
)
from skimage.registration import optical_flow_tvl1

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.split import lost_by_blend
from trainer.imaging.forgery.texture import blur, ease, feather, move

_SIDE = 144


def mirrored(signal: Level, midline: Level) -> Level:
    """Return the signal seen in a mirror along a (slightly tilted) midline."""
    _rows, columns = np.indices(signal.shape, dtype=np.float32)
    tilt = float(np.polyfit(np.arange(len(midline)), midline, 1)[0])
    off = columns - midline[:, None]
    # Reflection at the line column = c + tilt * row; exact for a straight line.
    length = 1 + tilt * tilt
    return move(signal, 2 * tilt * off / length, -2 * off / length)


def _flow(signal: Level, mirror: Level) -> tuple[Level, Level]:
    """Return where each pixel's counterpart lies in the mirror image: rows and columns."""
    factor = max(1.0, min(signal.shape) / _SIDE)

    def coarse(level: Level) -> Level:
        small: Level = zoom(
            blur(level, factor), 1 / factor, order=1, grid_mode=True, mode="nearest"
        )
        return small

    still, moving = coarse(signal), coarse(mirror)
    flow = optical_flow_tvl1(  # type: ignore[no-untyped-call]
        still, moving, attachment=12, tightness=0.3, num_warp=6
    )
    scales = [n / s for n, s in zip(signal.shape, still.shape, strict=True)]
    full = []
    for part, scale in zip(flow, scales, strict=True):
        big = zoom(part, scales, order=1, grid_mode=True, mode="nearest")
        full.append((gaussian_filter(big, 2.5 * factor) * scale).astype(np.float32))
    return full[0], full[1]


def _target(scene: Scene, mirror: Level) -> tuple[Mask, str]:
    """Return the side to be replaced without the heart, and its name."""
    known = scene.need("midline")
    assert known.midline is not None
    _rows, columns = scene.level.shape
    off = np.arange(columns)[None, :] - known.midline[:, None]
    side = off > 0.02 * columns  # image right is the patient's left, where the heart lies
    if not scene.may("lungs") or scene.anatomy.lungs is None:
        return side, "the image's right half"
    lungs = scene.anatomy.lungs
    reflected = mirrored(lungs.astype(np.float32), known.midline) > 0.5
    both = np.pad(_thin(lungs | reflected), 8)
    wide = binary_fill_holes(binary_dilation(both, iterations=6))[8:-8, 8:-8]
    stays = _thin(_heart(scene, mirror, side) | ~side)
    kept = binary_fill_holes(binary_opening(wide & ~stays, iterations=3))
    return _thick(kept, lungs.shape) & side, "the lung field on the image's right"


def _exposed(scene: Scene, midline: Level) -> Mask:
    """Return where both sides show something: no collimated border, no burnt-out air.

    What was never exposed has no noise; moved to where noise is, or under it, it would tell.
    """
    size = max(5, round(8 * scene.unit)) | 1
    image = scene.guide.image
    dead = maximum_filter(image, size) == minimum_filter(image, size)
    dead = binary_dilation(_thin(dead), iterations=2)
    live = _thick(~dead, image.shape)
    both: Mask = live & (mirrored(live.astype(np.float32), midline) > 0.9)
    return both


def _thin(mask: Mask) -> Mask:
    step = max(1, min(mask.shape) // _SIDE)
    return mask[::step, ::step]


def _thick(mask: Mask, shape: tuple[int, ...]) -> Mask:
    rows = np.linspace(0, mask.shape[0] - 1, shape[0]).round().astype(int)
    columns = np.linspace(0, mask.shape[1] - 1, shape[1]).round().astype(int)
    return blur(mask[np.ix_(rows, columns)].astype(np.float32), shape[0] / _SIDE) > 0.5


def _heart(scene: Scene, mirror: Level, side: Mask) -> Mask:
    """Return what must stay: the heart, as handed in or as the shadow its mirror image lacks."""
    if scene.anatomy.heart is not None:
        return scene.anatomy.heart
    rows, columns = scene.level.shape
    lungs, midline = scene.anatomy.lungs, scene.anatomy.midline
    assert lungs is not None and midline is not None
    denser = blur(scene.guide.signal - mirror, rows / 32)  # wide enough for ribs to cancel out
    away = np.abs(np.arange(columns)[None, :] - midline[:, None])
    near = away < 0.30 * columns
    low = np.arange(rows)[:, None] > 0.3 * rows
    grey = scene.guide.level
    middle = float(np.median(grey[near & low])) - float(np.median(grey[lungs]))
    shadow = _thin((denser > max(0.05, 0.23 * middle)) & side & near & low)
    # The heart hangs on the midline; a dense patch out in the lung is no part of it.
    regions, _ = label(binary_opening(shadow))
    hanging = np.unique(regions[_thin(away < 0.12 * columns)])
    heart = np.isin(regions, hanging[hanging > 0])
    return _thick(binary_dilation(heart, iterations=2), scene.level.shape)


def paint(scene: Scene) -> Change:
    """Move one side's outlines onto the mirror image of the other, then its texture too."""
    midline = scene.need("midline").midline
    assert midline is not None
    mirror = mirrored(scene.signal, midline)
    seen = mirror if scene.guide is scene else mirrored(scene.guide.signal, midline)
    target, name = _target(scene, seen)
    target &= _exposed(scene, midline)
    weight = feather(target, 28 * scene.unit)
    down, across = _flow(scene.guide.signal, seen)
    dose = scene.dose
    # First the outlines take the mirror's shape, then the inside its texture.
    shape, texture = min(1.0, 1.25 * dose), float(ease((dose - 0.1) / 0.8))
    own = move(scene.signal, -shape * down * weight, -shape * across * weight)
    other = move(mirror, (1 - shape) * down, (1 - shape) * across)
    wide = min(scene.level.shape) / 24
    other = other + 0.7 * (blur(own, wide) - blur(other, wide))
    signal = own + texture * weight * (other - own)
    noise = scene.noise + scene.noise_under(lost_by_blend(texture * weight))
    return Change(
        signal + noise,
        weight > 0,
        f"{name} was made the mirror image of the other side",
        {
            "shape": round(shape, 3),
            "texture": round(texture, 3),
            "midline_column": round(float(np.mean(midline)), 1),
        },
        () if "lungs" in scene.used else ("lungs are not surely found: the whole side was taken",),
    )


forge = Operator(
    Hallmark.TOO_SYMMETRIC,
    "Left and right are mirror images down to single vessels and ribs; the heart stays.",
    "symmetry model",
    paint,
    structural=True,
)
