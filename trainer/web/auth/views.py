from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.services import accounts, people
from trainer.services.errors import NotAllowedError
from trainer.web import db, shell
from trainer.web.access import SignedIn, actor, audience
from trainer.web.auth.forms import SignInForm
from trainer.web.limits import limiter


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
        return redirect(shell.inside(request.args.get("next")) or url_for("public.front"))
    return render_template("auth/sign_in.html", form=form, fault="")


@audience(Permission.SELF)
def sign_out() -> Response:
    accounts.sign_out(db.session(), current_user.token, now=clock.now())
    logout_user()
    cookie.clear()
    return redirect(url_for("public.front"))


@audience(Permission.PUBLIC)
def theme() -> Response:
    chosen = request.form.get("theme", "")
    who = actor() if current_user.is_authenticated else None
    people.choose_theme(db.session(), who, chosen)
    back = redirect(shell.inside(request.form.get("next")) or url_for("public.front"))
    shell.remember_theme(back, chosen)
    return back


@audience(Permission.SELF)
def account() -> str:
    return render_template("auth/account.html")
