"""The queue of long work, from the worker's side. The table is the queue.

Whoever works takes a row by changing it from *waiting* to *running*, and says every few seconds
that it is alive; a row that falls silent was interrupted.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from trainer.data.work import Job
from trainer.services.jobs import OPEN, change, silent

#: A job whose worker died so often is not tried again: it may be what kills it.
MOST_ATTEMPTS = 3
_ONE_CLAIM_AT_A_TIME = 0x7E117A1E  # key of PostgreSQL's advisory lock


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job as its worker sees it."""

    id: uuid.UUID
    kind: str
    parameters: Mapping[str, Any]
    asked_by: uuid.UUID | None
    attempt: int
    done: int
    total: int


def waiting(session: Session, kinds: Collection[str]) -> list[uuid.UUID]:
    """Return the jobs of these kinds that nobody has taken, in the order of asking."""
    wanted = select(Job.id).where(Job.state == "waiting", Job.kind.in_(kinds))
    return list(session.scalars(wanted.order_by(Job.created_at, Job.id)))


def claim(
    session: Session,
    worker: str,
    kinds: Collection[str],
    *,
    now: datetime,
    only: uuid.UUID | None = None,
) -> Claimed | None:
    """Take the oldest waiting job of these kinds for a worker; ``None`` where there is none.

    Safe for any number of workers: the row changes hands by compare-and-set. Claims exclude each
    other (SQLite's write lock, an advisory lock on PostgreSQL), so that two jobs of one subject
    are never taken at the same moment either.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_CLAIM_AT_A_TIME})
    other = aliased(Job)
    busy = select(other.id).where(other.state == "running", other.subject == Job.subject)
    wanted = select(Job).where(
        Job.state == "waiting", Job.kind.in_(kinds), or_(Job.subject == "", ~busy.exists())
    )
    if only is not None:
        wanted = wanted.where(Job.id == only)
    job = session.scalar(wanted.order_by(Job.created_at, Job.id).limit(1))
    if job is None:
        return None
    found = Claimed(
        job.id, job.kind, job.parameters, job.created_by, job.attempts + 1, job.done, job.total
    )
    taken = change(
        session,
        update(Job)
        .where(Job.id == job.id, Job.state == "waiting")
        .values(
            state="running",
            worker=worker,
            attempts=Job.attempts + 1,
            started_at=func.coalesce(Job.started_at, now),
            beat_at=now,
        ),
    )
    return found if taken else None  # cancelled between the look and the grasp


def beat(
    session: Session,
    job_id: uuid.UUID,
    worker: str,
    *,
    now: datetime,
    progress: tuple[int, int, str] | None = None,
) -> str:
    """Say that the worker is alive, and how far it is; return ``go on``, ``cancel`` or ``lost``.

    *Lost*: the job is no longer this worker's, for example because it was silent for too long.
    """
    values: dict[str, Any] = {"beat_at": now}
    if progress is not None:
        values |= dict(zip(("done", "total", "message"), progress, strict=True))
    held = (Job.id == job_id, Job.worker == worker, Job.state == "running")
    if not change(session, update(Job).where(*held).values(**values)):
        return "lost"
    asked = session.scalar(select(Job.cancel_asked).where(Job.id == job_id))
    return "cancel" if asked else "go on"


def held(session: Session, job_id: uuid.UUID, worker: str) -> bool:
    """Whether a job is still this worker's."""
    row = (Job.id == job_id, Job.worker == worker, Job.state == "running")
    return session.scalar(select(Job.id).where(*row)) is not None


def finish(
    session: Session,
    job_id: uuid.UUID,
    worker: str,
    state: str,
    message: str,
    *,
    now: datetime,
    result: Mapping[str, Any] | None = None,
    keep_until: datetime | None = None,
) -> bool:
    """Write how a taken job ended; ``False`` where it is no longer this worker's.

    The state *waiting* gives it back to the queue.
    """
    values: dict[str, Any] = {"state": state, "message": message[:2000], "beat_at": now}
    values["ended_at"] = None if state in OPEN else now
    if state == "waiting":
        values |= {"worker": "", "attempts": Job.attempts - 1}  # an orderly stop is no fault of it
    if result is not None:
        values |= {"result": dict(result), "keep_until": keep_until}
    held = (Job.id == job_id, Job.worker == worker, Job.state == "running")
    return change(session, update(Job).where(*held).values(**values))


def sweep(
    session: Session,
    *,
    now: datetime,
    resumable: Collection[str] = (),
    gone: Callable[[str], bool] = lambda worker: False,
) -> list[uuid.UUID]:
    """Deal with jobs whose worker died; return those that wait again.

    Parameters
    ----------
    resumable : collection of str
        Kinds that go on where they were; all others end as interrupted.
    gone : callable
        Told a worker's name; whether it is certain that it is dead. Otherwise silence decides.
    """
    again = []
    for job in session.scalars(select(Job).where(Job.state == "running", Job.worker != "")):
        if not (silent(job, now) or gone(job.worker)):
            continue
        held = (Job.id == job.id, Job.worker == job.worker, Job.state == "running")
        values: dict[str, Any] = {"beat_at": now}
        if job.cancel_asked:
            values |= {"state": "cancelled", "ended_at": now, "message": "Cancelled."}
        elif job.kind in resumable and job.attempts < MOST_ATTEMPTS:
            values |= {"state": "waiting", "worker": ""}
        else:
            values |= {"state": "interrupted", "ended_at": now, "message": _why(job, resumable)}
        if change(session, update(Job).where(*held).values(**values)):
            again += [job.id] if values["state"] == "waiting" else []
    return again


def outdated(session: Session, *, now: datetime) -> list[uuid.UUID]:
    """Return the ended jobs whose files are to be removed by now."""
    return list(session.scalars(select(Job.id).where(Job.keep_until < now)))


def forget_files(session: Session, job_id: uuid.UUID) -> None:
    """Write that the files of a job are gone."""
    job = session.get_one(Job, job_id)
    job.result = {k: v for k, v in job.result.items() if k != "files"} | {"expired": True}
    job.keep_until = None


def _why(job: Job, resumable: Collection[str]) -> str:
    if job.kind in resumable:
        return (
            f"It was interrupted {job.attempts} times and is not tried again. Look at the "
            "server's log (is memory short?), then ask for it anew: what is done stays done."
        )
    return "The server was stopped in the middle of it. Ask for it again."
