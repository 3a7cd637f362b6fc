"""DeepFakeXRay: the 154 radiographs of the Radiology study's quiz.

Layout read at the authors' commit 959b7ba: ``images/Radio001.png`` ... and
``static/q_and_answer.csv`` with ``Image_Name,Real_or_AI,Reasoning``. The reasonings read as
machine-written, some name the wrong joint, and they are not imported.
"""

from __future__ import annotations

import re

from trainer.core.words import Truth
from trainer.imaging.bank.manifest import Manifest, Row
from trainer.imaging.bank.sources.tree import Draft, Terms, Tree, table

TERMS = Terms(
    "DeepFakeXRay: GPT-4o and authentic radiographs",
    "all rights reserved (the README says MIT, but there is no licence file)",
    "https://github.com/noneedanick/DeepFakeXRay",
    "Tordjman, Yuce et al., Radiology 2026, doi 10.1148/radiol.252094",
    "https://github.com/noneedanick/DeepFakeXRay",
    "the quiz's own footer reserves all rights: ask the authors for leave in writing",
)
CSV = "static/q_and_answer.csv"
_LABELS = {"ai": Truth.SYNTHETIC, "real": Truth.AUTHENTIC}


def rows(tree: Tree) -> Manifest:
    """Return a row for each answer of the quiz."""
    draft = Draft()
    by_number: dict[int, list[str]] = {}
    for name in tree.names:
        found = re.fullmatch(r"images/Radio0*(\d+)\.\w+", name)
        if found:
            by_number.setdefault(int(found[1]), []).append(name)
    for line, cells in table(tree, CSV, ("image_name", "real_or_ai"), draft):
        said, label = cells["image_name"], cells["real_or_ai"]
        truth = _LABELS.get(label.lower())
        if truth is None:
            draft.fault(CSV, line, f"the label is {label!r}", "it must be AI or Real")
            continue
        name = f"images/{said}"
        if name not in tree.names:
            # The owner writes Radio10.png among Radio010s; the number says which is meant.
            number = re.fullmatch(r"Radio0*(\d+)\.\w+", said)
            near = by_number.get(int(number[1]), []) if number else []
            if len(near) != 1:
                draft.fault(CSV, line, f"there is no {name}", "take the folder again")
                continue
            name = near[0]
        made = truth is Truth.SYNTHETIC
        draft.rows.append(Row(line, name, truth, generator="gpt-4o" if made else ""))
    return draft.done(CSV)
