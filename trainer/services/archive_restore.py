"""Put an archive back: into an empty bank, or beside what is there."""

from __future__ import annotations

import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from trainer.core.plural import counted
from trainer.data.images import Case, Dataset, Image
from trainer.services import audit, set_counts
from trainer.services.actor import Actor
from trainer.services.archive_check import Contents, Step, check, opened, rows
from trainer.services.archive_rows import TABLES
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, InvalidError

#: Rows that are written at a time.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of an archive.

    Parameters
    ----------
    sets : tuple of str
        The sets it holds.
    added, there : int
        Rows that came in, and rows that were there already and stayed as they were.
    newer_keys : int
        Cases that are here with another key than in the archive: ours counts.
    lost_twins : int
        Cases whose twin is neither in the archive nor here.
    """

    sets: tuple[str, ...]
    added: int
    there: int
    newer_keys: int
    lost_twins: int

    def __str__(self) -> str:
        said = [
            f"{', '.join(self.sets)}: {counted(self.added, 'row')} came in, {self.there} were in."
        ]
        if self.newer_keys:
            said.append(
                counted(self.newer_keys, "case has", "cases have")
                + " another key here; ours still counts."
            )
        if self.lost_twins:
            said.append(
                f"{counted(self.lost_twins, 'case')} lost the twin, which is in another set."
            )
        return " ".join(said)


def restore(
    path: Path,
    transaction: Callable[[], AbstractContextManager[Session]],
    blobs: BlobStore,
    actor: Actor | None,
    *,
    now: datetime,
    step: Step = lambda done, total, message: None,
) -> Restored:
    """Put an archive back: all of its rows, in one transaction, or none.

    Identities stay. What is in the bank already stays as it is; what is missing is added. The
    archive is read to its end before anything is written; pixels go in before rows, so that what
    breaks off leaves nothing that anyone could see.

    Raises
    ------
    InvalidError
        When the archive cannot be believed.
    ConflictError
        When a set of the same name is here that is another one.
    """
    contents = check(path, blobs, step)
    with opened(path) as file:
        for done, sha256 in enumerate(contents.blobs):
            step(done, len(contents.blobs), "taking pixels in")
            if not blobs.has(sha256) and blobs.put(_blob(file, sha256)) != sha256:
                raise InvalidError(f"The blob {sha256} changed while it was read. Try once more.")
        step(len(contents.blobs), len(contents.blobs), "taking rows in")
        try:
            with transaction() as session:
                return _rows_in(session, file, contents, actor, now)
        except IntegrityError as fault:
            raise InvalidError(
                "The rows of the archive do not fit together, or clash with those of this bank: "
                f"nothing was taken in ({type(fault.orig).__name__})."
            ) from fault


def _blob(file: zipfile.ZipFile, sha256: str) -> bytes:
    with file.open(f"blobs/{sha256[:2]}/{sha256[2:]}") as source:
        return source.read()


def _rows_in(
    session: Session,
    file: zipfile.ZipFile,
    contents: Contents,
    actor: Actor | None,
    now: datetime,
) -> Restored:
    slugs = _check_sets(session, file)
    added = there = lost = 0
    key_of: dict[uuid.UUID, uuid.UUID | None] = {}
    other_keys = 0
    for name, table in TABLES.items():
        for batch in _batches(rows(file, name)):
            fresh = _fresh(session, table, batch)
            added, there = added + len(fresh), there + len(batch) - len(fresh)
            if table is Case:
                other_keys += _other_keys(session, batch, fresh)
                lost += _mend_twins(session, fresh, contents)
                for row in fresh:  # a case and its key name each other: the key comes second
                    key_of[row["id"]] = row.pop("key_id", None)
            if fresh:
                session.execute(insert(table), fresh)
    tied = [{"id": case, "key_id": key} for case, key in key_of.items() if key]
    for batch in _batches(iter(tied)):
        session.execute(update(Case), batch)
    # these rows went in without being objects of the session
    named = session.scalars(select(Dataset.id).where(Dataset.slug.in_(list(slugs)))).all()
    set_counts.restamp(session, named)
    for slug in slugs:
        audit.note(
            session,
            actor,
            "bank.restore",
            slug,
            now,
            packed=str(contents.head.get("made_at", ""))[:40],
            by=str(contents.head.get("made_by", ""))[:200],
        )
    session.flush()
    return Restored(slugs, added, there, other_keys, lost)


def _check_sets(session: Session, file: zipfile.ZipFile) -> tuple[str, ...]:
    """Return the names of the archive's sets; refuse one that clashes with another of ours."""
    slugs = []
    for row in rows(file, "sets"):
        ours = session.scalar(
            select(Dataset).where((Dataset.slug == row["slug"]) | (Dataset.id == row["id"]))
        )
        if ours is not None and (ours.id, ours.slug) != (row["id"], row["slug"]):
            raise ConflictError(
                f"The archive's set {row['slug']} clashes with the set {ours.slug} of this bank, "
                "which is another one: nothing was taken in. Rename neither; restore into another "
                "installation."
            )
        if ours is not None and ours.provenance is not row["provenance"]:
            raise ConflictError(
                f"The set {ours.slug} holds {ours.provenance} films here and {row['provenance']} "
                "ones in the archive: nothing was taken in."
            )
        slugs.append(str(row["slug"]))
    if not slugs:
        raise InvalidError("The archive holds no set.")
    return tuple(slugs)


def _fresh(session: Session, table: Any, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in batch]
    known = set(session.scalars(select(table.id).where(table.id.in_(ids))))
    return [row for row in batch if row["id"] not in known]


def _other_keys(session: Session, batch: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> int:
    new = {row["id"] for row in fresh}
    said = {row["id"]: row.get("key_id") for row in batch if row["id"] not in new}
    ours = session.execute(select(Case.id, Case.key_id).where(Case.id.in_(said)))
    return sum(said[case] != key for case, key in ours)


def _mend_twins(session: Session, fresh: list[dict[str, Any]], contents: Contents) -> int:
    """Let go of twins that are in no set of the archive and not here either; return how many."""
    away = {
        row["twin_image_id"]
        for row in fresh
        if row.get("twin_image_id") and row["twin_image_id"] not in contents.images
    }
    here = set(session.scalars(select(Image.id).where(Image.id.in_(away)))) if away else set()
    lost = 0
    for row in fresh:
        if row.get("twin_image_id") in away - here:
            row["twin_image_id"], lost = None, lost + 1
    return lost


def _batches(found: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    ahead = iter(found)
    while batch := list(islice(ahead, BATCH)):
        yield batch
