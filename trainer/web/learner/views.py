from __future__ import annotations

from flask import render_template

from trainer.core.permissions import Permission
from trainer.web.access import audience


@audience(Permission.LEARN)
def home() -> str:
    return render_template("learner/home.html")
