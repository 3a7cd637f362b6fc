"""Files that come in pieces over a line that may break.

The database says how much of each file has come; the bytes lie in the upload folder. A piece is
counted only after it is on the disk, so what is counted is there, whatever broke in between.
"""

from __future__ import annotations

import os
import shutil
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from trainer.data.uploads import Upload, UploadFile
from trainer.imaging.bank.names import is_left_behind, safe_name
from trainer.imaging.dicom.errors import IntakeError
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.services.uploads import Store, find_open

#: Bytes of one piece: small enough to lose little, large enough for few requests.
PIECE = 4 * 1024 * 1024
#: Room that an upload must leave on the disk.
SPARE = 1024**3


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that a browser wants to send: name, size in bytes, and when it was last changed."""

    name: str
    size: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of an offered file: its id and how much has come, or why it is refused."""

    name: str
    id: uuid.UUID | None
    received: int
    refused: str = ""


def offer(
    session: Session,
    actor: Actor | None,
    upload_id: uuid.UUID,
    offers: Sequence[Offer],
    store: Store,
    *,
    now: datetime,
) -> list[Answer]:
    """Say which files will be sent; learn how much of each has come already.

    The same name, size and time of change goes on where it was; another file of the name begins
    anew. What cannot be taken is refused by name, the others are not touched by it.
    """
    found = find_open(session, actor, upload_id)
    known = {
        row.name: row
        for row in session.scalars(select(UploadFile).where(UploadFile.upload_id == found.id))
    }
    total = sum(row.size for row in known.values())
    free = _free(store) - (total - sum(row.received for row in known.values()))
    answers: list[Answer] = []
    for one in offers:
        try:
            name = _offered(one, store)
            old = known.get(name)
            size = one.size - (old.size if old else 0)
            if old is None and len(known) >= store.limits.files:
                raise IntakeError(name, f"one upload takes {store.limits.files} files", "")
            if total + size > store.limits.total_bytes:
                raise IntakeError(
                    name, f"one upload takes {store.limits.total_bytes / 2**30:.1f} GiB in all", ""
                )
            if size > free - SPARE:
                raise IntakeError(name, "the server's disk is nearly full: tell its operator", "")
        except IntakeError as fault:
            answers.append(Answer(one.name[:300], None, 0, fault.reason))
            continue
        row = _row(session, found, old, name, one)
        known[name] = row
        total, free = total + size, free - size
        answers.append(Answer(one.name, row.id, row.received))
    found.touched_at = now
    session.flush()
    return answers


def _offered(one: Offer, store: Store) -> str:
    """Return the safe name of an offered file, or refuse it."""
    name = safe_name(one.name)
    if is_left_behind(name):
        raise IntakeError(name, "it is the system's own bookkeeping, no image", "")
    if not 0 <= one.size <= store.limits.total_bytes:
        raise IntakeError(name, f"one upload takes {store.limits.total_bytes / 2**30:.1f} GiB", "")
    if one.size == 0:
        raise IntakeError(name, "it is empty (0 bytes)", "")
    packed = name.lower().endswith((".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tbz2", ".tbz"))
    if not packed and one.size > store.limits.entry_bytes:
        raise IntakeError(name, f"one file may have {store.limits.entry_bytes / 2**20:.0f} MiB", "")
    return name


def _row(
    session: Session, found: Upload, old: UploadFile | None, name: str, one: Offer
) -> UploadFile:
    if old is None:
        old = UploadFile(upload_id=found.id, name=name, size=one.size, stamp=one.stamp[:40])
        old.received = 0
        session.add(old)
        session.flush()
    elif (old.size, old.stamp) != (one.size, one.stamp[:40]):
        old.size, old.stamp, old.received = one.size, one.stamp[:40], 0
    return old


def receive(
    session: Session,
    actor: Actor | None,
    upload_id: uuid.UUID,
    file_id: uuid.UUID,
    start: int,
    data: bytes,
    checksum: str,
    store: Store,
    *,
    now: datetime,
) -> int:
    """Take one piece of a file; return how much of it has come.

    Parameters
    ----------
    start : int
        Where the piece begins; it must be where the last one ended.
    checksum : str
        CRC-32 of the piece, in eight hexadecimal digits.

    Raises
    ------
    InvalidError
        When the piece is not what its checksum says, or longer than the file.
    ConflictError
        When it begins elsewhere: another tab or an earlier try was quicker. Ask again how much
        has come.
    """
    found = find_open(session, actor, upload_id)
    row = session.get(UploadFile, file_id)
    if row is None or row.upload_id != found.id:
        raise NotFoundError("There is no such file in this upload.")
    if f"{zlib.crc32(data):08x}" != checksum.lower():
        raise InvalidError("This piece was changed on its way. It is sent again.")
    if start != row.received:
        raise ConflictError(f"{row.received} bytes of it have come.")
    if not data or len(data) > PIECE or start + len(data) > row.size:
        raise InvalidError("This piece does not fit its file: choose the file again.")
    _put(store.part(found.id, row.id), start, data)
    taken = _changed(
        session,
        update(UploadFile)
        .where(UploadFile.id == row.id, UploadFile.received == start)
        .values(received=start + len(data)),
    )
    if not taken:
        raise ConflictError("Another tab sends this file too.")
    found.touched_at = now
    return start + len(data)


def put_whole(
    session: Session,
    actor: Actor | None,
    upload_id: uuid.UUID,
    name: str,
    data: bytes,
    stamp: str,
    store: Store,
    *,
    now: datetime,
) -> None:
    """Take a file that came whole, from a PACS or by C-STORE.

    Raises
    ------
    InvalidError
        When it is refused: too large, too many, or the disk is full.
    """
    found = find_open(session, actor, upload_id)
    mine = UploadFile.upload_id == found.id
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(UploadFile.size), 0)).where(mine)
    ).one()
    limits = store.limits
    if len(data) > limits.entry_bytes:
        raise InvalidError(f"{name}: one file may have {limits.entry_bytes / 2**20:.0f} MiB.")
    if count >= limits.files or int(total) + len(data) > limits.total_bytes:
        raise InvalidError(f"{name}: the upload is full. Import what came, then begin another.")
    if len(data) > _free(store) - SPARE:
        raise InvalidError(f"{name}: the server's disk is nearly full: tell its operator.")
    old = session.scalar(select(UploadFile).where(mine, UploadFile.name == name))
    row = _row(session, found, old, safe_name(name), Offer(name, len(data), stamp))
    _put(store.part(found.id, row.id), 0, data)
    row.received = row.size
    found.touched_at = now
    session.flush()


def _put(path: Path, start: int, data: bytes) -> None:
    """Write a piece and wait until it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(handle, start)  # what a broken try left behind it
        left, at = memoryview(data), start
        while left:
            count = os.pwrite(handle, left, at)
            left, at = left[count:], at + count
        os.fsync(handle)
    except OSError as fault:
        raise InvalidError(
            f"The server cannot keep it ({fault.strerror}). What has come stays; tell the operator "
            "to make room, then go on."
        ) from fault
    finally:
        os.close(handle)


def _free(store: Store) -> int:
    store.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return shutil.disk_usage(store.folder).free


def _changed(session: Session, statement: Any) -> int:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount
