"""Pixel blocks on the wire: the same headers and the same length for every film of a sitting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from flask import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import room, truth
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.limits import limiter

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


def _send(sha256: str, length: int) -> Response:
    # Never compressed (a compressed length tells how smooth a film is), never cached, no ETag.
    sent = Response(_pieces(db.blobs().open(sha256), length), mimetype="application/octet-stream")
    sent.content_length = length
    return sent


@audience(Permission.LEARN)
@limiter.limit("6000 per minute")
def film(token: str, index: int) -> Response:
    return _send(*room.block_of(db.session(), actor(), token, index, now=clock.now()))


@audience(Permission.LEARN)
@limiter.limit("6000 per minute")
def twin(token: str, index: int) -> Response:
    return _send(*truth.twin_of(db.session(), actor(), token, index, now=clock.now()))


@audience(Permission.LEARN)
@limiter.limit("6000 per minute")
def mask(token: str, index: int) -> Response:
    return _send(*truth.mask_of(db.session(), actor(), token, index, now=clock.now()))
