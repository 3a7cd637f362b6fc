"""The sets of the bank, and one of them."""

from __future__ import annotations

from flask import render_template

from trainer.core.permissions import Permission
from trainer.services import shelf
from trainer.web import db
from trainer.web.access import audience


@audience(Permission.BANK)
def bank() -> str:
    return render_template("curator/bank.html", sets=shelf.summaries(db.session()))


@audience(Permission.BANK)
def image_set(slug: str) -> str:
    return render_template("curator/set.html", set=shelf.summary(db.session(), slug))
