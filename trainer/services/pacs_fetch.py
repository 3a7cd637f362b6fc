"""Bringing series from a PACS into an upload, instance by instance, so that it can go on later."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.uploads import UploadFile
from trainer.services import upload_pieces, uploads
from trainer.services.actor import Actor
from trainer.services.errors import InvalidError
from trainer.services.pacs import Pacs, PacsError, counted
from trainer.services.uploads import Store

#: After so many failures one after the other the PACS is taken to be gone.
MOST_IN_A_ROW = 3
MOST_SERIES = 200


@dataclass(slots=True)
class Fetched:
    """What came: new, there before, and each failure as (what, why)."""

    new: int = 0
    already: int = 0
    total: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    gone: str = ""


def begin(
    session: Session,
    actor: Actor,
    server: str,
    chosen: Sequence[tuple[str, str]],
    *,
    now: datetime,
) -> uuid.UUID:
    """Begin an upload of chosen (study, series); the UIDs go when the upload does."""
    if not 0 < len(chosen) <= MOST_SERIES:
        raise InvalidError(f"Choose from 1 to {MOST_SERIES} series.", "series")
    body = {"pacs": {"server": server, "series": [list(pair) for pair in chosen]}}
    title = f"{len(chosen)} series from {server}"
    return uploads.make(session, actor, now=now, origin="pacs", title=title, body=body)


def fetch(
    pacs: Pacs,
    reading: Callable[[], AbstractContextManager[Session]],
    transaction: Callable[[], AbstractContextManager[Session]],
    store: Store,
    upload_id: uuid.UUID,
    actor: Actor | None,
    *,
    clock: Callable[[], datetime],
    step: Callable[[int, int], None],
) -> Fetched:
    """Fetch what an upload asks for and does not have yet; what came stays, whatever happens.

    Parameters
    ----------
    pacs : Pacs
        Where it lies.
    step : callable
        Told how many are done and how many there are; may raise to end it.
    """
    with reading() as session:
        found = uploads.find(session, actor, upload_id)
        pairs = [(study, series) for study, series in found.body["pacs"]["series"]]
        rows = session.scalars(select(UploadFile).where(UploadFile.upload_id == upload_id))
        there = {row.name: row.stamp for row in rows if row.received == row.size}
    done = Fetched()
    tasks = _tasks(pacs, pairs, done)
    done.total = len(tasks)
    failures = 0
    for at, (study, series, uid, name) in enumerate(tasks):
        step(at, len(tasks))
        # The stamp tells the same instance again without keeping its UID in a name.
        stamp = hashlib.sha256(uid.encode()).hexdigest()[:40]
        if there.get(name) == stamp:
            done.already += 1
            continue
        try:
            data = pacs.retrieve(study, series, uid)
            with transaction() as session:
                upload_pieces.put_whole(
                    session, actor, upload_id, name, data, stamp, store, now=clock()
                )
        except InvalidError as fault:
            done.faults.append((name, str(fault)))
            failures += 1
            if failures >= MOST_IN_A_ROW:
                done.gone = str(fault)
                break
            continue
        failures = 0
        done.new += 1
    step(len(tasks), len(tasks))
    with transaction() as session:
        found = uploads.find(session, actor, upload_id)
        told: dict[str, Any] = {"came": done.new + done.already, "total": done.total}
        told |= {"faults": [list(fault) for fault in done.faults[:500]]}
        found.body = found.body | {"pacs": found.body["pacs"] | told}
    return done


def _tasks(
    pacs: Pacs, pairs: Sequence[tuple[str, str]], done: Fetched
) -> list[tuple[str, str, str, str]]:
    """Return (study, series, instance, file) of all that is wanted; note series that cannot be."""
    tasks: list[tuple[str, str, str, str]] = []
    for study, series, folder in counted(pairs):
        try:
            listed = pacs.instances(study, series)
        except PacsError as fault:
            done.faults.append((folder, str(fault)))
            continue
        if not listed:
            done.faults.append((folder, "The PACS names no image in it."))
        tasks += [(study, series, uid, f"{folder}/{at:05}.dcm") for at, uid in enumerate(listed, 1)]
    return tasks
