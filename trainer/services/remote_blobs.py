"""Blobs in an object store, or behind any other fsspec address."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import fsspec

from trainer.services.blobs import PIECE, check, check_output
from trainer.services.errors import NotFoundError, OperatorError

#: Seconds and tries until an object store counts as away: a request or an import must end.
S3_PATIENCE = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 3}}
S3 = ("s3://", "s3a://")
_GONE = "This file is no longer kept. Ask for it anew."


class RemoteStore:
    """Blobs behind an fsspec address such as ``s3://bucket/prefix``.

    Credentials and endpoint of an S3 store come from where every S3 client looks for them
    (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_ENDPOINT_URL``, a role). Objects are
    written without an access rule of their own: the bucket keeps them private.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._opened: dict[int, Any] = {}
        self.root = ""
        _ = self.files  # a wrong address is told at the start

    @property
    def files(self) -> Any:
        """The file system of this process: a connection does not survive a fork."""
        here = os.getpid()
        if here not in self._opened:
            options: dict[str, Any] = {"skip_instance_cache": True}
            if self.address.startswith(S3):
                # What another process wrote must be seen: no list of a folder is remembered.
                options |= {"config_kwargs": S3_PATIENCE, "use_listings_cache": False}
            try:
                made, root = fsspec.core.url_to_fs(self.address, **options)
            except (ImportError, ValueError) as fault:
                raise OperatorError(
                    f"TRAINER_BLOB_STORE {self.address!r} cannot be used: {fault}. "
                    "Install the package that fsspec names, for example `pip install s3fs`."
                ) from fault
            self.root = root.rstrip("/")
            self._opened = {here: made}
        return self._opened[here]

    def put(self, data: bytes) -> str:
        """Write the blob; an object store takes a whole object or nothing."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self._plain("written"):
            path = self._path(sha256)
            if not self.files.exists(path):
                self._make_folder(path)
                self.files.pipe_file(path, data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a blob."""
        with self._plain("read", f"no blob {sha256}"):
            data: bytes = self.files.cat_file(self._path(sha256))
        return data

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading."""
        with self._plain("read", f"no blob {sha256}"):
            file: BinaryIO = self.files.open(self._path(sha256), "rb")
        return file

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""
        with self._plain("read"):
            return bool(self.files.exists(self._path(sha256)))

    def remove(self, sha256: str) -> None:
        """Remove a blob."""
        with self._plain("removed"), contextlib.suppress(FileNotFoundError):
            self.files.rm_file(self._path(sha256))

    def put_output(self, name: str, source: BinaryIO) -> int:
        """Copy a file under a name of ours; it is there whole or not at all."""
        with self._plain("written"):
            path = f"{self.root}/{check_output(name)}"
            self._make_folder(path)
            file = self.files.open(path, "wb", autocommit=False)
            try:
                shutil.copyfileobj(source, file, PIECE)
                file.close()
                file.commit()
            except BaseException:
                with suppress(
                    Exception
                ):  # the store may be away: what it has of it, it drops later
                    file.discard()
                file.closed = True  # otherwise its end would try to write once more
                raise
            return int(self.files.size(path))

    def open_output(self, name: str) -> BinaryIO:
        """Open such a file."""
        with self._plain("read", _GONE):
            file: BinaryIO = self.files.open(f"{self.root}/{check_output(name)}", "rb")
        return file

    def drop_outputs(self, folder: str) -> None:
        """Remove all such files of a job."""
        with self._plain("removed"):
            path = f"{self.root}/{check_output(f'{folder}/x')}".removesuffix("/x")
            if self.files.exists(path):
                self.files.rm(path, recursive=True)

    def _make_folder(self, path: str) -> None:
        # A bucket has no folders, and must not come into being by a slip of the pen.
        if not self.address.startswith(S3):
            self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)

    def _path(self, sha256: str) -> str:
        files = self.files  # opened first: it knows the root
        del files
        return f"{self.root}/{check(sha256)[:2]}/{sha256[2:]}"

    @contextmanager
    def _plain(self, act: str, missing: str = "") -> Iterator[None]:
        """Turn what an object store answers into what the operator can do about it."""
        try:
            yield
        except (NotFoundError, OperatorError):
            raise
        except Exception as fault:
            code = _code(fault)
            if code == "NoSuchBucket":
                bucket = self.root.split("/", 1)[0]
                raise OperatorError(
                    f"The object store has no bucket {bucket}: make it, or mend TRAINER_BLOB_STORE."
                ) from fault
            if isinstance(fault, FileNotFoundError) and missing:
                raise NotFoundError(missing) from fault
            if isinstance(fault, PermissionError) or code in _REFUSED:
                raise OperatorError(
                    f"The object store refuses ({code or fault}): check AWS_ACCESS_KEY_ID and "
                    "AWS_SECRET_ACCESS_KEY, and that they may list, read, write and delete in "
                    f"{self.address}."
                ) from fault
            raise OperatorError(
                f"Nothing could be {act} in the object store {self.address} "
                f"({type(fault).__name__}: {str(fault)[:200]}). What was in stays in; see that it "
                "can be reached (AWS_ENDPOINT_URL), then run it again."
            ) from fault


_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403", "Forbidden"}


def _code(fault: BaseException) -> str:
    """Return the code of an S3 error, wherever in the chain it is."""
    seen: BaseException | None = fault
    while seen is not None:
        answer = getattr(seen, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code", ""))
        seen = seen.__cause__ or seen.__context__
    return ""
