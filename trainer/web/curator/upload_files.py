"""The files of an upload, piece by piece: what `upload.js` speaks with."""

from __future__ import annotations

import uuid

from flask import abort, current_app, request
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import upload_pieces as pieces
from trainer.services import uploads as service
from trainer.services.errors import InvalidError
from trainer.settings import Settings
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.limits import limiter

#: Offers in one request.
MOST_OFFERS = 500


def store() -> service.Store:
    """Return where uploads lie."""
    settings: Settings = current_app.extensions["telltale_settings"]
    return service.open_store(settings.upload_folder, settings.upload_gb, settings.upload_days)


def _offers() -> list[pieces.Offer]:
    said = request.get_json(silent=True)
    listed = said.get("files") if isinstance(said, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_OFFERS:
        raise InvalidError(f"Name at most {MOST_OFFERS} files at a time.")
    offers = []
    for one in listed:
        good = isinstance(one, dict) and isinstance(one.get("name"), str)
        size = one.get("size") if good else None
        if not isinstance(size, int) or isinstance(size, bool):
            raise InvalidError("A file needs a name and a size.")
        offers.append(pieces.Offer(one["name"], size, str(one.get("stamp", ""))))
    return offers


@audience(Permission.BANK)
def offer_files(upload_id: uuid.UUID) -> dict[str, object]:
    now = clock.now()
    answers = pieces.offer(db.session(), actor(), upload_id, _offers(), store(), now=now)
    return {
        "files": [
            {
                "name": one.name,
                "id": str(one.id) if one.id else None,
                "received": one.received,
                "refused": one.refused,
            }
            for one in answers
        ]
    }


@audience(Permission.BANK)
@limiter.limit("12000 per minute")
def take_piece(upload_id: uuid.UUID, file_id: uuid.UUID) -> dict[str, int]:
    start = request.args.get("start", type=int)
    if start is None or start < 0:
        raise InvalidError("Say where the piece begins.")
    if (request.content_length or 0) > pieces.PIECE:
        abort(413)
    who = actor()
    db.release()  # the piece may come over a slow line
    data = request.get_data(cache=False)
    received = pieces.receive(
        db.session(),
        who,
        upload_id,
        file_id,
        start,
        data,
        request.headers.get("X-Checksum", ""),
        store(),
        now=clock.now(),
    )
    return {"received": received}


@audience(Permission.BANK)
def drop_file(upload_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    service.drop(db.session(), actor(), upload_id, file_id, store())
    return Response(status=204)
