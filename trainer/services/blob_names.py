"""Which blobs a row of the bank names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def of_image(blocks: Sequence[str], facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield the blobs of an image: its blocks, its private originals, what was kept aside."""
    yield from blocks
    yield from facts.get("originals") or ()
    panel = (facts.get("colour") or {}).get("panel", "")
    if panel:
        yield panel


def of_key(masks: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Yield the masks of a key, each with its slice."""
    for z, sha256 in masks.items():
        if sha256:
            yield int(z), sha256
