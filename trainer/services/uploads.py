"""Uploads: what a curator brings, kept privately until it is imported, then removed.

How their files come, piece by piece, is in :mod:`trainer.services.upload_pieces`.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.data.uploads import Upload, UploadFile
from trainer.imaging.bank.archive import Limits, kind_of
from trainer.imaging.bank.reader import MOST_BYTES
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, NotFoundError

MOST_FILES = 50_000


@dataclass(frozen=True, slots=True)
class Store:
    """Where uploads lie and what they may come to.

    Parameters
    ----------
    folder : Path
        Holds one folder for each upload.
    limits : Limits
        Of one upload, packed and unpacked.
    days : float
        An upload that is not touched for so long is removed.
    """

    folder: Path
    limits: Limits
    days: float

    def place(self, upload_id: uuid.UUID) -> Path:
        """Return the folder of an upload."""
        return self.folder / upload_id.hex

    def part(self, upload_id: uuid.UUID, file_id: uuid.UUID) -> Path:
        """Return where the bytes of a file lie while they come."""
        return self.place(upload_id) / "parts" / file_id.hex

    def files(self, upload_id: uuid.UUID) -> Path:
        """Return the folder in which the files lie under their names, archives opened."""
        return self.place(upload_id) / "files"


def open_store(folder: Path, upload_gb: float, days: float) -> Store:
    """Return the store that the settings describe."""
    total = int(upload_gb * 1024**3)
    return Store(folder, Limits(MOST_FILES, total, min(MOST_BYTES, total)), days)


@dataclass(frozen=True, slots=True)
class File:
    """A file of an upload."""

    id: uuid.UUID
    name: str
    size: int
    received: int


@dataclass(frozen=True, slots=True)
class Seen:
    """An upload as its curator sees it."""

    id: uuid.UUID
    title: str
    origin: str
    state: str
    body: dict[str, Any]
    files: int
    whole: int
    size: int
    received: int
    created_at: datetime
    touched_at: datetime
    goes_at: datetime


def make(
    session: Session,
    actor: Actor | None,
    *,
    now: datetime,
    origin: str = "browser",
    title: str = "",
    body: dict[str, Any] | None = None,
) -> uuid.UUID:
    """Begin an upload of this person (``None``: of the DICOM receiver, for any curator)."""
    if actor is not None:
        actor.require(Permission.BANK)
    made = Upload(
        owner_id=actor.id if actor else None,
        origin=origin,
        title=title[:200],
        state="open",
        body=body or {},
        created_at=now,
        touched_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def find(session: Session, actor: Actor | None, upload_id: uuid.UUID) -> Upload:
    """Return an upload of this person, or one that was sent by DICOM.

    Raises
    ------
    NotFoundError
        When there is none, or it is another person's.
    """
    found = session.get(Upload, upload_id)
    if found is None or found.state == "discarded":
        raise NotFoundError("There is no such upload. It may have been removed after its time.")
    if actor is not None:
        actor.require(Permission.BANK)
        if found.owner_id not in (None, actor.id):
            raise NotFoundError("There is no such upload of yours.")
    return found


def look(session: Session, actor: Actor, upload_id: uuid.UUID, store: Store) -> Seen:
    """Return one upload."""
    return _seen(session, find(session, actor, upload_id), store)


def mine(session: Session, actor: Actor, store: Store, most: int = 100) -> list[Seen]:
    """Return the person's uploads and those that were sent by DICOM, newest first."""
    actor.require(Permission.BANK)
    rows = session.scalars(
        select(Upload)
        .where(or_(Upload.owner_id == actor.id, Upload.owner_id.is_(None)))
        .where(Upload.state != "discarded")
        .order_by(Upload.created_at.desc(), Upload.id)
        .limit(most)
    )
    return [_seen(session, row, store) for row in rows]


