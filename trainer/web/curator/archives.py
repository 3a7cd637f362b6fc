"""Archives of the bank: pack one, fetch it, put one back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from flask import Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import archives as service
from trainer.services import shelf
from trainer.services.blobs import PIECE
from trainer.services.errors import InvalidError, NotFoundError
from trainer.settings import Settings
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.faults import beside


def _page(
    faults: Mapping[str, str] | None = None,
    why: str = "",
    chosen: str = "",
    originals: bool = True,
) -> str:
    settings: Settings = current_app.extensions["telltale_settings"]
    return render_template(
        "curator/archives.html",
        sets=shelf.summaries(db.session()),
        jobs=service.all_of(db.session(), actor(), now=clock.now()),
        pack=service.PACK,
        limit=settings.upload_mb,
        faults=faults or {},
        why=why,
        chosen=chosen,
        originals=originals,
    )


@audience(Permission.BANK)
def archives() -> str:
    return _page(chosen=request.args.get("set", "")[:80])


@audience(Permission.BANK)
def pack() -> Answer | tuple[str, int]:
    slug, why = request.form.get("set", "")[:80], request.form.get("why", "")
    originals = "originals" in request.form
    try:
        service.ask_pack(
            db.session(),
            actor(),
            slug,
            why,
            originals=originals,
            link=url_for("curator.archives"),
            now=clock.now(),
        )
    except (InvalidError, NotFoundError) as fault:
        return _page(beside(fault, "set", "why"), why[:500], slug, originals), 400
    return redirect(url_for("curator.archives"), code=303)


@audience(Permission.BANK)
def restore() -> Answer | tuple[str, int]:
    sent = request.files.get("archive")
    if sent is None or not sent.filename:
        return _page({"archive": "Choose the archive first."}), 400
    service.ask_restore(
        db.session(),
        actor(),
        db.blobs(),
        sent.filename,
        sent.stream,  # type: ignore[arg-type]
        link=url_for("curator.archives"),
        now=clock.now(),
    )
    return redirect(url_for("curator.archives"), code=303)


@audience(Permission.BANK)
def fetch(job_id: uuid.UUID) -> Response:
    # A POST: it writes into the log who took the archive out, and why it was packed.
    ready = service.fetch(db.session(), actor(), job_id, now=clock.now())
    answer = Response(_pieces(db.blobs().open_output(ready.name)), mimetype="application/zip")
    answer.content_length = ready.size
    answer.headers["Content-Disposition"] = f'attachment; filename="telltale-{job_id}.zip"'
    return answer


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
