"""Drawing the place on a film and saying what it is."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.words import Modality, Truth
from trainer.services import annotations as drafts
from trainer.services import hallmarks
from trainer.services.errors import InvalidError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.limits import limiter

TRUTHS = (
    (Truth.AUTHENTIC, "Authentic"),
    (Truth.SYNTHETIC, "Synthetic: made by a generator"),
    (Truth.TAMPERED, "Tampered: something was changed"),
)


@audience(Permission.BANK)
def annotate(case_id: uuid.UUID) -> str:
    sheet = drafts.sheet(db.session(), db.blobs(), actor(), case_id)
    facts = sheet.facts
    state = {
        "film": {
            "url": url_for("review.film", case_id=case_id, index=0).removesuffix("0"),
            "label": sheet.label,
            "rows": sheet.rows,
            "columns": sheet.columns,
            "slices": sheet.slices,
            "stack": sheet.stack,
            "modality": sheet.modality.value,
        },
        "place": sheet.place,
        "version": sheet.version,
        "key": str(sheet.key_id or ""),
        "keys": (actor().preferences or {}).get("keys"),
        "csrf": generate_csrf(),
        "urls": {
            "draft": url_for("review.save", case_id=case_id),
            "propose": url_for("review.propose", case_id=case_id),
        },
    }
    return render_template(
        "curator/annotate.html",
        sheet=sheet,
        facts=facts,
        state=state,
        truths=TRUTHS,
        modalities=list(Modality),
        signs=hallmarks.named(db.session()),
        regions=hallmarks.places(db.session()),
    )


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as fault:
        raise InvalidError("Which key was on the page cannot be read; reload it.") from fault


@audience(Permission.BANK)
@limiter.limit("600 per minute")
def save(case_id: uuid.UUID) -> dict[str, Any]:
    data = request.get_json(silent=True)
    if not isinstance(data, dict) or not isinstance(data.get("facts"), dict):
        raise InvalidError("The draft cannot be read.")
    version = data.get("version")
    kept = drafts.save(
        db.session(),
        actor(),
        case_id,
        data,
        version=version if isinstance(version, int) else 0,
        now=clock.now(),
    )
    return {"version": kept}


@audience(Permission.BANK)
def propose(case_id: uuid.UUID) -> dict[str, Any] | Response | tuple[dict[str, Any], int]:
    scripted = request.headers.get("X-Requested-With") == "fetch"
    try:
        drafts.propose(
            db.session(),
            actor(),
            case_id,
            key_id=_id(request.form.get("key", "")),
            now=clock.now(),
        )
    except InvalidError as fault:
        if not scripted:
            raise
        return {"faults": fault.fields}, 400
    flash("Proposed. It becomes the key when another curator agrees.", "good")
    target = url_for("review.casebook", case_id=case_id)
    if scripted:
        return {"leave": target}
    return redirect(target, code=303)


@audience(Permission.BANK)
def discard(case_id: uuid.UUID) -> Response:
    drafts.discard(db.session(), actor(), case_id, now=clock.now())
    flash("The draft is thrown away.", "good")
    return redirect(url_for("review.casebook", case_id=case_id), code=303)
