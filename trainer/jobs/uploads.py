"""The long work on an upload: looking at what came, and importing it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from trainer.core.permissions import Permission
from trainer.jobs.run import Run
from trainer.jobs.tasks import task
from trainer.services import upload_import, upload_look, uploads


def store_of(run: Run) -> uploads.Store:
    """Return where uploads lie."""
    said = run.settings
    return uploads.open_store(said.upload_folder, said.upload_gb, said.upload_days)


def _step(run: Run) -> upload_look.Step:
    return lambda what, done, total: run.step(done, total, what)


@task("upload.look", Permission.BANK, resumable=True)
def look(run: Run, parameters: Mapping[str, Any]) -> str:
    """Open archives and say what came."""
    upload_id, store = uuid.UUID(parameters["upload"]), store_of(run)
    with run.reading() as session:
        files = uploads.files(session, run.actor, upload_id)
    found = upload_look.look(store, upload_id, files, _step(run))
    with run.transaction() as session:
        upload_look.looked(session, upload_id, found, now=run.now())
    return f"{len(found.units)} can become a case, {len(found.faults)} cannot."


@task("upload.import", Permission.BANK, resumable=True)
def import_(run: Run, parameters: Mapping[str, Any]) -> str:
    """Import an upload as its curator described it; then its files go."""
    upload_id, store = uuid.UUID(parameters["upload"]), store_of(run)
    with run.reading() as session:
        said = uploads.find(session, run.actor, upload_id).body["said"]
    with upload_import.open_reader() as reader:
        work = upload_import.open_work(
            run.transaction,
            run.blobs,
            reader,
            upload_import.root_of(store, upload_id),
            run.settings.key(),
            said["how"],
            run.actor,
            run.now(),
        )
        report = upload_import.run(work, store, upload_id, said, _step(run))
    with run.transaction() as session:
        upload_import.finish(session, upload_id, report, store, now=run.now())
    return f"{report.taken} taken, {report.already} were in, {len(report.faults)} refused."