def _seen(session: Session, row: Upload, store: Store) -> Seen:
    files, size, received = session.execute(
        select(func.count(), func.sum(UploadFile.size), func.sum(UploadFile.received)).where(
            UploadFile.upload_id == row.id
        )
    ).one()
    complete = session.scalar(
        select(func.count()).where(
            UploadFile.upload_id == row.id, UploadFile.received == UploadFile.size
        )
    )
    return Seen(
        row.id, row.title, row.origin, row.state, row.body, files, complete or 0,
        int(size or 0), int(received or 0), row.created_at, row.touched_at,
        row.touched_at + timedelta(days=store.days),
    )  # fmt: skip


def files(session: Session, actor: Actor | None, upload_id: uuid.UUID) -> list[File]:
    """Return the files of an upload by name."""
    found = find(session, actor, upload_id)
    rows = session.scalars(
        select(UploadFile).where(UploadFile.upload_id == found.id).order_by(UploadFile.name)
    )
    return [File(row.id, row.name, row.size, row.received) for row in rows]


def drop(
    session: Session, actor: Actor, upload_id: uuid.UUID, file_id: uuid.UUID, store: Store
) -> None:
    """Take one file out of an upload."""
    found = find_open(session, actor, upload_id)
    row = session.get(UploadFile, file_id)
    if row is None or row.upload_id != found.id:
        raise NotFoundError("There is no such file in this upload.")
    session.delete(row)
    session.flush()
    store.part(found.id, file_id).unlink(missing_ok=True)


def reopen(session: Session, actor: Actor, upload_id: uuid.UUID, *, now: datetime) -> None:
    """Let more files come into an upload that was looked at."""
    found = find(session, actor, upload_id)
    if found.state not in ("open", "looked"):
        raise ConflictError("This upload is done with. Begin a new one.")
    found.state, found.touched_at = "open", now


def discard(
    session: Session, actor: Actor | None, upload_id: uuid.UUID, store: Store, *, now: datetime
) -> None:
    """Remove an upload and all of its files."""
    found = find(session, actor, upload_id)
    forget(session, found, store, "discarded", now=now)
    audit.note(session, actor, "upload.discard", found.id, now)


def forget(session: Session, found: Upload, store: Store, state: str, *, now: datetime) -> None:
    """Remove the files of an upload; of a discarded one, all that was said of it too."""
    for row in session.scalars(select(UploadFile).where(UploadFile.upload_id == found.id)):
        session.delete(row)
    found.state, found.touched_at = state, now
    if state == "discarded":
        found.body, found.title = {}, ""
    session.flush()
    shutil.rmtree(store.place(found.id), ignore_errors=True)


def sweep(session: Session, store: Store, *, now: datetime) -> int:
    """Remove uploads that nobody touched for the stated time, and folders nobody knows.

    Returns
    -------
    int
        How many uploads were removed.
    """
    limit = now - timedelta(days=store.days)
    old = list(
        session.scalars(
            select(Upload).where(Upload.state.in_(("open", "looked")), Upload.touched_at < limit)
        )
    )
    for one in old:
        forget(session, one, store, "discarded", now=now)
        audit.note(session, None, "upload.sweep", one.id, now)
    if store.folder.is_dir():
        kept = select(Upload.id).where(Upload.state.in_(("open", "looked")))
        names = {key.hex for key in session.scalars(kept)}
        for place in store.folder.iterdir():
            if place.name not in names and place.stat().st_mtime < limit.timestamp():
                shutil.rmtree(place, ignore_errors=True)
    return len(old)


def is_archive(path: Path, name: str) -> bool:
    """Whether a file that has come is an archive, by its first bytes."""
    with path.open("rb") as file:
        return kind_of(file.read(512), name) != ""


def find_open(session: Session, actor: Actor | None, upload_id: uuid.UUID) -> Upload:
    """Return an upload that takes files; raise :class:`ConflictError` where it no longer does."""
    found = find(session, actor, upload_id)
    if found.state != "open":
        raise ConflictError("This upload takes no more files. Press “Add files” first.")
    return found
