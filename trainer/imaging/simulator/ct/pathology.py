"""What is wrong with the lungs, as slices show it: where fluid and air lie, and how edges fade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from trainer.imaging.simulator.anatomy.chest.findings import finding_parts, rib_break
from trainer.imaging.simulator.anatomy.chest.frame import Frame
from trainer.imaging.simulator.anatomy.chest.ribs import ribs
from trainer.imaging.simulator.anatomy.chest.torso import Torso
from trainer.imaging.simulator.body import Part
from trainer.imaging.simulator.solids import Solid
from trainer.imaging.simulator.tissue import SOFT, Tissue

Map = NDArray[np.float32]

FLUID = SOFT.scaled(0.968)  # about 8 HU
_SPACE = "pleural space"
_FILLED, _GLASS = SOFT.scaled(0.985), Tissue(soft=0.42)
# Half of the width over which a finding fades into the lung, cm; everything else ends at an edge.
EDGES = {
    "ground glass": 0.9, "consolidation": 0.22, "alveolar oedema": 1.3, "collapsed lung": 0.35,
    "dependent lung": 1.2,
}  # fmt: skip


def lung_findings(frame: Frame, soft: Torso) -> tuple[list[Part], list[Part]]:
    """Return the parts of a finding: those under vessels and bronchi, and those over them."""
    kind = frame.case.word("finding")
    found = finding_parts(frame, soft)
    if kind == "pneumonia":
        return _pneumonia(soft, found[0]), []
    if kind == "pneumothorax":
        return found, []
    if kind == "effusion":
        return _collapsed(frame, soft), [replace(found[0], made_of=FLUID)]
    if kind == "oedema":  # septa are drawn voxel by voxel, see ``chest.vary``
        fluid = np.maximum(soft.lung_before, -soft.lung)
        haze = [replace(p, inside_of="lungs") for p in found if p.name == "alveolar oedema"]
        return haze, [Part("effusion", soft.solid(fluid), FLUID, structure="effusion")]
    return [], found


def pleural_fluid(frame: Frame, soft: Torso) -> list[Part]:
    """Return the pleural spaces full of fluid, to be painted before the lungs are.

    The lung then meets fluid, not the fat of the wall, where both share a voxel.
    """
    if frame.case.word("finding") not in ("effusion", "oedema"):
        return []
    return [Part(_SPACE, soft.solid(soft.lung_before), FLUID, structure=_SPACE)]


def _pneumonia(soft: Torso, core: Part) -> list[Part]:
    """Return a consolidation in a rim of ground glass; the bronchi in it hold air."""
    assert isinstance(core.shape, Solid)
    uneven = core.shape.distance + np.float32(0.45) * soft.fine_noise
    glass, filled = uneven - np.float32(0.7), uneven + np.float32(0.25)
    return [
        Part("ground glass", soft.solid(glass), _GLASS, inside_of="lungs"),
        Part(
            "consolidation",
            soft.solid(filled),
            _FILLED,
            structure="consolidation",
            inside_of="lungs",
        ),
    ]


def _collapsed(frame: Frame, soft: Torso) -> list[Part]:
    """Return the lung that lies on an effusion: pressed airless in a band, denser beyond it."""
    gone = (soft.lung - soft.lung_before > 0.15) & (soft.lung_before < 0)
    if not gone.any():
        return []
    fluid = distance_transform_edt(~gone).astype(np.float32) * np.float32(soft.grid.spacing)
    size = frame.case.number("finding_size") * frame.case.number("consequences")
    near = fluid - np.float32(0.3 + 1.5 * size) - np.float32(0.4) * soft.fine_noise
    wide = fluid - np.float32(1.6 + 2.0 * size) - np.float32(0.5) * soft.noise
    return [
        Part("dependent lung", soft.solid(wide), Tissue(soft=0.26), inside_of=_SPACE),
        Part("collapsed lung", soft.solid(near), SOFT.scaled(0.99), inside_of=_SPACE),
    ]


def height(frame: Frame, soft: Torso) -> float | None:
    """Return the height of what is wrong, cm: slices are to show it; None for a nodule or nothing.

    A nodule's height is that of its place, which an injected one shares.
    """
    s, kind = frame.size, frame.case.word("finding")
    if kind == "pneumonia":
        shape = finding_parts(frame, soft)[0].shape
        assert isinstance(shape, Solid)
        k = np.unravel_index(int(np.argmin(shape.distance)), shape.distance.shape)[2]
        return float(soft.grid.axes[2][k])
    if kind == "rib fracture":
        broken = rib_break(frame.case)
        assert broken is not None
        for rib in ribs(frame):
            if (rib.number, rib.side) == (broken.number, broken.side):
                return float(rib.path[int(broken.at * len(rib.path)), 2])
    heights = {"effusion": -17.0, "oedema": -15.0, "cardiomegaly": -17.5, "pneumothorax": -14.0}
    return heights[kind] * s if kind in heights else None
