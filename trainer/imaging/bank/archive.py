"""Opening archives nobody has vouched for: zip, tar, tar.gz and tar.bz2.

Nothing an archive says of itself is believed. Names are checked, links and devices refused, every
byte is counted as it comes out, and nothing is ever overwritten. A bad entry costs itself alone;
only what makes the rest unsafe (a bomb, a broken index) ends an archive.
"""

from __future__ import annotations

import bz2
import gzip
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from trainer.imaging.bank.names import is_left_behind, safe_name
from trainer.imaging.bank.reader import MOST_BYTES
from trainer.imaging.dicom.errors import IntakeError

CHUNK = 1024 * 1024
#: An entry above the floor that grows by more than this is a bomb: a black 16-bit image of many
#: megabytes packs 1000 to 1, a film with any grain less than 5 to 1.
MOST_RATIO, RATIO_FLOOR = 250, 16 * CHUNK
#: Central directories are read whole; a hostile one would fill the memory.
_LARGEST_INDEX = 64 * CHUNK
_LARGEST_TAR_HEADER = CHUNK
_PACK_AGAIN = "pack it again, with ordinary settings"
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, struct.error)
_HEADERS = (
    tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may come to.

    Parameters
    ----------
    files : int
        Entries, of all archives of one upload together.
    total_bytes, entry_bytes : int
        Unpacked: of all, and of one.
    """

    files: int = 100_000
    total_bytes: int = 20 * 1024**3
    entry_bytes: int = MOST_BYTES


@dataclass(slots=True)
class Unpacked:
    """What came out of archives so far; one record serves all archives of an upload.

    Parameters
    ----------
    names : list of str
        Files that were written, below the target folder.
    faults : list of IntakeError
        Each entry (or archive) that was refused.
    total_bytes, entries : int
        Written, and looked at.
    """

    names: list[str] = field(default_factory=list)
    faults: list[IntakeError] = field(default_factory=list)
    total_bytes: int = 0
    entries: int = 0


class _StopError(Exception):
    """The rest of the archive cannot be opened safely: reason, cure."""


def kind_of(head: bytes, name: str) -> str:
    """Return ``zip``, ``tar``, ``tar.gz``, ``tar.bz2``, ``other archive`` or an empty string.

    Parameters
    ----------
    head : bytes
        The first 512 bytes.
    name : str
        Its ending tells a packed tar from a packed anything.
    """
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    if head[257:262] == b"ustar":
        return "tar"
    low = name.lower()
    if head[:2] == b"\x1f\x8b":
        return "tar.gz" if low.endswith((".tar.gz", ".tgz")) else "other archive"
    if head[:3] == b"BZh":
        return "tar.bz2" if low.endswith((".tar.bz2", ".tbz2", ".tbz")) else "other archive"
    if head[:4] in (b"7z\xbc\xaf", b"Rar!") or head[:6] == b"\xfd7zXZ\x00":
        return "other archive"
    return ""


def unpack(
    path: Path,
    name: str,
    into: Path,
    folder: str,
    done: Unpacked,
    limits: Limits,
    step: Callable[[], None] = lambda: None,
) -> None:
    """Unpack one archive.

    Parameters
    ----------
    path : Path
        The archive.
    name : str
        What messages call it.
    into : Path
        The folder of the upload.
    folder : str
        Below it, where this archive's entries go; empty for the folder itself.
    done : Unpacked
        Is added to.
    limits : Limits
        What all archives together may come to.
    step : callable
        Called for every entry; may raise to end it.
    """
    with path.open("rb") as file:
        kind = kind_of(file.read(512), name)
        file.seek(0)
        try:
            if kind == "zip":
                _zip(file, _Target(name, into, folder, done, limits, step))
            elif kind in ("tar", "tar.gz", "tar.bz2"):
                _tar(file, kind, _Target(name, into, folder, done, limits, step))
            else:
                raise _StopError(
                    "it is packed in a way that is not opened here", "pack it as a zip"
                )
        except _StopError as stop:
            done.faults.append(IntakeError(name, *stop.args))
        except _DAMAGED as fault:
            said = " ".join(str(fault).split())[:120] or type(fault).__name__
            done.faults.append(
                IntakeError(
                    name,
                    f"it is damaged or cut short ({said}); what came before it is kept",
                    "take it from its source again",
                )
            )


@dataclass(slots=True)
class _Target:
    """Where entries go, and the checks that each passes."""

    archive: str
    into: Path
    folder: str
    done: Unpacked
    limits: Limits
    step: Callable[[], None]

    def entry(self, name: str) -> str | None:
        """Return the safe name of an entry, ``None`` for what systems leave behind."""
        self.step()
        self.done.entries += 1
        if self.done.entries > self.limits.files:
            raise _StopError(
                f"it holds more files than the {self.limits.files} that one upload may have",
                "split it",
            )
        if is_left_behind(name):
            return None
        return safe_name(f"{self.folder}/{name}" if self.folder else name) if name else None

    def refuse(self, entry: str, reason: str, cure: str) -> None:
        shown = "".join(c if c.isprintable() else "?" for c in entry)[:200]
        self.done.faults.append(IntakeError(f"{self.archive}: {shown}", reason, cure))

    def check_size(self, size: int) -> None:
        """Refuse an entry by the size it states; the true size is counted as well."""
        if size > self.limits.entry_bytes:
            raise IntakeError(
                "",
                f"it unpacks to {size / 2**20:,.0f} MiB; one file may have "
                f"{self.limits.entry_bytes / 2**20:.0f}",
                "leave it out",
            )

    def write(self, name: str, source: IO[bytes], packed: int) -> None:
        """Write an entry; it is there whole or not at all."""
        path = self.into / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as fault:
            raise IntakeError(
                "", "there is a file or folder of that name already", "rename one of the two"
            ) from fault
        try:
            with os.fdopen(handle, "wb") as sink:
                self._copy(source, sink, packed)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self.done.names.append(name)

    def _copy(self, source: IO[bytes], sink: IO[bytes], packed: int) -> None:
        size = 0
        while data := source.read(CHUNK):
            size += len(data)
            self.check_size(size)
            if packed >= 0 and size > RATIO_FLOOR and size > MOST_RATIO * max(packed, 1):
                raise IntakeError(
                    "", f"it grows more than {MOST_RATIO} times when it is unpacked", "leave it out"
                )
            if self.done.total_bytes + size > self.limits.total_bytes:
                raise _StopError(
                    f"it unpacks to more than the {self.limits.total_bytes / 2**30:.1f} GiB that "
                    "are left for this upload",
                    "split it into several uploads",
                )
            sink.write(data)
        self.done.total_bytes += size


def _zip(file: IO[bytes], target: _Target) -> None:
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if not end:
        raise _StopError("it has no table of contents: it is cut short or no zip", _PACK_AGAIN)
    if end[5] > _LARGEST_INDEX or end[4] > 4 * target.limits.files:
        raise _StopError(f"its table of contents names {end[4]:,} files", "split it")
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            shown = _zip_name(info)
            try:
                _zip_entry(archive, info, shown, target)
            except IntakeError as fault:
                target.refuse(shown, fault.reason, fault.cure)
            except (NotImplementedError, RuntimeError):
                target.refuse(
                    shown, "it is packed by a method that is not opened here", _PACK_AGAIN
                )
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as fault:
                if isinstance(fault, OSError) and fault.errno:
                    raise  # the disk, not the archive
                target.refuse(
                    shown,
                    "its bytes are not what the archive says (damaged, or a lie)",
                    _PACK_AGAIN,
                )


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return the name; archives of old tools hold UTF-8 and do not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _zip_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, target: _Target
) -> None:
    name = target.entry(shown.rstrip("/\\") if info.is_dir() else shown)
    mode = info.external_attr >> 16
    if name is None or info.is_dir():
        return
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise IntakeError("", "it is a link or device, not a file", "pack the file itself")
    if info.flag_bits & 0x1:
        raise IntakeError("", "it is locked with a password", "pack it without one")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise IntakeError("", "it is packed by a method that is not opened here", _PACK_AGAIN)
    target.check_size(info.file_size)
    with archive.open(info) as source:
        target.write(name, source, info.compress_size)


class _TarInfo(tarfile.TarInfo):
    """Headers that name themselves megabytes long are read into memory by tarfile: refuse them."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _HEADERS and self.size > _LARGEST_TAR_HEADER:
            raise _StopError("one of its headers is longer than any name could be", _PACK_AGAIN)
        done: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        return done


def _tar(file: IO[bytes], kind: str, target: _Target) -> None:
    opened: IO[bytes] = file
    if kind == "tar.gz":
        opened = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]
    elif kind == "tar.bz2":
        opened = bz2.BZ2File(file)
    packed_size = os.fstat(file.fileno()).st_size
    # As a stream: forward alone, so that no header can send the reader back and forth.
    with tarfile.open(fileobj=opened, mode="r|", tarinfo=_TarInfo) as archive:
        for member in archive:
            end = member.offset_data + max(0, member.size)
            if end > target.limits.total_bytes + packed_size + 1024 * target.limits.files:
                raise _StopError(
                    "one of its files claims to be larger than all may be", _PACK_AGAIN
                )
            if kind != "tar" and end > RATIO_FLOOR and end > MOST_RATIO * packed_size:
                raise _StopError(
                    f"it grows more than {MOST_RATIO} times when unpacked", "leave it out"
                )
            try:
                _tar_entry(archive, member, target)
            except IntakeError as fault:
                target.refuse(member.name, fault.reason, fault.cure)
            archive.members = []  # type: ignore[attr-defined]  # it remembers every entry


def _tar_entry(archive: tarfile.TarFile, member: tarfile.TarInfo, target: _Target) -> None:
    name = target.entry(member.name)
    if name is None or member.isdir():
        return
    if not member.isreg() or member.issparse():
        raise IntakeError("", "it is a link or device, not a file", "pack the file itself")
    target.check_size(member.size)
    source = archive.extractfile(member)
    if source is not None:
        with source:
            target.write(name, source, -1)
