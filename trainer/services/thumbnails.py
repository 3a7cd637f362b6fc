"""Small pictures for curators' contact sheets, made when they are first looked at.

A thumbnail's name is the sha256 of the block it was made from and the version of how, so that it is
never stale and can be thrown away at any time: the folder is a cache, not a part of the bank.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from trainer.imaging.picture import THUMBNAIL_VERSION, thumbnail
from trainer.services.blobs import BlobStore, check


class Thumbnails:
    """A folder of thumbnails."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, blobs: BlobStore, sha256: str) -> bytes:
        """Return the thumbnail of a block as PNG; make it where there is none yet."""
        name = check(sha256)
        path = self.root / name[:2] / f"{name[2:]}.{THUMBNAIL_VERSION}.png"
        try:
            return path.read_bytes()
        except FileNotFoundError:
            made = thumbnail(blobs.get(sha256))
        self._keep(path, made)
        return made

    def _keep(self, path: Path, data: bytes) -> None:
        """Write it whole or not at all; where the folder cannot be written, go without."""
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
