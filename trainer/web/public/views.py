from __future__ import annotations

from flask import Response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from trainer.core.permissions import Permission
from trainer.services import health as service
from trainer.web import db
from trainer.web.access import audience
from trainer.web.assets import asset_url
from trainer.web.limits import limiter

ROBOTS = "User-agent: *\nAllow: /$\nDisallow: /\n"


@audience(Permission.PUBLIC)
def front() -> Redirect | str:
    if current_user.is_authenticated:
        return redirect(url_for("learner.home"))
    return render_template("public/front.html")


@audience(Permission.PUBLIC)
@limiter.exempt
def health() -> tuple[dict[str, str], int]:
    parts = service.check(db.session(), db.blobs())
    good = set(parts.values()) == {"ok"}
    return {"status": "ok" if good else "failing", **parts}, 200 if good else 503


@audience(Permission.PUBLIC)
def robots() -> Response:
    return Response(ROBOTS, mimetype="text/plain")


@audience(Permission.PUBLIC)
def favicon() -> Redirect:
    return redirect(asset_url("favicon.svg"), 302)
