"""What waits for a curator."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.services import desk
from trainer.services import labels as service
from trainer.services import reports as reported
from trainer.services.errors import ConflictError, Gathered, InvalidError, ServiceError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.faults import beside


@audience(Permission.BANK)
def waiting() -> str:
    return render_template("curator/waiting.html", desk=desk.desk(db.session(), actor()))


@audience(Permission.BANK)
def reports() -> str:
    every = request.args.get("all") == "1"
    found = reported.queue(db.session(), actor(), all_of=every)
    return render_template("curator/reports.html", found=found, every=every)


def _labels(slug: str, fault: ServiceError | None = None) -> str:
    found = service.standing(db.session(), slug)
    drawn = ("why", "checked") if found.waiting and not found.exempt else ()
    faults = beside(fault, *drawn) if fault else {}
    return render_template("curator/labels.html", set=found, faults=faults, given=request.form)


@audience(Permission.BANK)
def labels(slug: str) -> str:
    return _labels(slug)


@audience(Permission.BANK)
def agree_labels(slug: str) -> Response | tuple[str, int]:
    why = request.form.get("why", "")
    faults, count = Gathered(), 0
    with faults.of():
        count = service.agree_set(
            db.session(), actor(), slug, by=actor().name, why=why, now=clock.now()
        )
    with faults.of("checked"):
        if request.form.get("checked") != "yes":
            raise InvalidError("Tick the box if you have checked them; otherwise do that first.")
    try:
        faults.tell()
    except (InvalidError, ConflictError) as fault:
        db.session().rollback()  # words may be right where the tick is missing
        return _labels(slug, fault), 400
    flash(f"Noted: you answer for the labels of {counted(count, 'case')}.", "good")
    return redirect(url_for("review.labels", slug=slug), code=303)
