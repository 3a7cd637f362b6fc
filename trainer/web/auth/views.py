from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts
from trainer.services.errors import NotAllowedError
from trainer.web import db
from trainer.web.access import SignedIn, audience
from trainer.web.auth.forms import SignInForm
from trainer.web.limits import limiter


def _inside(target: str | None) -> str | None:
    """Return the target if it leads to a page of ours; never to another host."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    return target if not urlsplit(target).netloc else None


@audience(Permission.PUBLIC)
@limiter.limit("30 per minute", methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if form.validate_on_submit():
        now = clock.now()
        try:
            token = accounts.sign_in(
                db.session(), form.email.data or "", form.password.data or "", now=now
            )
        except NotAllowedError as fault:
            db.keep()  # the count of failures must survive the refusal
            return render_template("auth/sign_in.html", form=form, fault=str(fault)), 403
        who = accounts.actor_of(db.session(), token, now=now)
        assert who is not None
        cookie.clear()  # nothing from before signing in lives on
        cookie.permanent = True
        login_user(SignedIn(who, token))
        return redirect(_inside(request.args.get("next")) or url_for("public.front"))
    return render_template("auth/sign_in.html", form=form, fault="")


@audience(Permission.SELF)
def sign_out() -> Response:
    accounts.sign_out(db.session(), current_user.token, now=clock.now())
    logout_user()
    cookie.clear()
    return redirect(url_for("public.front"))
