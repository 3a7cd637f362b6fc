"""Long work as rows: who asked, how far it is, how it ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.work import Job
from trainer.services.actor import Actor

#: The kind of work that fills the starter bank.
STARTER = "starter.fill"

SILENCE = timedelta(minutes=2)
OPEN = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of long work has come."""

    kind: str
    state: str
    done: int
    total: int
    message: str


def begin(
    session: Session,
    actor: Actor | None,
    kind: str,
    parameters: Mapping[str, Any],
    total: int,
    *,
    now: datetime,
) -> uuid.UUID:
    """Write that work of a kind begins; earlier open work of the kind counts as interrupted."""
    for old in session.scalars(select(Job).where(Job.kind == kind, Job.state.in_(OPEN))):
        old.state, old.ended_at, old.message = "failed", now, "interrupted"
    made = Job(
        kind=kind,
        state="running",
        parameters=dict(parameters),
        total=total,
        created_by=actor.id if actor else None,
        created_at=now,
        beat_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def step(session: Session, job_id: uuid.UUID, done: int, *, now: datetime) -> None:
    """Write how far it is."""
    job = session.get_one(Job, job_id)
    job.done, job.beat_at = done, now


def end(
    session: Session, job_id: uuid.UUID, state: str, message: str = "", *, now: datetime
) -> None:
    """Write how it ended: ``done``, ``failed`` or ``cancelled``."""
    job = session.get_one(Job, job_id)
    job.state, job.message, job.ended_at, job.beat_at = state, message, now, now


def latest(session: Session, kind: str, *, now: datetime) -> Progress | None:
    """Return the newest work of a kind; silent work reads as interrupted."""
    job = session.scalar(select(Job).where(Job.kind == kind).order_by(Job.created_at.desc()))
    if job is None:
        return None
    silent = job.state == "running" and (job.beat_at is None or now - job.beat_at > SILENCE)
    return Progress(
        job.kind, "interrupted" if silent else job.state, job.done, job.total, job.message
    )
