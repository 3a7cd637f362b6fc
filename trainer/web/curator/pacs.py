"""Fetching from a PACS: search, choose series, and let a job bring them into an upload."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from trainer import clock
from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.jobs.pacs import FETCH
from trainer.services import jobs, pacs_fetch
from trainer.services import pacs as service
from trainer.services import uploads as kept
from trainer.services.errors import InvalidError
from trainer.settings import Settings
from trainer.web import db
from trainer.web.access import actor, audience
from trainer.web.faults import beside

Page = str | Response | tuple[str, int]
#: Studies whose series are asked for at once.
MOST_CHOSEN = 20
#: The fields of the search.
SEARCHED = (
    "server",
    "from",
    "to",
    "ModalitiesInStudy",
    "PatientID",
    "PatientName",
    "AccessionNumber",
)
NO_SERVER = {"server": "Choose one of the servers."}


def _servers() -> dict[str, service.Server]:
    settings: Settings = current_app.extensions["telltale_settings"]
    return service.servers(settings.pacs)


def _page(**shown: object) -> str:
    # Search words of a person are sent by POST and kept nowhere: they are a patient's name.
    given = {"studies": None, "chosen": None, "faults": {}, "values": request.form} | shown
    return render_template(
        "curator/pacs.html", servers=sorted(_servers()), most=service.MOST_STUDIES, **given
    )


def _asked(
    ask: Callable[[service.Pacs], dict[str, object]], faults: Mapping[str, str] | None = None
) -> Page:
    """Ask a PACS while no session is held, and draw what it said, below a fault if there is one."""
    server = _servers().get(request.form.get("server", ""))
    actor()
    db.release()
    if server is None:
        return _page(faults=NO_SERVER), 400
    try:
        return _page(faults=faults or {}, **ask(service.Pacs(server))), 400 if faults else 200
    except InvalidError as refusal:
        return _page(faults=beside(refusal, *SEARCHED)), 400


@audience(Permission.BANK)
def pacs() -> str:
    return _page(values={})


@audience(Permission.BANK)
def search_pacs() -> Page:
    return _asked(lambda asked: {"studies": asked.studies(service.filters(request.form))})


@audience(Permission.BANK)
def choose_series() -> Page:
    studies = request.form.getlist("study")
    if not 0 < len(studies) <= MOST_CHOSEN:
        return _asked(
            lambda asked: {"studies": asked.studies(service.filters(request.form))},
            {"study": f"Choose from 1 to {MOST_CHOSEN} studies."},
        )
    return _series(studies)


def _series(studies: list[str], faults: Mapping[str, str] | None = None) -> Page:
    return _asked(lambda asked: {"chosen": [asked.chosen(one) for one in studies]}, faults)


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
        return _page(faults=NO_SERVER), 400
    try:
        made = pacs_fetch.begin(db.session(), actor(), server, chosen, now=clock.now())
    except InvalidError as fault:
        return _series(request.form.getlist("study")[:MOST_CHOSEN], beside(fault, "series"))
    return _ask_to_fetch(made, f"Fetch {counted(len(chosen), 'series', 'series')} from {server}")


@audience(Permission.BANK)
def fetch_again(upload_id: uuid.UUID) -> Response:
    upload = kept.find_open(db.session(), actor(), upload_id)
    if "pacs" not in upload.body:
        raise InvalidError("This upload does not come from a PACS.")
    return _ask_to_fetch(upload_id, f"Fetch the rest from {upload.body['pacs']['server']}")
