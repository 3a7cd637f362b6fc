"""Films of the bank as pictures: contact sheet, viewer. For curators alone, kept by no proxy."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer.core.permissions import Permission
from trainer.core.views import view_in_words
from trainer.imaging.picture import THUMBNAIL_VERSION
from trainer.services import bank_case, hallmarks
from trainer.services.thumbnails import Thumbnails
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.looking import looking_back


@audience(Permission.BANK)
def film(slug: str, case_id: uuid.UUID) -> str:
    seen = bank_case.view(db.session(), actor(), slug, case_id)
    return render_template(
        "curator/film.html",
        film=seen,
        state=_state(seen),
        names=hallmarks.names(db.session()),
    )


@audience(Permission.BANK)
def find(case_id: uuid.UUID) -> Response:
    """Lead from a film's id alone to its page: ids stand in messages and lists."""
    slug = bank_case.dataset_of(db.session(), actor(), case_id)
    return redirect(url_for("curator.film", slug=slug, case_id=case_id))


def _state(seen: bank_case.CaseView) -> dict[str, Any]:
    """Return what the reading room's script needs to show a film with its truth."""
    base = url_for("curator.pixels", case_id=seen.case_id, index=0).removesuffix("0")
    twin = url_for("curator.twin", case_id=seen.case_id, index=0).removesuffix("0")
    mask = url_for("curator.mask", case_id=seen.case_id, index=0).removesuffix("0")
    film = {
        "token": str(seen.case_id),
        "label": f"{seen.region.capitalize()} {view_in_words(seen.view)}".strip(),
        "slices": seen.slices,
        "stack": seen.stack,
        "url": base,
    }
    known = {
        "outlines": seen.outlines,
        "twinOutlines": seen.twin_outlines,
        "everywhere": seen.everywhere,
        "authentic": seen.authentic,
        "mask": mask,
        "masks": seen.masks,
        "twin": twin if seen.twin else None,
        "twinLabel": seen.twin_label,
        "lens": None,
        "marks": [],
        "hits": None,
    }
    return looking_back(film, known)


def _private(etag: str, make: Callable[[], bytes], mimetype: str) -> Response:
    """Send what only this person's browser may keep, and must ask for again each time."""
    answer = make_response()
    answer.set_etag(etag)
    answer.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains(etag):
        answer.status_code = 304
        return answer
    answer.data = make()
    answer.mimetype = mimetype
    return answer


def _block(sha256: str) -> Response:
    return _private(sha256, lambda: db.blobs().get(sha256), "application/octet-stream")


@audience(Permission.BANK)
def pixels(case_id: uuid.UUID, index: int) -> Response:
    return _block(bank_case.block_of(db.session(), actor(), case_id, index))


@audience(Permission.BANK)
def twin(case_id: uuid.UUID, index: int) -> Response:
    return _block(bank_case.twin_of(db.session(), actor(), case_id, index))


@audience(Permission.BANK)
def mask(case_id: uuid.UUID, index: int) -> Response:
    return _block(bank_case.mask_of(db.session(), actor(), case_id, index))


@audience(Permission.BANK)
def tint(case_id: uuid.UUID) -> Response:
    sha256 = bank_case.tint_of(db.session(), actor(), case_id)
    return _private(sha256, lambda: db.blobs().get(sha256), "image/png")


@audience(Permission.BANK)
def thumbnail(case_id: uuid.UUID) -> Response:
    sha256 = bank_case.middle_block(db.session(), actor(), case_id)
    kept: Thumbnails = current_app.extensions["telltale_thumbnails"]
    etag = f"{sha256[:32]}.{THUMBNAIL_VERSION}"
    return _private(etag, lambda: kept.get(db.blobs(), sha256), "image/png")
