"""Merged bones: the space between two neighbours is filled in with bone."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_closing, binary_dilation, binary_erosion, label

from trainer.core.words import Hallmark
from trainer.imaging.film import Mask
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.split import lost_by_paint
from trainer.imaging.forgery.texture import blur, feather, field, local_sd, spread

_SIDE = 384
#: How plain a joint space must be, as a signal-to-noise ratio (engineer's estimate, from pictures).
LEAST_PLAINNESS = 20.0


def _disc(radius: int) -> Mask:
    rows, columns = np.indices((2 * radius + 1, 2 * radius + 1)) - radius
    disc: Mask = rows * rows + columns * columns <= radius * radius
    return disc


def gaps(bones: np.ndarray, reach: int) -> list[Mask]:
    """Return the spaces between neighbouring bones: narrower than twice ``reach`` pixels.

    Parameters
    ----------
    bones : ndarray of int
        0 is no bone, each bone its own number.
    reach : int
        Pixels.

    Returns
    -------
    list of ndarray of bool
        One mask a gap, where at least two bones come together.
    """
    wide = np.pad(bones > 0, 2 * reach)
    closed = binary_closing(wide, _disc(reach))[2 * reach : -2 * reach, 2 * reach : -2 * reach]
    # Bones that touch have a gap of no width: their common border.
    border = np.zeros(bones.shape, np.bool_)
    for axis in (0, 1):
        ahead = np.roll(bones, -1, axis)
        border |= (bones > 0) & (ahead > 0) & (bones != ahead)
    regions, count = label((closed & (bones == 0)) | border, np.ones((3, 3)))
    found = []
    for number in range(1, count + 1):
        gap = regions == number
        if gap.sum() < reach * reach // 4:
            continue
        if _between(bones[binary_dilation(gap, iterations=2) & ~gap]):
            found.append(gap)
    return found


def _between(ring: np.ndarray) -> bool:
    """Return whether a gap lies face to face between two bones, and is no mere notch."""
    count = np.bincount(ring)
    count[0] = 0
    two = np.sort(count)[-2:] if count.size > 2 else np.zeros(2)
    return bool(two.sum() > 0.55 * ring.size and two.min() > 0.18 * ring.size)


def _plainness(small: Level, gap: Mask, bone: Mask, noise: float) -> float:
    """Return how plainly a gap shows: how much darker than bone, times its size, over the noise."""
    ring = binary_dilation(gap, iterations=3) & bone & ~gap
    darker = float(np.median(small[ring])) - float(np.median(small[gap])) if ring.any() else 0.0
    return darker * float(np.sqrt(gap.sum())) / (noise + 1e-6)


def paint(scene: Scene) -> Change:
    """Fill one joint space, with the end plates on both its sides, with the bone beside it."""
    if scene.anatomy.bones is not None:
        bones, bone = scene.anatomy.bones, scene.anatomy.bones > 0
        scene.used["bones"] = 1.0
    else:
        bone = scene.need("bone").bone  # type: ignore[assignment]
        bones = label(binary_erosion(bone, iterations=max(1, round(2 * scene.unit))))[0]
    step = max(1, min(bones.shape) // _SIDE)
    found = gaps(bones[::step, ::step], max(2, round(11 * scene.unit / step)))
    if not found:
        raise ForgeryError("no narrow space between two bones was found; hand in the bones")
    small, noise = scene.guide.level[::step, ::step], spread(scene.guide.noise[bone])
    shown = [step * _plainness(small, gap, bones[::step, ::step] > 0, noise) for gap in found]
    plain = [gap for gap, seen in zip(found, shown, strict=True) if seen >= LEAST_PLAINNESS]
    if not plain:
        raise ForgeryError(
            "the joint spaces are too small or too faint for a filled one to be seen; take a "
            "larger image"
        )
    gap = plain[int(scene.rng.integers(len(plain)))]
    unit = max(scene.unit, 0.45)
    room = np.kron(binary_dilation(gap, iterations=max(1, round(7 * unit / step))), _block(step))
    target: Mask = np.zeros(scene.level.shape, np.bool_)
    rows, columns = target.shape
    part = room[:rows, :columns] > 0
    target[: part.shape[0], : part.shape[1]] = part
    target &= blur(bone.astype(np.float32), 6 * unit) > 0.25
    weight = feather(target, 5 * unit)
    source = (bone & ~target).astype(np.float32)
    width = 12 * unit
    filled = blur(scene.signal * source, width) / (blur(source, width) + 1e-4)
    band = scene.signal - blur(scene.signal, 4 * unit)
    strength = float(np.median(local_sd(band, 5 * unit)[bone]))
    filled = filled + 0.6 * strength * field(scene.level.shape, 1.5 * unit, scene.rng)
    mix = (0.15 + 0.85 * scene.dose) * scene.dose**0.3
    signal = scene.signal + mix * weight * (filled - scene.signal)
    places = np.argwhere(target)
    y, x = float(places[:, 0].mean()), float(places[:, 1].mean())
    return Change(
        signal + scene.noise + scene.noise_under(lost_by_paint(mix * weight)),
        weight > 0,
        "the space between two bones was filled with bone",
        {"row": round(y, 1), "column": round(x, 1), "mix": round(mix, 3)},
    )


def _block(step: int) -> np.ndarray:
    return np.ones((step, step), np.uint8)


forge = Operator(
    Hallmark.JOINT_MERGE,
    "Two bones run into one: the joint space and both end plates are gone.",
    "merging model",
    paint,
    structural=True,
)
