"""Fetching from a PACS into an upload."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from trainer.core.permissions import Permission
from trainer.core.plural import counted
from trainer.jobs.run import Run
from trainer.jobs.tasks import task
from trainer.jobs.uploads import store_of
from trainer.services import pacs, pacs_fetch, uploads
from trainer.services.errors import InvalidError

FETCH = "pacs.fetch"


@task(FETCH, Permission.BANK, resumable=True)
def fetch(run: Run, parameters: Mapping[str, Any]) -> str:
    """Fetch what an upload asks for and does not have yet."""
    upload_id = uuid.UUID(parameters["upload"])
    with run.reading() as session:
        name = uploads.find(session, run.actor, upload_id).body["pacs"]["server"]
    done = pacs_fetch.fetch(
        pacs.Pacs(pacs.named(run.settings.pacs, name)),
        run.reading,
        run.transaction,
        store_of(run),
        upload_id,
        run.actor,
        clock=run.now,
        step=lambda at, total: run.step(at, total, "fetching"),
    )
    came = f"{done.new + done.already} of {counted(done.total, 'image has', 'images have')} come"
    if done.gone:
        raise InvalidError(f"{came}; then: {done.gone} They stay; fetch again to go on.")
    return f"{came}, {len(done.faults)} did not." if done.faults else f"{came}."
