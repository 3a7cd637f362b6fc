"""Over-grain: the same strong grain in air, soft tissue and bone, whatever the exposure."""

from __future__ import annotations

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, spread

#: SD of the grain at dose 1. GPT-4o chest films have a median fine residual of exp(-3.9) = 0.020 of
#: the grey range, real films exp(-5.3) = 0.005 (13 and 44 films at 512 pixels).
GRAIN = 0.045


def paint(scene: Scene) -> Change:
    """Fade the image's own noise out and lay one even, nearly white grain over everything."""
    dose = scene.dose
    white = scene.rng.standard_normal(scene.level.shape, dtype=np.float32)
    grain = 0.8 * white + 0.9 * blur(white, 0.9)
    grain /= grain.std()
    own = spread(scene.noise)
    fade = 1 - 0.9 * dose
    # What the eye sees is the sum: it grows from the image's own noise to the full grain.
    total = own + dose * (max(GRAIN, 2.3 * own) - own)
    amount = np.sqrt(total**2 - (fade * own) ** 2)
    level = scene.signal + fade * scene.noise + amount * grain
    return Change(
        level,
        scene.everywhere,
        "the image's own noise was faded out and one even grain laid over everything",
        {"grain_sd": round(float(amount), 5), "own_noise_sd": round(own, 5)},
    )


forge = Operator(
    Hallmark.UNIFORM_GRAIN,
    "The same grain in air, soft tissue and bone; real noise follows the exposure.",
    "grain model",
    paint,
)
