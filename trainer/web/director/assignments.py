"""Assigning a quiz, and the report of who finished and how."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import assignments as service
from trainer.services import cohort_reports, cohorts
from trainer.services.errors import InvalidError, NotFoundError
from trainer.web import charts, db
from trainer.web.access import actor, audience
from trainer.web.director.forms import AssignForm
from trainer.web.faults import into

Page = str | Response | tuple[str, int]


def in_zone(wall: datetime, zone: str) -> datetime:
    """Return the moment at which clocks in ``zone`` show ``wall``, in UTC.

    Where clocks are set back an hour comes twice; the first one is meant.
    """
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@audience(Permission.COHORT)
def assign(cohort_id: uuid.UUID) -> Page:
    now = clock.now()
    found = cohorts.view(db.session(), actor(), cohort_id)
    offered = service.choices(db.session())
    form = AssignForm()
    form.quiz.choices = [(str(choice.item_id), choice.title) for choice in offered]
    if form.pass_mark.data is None and not form.is_submitted():
        form.pass_mark.data = 70
    fault = ""
    if form.validate_on_submit():
        try:
            made = _assign(cohort_id, form, now)
        except (InvalidError, NotFoundError) as refusal:
            fault = into(form, refusal)
        else:
            flash("Assigned. Members see it on their page.", "good")
            return redirect(url_for("director.results", assignment_id=made))
    page = render_template(
        "director/assign.html", cohort=found, offered=offered, form=form, fault=fault
    )
    return (page, 400) if form.is_submitted() else page


def _assign(cohort_id: uuid.UUID, form: AssignForm, now: datetime) -> uuid.UUID:
    zone = form.zone.data
    return service.assign(
        db.session(),
        actor(),
        cohort_id,
        uuid.UUID(form.quiz.data),
        opens_at=in_zone(form.opens.data, zone) if form.opens.data else now,
        due_at=in_zone(form.due.data, zone),
        pass_mark=form.pass_mark.data / 100,
        now=now,
    )


def _report(assignment_id: uuid.UUID) -> cohort_reports.Report:
    return cohort_reports.report(db.session(), actor(), assignment_id, now=clock.now())


@audience(Permission.COHORT)
def results(assignment_id: uuid.UUID) -> Page:
    found = _report(assignment_id)
    rows = [(line.name, line.score) for line in found.lines if line.score]
    return render_template(
        "director/results.html",
        report=found,
        figure=charts.forest(rows, found.pass_mark) if rows else None,
        infer_from=cohort_reports.INFER_FROM,
        summary_from=cohort_reports.SUMMARY_FROM,
    )


@audience(Permission.COHORT)
def download(assignment_id: uuid.UUID) -> Page:
    found = _report(assignment_id)
    answer = make_response(cohort_reports.as_csv(found))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = re.sub(r"[^a-z0-9]+", "-", f"{found.cohort} {found.title}".lower()).strip("-")[:80]
    name = f"{name or 'results'}-{found.made_at:%Y-%m-%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@audience(Permission.COHORT)
def withdraw(assignment_id: uuid.UUID) -> Page:
    cohort_id = service.withdraw(db.session(), actor(), assignment_id, now=clock.now())
    flash("Withdrawn. What was done for it stays.", "good")
    return redirect(url_for("director.cohort", cohort_id=cohort_id))
