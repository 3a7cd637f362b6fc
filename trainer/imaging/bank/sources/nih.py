"""NIH ChestX-ray14: 112,120 authentic chest radiographs, PNG of 1024 pixels.

``Data_Entry_2017*.csv`` and ``test_list.txt``; the images lie in ``images/`` or, as unpacked, in
``images_001/images/`` and so on. Findings are not forgeries and are not imported.
"""

from __future__ import annotations

from trainer.core.words import Truth
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree, table

TERMS = Terms(
    "NIH ChestX-ray14",
    "free for any use with attribution to the NIH Clinical Center",
    "https://nihcc.app.box.com/v/ChestXray-NIHCC",
    "Wang et al., ChestX-ray8, CVPR 2017; NIH Clinical Center",
    "https://nihcc.app.box.com/v/ChestXray-NIHCC",
)


def rows(tree: Tree) -> Manifest:
    """Return a row for each entry whose image is there; the set comes in twelve archives."""
    draft = Draft()
    lists = sorted(n for n in tree.names if n.startswith("Data_Entry_2017") and n.endswith(".csv"))
    if not lists:
        draft.fault("Data_Entry_2017_v2020.csv", 0, "it is missing", "put it beside the images")
        return draft.done("Data_Entry_2017")
    places = {n.rpartition("/")[2]: n for n in tree.names if n.endswith(".png")}
    tests = set()
    if "test_list.txt" in tree.names:
        tests = set(tree.read("test_list.txt").decode("utf-8", "replace").split())
    unknown = set(places)
    needed = ("image index", "patient id", "view position")
    for line, cells in table(tree, lists[-1], needed, draft):
        image = cells["image index"]
        if image not in places:
            continue
        unknown.discard(image)
        draft.rows.append(
            Row(
                line, places[image], Truth.AUTHENTIC, region="chest",
                view=cells["view position"].lower(), patient=cells["patient id"],
                split="test" if image in tests else "practice",
            )
        )  # fmt: skip
    for image in sorted(unknown):
        draft.fault(
            places[image], 0, f"{lists[-1]} has no row for it", "remove it, or take the list again"
        )
    return draft.done(lists[-1])
