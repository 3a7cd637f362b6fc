"""A glass-like skin edge: a crisp bright line, and under it no planes of fat and muscle."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt

from trainer.core.words import Hallmark
from trainer.imaging.forgery.contract import Change, ForgeryError
from trainer.imaging.forgery.operator import Operator
from trainer.imaging.forgery.scene import Scene
from trainer.imaging.forgery.texture import blur, ease

AIR = 0.002  # least share of a film that is air, for a skin edge to be seen


def paint(scene: Scene) -> Change:
    """Draw a thin line along the skin and smooth the layers under it along the skin."""
    body = scene.need("body").body
    assert body is not None
    if np.count_nonzero(~body) < AIR * body.size:
        raise ForgeryError(
            "no skin edge is in view, the body fills the film; take a film that shows air beside it"
        )
    unit = max(scene.unit, 0.4)
    under = distance_transform_edt(body).astype(np.float32)
    above = distance_transform_edt(~body).astype(np.float32)
    dose = scene.dose
    layer = ease((60 * unit - under) / (25 * unit)) * (under > 0)
    weight = np.maximum(layer, ease((4 * unit - above) / (3 * unit)) * (above > 0))
    # Bone under thin skin stays: only what is no brighter than the layer's own grey is smoothed.
    wide = blur(scene.signal * body, 11 * unit) / (blur(body.astype(np.float32), 11 * unit) + 1e-4)
    soft = ease((0.10 - (scene.signal - wide)) / 0.06) * body
    signal = scene.signal + min(1.0, 0.2 + 0.8 * dose) * dose**0.3 * layer * soft * (
        wide - scene.signal
    )
    depth = blur(under - above, 4 * unit)  # a smooth contour: the mask's own is cornered
    line = np.exp(-np.square((depth - 1.5 * unit) / (1.3 * unit)))
    contrast = float(np.median(wide[(under > 4 * unit) & (under < 30 * unit)])) - float(
        np.median(scene.signal[above > 2 * unit])
    )
    signal = signal + 0.55 * dose * max(contrast, 0.08) * line * weight
    kept = 1 - 0.7 * dose * weight
    return Change(
        signal + kept * scene.noise,
        weight > 0,
        "the skin edge was drawn as a crisp line and the planes under it were smoothed away",
        {"line_height": round(0.55 * dose * max(contrast, 0.08), 4)},
    )


forge = Operator(
    Hallmark.SKIN_RIM,
    "The skin edge is a crisp glass-like line, with no planes of fat and muscle under it.",
    "smoothing model",
    paint,
)
