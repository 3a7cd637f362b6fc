"""Pixel blocks on the wire: the same headers and the same length for every film of a sitting."""

from __future__ import annotations

from flask import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import room, truth
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.blocks import send
from trainer.web.limits import limiter


@audience(Permission.LEARN)
@limiter.limit("6000 per minute")
def film(token: str, index: int) -> Response:
    return send(*room.block_of(db.session(), actor(), token, index, now=clock.now()))


@audience(Permission.LEARN)
@limiter.limit("6000 per minute")
def twin(token: str, index: int) -> Response:
    return send(*truth.twin_of(db.session(), actor(), token, index, now=clock.now()))


@audience(Permission.LEARN)
@limiter.limit("6000 per minute")
def mask(token: str, index: int) -> Response:
    return send(*truth.mask_of(db.session(), actor(), token, index, now=clock.now()))
