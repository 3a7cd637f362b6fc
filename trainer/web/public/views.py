from __future__ import annotations

from flask import Response, redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import text

from trainer.core.permissions import Permission
from trainer.web.access import audience
from trainer.web.db import session
from trainer.web.limits import limiter


@audience(Permission.PUBLIC)
def front() -> Response | str:
    if current_user.is_authenticated:
        return redirect(url_for("learner.home"))  # type: ignore[return-value]
    return render_template("public/front.html")


@audience(Permission.PUBLIC)
@limiter.exempt
def health() -> tuple[dict[str, str], int]:
    session().execute(text("select 1"))
    return {"status": "ok"}, 200
