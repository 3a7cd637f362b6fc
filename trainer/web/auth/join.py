"""Joining a cohort by its code, with or without an account."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts, cohorts, registration
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.auth.entry import enter
from trainer.web.auth.forms import HINT, CodeForm, RegisterForm
from trainer.web.faults import into
from trainer.web.limits import limiter


@audience(Permission.PUBLIC)
@limiter.limit("60 per minute", methods=["POST"])
def code() -> str | Response | tuple[str, int]:
    form = CodeForm()
    if form.validate_on_submit():
        try:
            found = cohorts.invitation(db.session(), form.code.data or "")
        except NotFoundError as fault:
            form.code.errors = [str(fault)]
            return render_template("auth/code.html", form=form), 404
        return redirect(url_for("auth.join", code=found.code))
    page = render_template("auth/code.html", form=form)
    return (page, 400) if form.is_submitted() else page


@audience(Permission.PUBLIC)
@limiter.limit("60 per minute")
@limiter.limit("300 per hour", methods=["POST"])
def join(code: str) -> str | Response | tuple[str, int]:
    found = cohorts.invitation(db.session(), code)
    if current_user.is_authenticated:
        return _join_signed_in(found)
    form, fault = RegisterForm(), ""
    if form.validate_on_submit():
        now = clock.now()
        try:
            who = registration.register(
                db.session(),
                code,
                email=form.email.data or "",
                name=form.name.data or "",
                password=form.password.data,
                now=now,
            )
        except (ConflictError, InvalidError) as refusal:
            fault = into(form, refusal)
        else:
            enter(accounts.open_session(db.session(), who.id, now))
            flash(f"Welcome. You are in {found.cohort}.", "good")
            return redirect(url_for("public.front"))
    page = render_template("auth/join.html", form=form, found=found, fault=fault, hint=HINT)
    return (page, 400) if form.is_submitted() else page


def _join_signed_in(found: cohorts.Invitation) -> str | Response:
    form = CodeForm(code=found.code)
    if not form.validate_on_submit():
        return render_template("auth/join.html", form=form, found=found, fault="", hint="")
    cohorts.join_by_code(db.session(), actor(), found.code, now=clock.now())
    flash(f"You are in {found.cohort}.", "good")
    return redirect(url_for("public.front"))
