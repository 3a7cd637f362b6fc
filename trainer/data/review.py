"""Keys in the making and films in doubt: proposals, who agreed, what learners reported."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from trainer.core.review import AnnotationState, ReportReason, ReportState, StopKind
from trainer.data.base import Base, Word, new_id


class Annotation(Base):
    """What one curator says of a case: a draft, then a proposal, then perhaps its key."""

    __tablename__ = "annotation"
    __table_args__ = (
        Index("ix_annotation_case_state", "case_id", "state"),
        # one draft of a person on a case, whatever two tabs do
        Index(
            "uq_annotation_draft",
            "case_id",
            "author_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"))
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    #: The key that stood when it was begun.
    base_key_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case_key.id"))
    #: The key it became.
    key_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case_key.id"))
    state: Mapped[AnnotationState] = mapped_column(Word(AnnotationState))
    #: Made without having seen what another curator proposes.
    blind: Mapped[bool] = mapped_column(default=True)
    #: Truth, hallmarks, mimic, everywhere, reason, region, view, modality, words to colleagues.
    facts: Mapped[dict[str, Any]]
    #: The place as pixels: ``[{"z": slice, "runs": [start, length, ...]}, ...]``.
    place: Mapped[list[Any]]
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: Two tabs cannot both move it: SQLAlchemy checks the number on each update.
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ProposalLook(Base):
    """A curator has seen another's proposal: what they say from then on is not independent."""

    __tablename__ = "proposal_look"

    annotation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("annotation.id"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    looked_at: Mapped[datetime]


class CaseComment(Base):
    """What curators say to one another about a case."""

    __tablename__ = "case_comment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    author_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    words: Mapped[str]
    written_at: Mapped[datetime]


class KeyAgreement(Base):
    """Someone answers for a key: who proposed it, who agreed, or who checked a whole set."""

    __tablename__ = "key_agreement"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_key.id"), index=True)
    #: Empty for the command line.
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    name: Mapped[str] = mapped_column(String(120))
    #: ``proposed``, ``agreed``, ``case``, ``set``, ``made`` (by construction), ``before`` the rule
    part: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(default="")
    agreed_at: Mapped[datetime]


class CaseStop(Base):
    """A case is not played from a moment on, until it ends."""

    __tablename__ = "case_stop"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[StopKind] = mapped_column(Word(StopKind))
    why: Mapped[str]
    begun_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    begun_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    ended_at: Mapped[datetime | None]


class FilmReport(Base):
    """A learner says, after the call, that something is wrong with a film."""

    __tablename__ = "film_report"
    __table_args__ = (
        Index("ix_film_report_case_state", "case_id", "state"),
        UniqueConstraint("showing_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    showing_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("showing.id"))
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"))
    #: What the learner was told was true.
    case_key_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_key.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[ReportReason] = mapped_column(Word(ReportReason))
    words: Mapped[str]
    state: Mapped[ReportState] = mapped_column(Word(ReportState), index=True)
    reported_at: Mapped[datetime]
    #: What was done, and what the curator says to the learner.
    outcome: Mapped[str] = mapped_column(String(16), default="")
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    answered_at: Mapped[datetime | None]
