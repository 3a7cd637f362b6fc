"""A folder of DICOM files, and a DICOMDIR: authentic images as a PACS exports them.

CT and MR files of one series become one stack; every other file is a film of its own. Nothing in a
header says whether an image is authentic, so these sources are for what a curator knows to be.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trainer.core.words import Modality, Truth
from trainer.imaging.bank.grouping import FAMILIES
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree
from trainer.imaging.dicom.errors import IntakeError

TERMS = Terms("", "", "", "", "", "a folder of your own names its licence in its dataset.toml")
_DIRECTORY = "DICOMDIR"


def folder(tree: Tree) -> Manifest:
    """Return a row for each film and each series below the folder."""
    draft = Draft()
    names = [n for n in sorted(tree.names) if not _aside(n)]
    _add(tree, names, draft)
    return draft.done("the folder")


def dicomdir(tree: Tree) -> Manifest:
    """Return a row for each film and series that the DICOMDIR names (PS3.3 F)."""
    draft = Draft()
    if _DIRECTORY not in tree.names:
        draft.fault(_DIRECTORY, 0, "it is missing", "give the folder that holds the DICOMDIR")
        return draft.done(_DIRECTORY)
    try:
        said = tree.peek(_DIRECTORY).get("files", [])
    except IntakeError as fault:
        draft.fault(_DIRECTORY, 0, fault.reason, fault.cure)
        said = []
    folded = {name.upper(): name for name in tree.names}
    there = []
    for path in said:
        name = folded.get(str(path).upper())
        if name is None:
            draft.fault(_DIRECTORY, 0, f"it names {path}, which is not there", "copy it again")
        else:
            there.append(name)
    if not said:
        draft.fault(_DIRECTORY, 0, "it names no image", "import the folder as dicom-folder")
    _add(tree, there, draft)
    return draft.done(_DIRECTORY)


def _aside(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.upper() == _DIRECTORY or last.startswith(".") or last.endswith((".csv", ".toml"))


def _add(tree: Tree, names: Iterable[str], draft: Draft) -> None:
    series: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    for name in names:
        try:
            said = tree.peek(name)
        except IntakeError as fault:
            draft.fault(name, 0, fault.reason, fault.cure)
            continue
        family = FAMILIES.get(said["modality"])
        if family is None:
            draft.fault(
                name,
                0,
                f"its modality is {said['modality'] or 'not stated'}",
                "the bank takes radiographs, CT and MR: leave it out",
            )
        elif family is Modality.XR:
            draft.rows.append(_row(name, said, family))
        else:
            series.setdefault((name.rpartition("/")[0], said["series"]), []).append((name, said))
    places = [place for place, _ in series]
    for (place, _), found in series.items():
        said = found[0][1]
        if len(found) == 1:
            draft.rows.append(_row(found[0][0], said, FAMILIES[said["modality"]]))
        elif places.count(place) > 1 or len(tree.below(place)) != len(found):
            draft.fault(
                place or ".",
                0,
                f"it holds a series of {len(found)} slices beside other files",
                "put each series into a folder of its own",
            )
        else:
            draft.rows.append(_row(place, said, FAMILIES[said["modality"]]))


def _row(name: str, said: Any, family: Modality) -> Row:
    return Row(
        0, name, Truth.AUTHENTIC, modality=family, region=str(said["region"]).lower()[:40],
        view=str(said["view"]).lower()[:40], patient=str(said["patient"]),
    )  # fmt: skip
