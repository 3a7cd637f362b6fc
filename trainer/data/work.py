"""Long work: asked for once, done in steps, seen while it goes on."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from trainer.data.base import Base, new_id


class Job(Base):
    """One piece of long work and how far it has come."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_created_by", "created_by", "created_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(60), index=True)
    #: waiting, running, done, failed, cancelled, interrupted
    state: Mapped[str] = mapped_column(String(16), index=True)
    #: What the person asked for, in words.
    title: Mapped[str] = mapped_column(String(200), default="")
    #: What it works on; two jobs of one subject never run at once. Empty: nothing of the kind.
    subject: Mapped[str] = mapped_column(String(200), default="")
    #: The page of ours where its result is seen.
    link: Mapped[str] = mapped_column(String(300), default="")
    parameters: Mapped[dict[str, Any]]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    #: What came of it, besides what it wrote elsewhere.
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime]
    #: The process that has taken it; empty where no queue is involved.
    worker: Mapped[str] = mapped_column(String(80), default="")
    #: How often it was taken.
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime | None]
    #: The worker says that it is alive; a running job without a beat was interrupted.
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: Files it left in the store are removed after this.
    keep_until: Mapped[datetime | None]
