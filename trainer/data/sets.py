"""What was found out about a set, and on whose word it was put before learners."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from trainer.data.base import Base, new_id


class AuditRun(Base):
    """One audit of a set, as it stood. Never edited: the set's next audit adds a row."""

    __tablename__ = "audit_run"
    __table_args__ = (Index("ix_audit_run_dataset_made", "dataset_id", "made_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dataset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    #: Who asked; empty for the command line.
    made_by: Mapped[str] = mapped_column(String(200), default="")
    engine: Mapped[str] = mapped_column(String(16))
    #: Of the live cases and their keys: another one means that the set has changed since.
    fingerprint: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]


class SetPublication(Base):
    """A time during which a set could be played, and who answered for it."""

    __tablename__ = "set_publication"
    __table_args__ = (Index("ix_set_publication_dataset_from", "dataset_id", "published_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dataset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"))
    audit_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("audit_run.id", ondelete="SET NULL")
    )
    published_at: Mapped[datetime]
    #: Withdrawn, or published anew.
    ended_at: Mapped[datetime | None]
    #: Who published it; empty for the command line.
    by: Mapped[str] = mapped_column(String(200), default="")
    #: Why it was published in spite of its audit; empty where the audit passed.
    override: Mapped[str] = mapped_column(default="")
    #: What the audit had against it.
    despite: Mapped[list[Any]]
