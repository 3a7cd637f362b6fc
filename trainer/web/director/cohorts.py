"""The pages about cohorts: the list, one cohort, its code and its members."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import assignments as assigned
from trainer.services import cohorts as service
from trainer.services.errors import ConflictError, InvalidError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.director.forms import CohortForm, NameForm
from trainer.web.faults import into

Page = str | Response | tuple[str, int]


def _list(form: CohortForm, fault: str = "") -> str:
    places = service.places(db.session(), actor())
    form.institution.choices = [(str(key), name) for key, name in places]
    return render_template(
        "director/cohorts.html",
        form=form,
        fault=fault,
        lines=service.listing(db.session(), actor()),
        several=len(places) > 1,
    )


@audience(Permission.COHORT)
def cohorts() -> Page:
    return _list(CohortForm(formdata=None))


@audience(Permission.COHORT)
def make() -> Page:
    form = CohortForm()
    if not form.validate_on_submit():
        return _list(form), 400
    where = request.form.get("institution", type=uuid.UUID)
    try:
        made = service.make(
            db.session(), actor(), form.name.data or "", now=clock.now(), institution_id=where
        )
    except (ConflictError, InvalidError) as fault:
        return _list(form, into(form, fault)), 400
    return redirect(url_for("director.cohort", cohort_id=made))


def _page(cohort_id: uuid.UUID, form: NameForm | None = None) -> str:
    now = clock.now()
    found = service.view(db.session(), actor(), cohort_id)
    return render_template(
        "director/cohort.html",
        cohort=found,
        assignments=assigned.for_cohort(db.session(), actor(), cohort_id, now=now),
        link=url_for("auth.join", code=found.code, _external=True),
        form=form or NameForm(formdata=None, name=found.name),
        now=now,
    )


@audience(Permission.COHORT)
def cohort(cohort_id: uuid.UUID) -> Page:
    return _page(cohort_id)


@audience(Permission.COHORT)
def rename(cohort_id: uuid.UUID) -> Page:
    form = NameForm()
    if not form.validate_on_submit():
        return _page(cohort_id, form), 400
    try:
        service.rename(db.session(), actor(), cohort_id, form.name.data or "", now=clock.now())
    except (ConflictError, InvalidError) as fault:
        into(form, fault)
        return _page(cohort_id, form), 400
    return redirect(url_for("director.cohort", cohort_id=cohort_id))


@audience(Permission.COHORT)
def renew_code(cohort_id: uuid.UUID) -> Page:
    code = service.renew_code(db.session(), actor(), cohort_id, now=clock.now())
    flash(f"The code is now {code}. The old one no longer works.", "good")
    return redirect(url_for("director.cohort", cohort_id=cohort_id))


@audience(Permission.COHORT)
def archive(cohort_id: uuid.UUID) -> Page:
    close = request.form.get("archived", "yes") == "yes"
    service.archive(db.session(), actor(), cohort_id, now=clock.now(), archived=close)
    return redirect(url_for("director.cohort", cohort_id=cohort_id))


@audience(Permission.COHORT)
def remove(cohort_id: uuid.UUID, user_id: uuid.UUID) -> Page:
    service.remove_member(db.session(), actor(), cohort_id, user_id, now=clock.now())
    flash("Taken out of the cohort. What they answered stays theirs.", "good")
    return redirect(url_for("director.cohort", cohort_id=cohort_id))
