"""Look an archive over before one thing of it is believed. Nothing is written here.

An archive comes from elsewhere: names that lead out, bytes that are others than they say, sizes
that lie and rows of a newer version are refused, each with its reason.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.core.place import misplaced
from trainer.core.words import Truth
from trainer.imaging import block
from trainer.services import blob_names
from trainer.services.archive_pack import FORMAT, VERSION
from trainer.services.archive_rows import TABLES, from_json
from trainer.services.blobs import PIECE, BlobStore
from trainer.services.errors import InvalidError

#: Bytes of the largest blob: an original of many frames.
LARGEST_BLOB = 2 * 2**30
#: Bytes of the longest row: the outlines of a stack.
LONGEST_ROW = 64 * 2**20
MOST_FILES = 5_000_000
MANIFEST = "manifest.sha256"
_NAME = re.compile(r"MARK\.txt|archive\.json|rows/[a-z]+\.jsonl|blobs/[0-9a-f]{2}/[0-9a-f]{62}")
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)")
Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a whole archive holds."""

    head: Mapping[str, Any]
    blobs: tuple[str, ...]
    images: frozenset[uuid.UUID]
    rows: int


@dataclass(slots=True)
class _Found:
    """What the rows name, collected while they are read."""

    rows: int = 0
    images: set[uuid.UUID] = field(default_factory=set)
    #: Served blocks, each with the columns, rows and bytes that its image says.
    blocks: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yield an archive, open for reading; say plainly what is wrong where it cannot be read.

    Raises
    ------
    InvalidError
        When it is no archive, or damaged.
    """
    try:
        with zipfile.ZipFile(path) as file:
            yield file
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError) as fault:
        raise InvalidError(
            f"This is no whole archive ({fault}): it was damaged or cut short on its way. "
            "Fetch it again."
        ) from fault


def check(path: Path, blobs: BlobStore, step: Step = lambda done, total, message: None) -> Contents:
    """Read all of an archive, believe nothing, and return what it holds.

    Raises
    ------
    InvalidError
        Says what is wrong with it.
    """
    with opened(path) as file:
        entries = _entries(file, path)
        sums = _manifest(file, entries)
        head = _head(file, sums)
        found = _Found()
        for name in TABLES:
            if f"rows/{name}.jsonl" not in sums:
                raise InvalidError(f"The archive lacks rows/{name}.jsonl: it is not whole.")
            for values in rows(file, name):
                _note(name, values, found)
        there = {n[6:8] + n[9:] for n in sums if n.startswith("blobs/")}
        for done, name in enumerate(sorted(sums)):
            step(done, len(sums), "checking every byte")
            _compare(file, name, sums[name], found.blocks)
    for sha256 in sorted(found.named - there):
        if not blobs.has(sha256):
            raise InvalidError(f"The archive lacks the blob {sha256}, which its rows name.")
    step(len(sums), len(sums), "")
    return Contents(head, tuple(sorted(there)), frozenset(found.images), found.rows)


def rows(file: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table of an open archive."""
    with file.open(f"rows/{name}.jsonl") as lines:
        number = 0
        while line := lines.readline(LONGEST_ROW + 1):
            number += 1
            where = f"rows/{name}.jsonl, line {number}"
            if len(line) > LONGEST_ROW:
                raise InvalidError(f"{where} is longer than {LONGEST_ROW} bytes.")
            try:
                said = json.loads(line)
            except (ValueError, RecursionError) as fault:
                raise InvalidError(f"{where} cannot be read: the archive is damaged.") from fault
            yield from_json(TABLES[name], said, where)


