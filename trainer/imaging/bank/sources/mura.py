"""MURA v1.1: authentic radiographs of the upper limb, 40,561 PNG.

``MURA-v1.1/{train,valid}/XR_WRIST/patient00001/study1_positive/image1.png`` and the headerless
``train_image_paths.csv`` and ``valid_image_paths.csv``, whose paths begin with ``MURA-v1.1/``. The
folder to give is ``MURA-v1.1`` or the one it lies in. ``valid`` becomes the test side.
"""

from __future__ import annotations

import re

from trainer.core.words import Truth
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree

TERMS = Terms(
    "MURA: musculoskeletal radiographs of the upper limb",
    "Stanford University Dataset Research Use Agreement",
    "https://stanfordmlgroup.github.io/competitions/mura/",
    "Rajpurkar et al., MURA, MIDL 2018",
    "https://stanfordmlgroup.github.io/competitions/mura/",
    "the research use agreement forbids giving the images to others: each institution must sign "
    "it itself and say so in its dataset.toml",
)
_PATH = re.compile(r"(?:MURA-v1\.1/)?(train|valid)/XR_([A-Z]+)/(patient\d+)/[^/]+/[^/]+\.png")


def rows(tree: Tree) -> Manifest:
    """Return a row for each path of the two lists."""
    draft = Draft()
    found = False
    for side in ("train", "valid"):
        for name in (f"{side}_image_paths.csv", f"MURA-v1.1/{side}_image_paths.csv"):
            if name in tree.names:
                found = True
                _list(tree, name, draft)
    if not found:
        draft.fault("train_image_paths.csv", 0, "it is missing", "give the folder MURA-v1.1")
    return draft.done("image_paths")


def _list(tree: Tree, name: str, draft: Draft) -> None:
    for line, text in enumerate(tree.read(name).decode("utf-8-sig", "replace").splitlines(), 1):
        path = text.strip()
        if not path:
            continue
        parts = _PATH.fullmatch(path)
        if parts is None:
            draft.fault(name, line, f"{path[:80]!r} is no path of this set", "take the list again")
            continue
        file = next((p for p in (path, path.removeprefix("MURA-v1.1/")) if p in tree.names), None)
        if file is None:
            draft.fault(name, line, f"there is no {path}", "take the set again")
            continue
        draft.rows.append(
            Row(
                line, file, Truth.AUTHENTIC, region=parts[2].lower(), patient=parts[3],
                split="test" if parts[1] == "valid" else "practice",
            )
        )  # fmt: skip
