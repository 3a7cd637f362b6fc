"""The blob store: bytes by their sha256, in a folder (``remote_blobs``: in an object store)."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO, Protocol

from trainer.services.errors import NotFoundError, OperatorError

#: Bytes that are copied at a time.
PIECE = 1024 * 1024


class BlobStore(Protocol):
    """Bytes by content. What was put can be read until it is removed."""

    def put(self, data: bytes) -> str:
        """Keep the bytes; return their sha256. Again is no change."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return the bytes; raise :class:`NotFoundError` when there are none."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open the bytes for reading."""
        ...

    def has(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        ...

    def remove(self, sha256: str) -> None:
        """Remove a blob that nothing names any more; again is no change."""
        ...

    def put_output(self, name: str, source: BinaryIO) -> int:
        """Keep a file by a name of ours (``job/file``), for a while; return its size."""
        ...

    def open_output(self, name: str) -> BinaryIO:
        """Open such a file; raise :class:`NotFoundError` when there is none."""
        ...

    def drop_outputs(self, folder: str) -> None:
        """Remove all such files of a job; again is no change."""
        ...


def check(sha256: str) -> str:
    """Return a sha256; refuse what is none, so that no path can be made of it."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NotFoundError(f"{sha256!r} is no sha256")
    return sha256


def check_output(name: str) -> str:
    """Return where a file by a name of ours lies; names hold nothing that could lead elsewhere."""
    if not re.fullmatch(r"[\w-]+/[\w-]+(\.[\w-]+)*", name, re.ASCII):
        raise NotFoundError(f"{name!r} is no name of a file of ours")
    return f"outputs/{name}"


class FolderStore:
    """Blobs in a local folder; a blob is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, sha256: str) -> Path:
        return self.root / check(sha256)[:2] / sha256[2:]

    def put(self, data: bytes) -> str:
        """Write to a file of its own, sync it, then give it its name: never half a blob."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as fault:
            raise OperatorError(
                f"cannot write {len(data)} bytes to the blob store {self.root}: {fault.strerror}. "
                "What was in stays in; make room and run it again."
            ) from fault
        finally:
            draft.unlink(missing_ok=True)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a blob."""
        with self.open(sha256) as file:
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as fault:
            raise NotFoundError(f"no blob {sha256}") from fault

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""
        return self._path(sha256).exists()

    def remove(self, sha256: str) -> None:
        """Remove a blob."""
        self._path(sha256).unlink(missing_ok=True)

    def put_output(self, name: str, source: BinaryIO) -> int:
        """Copy a file under a name of ours."""
        path = self.root / check_output(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with draft.open("wb") as file:
                shutil.copyfileobj(source, file, PIECE)
            draft.replace(path)
        except OSError as fault:
            raise OperatorError(
                f"cannot write {path.name} to the blob store {self.root}: {fault.strerror}. "
                "Make room and run it again."
            ) from fault
        finally:
            draft.unlink(missing_ok=True)
        return path.stat().st_size

    def open_output(self, name: str) -> BinaryIO:
        """Open such a file."""
        try:
            return (self.root / check_output(name)).open("rb")
        except FileNotFoundError as fault:
            raise NotFoundError("This file is no longer kept. Ask for it anew.") from fault

    def drop_outputs(self, folder: str) -> None:
        """Remove all such files of a job."""
        shutil.rmtree((self.root / check_output(f"{folder}/x")).parent, ignore_errors=True)


def open_store(address: str) -> BlobStore:
    """Open a blob store: a folder by its path, anything else by its fsspec address."""
    if "://" not in address:
        return FolderStore(Path(address))
    from trainer.services.remote_blobs import RemoteStore

    return RemoteStore(address)