def _entries(file: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the files of an archive; refuse names and sizes that an archive of ours never has."""
    entries: dict[str, zipfile.ZipInfo] = {}
    if len(file.infolist()) > MOST_FILES:
        raise InvalidError(f"The archive holds more than {MOST_FILES} files.")
    for one in file.infolist():
        # As it is written in the file: zipfile itself cuts a name at a zero byte.
        if not _NAME.fullmatch(one.orig_filename) and one.orig_filename != MANIFEST:
            raise InvalidError(
                f"The archive holds {one.orig_filename[:80]!r}, which no archive of Telltale does: "
                "it is refused as a whole."
            )
        if one.filename in entries:
            raise InvalidError(f"The archive holds {one.filename} twice.")
        if one.flag_bits & 1 or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidError(f"{one.filename} is encrypted or packed in a way that is not ours.")
        if one.filename.startswith("blobs/") and one.file_size > LARGEST_BLOB:
            raise InvalidError(f"{one.filename} has more than {LARGEST_BLOB} bytes.")
        entries[one.filename] = one
    if sum(one.compress_size for one in entries.values()) > path.stat().st_size:
        raise InvalidError("The archive says that its files are larger than itself.")
    return entries


def _manifest(file: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> dict[str, str]:
    if MANIFEST not in entries:
        raise InvalidError(
            f"There is no {MANIFEST} in it: this is no archive of Telltale, or it was cut short."
        )
    sums: dict[str, str] = {}
    with file.open(MANIFEST) as lines:
        while line := lines.readline(400):
            said = _SUM.fullmatch(line.decode("ascii", "replace").rstrip("\n"))
            if not said or said[2] in sums:
                raise InvalidError(f"{MANIFEST} cannot be read: the archive is damaged.")
            sums[said[2]] = said[1]
    if set(sums) != set(entries) - {MANIFEST}:
        odd = sorted(set(sums) ^ (set(entries) - {MANIFEST}))
        raise InvalidError(f"{MANIFEST} and the files do not agree on {', '.join(odd)[:200]}.")
    return sums


def _head(file: zipfile.ZipFile, sums: Mapping[str, str]) -> dict[str, Any]:
    if "archive.json" not in sums:
        raise InvalidError("There is no archive.json in it: this is no archive of Telltale.")
    with file.open("archive.json") as source:
        text = source.read(LONGEST_ROW)
    try:
        head = json.loads(text)
        format_, version = head["format"], head["version"]
    except (ValueError, RecursionError, TypeError, KeyError) as fault:
        raise InvalidError("archive.json cannot be read: the archive is damaged.") from fault
    if format_ != FORMAT or not isinstance(version, int):
        raise InvalidError("archive.json does not say that this is an archive of a bank.")
    if version > VERSION:
        raise InvalidError(
            f"The archive has format {version}, this installation reads up to {VERSION}: it was "
            "made by a newer version. Update this installation first."
        )
    return dict(head)


def _note(name: str, values: Mapping[str, Any], found: _Found) -> None:
    """Collect what a row names; what it says of blobs is compared with them later."""
    found.rows += 1
    try:
        if name == "images":
            found.images.add(values["id"])
            shape = (values["columns"], values["rows"], values["block_bytes"])
            if not values["blocks"]:
                raise InvalidError(f"The image {values['id']} has no pixels.")
            for sha256 in values["blocks"]:
                found.blocks[str(sha256)] = shape
            found.named.update(map(str, blob_names.of_image(values["blocks"], values["facts"])))
        elif name == "keys":
            found.named.update(str(sha256) for _, sha256 in blob_names.of_key(values["masks"]))
    except (TypeError, ValueError, AttributeError, KeyError) as fault:
        raise InvalidError(f"A row of {name} ({values.get('id')}) is not whole.") from fault
    wrong = next((n for n in found.named if not re.fullmatch("[0-9a-f]{64}", n)), None)
    if wrong is not None:
        raise InvalidError(f"A row of {name} names {wrong[:80]!r}, which is no sha256.")
    if name == "keys":
        _check_look(values)


def _check_look(key: Mapping[str, Any]) -> None:
    """Refuse a place on an authentic film that imitates nothing, and a changed film that does."""
    placed = any(key.get(name) for name in ("masks", "outlines", "everywhere"))
    against = misplaced(Truth(key["truth"]), placed=placed, imitates=bool(key.get("mimic_of")))
    if against:
        raise InvalidError(f"The key {key['id']} cannot be true: {against}.")


def _compare(
    file: zipfile.ZipFile,
    name: str,
    wanted: str,
    blocks: Mapping[str, tuple[int, int, int]],
) -> None:
    """Read one file to its end; its bytes must be what its sum, its name and its image say."""
    digest, size, begin = hashlib.sha256(), 0, b""
    limit = file.getinfo(name).file_size
    with file.open(name) as source:
        while piece := source.read(PIECE):
            begin = begin or piece[: block.HEADER_BYTES]
            size += len(piece)
            if size > limit:
                raise InvalidError(f"{name} is longer than it says.")
            digest.update(piece)
    if digest.hexdigest() != wanted:
        raise InvalidError(
            f"{name} has other bytes than {MANIFEST} says: the archive was damaged or changed."
        )
    if name.startswith("blobs/"):
        sha256 = name[6:8] + name[9:]
        if sha256 != wanted:
            raise InvalidError(f"{name} is not named by its bytes.")
        if sha256 in blocks and not _fits(begin, size, *blocks[sha256]):
            raise InvalidError(f"{name} is no film of the size that its image says.")


def _fits(begin: bytes, size: int, columns: int, rows_: int, most: int) -> bool:
    if len(begin) < 16 or begin[:4] != block.MAGIC:
        return False
    start, wide, high = struct.unpack_from("<III", begin, 4)
    return (wide, high) == (columns, rows_) and size == start + 2 * wide * high and size <= most
