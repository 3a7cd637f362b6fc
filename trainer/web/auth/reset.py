"""Choosing a password by a link in a mail: forgotten, or invited."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts, resets
from trainer.services.errors import NotFoundError
from trainer.web import db
from trainer.web.access import audience
from trainer.web.auth.forms import HINT, AskForm, ChooseForm
from trainer.web.limits import limiter
from trainer.web.post import link_to_choose, post_room


def _mailbox() -> str:
    """Limit how often one mailbox is written to; the address itself is not kept."""
    return "mailbox:" + accounts.hash_token(request.form.get("email", "").strip().casefold())


@audience(Permission.PUBLIC)
@limiter.limit("60 per hour", methods=["POST"])
@limiter.limit("4 per hour", key_func=_mailbox, methods=["POST"])
def forgot() -> str | Response | tuple[str, int]:
    form = AskForm()
    if not form.validate_on_submit():
        page = render_template("auth/forgot.html", form=form)
        return (page, 400) if form.is_submitted() else page
    post_room().reset(form.email.data or "", link_to_choose())
    return redirect(url_for("auth.sent"))


@audience(Permission.PUBLIC)
def sent() -> str:
    return render_template("auth/sent.html")


@audience(Permission.PUBLIC)
@limiter.limit("60 per hour", methods=["POST"])
def choose(token: str) -> str | Response | tuple[str, int]:
    try:
        resets.holder(db.session(), token, now=clock.now())
    except NotFoundError as fault:
        return render_template("auth/void.html", fault=str(fault)), 404
    form = ChooseForm()
    if not form.validate_on_submit():
        page = render_template("auth/choose.html", form=form, hint=HINT)
        return (page, 400) if form.is_submitted() else page
    resets.use(db.session(), token, form.password.data, now=clock.now())
    flash("Your new password is set. Sign in with it.", "good")
    return redirect(url_for("auth.sign_in"))
