"""Archives of the bank, asked for by a curator: packed, fetched, put back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from trainer.services import audit, jobs, shelf
from trainer.services.actor import Actor
from trainer.services.archive_pack import check_reason
from trainer.services.blobs import BlobStore
from trainer.services.errors import Gathered, NotFoundError

#: Kinds of long work.
PACK = "bank.archive"
RESTORE = "bank.restore"
#: The name of the file that a pack leaves, and of one that was sent.
FILE = "archive.zip"


@dataclass(frozen=True, slots=True)
class Ready:
    """An archive that waits to be fetched."""

    name: str
    size: int


def ask_pack(
    session: Session,
    actor: Actor,
    slug: str,
    why: str,
    *,
    originals: bool,
    link: str,
    now: datetime,
) -> uuid.UUID:
    """Ask that a set (or the whole bank, for an empty name) is packed; note who and why.

    Raises
    ------
    InvalidError
        Without a reason: altered films leave the system.
    NotFoundError
        When there is no such set.
    """
    faults = Gathered()
    title = "the whole bank"
    with faults.of("set"):
        title = shelf.find(session, slug).title if slug else title
    with faults.of("why"):
        why = check_reason(why)
    faults.tell()
    audit.note(session, actor, "bank.export", slug or "*", now, why=why, originals=originals)
    return jobs.ask(
        session,
        actor,
        PACK,
        {"slug": slug, "why": why, "originals": originals},
        now=now,
        title=f"Archive of {title}",
        subject=f"archive:{slug or '*'}",
        link=link,
    )


def ask_restore(
    session: Session,
    actor: Actor,
    blobs: BlobStore,
    name: str,
    source: BinaryIO,
    *,
    link: str,
    now: datetime,
) -> uuid.UUID:
    """Keep an archive that was sent, and ask that it is put back."""
    folder = uuid.uuid4().hex
    blobs.put_output(f"{folder}/{FILE}", source)
    shown = "".join(c for c in name if c.isprintable())[-80:] or FILE
    return jobs.ask(
        session,
        actor,
        RESTORE,
        {"folder": folder, "name": shown},
        now=now,
        title=f"Putting back {shown}",
        subject="archive:restore",
        link=link,
    )


def all_of(session: Session, actor: Actor, *, now: datetime) -> list[jobs.Seen]:
    """Return the person's archives, those in the making first."""
    return jobs.mine(session, actor, now=now, kinds=(PACK, RESTORE), most=20)


def fetch(session: Session, actor: Actor, job_id: uuid.UUID, *, now: datetime) -> Ready:
    """Return the name of a packed archive in the store, and note that it leaves the system.

    Raises
    ------
    NotFoundError
        When it is not this person's, not done, or no longer kept.
    """
    job = jobs.look(session, actor, job_id, now=now)
    files: Sequence[str] = list(job.result.get("files", {}))
    if job.kind != PACK or job.state != "done" or FILE not in files:
        raise NotFoundError("There is no such archive: it was not packed, or is no longer kept.")
    audit.note(
        session, actor, "bank.fetch", job.parameters["slug"] or "*", now,
        why=job.parameters["why"], job=str(job_id),
    )  # fmt: skip
    return Ready(f"{job_id}/{FILE}", job.result["files"][FILE])
