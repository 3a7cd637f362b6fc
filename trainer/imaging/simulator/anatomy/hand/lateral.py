"""The wrist from the side, with the fat over the pronator quadratus muscle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.hand.wrist import STRUCTURAL, TECHNIQUE, WRIST_PA, build
from trainer.imaging.simulator.anatomy.limb.breaks import swelling
from trainer.imaging.simulator.anatomy.limb.flesh import pad
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import SOFT, Tissue


def pronator_fat(case: Case) -> Part:
    """Return the stripe of fat before the distal radius: a break lifts it and blurs it away."""
    s, swollen = case.number("size"), swelling(case)
    own = case.rng("pronator fat").uniform(-1, 1, 3)
    f = Field(np.array([-2.2, 0.2, -7.2]) * s, np.array([2.6, 2.6, 0.4]) * s, 0.06, far=0.5)
    x, y, z = (m / np.float32(s) for m in f.mesh())
    lifted = np.float32(0.42 * swollen) * np.exp(-(((z + np.float32(1.9)) / 1.6) ** 2))
    middle = np.float32(1.12 + 0.06 * own[0]) + 0.05 * np.cos(z + np.float32(own[1])) + lifted
    sheet = np.abs(y - middle) - np.float32(0.055 + 0.015 * own[2])
    ends = np.maximum(np.abs(x - np.float32(0.2)) - 1.5, np.abs(z + np.float32(3.3)) - 2.9)
    shape = np.maximum(sheet, ends) * np.float32(s)
    left = 1 - 0.65 * swollen
    made_of = Tissue(adipose=left, soft=1 - left)
    return pad("pronator fat", f, np.asarray(shape, np.float32), made_of, SOFT, "fat pads")


def _build(case: Case) -> Body:
    body = build(case)
    return Body((*body.parts, pronator_fat(case)), body.landmarks)


# from the thumb's side of a left wrist, the palm to the film's right
_SIDE = replace(TECHNIQUE, turn=90, behind=4.5, magnification=1.04)

WRIST_LATERAL = replace(
    WRIST_PA,
    view="lateral",
    build=_build,
    **_SIDE.parts(),
    structural={
        Hallmark.CLEAN_FRACTURE: STRUCTURAL[Hallmark.CLEAN_FRACTURE],
        Hallmark.NO_SOFT_TISSUE: STRUCTURAL[Hallmark.NO_SOFT_TISSUE],
    },
    marker_places=((0.72, 0.88, 0.84, 0.88), (0.72, 0.88, 0.04, 0.09)),
)
