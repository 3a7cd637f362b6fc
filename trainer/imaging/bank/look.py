"""What the pixels say before anything is done to them: text, and the picture's hash."""

from __future__ import annotations

from dataclasses import astuple, replace

from trainer.core.plural import counted
from trainer.imaging.bank.duplicates import perceptual_hash
from trainer.imaging.bank.text import find_text
from trainer.imaging.dicom.decoded import Decoded


def looked_at(decoded: Decoded) -> Decoded:
    """Return the image with lines of text, its perceptual hash and any new hold.

    The middle frame of a stack stands for all: annotations repeat on every slice.
    """
    middle = decoded.frame(decoded.pixels.shape[0] // 2)
    lines = find_text(middle)
    facts = decoded.facts | {
        "text_lines": [list(astuple(line)) for line in lines[:50]],
        "phash": perceptual_hash(middle),
    }
    holds = decoded.holds
    if lines:
        first = lines[0]
        many = counted(len(lines), "line looks", "lines look")
        holds = (
            *holds,
            f"{many} like burned-in text, the longest with {first.marks} marks "
            f"at column {first.left}, row {first.top} of the source",
        )
    return replace(decoded, facts=facts, holds=holds)
