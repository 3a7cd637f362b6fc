"""Long work as rows: who asked, how far it is, how it ended (the worker: ``job_queue``)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.orm import Session

from trainer.data.work import Job
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

#: The kind of work that fills the starter bank.
STARTER = "starter.fill"

SILENCE = timedelta(minutes=2)
OPEN = ("waiting", "running")
#: Stands in a link for the id of the job that is only being asked for.
SELF = str(uuid.UUID(int=0))
#: Asked for in this session; whoever listens to its commit wakes a worker.
ASKED = "jobs_asked"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of long work has come."""

    kind: str
    state: str
    done: int
    total: int
    message: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A job as its owner sees it."""

    id: uuid.UUID
    kind: str
    title: str
    state: str
    done: int
    total: int
    message: str
    link: str
    parameters: Mapping[str, Any]
    result: Mapping[str, Any]
    ending: bool
    created_at: datetime
    ended_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it still goes on, or will."""
        return self.state in OPEN


def ask(
    session: Session,
    actor: Actor | None,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    now: datetime,
    title: str = "",
    subject: str = "",
    link: str = "",
) -> uuid.UUID:
    """Ask for long work; return its job.

    Parameters
    ----------
    parameters : mapping
        JSON values: what the work needs to know.
    title : str
        What was asked for, in words for the person.
    subject : str
        What it works on, such as ``set:hands``. Two jobs of one subject never run at once, and a
        job of the same kind, subject and parameters that is still open is returned instead of a
        second one (a button that was pressed twice).
    link : str
        The path of the page where the result is seen; :data:`SELF` in it becomes the job's id.
    """
    wanted = dict(parameters)
    if subject:
        same = select(Job).where(Job.kind == kind, Job.subject == subject, Job.state.in_(OPEN))
        for old in session.scalars(same):
            if old.parameters == wanted and not old.cancel_asked:
                return old.id
    if link and (not link.startswith("/") or link.startswith("//")):
        raise InvalidError(f"{link!r} leads out of the program: give a path that begins with /.")
    made = Job(
        kind=kind,
        state="waiting",
        title=title[:200],
        subject=subject[:200],
        link=link[:300],
        parameters=wanted,
        created_by=actor.id if actor else None,
        created_at=now,
    )
    session.add(made)
    session.flush()
    made.link = made.link.replace(SELF, str(made.id))
    session.flush()
    session.info.setdefault(ASKED, []).append(made.id)
    return made.id


def cancel(session: Session, actor: Actor | None, job_id: uuid.UUID, *, now: datetime) -> None:
    """Ask that a job ends: at once where it waits, at its next step where it runs.

    Raises
    ------
    NotFoundError
        When there is no such job of this person.
    ConflictError
        When it has ended already.
    """
    job = _mine(session, actor, job_id)
    if job.state == "waiting":
        taken = change(
            session,
            update(Job)
            .where(Job.id == job_id, Job.state == "waiting")
            .values(state="cancelled", ended_at=now, message="Cancelled before it began."),
        )
        if taken:
            return
    asked = update(Job).where(Job.id == job_id, Job.state == "running")
    if not change(session, asked.values(cancel_asked=True)):
        raise ConflictError("This work has ended already.")


def look(session: Session, actor: Actor | None, job_id: uuid.UUID, *, now: datetime) -> Seen:
    """Return a job of this person (the command line, ``None``, sees all).

    Raises
    ------
    NotFoundError
        When there is no such job of this person.
    """
    return _seen(_mine(session, actor, job_id), now)


def mine(
    session: Session,
    actor: Actor | None,
    *,
    now: datetime,
    kinds: Collection[str] = (),
    subject: str = "",
    most: int = 50,
) -> list[Seen]:
    """Return the person's newest jobs, those that are open first."""
    wanted = select(Job)
    if actor is not None:
        wanted = wanted.where(Job.created_by == actor.id)
    if kinds:
        wanted = wanted.where(Job.kind.in_(kinds))
    if subject:
        wanted = wanted.where(Job.subject == subject)
    newest = wanted.order_by(Job.state.in_(OPEN).desc(), Job.created_at.desc(), Job.id)
    return [_seen(job, now) for job in session.scalars(newest.limit(most))]


def begin(
    session: Session,
    actor: Actor | None,
    kind: str,
    parameters: Mapping[str, Any],
    total: int,
    *,
    now: datetime,
) -> uuid.UUID:
    """Write that work outside the queue begins; earlier open work of the kind was interrupted."""
    for old in session.scalars(select(Job).where(Job.kind == kind, Job.state.in_(OPEN))):
        old.state, old.ended_at, old.message = "interrupted", now, "interrupted"
    made = Job(
        kind=kind,
        state="running",
        parameters=dict(parameters),
        total=total,
        created_by=actor.id if actor else None,
        created_at=now,
        started_at=now,
        beat_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def step(session: Session, job_id: uuid.UUID, done: int, *, now: datetime) -> None:
    """Write how far work outside the queue is."""
    job = session.get_one(Job, job_id)
    job.done, job.beat_at = done, now


def end(
    session: Session, job_id: uuid.UUID, state: str, message: str = "", *, now: datetime
) -> None:
    """Write how work outside the queue ended: ``done``, ``failed`` or ``cancelled``."""
    job = session.get_one(Job, job_id)
    job.state, job.message, job.ended_at, job.beat_at = state, message, now, now


def latest(session: Session, kind: str, *, now: datetime) -> Progress | None:
    """Return the newest work of a kind; silent work reads as interrupted."""
    job = session.scalar(select(Job).where(Job.kind == kind).order_by(Job.created_at.desc()))
    if job is None:
        return None
    seen = _seen(job, now)
    return Progress(seen.kind, seen.state, seen.done, seen.total, seen.message)


def _mine(session: Session, actor: Actor | None, job_id: uuid.UUID) -> Job:
    job = session.get(Job, job_id)
    if job is None or (actor is not None and job.created_by != actor.id):
        raise NotFoundError("There is no such work of yours.")
    return job


def silent(job: Job, now: datetime) -> bool:
    """Whether a job has said nothing for too long."""
    return job.beat_at is None or now - job.beat_at > SILENCE


def _seen(job: Job, now: datetime) -> Seen:
    # A queue's job that fell silent is taken up or ended by the next sweep; work outside it is not.
    lost = job.state == "running" and not job.worker and silent(job, now)
    return Seen(
        id=job.id,
        kind=job.kind,
        title=job.title or job.kind,
        state="interrupted" if lost else job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        link=job.link,
        parameters=job.parameters,
        result=job.result,
        ending=job.cancel_asked and job.state == "running",
        created_at=job.created_at,
        ended_at=job.ended_at,
    )


def change(session: Session, change: Update) -> bool:
    """Change one row; return whether it was there to be changed."""
    done = session.execute(change.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    session.expire_all()
    return bool(done.rowcount == 1)
