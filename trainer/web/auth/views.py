"""Signing in and out, and the theme."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts, people
from trainer.services.errors import NotAllowedError
from trainer.web import db, shell
from trainer.web.access import actor, audience
from trainer.web.auth.entry import enter, leave
from trainer.web.auth.forms import SignInForm
from trainer.web.faults import into
from trainer.web.limits import limiter


@audience(Permission.PUBLIC)
@limiter.limit("60 per minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if not form.validate_on_submit():
        page = render_template("auth/sign_in.html", form=form)
        return (page, 400) if form.is_submitted() else page
    try:
        token = accounts.sign_in(
            db.session(), form.email.data or "", form.password.data or "", now=clock.now()
        )
    except NotAllowedError as fault:
        db.keep()  # the count of failures must survive the refusal
        into(form, fault)
        return render_template("auth/sign_in.html", form=form), 403
    enter(token)
    return redirect(shell.inside(request.args.get("next")) or url_for("public.front"))


@audience(Permission.SELF)
def sign_out() -> Response:
    leave()
    flash("You are signed out.")
    return redirect(url_for("public.front"))


@audience(Permission.PUBLIC)
def theme() -> Response:
    chosen = request.form.get("theme", "")
    who = actor() if current_user.is_authenticated else None
    people.choose_theme(db.session(), who, chosen)
    back = redirect(shell.inside(request.form.get("next")) or url_for("public.front"))
    shell.remember_theme(back, chosen)
    return back
