"""The blob store: bytes by their sha256, in a folder or behind any fsspec address."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO, Protocol

import fsspec

from trainer.services.errors import NotFoundError, OperatorError


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


def _check(sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NotFoundError(f"{sha256!r} is no sha256")
    return sha256


class FolderStore:
    """Blobs in a local folder; a blob is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, sha256: str) -> Path:
        return self.root / _check(sha256)[:2] / sha256[2:]

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


class RemoteStore:
    """Blobs behind an fsspec address such as ``s3://bucket/prefix``."""

    def __init__(self, address: str) -> None:
        try:
            self.files, self.root = fsspec.core.url_to_fs(address)
        except (ImportError, ValueError) as fault:
            raise OperatorError(
                f"TRAINER_BLOB_STORE {address!r} cannot be used: {fault}. "
                "Install the package that fsspec names, for example `pip install s3fs`."
            ) from fault

    def _path(self, sha256: str) -> str:
        return f"{self.root}/{_check(sha256)[:2]}/{sha256[2:]}"

    def put(self, data: bytes) -> str:
        """Write the blob; object stores write whole objects or nothing."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if not self.files.exists(path):
            self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self.files.pipe_file(path, data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a blob."""
        try:
            data: bytes = self.files.cat_file(self._path(sha256))
        except FileNotFoundError as fault:
            raise NotFoundError(f"no blob {sha256}") from fault
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading."""
        try:
            file: BinaryIO = self.files.open(self._path(sha256), "rb")
        except FileNotFoundError as fault:
            raise NotFoundError(f"no blob {sha256}") from fault
        return file

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""
        return bool(self.files.exists(self._path(sha256)))


def open_store(address: str) -> BlobStore:
    """Open a blob store: a folder by its path, anything else by its fsspec address."""
    return RemoteStore(address) if "://" in address else FolderStore(Path(address))
