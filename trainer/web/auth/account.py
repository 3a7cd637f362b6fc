"""A person's own account: name, password, sessions."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts, people
from trainer.services.errors import InvalidError, NotAllowedError
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.auth.entry import enter
from trainer.web.auth.forms import HINT, ChangeForm, NameForm
from trainer.web.faults import into
from trainer.web.limits import limiter


def _page(names: FlaskForm, change: FlaskForm) -> str:
    return render_template(
        "auth/account.html", names=names, change=change, hint=HINT, person=actor()
    )


@audience(Permission.SELF)
def account() -> str:
    return _page(NameForm(name=actor().name), ChangeForm())


@audience(Permission.SELF)
def rename() -> Response | tuple[str, int]:
    form = NameForm()
    if form.validate_on_submit():
        try:
            people.rename(db.session(), actor(), form.name.data or "", now=clock.now())
        except InvalidError as fault:
            into(form, fault)
        else:
            flash("Your name is changed.", "good")
            return redirect(url_for("auth.account"))
    return _page(form, ChangeForm(formdata=None)), 400


@audience(Permission.SELF)
@limiter.limit("20 per hour")
def change_password() -> Response | tuple[str, int]:
    form = ChangeForm()
    if not form.validate_on_submit():
        return _page(NameForm(formdata=None, name=actor().name), form), 400
    try:
        token = accounts.change_password(
            db.session(), actor(), old=form.old.data, new=form.password.data, now=clock.now()
        )
    except NotAllowedError as fault:
        db.keep()  # the count of failures must survive the refusal
        into(form, fault)
        return _page(NameForm(formdata=None, name=actor().name), form), 403
    enter(token)
    flash("Your password is changed. Every other browser was signed out.", "good")
    return redirect(url_for("auth.account"))


@audience(Permission.SELF)
def sign_out_everywhere() -> Response:
    now = clock.now()
    accounts.sign_out_everywhere(db.session(), actor().id, now=now)
    enter(accounts.open_session(db.session(), actor().id, now))
    flash("Every other browser is signed out.", "good")
    return redirect(url_for("auth.account"))
