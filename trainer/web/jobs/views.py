"""A person's long work: a list, a page for each, and its state as JSON."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import jobs
from trainer.services.errors import ConflictError
from trainer.web import db, shell
from trainer.web.access import actor, audience


@audience(Permission.SELF)
def mine() -> str:
    found = jobs.mine(db.session(), actor(), now=clock.now())
    return render_template("jobs/mine.html", jobs=found)


@audience(Permission.SELF)
def one(job_id: uuid.UUID) -> str:
    job = jobs.look(db.session(), actor(), job_id, now=clock.now())
    return render_template("jobs/one.html", job=job)


@audience(Permission.SELF)
def state(job_id: uuid.UUID) -> dict[str, Any]:
    job = jobs.look(db.session(), actor(), job_id, now=clock.now())
    return {
        "state": job.state,
        "open": job.open,
        "ending": job.ending,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "link": job.link if job.state == "done" else "",
    }


@audience(Permission.SELF)
def cancel(job_id: uuid.UUID) -> Response:
    try:
        jobs.cancel(db.session(), actor(), job_id, now=clock.now())
    except ConflictError as fault:
        flash(str(fault), "warn")
    target = shell.inside(request.form.get("next")) or url_for("jobs.one", job_id=job_id)
    return redirect(target)
