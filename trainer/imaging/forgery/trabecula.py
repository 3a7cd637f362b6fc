"""Felt-like trabeculae: a mat of fibres without direction in place of struts along stress lines."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError, Level
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease, feather, field, local_sd

# Part of the noise in bone that is gone at full dose.
_QUIETER = 0.7


def felt(shape: tuple[int, ...], grain: float, rng: np.random.Generator) -> Level:
    """Return a mat of thin fibres in all directions, mean 0 and SD 1.

    The zero lines of a Gaussian field are curves without direction; two fields make a mat.
    """
    mat: Level = np.zeros(shape, np.float32)
    for size in (grain, 1.6 * grain):
        mat -= np.sqrt(np.abs(field(shape, size, rng)))
    mat = mat - blur(mat, 4 * grain)
    out: Level = mat / mat.std()
    return out


def paint(scene: Scene) -> Change:
    """Replace the texture inside bone by felt of the same strength; cortex and noise stay."""
    bone = scene.need("bone").bone
    assert bone is not None
    unit = max(scene.unit, 0.45)
    weight = feather(bone, 9 * unit)
    inner = weight > 0.9
    if inner.sum() < 400:
        raise ForgeryError("the bones are too thin to show trabeculae; take a larger image")
    band = blur(scene.signal, 0.6 * unit) - blur(scene.signal, 7 * unit)
    near = local_sd(band, 2.5 * unit)
    usual = float(np.quantile(near[inner], 0.4))
    weight = weight * ease((3.5 * usual - near) / (1.2 * usual))
    strength = np.minimum(local_sd(band, 9 * unit), 1.5 * usual)
    mat = felt(scene.level.shape, 1.5 * unit, scene.rng)
    # Who draws bone anew draws over its noise too, and over the struts that count as noise.
    dose = scene.dose
    gone = _QUIETER * dose * weight
    strength = np.hypot(strength, gone * local_sd(scene.noise, 9 * unit))
    amount = (0.15 + 0.85 * dose) * dose**0.3
    instead = (0.9 + 0.4 * dose) * strength * mat
    signal = scene.signal + amount * weight * (instead - band)
    return Change(
        signal + scene.noise * (1 - gone),
        weight > 0,
        "trabeculae were replaced by a felt of fibres without direction",
        {"amount": round(amount, 3), "strength": round(usual, 4)},
    )


forge = Operator(
    Hallmark.TRABECULA,
    "Bone is filled with a felt of fibres that follow no line of stress.",
    "smoothing model",
    paint,
)
