"""A worker: takes one job after the other, and looks after those whose worker died."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import socket
import threading
import uuid
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from trainer import clock
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import FilmError
from trainer.imaging.forgery.contract import ForgeryError
from trainer.jobs.run import Cancelled, Lost, Office, Run, Stopped
from trainer.jobs.tasks import Task, tasks
from trainer.services import accounts, job_queue
from trainer.services.actor import Actor
from trainer.services.errors import NotAllowedError, OperatorError, ServiceError

log = logging.getLogger("telltale")

#: Faults whose text was written for the person; of any other the log alone tells.
PLAIN = (ServiceError, OperatorError, IntakeError, FilmError, ForgeryError)


def _place() -> str:
    """Return a name of this machine's process table: only within it does a process id say much."""
    parts = [socket.gethostname()]
    boot = Path("/proc/sys/kernel/random/boot_id")
    if boot.exists():
        parts.append(boot.read_text(encoding="ascii"))
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def new_name() -> str:
    """Return a name for a worker of this process that no other ever had."""
    return f"{_place()}:{os.getpid()}:{secrets.token_hex(6)}"


def is_gone(worker: str) -> bool:
    """Whether a worker is certainly dead: it was of this machine and its process is no more."""
    place, _, rest = worker.partition(":")
    number = rest.partition(":")[0]
    if place != _place() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def work_one(
    office: Office,
    kinds: Collection[str],
    stopping: threading.Event,
    only: uuid.UUID | None = None,
) -> bool:
    """Take one waiting job and do it; return whether there was one."""
    with office.database.reading() as session:
        ahead = job_queue.waiting(session, kinds)
    if not ahead or (only is not None and only not in ahead):
        return False
    worker = new_name()
    with office.database.transaction() as session:
        claimed = job_queue.claim(session, worker, kinds, now=clock.now(), only=only)
    if claimed is None:
        return False
    _do(office, claimed, worker, stopping)
    return True


def _do(office: Office, claimed: job_queue.Claimed, worker: str, stopping: threading.Event) -> None:
    """Do a job and write how it ended, whatever happens."""
    todo = tasks()[claimed.kind]
    run = Run(office, claimed, None, worker, stopping)
    state, message = "failed", ""
    try:
        run.actor = _asker(office, claimed, todo)
        with run.beating():
            message, state = todo.work(run, claimed.parameters), "done"
    except Cancelled:
        state, message = "cancelled", "Cancelled."
    except Lost:
        log.warning("job %s (%s) was taken over by another worker", claimed.id, claimed.kind)
        return
    except Stopped:
        state = "waiting" if todo.resumable else "interrupted"
        message = (
            "" if todo.resumable else "The server was stopped in the middle. Ask for it again."
        )
    except PLAIN as fault:
        message = str(fault)
        log.info("job %s (%s) refused", claimed.id, claimed.kind, exc_info=True)
    except Exception:
        message = (
            "Something went wrong on the server and was written to its log. What was done stays; "
            f"try once more, and if it fails again tell the operator: job {claimed.id}."
        )
        log.exception("job %s (%s) failed", claimed.id, claimed.kind)
    now = clock.now()
    with office.database.transaction() as session:
        job_queue.finish(
            session,
            claimed.id,
            worker,
            state,
            message,
            now=now,
            result=run.results or None,
            keep_until=now + timedelta(days=todo.keep_days) if run.results.get("files") else None,
        )


def _asker(office: Office, claimed: job_queue.Claimed, todo: Task) -> Actor | None:
    """Return who asked; refuse where the account was closed or the role taken since."""
    if claimed.asked_by is None:
        return None
    with office.database.reading() as session:
        actor = accounts.acting(session, claimed.asked_by)
    if not actor.may(todo.permission):
        raise NotAllowedError("Your account no longer has the role that this needs.")
    return actor


def sweep(office: Office) -> list[uuid.UUID]:
    """Deal with jobs whose worker died, and files whose time is over; return what waits again."""
    resumable = {kind for kind, found in tasks().items() if found.resumable}
    with office.database.transaction() as session:
        again = job_queue.sweep(session, now=clock.now(), resumable=resumable, gone=is_gone)
        old = job_queue.outdated(session, now=clock.now())
    for job_id in old:
        office.blobs.drop_outputs(str(job_id))
        with office.database.transaction() as session:
            job_queue.forget_files(session, job_id)
    return again
