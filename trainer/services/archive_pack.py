"""Pack the bank, or one set of it, into one archive with a checksum for every file.

A zip file: ``MARK.txt`` says what it holds, ``archive.json`` what it is, ``rows/*.jsonl`` are the
tables, ``blobs/`` the pixels by sha256, and ``manifest.sha256``, last, has the sha256 of them all.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from trainer.core.words import Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.services import blob_names, shelf
from trainer.services.archive_rows import TABLES, to_json
from trainer.services.blobs import PIECE, BlobStore
from trainer.services.errors import InvalidError, NotFoundError, OperatorError

FORMAT = "telltale-bank-archive"
VERSION = 1
#: Letters of a reason: less is no reason.
SHORTEST = 10
MARK = """This archive holds medical images of a training program, some of them altered or made by
machines, and says of each which. Simulated and altered images in it are NOT images of patients.
They are for teaching people to tell authentic images from others, and must never be put among
patients' images or passed on without this mark and without their keys.

Packed on {when} by {by}.
Why: {why}
"""
Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Packed:
    """What went into an archive."""

    sets: tuple[str, ...]
    rows: int
    blobs: int
    altered: int


class Writer:
    """A zip file that is written front to back, and remembers the sha256 of all that went in."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.sums: list[str] = []

    def add(self, name: str, pieces: Iterator[bytes]) -> str:
        """Write one file; return its sha256."""
        digest = hashlib.sha256()
        with self.zip.open(_entry(name), "w", force_zip64=True) as file:
            for piece in pieces:
                digest.update(piece)
                file.write(piece)
        self.sums.append(f"{digest.hexdigest()}  {name}\n")
        return digest.hexdigest()

    def close(self) -> None:
        """Write the manifest and end the file."""
        self.zip.writestr(_entry("manifest.sha256"), "".join(self.sums))
        self.zip.close()


def pack(
    reading: Callable[[], AbstractContextManager[Session]],
    blobs: BlobStore,
    target: Path,
    *,
    why: str,
    by: str,
    now: datetime,
    slug: str = "",
    originals: bool = True,
    step: Step = lambda done, total, message: None,
) -> Packed:
    """Write an archive; it is there whole or not at all. Memory does not grow with the bank.

    Parameters
    ----------
    reading : callable
        Opens a fresh reading session: all rows are read as of one moment, and it is closed before
        the pixels, which never change, are copied.
    target : Path
        Where it goes; an archive that is there is replaced at the end.
    why, by : str
        Kept in the archive: altered films leave the system.
    slug : str
        One set; empty for the whole bank.
    originals : bool
        Whether the private source files come along.

    Raises
    ------
    InvalidError
        Without a reason.
    NotFoundError
        When there is no such set, or nothing at all.
    OperatorError
        When a blob is damaged or the disk is full.
    """
    why = check_reason(why)
    draft = target.with_name(f".{target.name}.part")
    try:
        writer = Writer(draft)
        mark = MARK.format(when=now.date(), by=by or "the operator", why=why)
        writer.add("MARK.txt", iter([mark.encode()]))
        head = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": now.isoformat(),
            "made_by": by,
            "why": why,
            "originals": originals,
        }
        with reading() as session:
            about, rows, named = _add_rows(writer, session, slug, head)
        _add_blobs(writer, blobs, named, step)
        writer.close()
        draft.replace(target)
    except OSError as fault:
        raise OperatorError(
            f"The archive {target.name} cannot be written: {fault.strerror or fault}. Make room "
            "and pack it again."
        ) from fault
    finally:
        draft.unlink(missing_ok=True)
    altered = sum(one["altered"] for one in about)
    return Packed(tuple(one["slug"] for one in about), rows, len(named), altered)


def check_reason(why: str) -> str:
    """Return why films leave the system; refuse what is no reason."""
    why = " ".join(why.split())
    if not SHORTEST <= len(why) <= 500:
        raise InvalidError(
            f"Say in {SHORTEST} to 500 letters why films leave the system: altered ones are among "
            "them, and the reason is kept in the archive and in the log.",
            "why",
        )
    return why


