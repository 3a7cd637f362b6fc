"""The knee from the side, taken across the table: effusion, fat pads, the level of fat on blood."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainer.core.words import Hallmark
from trainer.imaging.simulator.anatomy.knee.bones import KINDS, SITES
from trainer.imaging.simulator.anatomy.knee.region import (
    KNEE_AP,
    QUANTITIES,
    STRUCTURAL,
    left_parts,
)
from trainer.imaging.simulator.anatomy.knee.soft import pouch, swelling
from trainer.imaging.simulator.anatomy.limb.flesh import pad
from trainer.imaging.simulator.anatomy.limb.region import View
from trainer.imaging.simulator.body import Body, Part
from trainer.imaging.simulator.case import Case, Choice, Quantity
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.technique import positioning
from trainer.imaging.simulator.tissue import FAT, SOFT

_QUANTITIES: dict[str, Quantity] = {
    **QUANTITIES,
    **positioning(3.0, 2.0, 2.0, (0.5, 0.8)),
    "fracture_kind": Choice((*KINDS, *SITES), "kind of fracture", weights=(3, 2, 4, 1)),
}
# The joint is opened by the break, so that marrow fat runs into it and floats on the blood.
_OPEN = ("lateral plateau", "supracondylar", "patella")
LEVEL = 0.55  # share of the pouch's depth that is fat, from the front


def level(case: Case) -> list[Part]:
    """Return the layer of marrow fat that floats on blood in the pouch (lipohaemarthrosis).

    The patient lies on the back, so the layer is in front and its edge runs along the thigh. It is
    seen in about a third of broken knees (Lee et al., Radiology 1989: 35 %), here in those whose
    break reaches the joint.
    """
    much = swelling(case)
    if much < 0.25 or case.word("fracture_kind") not in _OPEN:
        return []
    s = case.number("size")
    f = Field(np.array([-4.2, 0.5, 2.5]) * s, np.array([4.6, 5.5, 10.8]) * s, 0.12, far=0.8)
    pouch(f, s, much)
    y = f.mesh()[1]
    front = np.float32((3.0 + 1.4 * (0.5 + 0.5 * much) * (1 - 2 * LEVEL * much)) * s)
    # it stays clear of the walls: those are of soft tissue
    layer = np.maximum(f.values + np.float32(0.22), front - y)
    return [pad("marrow fat", f, layer, FAT, SOFT, "fat level")]


def build(case: Case) -> Body:
    """Return the body of a case."""
    parts, at = left_parts(case)
    return _SIDE.body(case, [*parts, *level(case)], at)


_SIDE = View((0, -1, 0), (1, 0, 0), (0, 0, 1), (0.0, 0.0, 0.6), behind=7.0)

KNEE_LATERAL = replace(
    KNEE_AP,
    view="lateral",
    quantities=_QUANTITIES,
    build=build,
    **_SIDE.technique(magnification=1.07, scatter=0.10).parts(),
    structural={
        Hallmark.CLEAN_FRACTURE: STRUCTURAL[Hallmark.CLEAN_FRACTURE],
        Hallmark.NO_SOFT_TISSUE: STRUCTURAL[Hallmark.NO_SOFT_TISSUE],
        Hallmark.JOINT_MERGE: STRUCTURAL[Hallmark.JOINT_MERGE],
    },
    marker_places=((0.04, 0.12, 0.84, 0.90), (0.04, 0.12, 0.05, 0.10)),
)
