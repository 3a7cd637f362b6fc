"""What learners did. Responses are only ever added; a corrected key adds a grade."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainer.core.sitting import Outcome, Phase
from trainer.core.words import Choice
from trainer.data.base import Base, Word, new_id


class Sitting(Base):
    """One person's run through one quiz."""

    __tablename__ = "sitting"
    __table_args__ = (Index("ix_sitting_user_item", "user_id", "item_revision_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    item_revision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item_revision.id"))
    assignment_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("assignment.id", ondelete="SET NULL"), index=True
    )
    #: Draws the cases; kept so that the draw can be explained.
    seed: Mapped[int] = mapped_column(BigInteger)
    #: The rules this sitting is played by, as they stood at its start.
    rules: Mapped[dict[str, Any]]
    time_factor: Mapped[float]
    phase: Mapped[Phase] = mapped_column(Word(Phase), index=True)
    position: Mapped[int]
    used_s: Mapped[float]
    running_since: Mapped[datetime | None]
    case_used_s: Mapped[float]
    case_since: Mapped[datetime | None]
    paused_phase: Mapped[Phase | None] = mapped_column(Word(Phase))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: Every block of the sitting is padded to this length.
    block_bytes: Mapped[int]
    #: Two tabs cannot both move it: SQLAlchemy checks the number on each update.
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    showings: Mapped[list[Showing]] = relationship(
        back_populates="sitting", order_by="Showing.position"
    )


class Showing(Base):
    """One case put before one reader, under a token that says nothing."""

    __tablename__ = "showing"
    __table_args__ = (UniqueConstraint("sitting_id", "position"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sitting.id"))
    position: Mapped[int]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    #: The key the reader is graded and taught by.
    case_key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_key.id"))
    token: Mapped[str] = mapped_column(String(43), unique=True)
    shown_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(Word(Outcome))
    #: Marks and choices not yet committed, so that a reload loses nothing.
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)

    sitting: Mapped[Sitting] = relationship(back_populates="showings")
    response: Mapped[Response | None] = relationship(back_populates="showing")


class Response(Base):
    """A call, as it was made. Append-only."""

    __tablename__ = "response"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: One showing, one answer: an answer sent twice is one answer.
    showing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("showing.id"), unique=True)
    choice: Mapped[Choice] = mapped_column(Word(Choice))
    confidence: Mapped[int]
    hallmarks: Mapped[list[Any]]
    marks: Mapped[list[Any]]
    late: Mapped[bool]
    answered_at: Mapped[datetime]
    #: Milliseconds on the server's clock from showing to the call.
    call_ms: Mapped[int]
    #: Milliseconds the browser reports from first paint to the first look and to the call.
    client: Mapped[dict[str, Any]]

    showing: Mapped[Showing] = relationship(back_populates="response")
    grades: Mapped[list[Grade]] = relationship(
        back_populates="response", order_by="Grade.graded_at"
    )


class Grade(Base):
    """A verdict on a response by one version of the grader and one key."""

    __tablename__ = "grade"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    response_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("response.id"), index=True)
    case_key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_key.id"))
    grader_version: Mapped[str] = mapped_column(String(16))
    verdict: Mapped[dict[str, Any]]
    graded_at: Mapped[datetime]

    response: Mapped[Response] = relationship(back_populates="grades")


class LessonRead(Base):
    """A learner has read a lesson to its end."""

    __tablename__ = "lesson_read"

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    lesson_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lesson.id"), primary_key=True)
    read_at: Mapped[datetime]
