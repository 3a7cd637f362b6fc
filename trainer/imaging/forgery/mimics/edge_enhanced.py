"""Strong edge enhancement of a vendor: halos beside dense edges, yet the noise is sharpened too."""

from __future__ import annotations

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur


def paint(scene: Scene) -> Change:
    """Unsharp masking at two sizes, as older systems and portable units do."""
    unit = max(scene.unit, 0.45)
    fine = scene.level - blur(scene.level, 2 * unit)
    broad = scene.level - blur(scene.level, 16 * unit)
    level = scene.level + scene.dose * (0.9 * fine + 0.7 * broad)
    return Change(
        level,
        scene.everywhere,
        "strong unsharp masking, as some systems are set to",
        {"fine": round(0.9 * scene.dose, 3), "broad": round(0.7 * scene.dose, 3)},
    )


forge = Operator(
    Hallmark.RENDER_LOOK,
    "Edges with halos, but grain and trabeculae are sharpened along with them.",
    "vendor processing",
    paint,
    mimic="edge_enhanced",
)
