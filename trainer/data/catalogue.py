"""Published curricula. Rows are a projection of files and are never edited by hand."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainer.data.base import Base, new_id


class Publication(Base):
    """One act of publishing: what stood in the files, and the report of its check."""

    __tablename__ = "publication"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: sha256 over every published file, so that the same files publish nothing new.
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    published_at: Mapped[datetime] = mapped_column(index=True)
    report: Mapped[dict[str, Any]]


class Track(Base):
    """A course of lessons in order."""

    __tablename__ = "track"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # the uuid in the file
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    #: The checked file as JSON (summary, order of lessons, the track's own quiz).
    body: Mapped[dict[str, Any]]
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publication.id"))

    lessons: Mapped[list[Lesson]] = relationship(back_populates="track", order_by="Lesson.position")


class Concept(Base):
    """What a hallmark is, how to check it, what imitates it; the words of the feedback."""

    __tablename__ = "concept"

    #: ``<track uuid>/<concept slug>``; a hallmark's concept has the hallmark's id as its slug.
    id: Mapped[str] = mapped_column(String(160), primary_key=True)
    track_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("track.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80), index=True)
    body: Mapped[dict[str, Any]]
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publication.id"))


class Lesson(Base):
    """A lesson: a page to read and the items to do after it."""

    __tablename__ = "lesson"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    track_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("track.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]
    #: False when its file is gone: what learners did stays, the lesson is no longer offered.
    live: Mapped[bool] = mapped_column(default=True)
    #: The checked file and its text as sanitised HTML.
    body: Mapped[dict[str, Any]]
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publication.id"))

    track: Mapped[Track] = relationship(back_populates="lessons")
    items: Mapped[list[Item]] = relationship(back_populates="lesson", order_by="Item.position")


class Item(Base):
    """Something to do: a quiz. What it says lies in its revisions."""

    __tablename__ = "item"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: Empty for the quiz over a whole track.
    lesson_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lesson.id"), index=True)
    track_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("track.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(32))
    position: Mapped[int]
    live: Mapped[bool] = mapped_column(default=True)
    #: The revision that is offered now.
    revision_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("item_revision.id", use_alter=True)
    )

    lesson: Mapped[Lesson | None] = relationship(back_populates="items")
    revision: Mapped[ItemRevision | None] = relationship(foreign_keys=[revision_id])


class ItemRevision(Base):
    """An item as it stood when it was published. Never deleted: learners answered it."""

    __tablename__ = "item_revision"
    __table_args__ = (UniqueConstraint("item_id", "content_hash"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    item_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("item.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("publication.id"))
