"""Anatomy: one module or package per region; a new one is listed in ``regions``."""

from __future__ import annotations

from trainer.imaging.simulator.anatomy.abdomen.region import ABDOMEN_AP
from trainer.imaging.simulator.anatomy.cervical.region import CERVICAL_LATERAL
from trainer.imaging.simulator.anatomy.chest import CHEST_AP, CHEST_LATERAL, CHEST_PA
from trainer.imaging.simulator.anatomy.chest.scan import CHEST_CT
from trainer.imaging.simulator.anatomy.elbow.regions import ELBOW_AP, ELBOW_LATERAL
from trainer.imaging.simulator.anatomy.foot.regions import (
    ANKLE_AP,
    ANKLE_LATERAL,
    FOOT_DP,
    FOOT_OBLIQUE,
)
from trainer.imaging.simulator.anatomy.hand.lateral import WRIST_LATERAL
from trainer.imaging.simulator.anatomy.hand.region import HAND_PA
from trainer.imaging.simulator.anatomy.hand.wrist import WRIST_PA
from trainer.imaging.simulator.anatomy.knee.regions import KNEE_AP, KNEE_LATERAL
from trainer.imaging.simulator.anatomy.lumbar.region import LUMBAR_AP, LUMBAR_LATERAL
from trainer.imaging.simulator.anatomy.pelvis.region import PELVIS_AP
from trainer.imaging.simulator.anatomy.shoulder.regions import SHOULDER_AP
from trainer.imaging.simulator.anatomy.skull.region import SKULL_LATERAL
from trainer.imaging.simulator.case import CaseError, Region

REGIONS: tuple[Region, ...] = (
    CHEST_PA,
    CHEST_AP,
    CHEST_LATERAL,
    HAND_PA,
    WRIST_PA,
    WRIST_LATERAL,
    ELBOW_AP,
    ELBOW_LATERAL,
    SHOULDER_AP,
    KNEE_AP,
    KNEE_LATERAL,
    ANKLE_AP,
    ANKLE_LATERAL,
    FOOT_DP,
    FOOT_OBLIQUE,
    LUMBAR_AP,
    LUMBAR_LATERAL,
    PELVIS_AP,
    ABDOMEN_AP,
    CERVICAL_LATERAL,
    SKULL_LATERAL,
)

# Series of slices of the same bodies.
SCANS: tuple[Region, ...] = (CHEST_CT,)


def region(name: str, view: str = "") -> Region:
    """Return a region by its name and view; the first of its views where none is named.

    Raises
    ------
    CaseError
        When there is none; the message lists the views of that region, or the regions there are.
    """
    views: dict[str, list[str]] = {}
    for known in (*REGIONS, *SCANS):
        if known.name == name and view in ("", known.view):
            return known
        views.setdefault(known.name, []).append(known.view)
    if name in views:
        raise CaseError(f"{name} has no view {view!r}: it has {', '.join(views[name])}")
    listed = "; ".join(f"{one} ({', '.join(of)})" for one, of in views.items())
    raise CaseError(f"no region {name!r}: there are {listed}")