def _add_rows(
    writer: Writer, session: Session, slug: str, head: dict[str, Any]
) -> tuple[list[dict[str, Any]], int, set[bytes]]:
    """Write the head and all rows; return what the head says of the sets, and the blobs named."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    where = shelf.find(session, slug).id if slug else None
    about = _about(session, where)
    if not about:
        raise NotFoundError("The bank is empty: there is nothing to pack.")
    writer.add("archive.json", iter([json.dumps(head | {"sets": about}, indent=1).encode()]))
    named: set[bytes] = set()
    rows = 0
    for name in TABLES:
        counted = _Counted(_lines(session, name, where, bool(head["originals"]), named))
        writer.add(f"rows/{name}.jsonl", iter(counted))
        rows += counted.count
    return about, rows, named


def _add_blobs(writer: Writer, blobs: BlobStore, named: set[bytes], step: Step) -> None:
    for done, raw in enumerate(sorted(named)):
        sha256 = raw.hex()
        step(done, len(named), "packing pixels")
        try:
            found = writer.add(f"blobs/{sha256[:2]}/{sha256[2:]}", _pieces(blobs, sha256))
        except NotFoundError as fault:
            raise OperatorError(_damaged(sha256, "is missing")) from fault
        if found != sha256:
            raise OperatorError(_damaged(sha256, "has other bytes than its name says"))
    step(len(named), len(named), "")


def _damaged(sha256: str, what: str) -> str:
    return (
        f"The blob {sha256} {what}, so the bank cannot be packed. `flask --app wsgi bank verify` "
        "lists what is damaged; put it back from a backup first."
    )


def _pieces(blobs: BlobStore, sha256: str) -> Iterator[bytes]:
    with blobs.open(sha256) as file:
        while piece := file.read(PIECE):
            yield piece


class _Counted:
    def __init__(self, lines: Iterator[bytes]) -> None:
        self.lines, self.count = lines, 0

    def __iter__(self) -> Iterator[bytes]:
        for line in self.lines:
            self.count += 1
            yield line


def _lines(
    session: Session, name: str, where: Any, originals: bool, named: set[bytes]
) -> Iterator[bytes]:
    """Yield a table's rows as lines, a few at a time; note which blobs they name."""
    for row in session.scalars(_rows(name, where).execution_options(yield_per=200)):
        line = to_json(row)
        if isinstance(row, Image):
            if not originals:
                colour = {k: v for k, v in row.facts.get("colour", {}).items() if k != "panel"}
                line["facts"] = {k: v for k, v in row.facts.items() if k != "originals"} | (
                    {"colour": colour} if colour else {}
                )
            named.update(map(bytes.fromhex, blob_names.of_image(line["blocks"], line["facts"])))
        elif isinstance(row, CaseKey):
            named.update(bytes.fromhex(sha256) for _, sha256 in blob_names.of_key(row.masks))
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        session.expunge(row)


def _rows(name: str, where: Any) -> Select[Any]:
    table: Any = TABLES[name]
    wanted = select(table).order_by(table.id)
    if where is None:
        return wanted
    if name == "sets":
        return wanted.where(table.id == where)
    if hasattr(table, "dataset_id"):
        return wanted.where(table.dataset_id == where)
    if not hasattr(table, "case_id"):  # it refers to a key
        wanted = wanted.join(CaseKey, CaseKey.id == table.case_key_id)
        table = CaseKey
    return wanted.join(Case, Case.id == table.case_id).where(Case.dataset_id == where)


def _about(session: Session, where: Any) -> list[dict[str, Any]]:
    """Return what the archive's head says of each set."""
    altered = func.count(CaseKey.id).filter(CaseKey.truth != Truth.AUTHENTIC)
    wanted = (
        select(Dataset, func.count(Case.id), altered)
        .outerjoin(Case, Case.dataset_id == Dataset.id)
        .outerjoin(CaseKey, CaseKey.id == Case.key_id)
        .group_by(Dataset.id)
        .order_by(Dataset.slug)
    )
    if where is not None:
        wanted = wanted.where(Dataset.id == where)
    return [
        {
            "id": str(found.id),
            "slug": found.slug,
            "title": found.title,
            "licence": found.licence,
            "provenance": found.provenance.value,
            "cases": cases,
            "altered": fakes,
        }
        for found, cases, fakes in session.execute(wanted)
    ]


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # of no date: the same bank gives the same bytes
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry
