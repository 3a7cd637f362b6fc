"""Which images share a plan, and whether a file is of the modality its row says."""

from __future__ import annotations

from collections.abc import Mapping

from trainer.core.words import Modality
from trainer.imaging.bank.manifest import Row
from trainer.imaging.bank.plan import Measure, Plan
from trainer.imaging.dicom.errors import IntakeError

#: A region gets a plan of its own when each class has at least this many images of it.
ENOUGH_FOR_A_PLAN = 5

#: DICOM modalities and the family they belong to (PS3.3 C.7.3.1.1.1).
FAMILIES = {
    **dict.fromkeys(("CR", "DX", "DR", "RG", "RF", "XA", "MG", "PX", "IO", "XR"), Modality.XR),
    "CT": Modality.CT,
    "MR": Modality.MR,
}
#: Modalities that say nothing of the acquisition: the manifest's word is taken.
NEUTRAL = ("", "OT", "SC")


def group_of(row: Row, plans: Mapping[str, Plan]) -> str:
    """Return the group a row belongs to: its region's own, or that of its modality."""
    own = f"{row.modality.value}/{row.region}"
    return own if own in plans else row.modality.value


def plan_groups(
    modality: Modality, regions: dict[str, dict[str, list[Measure]]]
) -> dict[str, list[list[Measure]]]:
    """Return the measures by group and class.

    Every region is a group of its own where each has enough images of both classes; otherwise all
    share one, for a canvas that only one class has would give it away.
    """
    own = len(regions) > 1 and all(
        len(sides) == 2 and min(len(group) for group in sides.values()) >= ENOUGH_FOR_A_PLAN
        for sides in regions.values()
    )
    if own:
        return {f"{modality.value}/{region}": list(s.values()) for region, s in regions.items()}
    sides: dict[str, list[Measure]] = {}
    for found in regions.values():
        for side, group in found.items():
            sides.setdefault(side, []).extend(group)
    return {modality.value: list(sides.values())}


def check_modality(row: Row, stated: str) -> None:
    """Refuse a file whose header says another modality than its row."""
    if stated in NEUTRAL:
        return
    family = FAMILIES.get(stated)
    if family is None:
        raise IntakeError(
            row.file,
            f"its modality is {stated}, the bank takes radiographs, CT and MR",
            "leave it out",
        )
    if family is not row.modality:
        raise IntakeError(
            row.file,
            f"its header says {stated}, its row says {row.modality.value}",
            f"write {family.value} under modality, or give the right file",
        )
