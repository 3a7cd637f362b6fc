"""Who learns together, and what they were asked to do."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainer.data.base import Base, new_id


class Cohort(Base):
    """A year of residents, a course of students."""

    __tablename__ = "cohort"
    __table_args__ = (UniqueConstraint("institution_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    institution_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("institution.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    #: What a learner types to join; can be changed, then the old one is void.
    invite_code: Mapped[str] = mapped_column(String(16), unique=True)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    members: Mapped[list[CohortMember]] = relationship(
        back_populates="cohort", cascade="all, delete-orphan"
    )
    assignments: Mapped[list[Assignment]] = relationship(
        back_populates="cohort", cascade="all, delete-orphan"
    )


class CohortMember(Base):
    """A learner in a cohort."""

    __tablename__ = "cohort_member"

    cohort_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    joined_at: Mapped[datetime]

    cohort: Mapped[Cohort] = relationship(back_populates="members")


class Assignment(Base):
    """A quiz that a cohort is to do. It pins the publication it was made from."""

    __tablename__ = "assignment"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("cohort.id", ondelete="CASCADE"), index=True
    )
    #: Empty for the quiz over a whole track.
    lesson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lesson.id"))
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publication.id"))
    #: The quiz as it stood when it was assigned: a later edit does not change what is asked.
    item_revision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item_revision.id"))
    opens_at: Mapped[datetime]
    due_at: Mapped[datetime]
    #: Share of the sitting's score that passes, 0 to 1.
    pass_mark: Mapped[float]
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship(back_populates="assignments")
