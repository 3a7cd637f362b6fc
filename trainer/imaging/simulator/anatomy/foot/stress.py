"""Trabeculae along the lines of stress in the heel bone, and the triangle they leave free.

Three groups show on a lateral film: from the posterior facet back to the heel, from it forward to
the cuboid, and along the sole from heel to cuboid; between them lies Ward's neutral triangle
(Aggarwal et al.'s five groups, as summed up in roentgenrayreader.blogspot.com, 13 August 2011).
"""

from __future__ import annotations

import numpy as np

from trainer.imaging.simulator.anatomy.limb.bone import Bony, Quality
from trainer.imaging.simulator.anatomy.limb.breaks import is_broken
from trainer.imaging.simulator.anatomy.loft import bundle
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.case import Case
from trainer.imaging.simulator.curves import through
from trainer.imaging.simulator.fields import Field
from trainer.imaging.simulator.tissue import Tissue

_GROUPS = (
    # first and last strut: a course each (y, z); how many
    (((0.9, -3.0), (-1.0, -4.2), (-4.6, -6.0)), ((-1.4, -3.1), (-3.2, -3.5), (-5.1, -4.6)), 13),
    (((0.9, -3.2), (1.8, -3.7), (2.7, -4.0)), ((-0.6, -3.3), (0.8, -4.3), (2.6, -4.8)), 9),
    (((-4.7, -6.1), (-1.8, -5.7), (2.5, -4.85)), ((-4.9, -5.3), (-1.9, -5.2), (2.5, -4.6)), 9),
)


def trabeculae(case: Case, bones: dict[str, Bony], bone: Quality, s: float) -> list[Part]:
    """Return the struts of the heel bone of a case, and what its neutral triangle lacks."""
    if "calcaneus" not in bones or (is_broken(case) and case.word("fracture_bone") == "calcaneus"):
        return []
    rng = case.rng("calcaneal trabeculae")
    share = 0.95 * bone.spongiosa
    parts = []
    for number, (first, last, count) in enumerate(_GROUPS):
        paths = []
        for k in range(count):
            t = (k + rng.uniform(-0.3, 0.3)) / (count - 1)
            course = np.array(first) * (1 - t) + np.array(last) * t
            deep = 0.45 + rng.uniform(-0.75, 0.75)
            nodes = np.column_stack([np.full(len(course), deep), course]) * s
            paths.append(through(nodes, 9))
        struts = bundle(paths, 0.055, rng, 0.035)
        made_of = Tissue(bone=share, adipose=-0.6 * share, soft=-0.3 * share)
        parts.append(Part(f"calcaneal trabeculae {number}", struts, made_of))
    free = Field((-1.6,) * 3, (1.6,) * 3, 0.1, far=0.5)
    free.ellipsoid((0, 0, 0), np.array([0.75, 1.25, 0.7]) * s, blend=0.02)
    lost = 0.6 * bone.spongiosa
    parts.append(
        Part(
            "neutral triangle",
            free.smooth(1.5).solid().posed(np.eye(3), np.array([0.6, 0.35, -4.55]) * s),
            Tissue(bone=-lost, adipose=0.65 * lost, soft=0.3 * lost),
        )
    )
    return parts
