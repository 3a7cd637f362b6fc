"""Beginning a quiz, and what a learner is told while its films are still being made."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import jobs, lessons, readiness, set_quizzes, starting
from trainer.services.errors import NotReadyError
from trainer.settings import Settings
from trainer.web import db
from trainer.web.access import actor, audience


def waiting() -> dict[str, Any]:
    """Return what ``learner/_quiz.html`` needs: which quizzes wait, and how far the films are."""
    return {
        "waits": readiness.short(db.session()),
        "making": jobs.latest(db.session(), jobs.STARTER, now=clock.now()),
    }


def _start(item_id: uuid.UUID, assignment_id: uuid.UUID | None = None) -> Response:
    settings: Settings = current_app.extensions["telltale_settings"]
    sitting_id = starting.start(
        db.session(),
        actor(),
        item_id,
        now=clock.now(),
        grace_s=settings.grace_seconds,
        assignment_id=assignment_id,
    )
    return redirect(url_for("sittings.room", sitting_id=sitting_id))


@audience(Permission.LEARN)
def start(item_id: uuid.UUID) -> Response | tuple[str, int]:
    assignment_id = request.form.get("assignment", type=uuid.UUID)
    try:
        return _start(item_id, assignment_id)
    except NotReadyError as fault:
        return _not_yet(fault, item_id, assignment_id)


@audience(Permission.LEARN)
def start_on_set(slug: str) -> Response | tuple[str, int]:
    try:
        return _start(set_quizzes.item_of(db.session(), slug, now=clock.now()))
    except NotReadyError as fault:
        return _not_yet(fault)


def _not_yet(
    fault: NotReadyError,
    item_id: uuid.UUID | None = None,
    assignment_id: uuid.UUID | None = None,
) -> tuple[str, int]:
    """Say what can be played meanwhile, and start this one as soon as its films are there."""
    shown = waiting()
    quizzes = lessons.quizzes(lessons.tracks(db.session(), actor(), now=clock.now()))
    page = render_template(
        "learner/not_yet.html",
        fault=fault,
        quiz=next((quiz for quiz in quizzes if quiz.id == item_id), None),
        assignment_id=assignment_id,
        playable=[quiz for quiz in quizzes if quiz.id not in shown["waits"] and quiz.id != item_id],
        **shown,
    )
    return page, 409


@audience(Permission.LEARN)
def ready() -> dict[str, Any]:
    """How far the films are, for the script that opens buttons."""
    shown = waiting()
    making = shown["making"]
    return {
        "waits": {
            str(item): render_template("learner/_waits.html", short=short, making=making).strip()
            for item, short in shown["waits"].items()
        },
        "making": render_template("learner/_making.html", making=making).strip(),
        "state": making.state if making else "",
        "done": making.done if making else 0,
        "total": making.total if making else 0,
    }
