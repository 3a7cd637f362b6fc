"""A learner says, after the call, that something is wrong with a film."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import reports, sittings
from trainer.services.errors import InvalidError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.faults import beside
from trainer.web.limits import limiter


def part_of(token: str) -> dict[str, Any]:
    """Return what ``learner/report.html`` needs."""
    return {
        "token": token,
        "report": reports.of_showing(db.session(), actor(), token),
        "reasons": {reason.value: words for reason, words in reports.REASONS.items()},
        "given": {"reason": "", "words": ""},
        "faults": {},
    }


@audience(Permission.LEARN)
@limiter.limit("60 per hour")
def report(token: str) -> str | Response | tuple[str, int]:
    reason, words = request.form.get("reason", ""), request.form.get("words", "")
    scripted = request.headers.get("X-Requested-With") == "fetch"
    try:
        reports.file(db.session(), actor(), token, reason=reason, words=words, now=clock.now())
    except InvalidError as fault:
        if not scripted:
            raise
        again = part_of(token) | {"given": {"reason": reason, "words": words}}
        again["faults"] = beside(fault, "reason", "words")
        return render_template("learner/report.html", **again), 400
    if scripted:
        return render_template("learner/report.html", **part_of(token))
    sitting, showing = sittings.showing_of(db.session(), actor(), token)
    if sitting.ended_at is None:
        return redirect(url_for("sittings.room", sitting_id=sitting.id), code=303)
    number = showing.position + 1
    return redirect(url_for("sittings.review", sitting_id=sitting.id, number=number), code=303)


@audience(Permission.LEARN)
def reported() -> str:
    return render_template("learner/reported.html", found=reports.mine(db.session(), actor()))
