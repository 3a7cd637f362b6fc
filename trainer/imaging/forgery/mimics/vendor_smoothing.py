"""Strong noise reduction of a vendor: smooth as a forgery, but the noise still follows exposure."""

from __future__ import annotations

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene


def paint(scene: Scene) -> Change:
    """Take most of the noise away, band by band, as a multi-scale noise filter does."""
    level = scene.level - 0.92 * scene.dose * scene.noise
    return Change(
        level,
        scene.everywhere,
        "strong multi-scale noise reduction, as some systems are set to",
        {"noise_left": round(1 - 0.92 * scene.dose, 3)},
    )


forge = Operator(
    Hallmark.SMOOTH_CORTEX,
    "Smooth everywhere, yet trabeculae and grooves that stand above the noise are there.",
    "vendor processing",
    paint,
    mimic="vendor_smoothing",
)
