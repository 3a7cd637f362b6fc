"""Bringing images in with the browser: send files, say what they are, import, read the report."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.imaging.bank.sources import SOURCES
from trainer.services import jobs, shelf, upload_import, upload_look
from trainer.services import upload_pieces as pieces
from trainer.services import uploads as service
from trainer.services.errors import ConflictError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.curator import upload_forms as forms
from trainer.web.curator.upload_files import MOST_OFFERS, store

Page = str | Response | tuple[str, int]
#: Files that the page lists by name while they come.
MOST_LISTED = 300
NOTHING = forms.Told({}, ())


@audience(Permission.BANK)
def uploads() -> str:
    return render_template(
        "curator/uploads.html",
        uploads=service.mine(db.session(), actor(), store()),
        days=store().days,
    )


@audience(Permission.BANK)
def begin_upload() -> Response:
    now = clock.now()
    service.sweep(db.session(), store(), now=now)
    made = service.make(db.session(), actor(), now=now)
    return redirect(url_for("curator.upload", upload_id=made))


@audience(Permission.BANK)
def upload(upload_id: uuid.UUID) -> Page:
    return _page(upload_id)


def _job(upload_id: uuid.UUID) -> jobs.Seen | None:
    """Return the newest work on an upload."""
    found = jobs.mine(db.session(), actor(), now=clock.now(), subject=f"upload:{upload_id}", most=1)
    return found[0] if found else None


def _page(
    upload_id: uuid.UUID,
    told: forms.Told = NOTHING,
    values: Mapping[str, str] | None = None,
) -> str:
    seen = service.look(db.session(), actor(), upload_id, store())
    job = _job(upload_id)
    shown: dict[str, object] = {"upload": seen, "job": job, "told": told}
    shown["limits"] = store().limits
    if job and job.open:
        return render_template("curator/upload_works.html", **shown)
    if seen.state == "looked":
        return _looked(seen, values, shown)
    if seen.state == "done":
        return render_template("curator/upload_done.html", **shown)
    listed = service.files(db.session(), actor(), upload_id)
    waiting = [one for one in listed if one.received < one.size]
    return render_template(
        "curator/upload_open.html",
        waiting=waiting[:MOST_LISTED],
        more=max(0, len(waiting) - MOST_LISTED),
        piece=pieces.PIECE,
        batch=MOST_OFFERS,
        days=store().days,
        **shown,
    )


def _looked(seen: service.Seen, values: Mapping[str, str] | None, shown: dict[str, object]) -> str:
    found = upload_look.recall(store(), seen.id)
    manifest = upload_import.manifest_inside(store(), seen.id, found)
    inside = upload_import.about_inside(store(), seen.id, found)
    first = forms.first_values(inside, seen.title)
    first["how"] = "manifest" if manifest and manifest.rows else "form"
    return render_template(
        "curator/upload_looked.html",
        found=found,
        manifest=manifest,
        lines=forms.lines(found),
        values=values or first,
        facts=forms.FACTS,
        words=forms,
        sources=SOURCES,
        sets=shelf.summaries(db.session()),
        **shown,
    )


@audience(Permission.BANK)
def look_at_upload(upload_id: uuid.UUID) -> Response:
    seen = service.look(db.session(), actor(), upload_id, store())
    if not seen.files:
        raise ConflictError("No file has come yet.")
    jobs.ask(
        db.session(),
        actor(),
        "upload.look",
        {"upload": str(upload_id)},
        now=clock.now(),
        title="Look at an upload",
        subject=f"upload:{upload_id}",
        link=url_for("curator.upload", upload_id=upload_id),
    )
    return redirect(url_for("curator.upload", upload_id=upload_id))


@audience(Permission.BANK)
def reopen_upload(upload_id: uuid.UUID) -> Response:
    service.reopen(db.session(), actor(), upload_id, now=clock.now())
    return redirect(url_for("curator.upload", upload_id=upload_id))


@audience(Permission.BANK)
def import_upload(upload_id: uuid.UUID) -> Page:
    now = clock.now()
    service.look(db.session(), actor(), upload_id, store())  # theirs, before anything is read
    at_work = _job(upload_id)
    if at_work and at_work.open:  # pressed twice, or in a second tab: what was said first counts
        return redirect(url_for("curator.upload", upload_id=upload_id))
    found = upload_look.recall(store(), upload_id)
    said = forms.said_by(request.form, found)
    faults = upload_import.describe(db.session(), actor(), upload_id, said, store(), now=now)
    if faults:
        return _page(upload_id, forms.told(faults, request.form, found), request.form), 400
    jobs.ask(
        db.session(),
        actor(),
        "upload.import",
        {"upload": str(upload_id)},
        now=now,
        title=f"Import into {said.slug}",
        subject=f"upload:{upload_id}",
        link=url_for("curator.upload", upload_id=upload_id),
    )
    return redirect(url_for("curator.upload", upload_id=upload_id))


@audience(Permission.BANK)
def discard_upload(upload_id: uuid.UUID) -> Response:
    job = _job(upload_id)
    if job and job.open:
        raise ConflictError("Work on it goes on. Cancel that first.")
    service.discard(db.session(), actor(), upload_id, store(), now=clock.now())
    flash("The upload and its files are removed.", "good")
    return redirect(url_for("curator.uploads"))


def _csv(text: str, name: str) -> Response:
    answer = make_response("\ufeff" + text)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@audience(Permission.BANK)
def upload_template(upload_id: uuid.UUID) -> Response:
    service.look(db.session(), actor(), upload_id, store())
    return _csv(upload_import.template(upload_look.recall(store(), upload_id)), "images.csv")


@audience(Permission.BANK)
def upload_report(upload_id: uuid.UUID) -> Response:
    seen = service.look(db.session(), actor(), upload_id, store())
    return _csv(upload_import.report_csv(seen.body), f"report-{seen.body.get('slug', '')}.csv")
