"""Pixel blocks on the wire, for every audience alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from flask import Response

from trainer.web import db

CHUNK = 256 * 1024


def _pieces(file: BinaryIO, length: int) -> Iterator[bytes]:
    """Yield the block and then zeros, ``length`` bytes in all."""
    left = length
    with file:
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
    while left > 0:
        piece = bytes(min(CHUNK, left))
        left -= len(piece)
        yield piece


def send(sha256: str, length: int) -> Response:
    """Return a block, padded with zeros to ``length`` bytes."""
    # Never compressed (a compressed length tells how smooth a film is), never cached, no ETag.
    sent = Response(_pieces(db.blobs().open(sha256), length), mimetype="application/octet-stream")
    sent.content_length = length
    return sent
