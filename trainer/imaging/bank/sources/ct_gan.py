"""The CT-GAN tamper set: lung CT from LIDC-IDRI with nodules injected or removed.

``labels_exp1.csv`` and ``labels_exp2.csv`` (``type, uuid, slice, x, y``, read by header) beside
``CT_Scans/EXP1_blind/<uuid>/<slice>.dcm`` and ``EXP2_open``. Types TB and TM are untouched, FB is a
cancer removed, FM a cancer injected; x is the column, y the row.
"""

from __future__ import annotations

from trainer.core.words import Modality, Truth
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree, circle, table

TERMS = Terms(
    "CT-GAN: tampered lung CT",
    "code MIT; the data's licence is not stated",
    "https://archive.ics.uci.edu/dataset/520",
    "Mirsky et al., CT-GAN, USENIX Security 2019; LIDC-IDRI, TCIA",
    "https://archive.ics.uci.edu/dataset/520/deepfakes+medical+image+tamper+detection",
    "no licence for the data is stated: ask the owners, then say so in a dataset.toml",
)
_ALTERED = {"FB": "nodule removed", "FM": "nodule injected"}
_UNTOUCHED = ("TB", "TM")
_FOLDERS = {"labels_exp1.csv": "EXP1_blind", "labels_exp2.csv": "EXP2_open"}
#: The network works on a cube of 32 pixels a side, of 1 mm along the axis.
RADIUS = RADIUS_MM = 16.0


def rows(tree: Tree) -> Manifest:
    """Return a row for each scan; several labels of one scan are several places."""
    draft = Draft()
    present = [name for name in _FOLDERS if name in tree.names]
    if not present:
        draft.fault("labels_exp1.csv", 0, "it is missing", "give the folder that holds it")
    folders = tree.folders()
    for name in present:
        scans: dict[str, list[tuple[int, dict[str, str]]]] = {}
        for line, cells in table(tree, name, ("type", "uuid", "slice", "x", "y"), draft):
            kind = cells["type"].upper()
            if kind not in _ALTERED and kind not in _UNTOUCHED:
                draft.fault(name, line, f"the type is {kind!r}", "it must be TB, TM, FB or FM")
                continue
            scans.setdefault(cells["uuid"], []).append((line, cells))
        for uuid, found in scans.items():
            folder = f"CT_Scans/{_FOLDERS[name]}/{uuid}"
            if folder not in folders:
                draft.fault(name, found[0][0], f"there is no {folder}", "take the set again")
                continue
            _scan(draft, name, folder, found)
    return draft.done("labels")


def _scan(draft: Draft, name: str, folder: str, found: list[tuple[int, dict[str, str]]]) -> None:
    places, slices, notes = [], [], []
    for line, cells in found:
        kind = cells["type"].upper()
        if kind in _UNTOUCHED:
            continue
        try:
            x, y, z = float(cells["x"]), float(cells["y"]), int(float(cells["slice"]))
        except ValueError:
            draft.fault(name, line, "x, y or slice is no number", "take the file again")
            return
        places.append(circle(x, y, RADIUS))
        slices.append(z)
        notes.append(_ALTERED[kind])
    altered = bool(places)
    draft.rows.append(
        Row(
            found[0][0],
            folder,
            Truth.TAMPERED if altered else Truth.AUTHENTIC,
            modality=Modality.CT,
            region="chest",
            view="axial",
            patient=folder.rpartition("/")[2],
            generator="ct-gan" if altered else "",
            notes=", ".join(dict.fromkeys(notes)),
            outlines=tuple(places),
            slices=tuple(slices),
            depth_mm=RADIUS_MM,
        )
    )
