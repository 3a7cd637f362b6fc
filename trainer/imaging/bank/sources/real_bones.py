"""BTXRD and FracAtlas: authentic radiographs of bones, one table each.

BTXRD: ``images/IMG000001.jpeg`` and ``dataset.csv`` (37 columns, sites as flags, no patient).
FracAtlas: ``images/{Fractured,Non_fractured}/IMG*.jpg`` and ``dataset.csv`` (with a byte order
mark). Tumour and fracture labels are not forgeries and are not imported.
"""

from __future__ import annotations

from trainer.core.words import Truth
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree, flagged, table

BTXRD = Terms(
    "BTXRD: radiographs of bone tumours and normal bones",
    "CC BY-NC-ND 4.0 (the paper; the repository's page says CC BY 4.0)",
    "https://doi.org/10.6084/m9.figshare.27865398",
    "Yao et al., A radiograph dataset for bone tumors, Scientific Data 2025",
    "https://doi.org/10.6084/m9.figshare.27865398",
    "by the paper's licence no changed copy may be shared, and the bank serves changed copies: "
    "ask the authors, then say so in a dataset.toml",
)
FRACATLAS = Terms(
    "FracAtlas: musculoskeletal radiographs",
    "CC BY 4.0",
    "https://creativecommons.org/licenses/by/4.0/",
    "Abedeen et al., FracAtlas, Scientific Data 10:521 (2023), figshare 22363012",
    "https://doi.org/10.6084/m9.figshare.22363012",
)
_VIEWS = {"frontal": "frontal", "lateral": "lateral", "oblique": "oblique"}
_SITES = {
    "hand": "hand", "ulna": "forearm", "radius": "forearm", "humerus": "arm", "foot": "foot",
    "tibia": "leg", "fibula": "leg", "femur": "thigh", "hip bone": "hip", "ankle-joint": "ankle",
    "knee-joint": "knee", "hip-joint": "hip", "wrist-joint": "wrist", "elbow-joint": "elbow",
    "shoulder-joint": "shoulder", "upper limb": "upper limb", "lower limb": "lower limb",
    "pelvis": "pelvis",
}  # fmt: skip
_REGIONS = {"hand": "hand", "leg": "leg", "hip": "hip", "shoulder": "shoulder", "mixed": "mixed"}


def btxrd(tree: Tree) -> Manifest:
    """Return a row for each image of BTXRD."""
    return _rows(tree, {"images/"}, _SITES)


def fracatlas(tree: Tree) -> Manifest:
    """Return a row for each image of FracAtlas."""
    return _rows(tree, {"images/Fractured/", "images/Non_fractured/"}, _REGIONS)


def _rows(tree: Tree, folders: set[str], regions: dict[str, str]) -> Manifest:
    draft = Draft()
    stems: dict[str, str] = {}
    for name in sorted(tree.names):
        head, _, tail = name.rpartition("/")
        if f"{head}/" in folders:
            stems[tail] = stems[tail.rpartition(".")[0]] = name
    for line, cells in table(tree, "dataset.csv", ("image_id",), draft):
        said = cells["image_id"]
        name = stems.get(said, stems.get(said.rpartition(".")[0], ""))
        if not name:
            draft.fault("dataset.csv", line, f"there is no image {said}", "take the set again")
            continue
        draft.rows.append(
            Row(
                line, name, Truth.AUTHENTIC, region=flagged(cells, regions),
                view=flagged(cells, _VIEWS),
            )
        )  # fmt: skip
    return draft.done("dataset.csv")
