"""What waits for a curator."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import desk
from trainer.services import labels as service
from trainer.services import reports as reported
from trainer.services.errors import ConflictError, InvalidError
from trainer.web import db
from trainer.web.access import actor, audience


@audience(Permission.BANK)
def waiting() -> str:
    return render_template("curator/waiting.html", desk=desk.desk(db.session(), actor()))


@audience(Permission.BANK)
def reports() -> str:
    every = request.args.get("all") == "1"
    found = reported.queue(db.session(), actor(), all_of=every)
    return render_template("curator/reports.html", found=found, every=every)


def _labels(slug: str, fault: str = "", why: str = "") -> str:
    found = service.standing(db.session(), slug)
    return render_template("curator/labels.html", set=found, fault=fault, why=why)


@audience(Permission.BANK)
def labels(slug: str) -> str:
    return _labels(slug)


@audience(Permission.BANK)
def agree_labels(slug: str) -> Response | tuple[str, int]:
    why = request.form.get("why", "")
    if request.form.get("checked") != "yes":
        return _labels(
            slug, "Tick the box if you have checked them; otherwise do that first.", why
        ), 400
    try:
        count = service.agree_set(
            db.session(), actor(), slug, by=actor().name, why=why, now=clock.now()
        )
    except (InvalidError, ConflictError) as fault:
        return _labels(slug, str(fault), why), 400
    flash(f"Noted: you answer for the labels of {count} cases.", "good")
    return redirect(url_for("review.labels", slug=slug), code=303)
