"""Fetching from a PACS: search, choose series, and let a job bring them into an upload."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.jobs.pacs import FETCH
from trainer.services import jobs, pacs_fetch
from trainer.services import pacs as service
from trainer.services import uploads as kept
from trainer.services.errors import InvalidError
from trainer.settings import Settings
from trainer.web import db
from trainer.web.access import actor, audience

Page = str | Response | tuple[str, int]
#: Studies whose series are asked for at once.
MOST_CHOSEN = 20


def _servers() -> dict[str, service.Server]:
    settings: Settings = current_app.extensions["telltale_settings"]
    return service.servers(settings.pacs)


def _page(**shown: object) -> str:
    # Search words of a person are sent by POST and kept nowhere: they are a patient's name.
    given = {"studies": None, "series": None, "fault": "", "values": request.form} | shown
    return render_template("curator/pacs.html", servers=sorted(_servers()), **given)


def _asked(ask: Callable[[service.Pacs], dict[str, object]]) -> Page:
    """Ask a PACS while no session is held, and draw what it said."""
    server = _servers().get(request.form.get("server", ""))
    actor()
    db.release()
    if server is None:
        return _page(fault="Choose one of the servers."), 400
    try:
        return _page(**ask(service.Pacs(server)))
    except InvalidError as fault:
        return _page(fault=str(fault)), 400


@audience(Permission.BANK)
def pacs() -> str:
    return _page(values={})


@audience(Permission.BANK)
def search_pacs() -> Page:
    return _asked(lambda asked: {"studies": asked.studies(service.filters(request.form))})


@audience(Permission.BANK)
def choose_series() -> Page:
    chosen = request.form.getlist("study")

    def ask(asked: service.Pacs) -> dict[str, object]:
        if not 0 < len(chosen) <= MOST_CHOSEN:
            raise InvalidError(f"Choose from 1 to {MOST_CHOSEN} studies.")
        return {"series": [one for study in chosen for one in asked.series(study)]}

    return _asked(ask)


def _ask_to_fetch(upload_id: uuid.UUID, title: str) -> Response:
    where = url_for("curator.upload", upload_id=upload_id)
    jobs.ask(
        db.session(),
        actor(),
        FETCH,
        {"upload": str(upload_id)},
        now=clock.now(),
        title=title,
        subject=f"upload:{upload_id}",
        link=where,
    )
    return redirect(where)


@audience(Permission.BANK)
def fetch_series() -> Page:
    server = request.form.get("server", "")
    pairs = [tuple(one.split("/", 1)) for one in request.form.getlist("series")]
    chosen = [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]
    if server not in _servers():
        return _page(fault="Choose one of the servers."), 400
    try:
        made = pacs_fetch.begin(db.session(), actor(), server, chosen, now=clock.now())
    except InvalidError as fault:
        return _page(fault=str(fault)), 400
    return _ask_to_fetch(made, f"Fetch {len(chosen)} series from {server}")


@audience(Permission.BANK)
def fetch_again(upload_id: uuid.UUID) -> Response:
    upload = kept.find_open(db.session(), actor(), upload_id)
    if "pacs" not in upload.body:
        raise InvalidError("This upload does not come from a PACS.")
    return _ask_to_fetch(upload_id, f"Fetch the rest from {upload.body['pacs']['server']}")
