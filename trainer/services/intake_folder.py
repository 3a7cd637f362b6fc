"""The curator's folder: files and folders of slices, read so that nothing leads out of it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from trainer.imaging.bank.manifest import Row
from trainer.imaging.bank.reader import MOST_BYTES, Reader
from trainer.imaging.bank.sources.tree import Tree
from trainer.imaging.bank.stack import natural
from trainer.imaging.dicom.errors import IntakeError

#: Endings of files that look like images: one that no row names is told of.
IMAGE_ENDINGS = {".dcm", ".dicom", ".ima", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bytes of one row.

    Parameters
    ----------
    sha256 : str
        Of the file; of a stack, of its files' sha256 in order of their value.
    files : sequence of (str, bytes)
        Names and contents, slices in the order of their names. Those of a stack are read when
        they are asked for.
    stack : bool
        The row names a folder of slices.
    """

    sha256: str
    files: Sequence[tuple[str, bytes]]
    stack: bool


def load(folder: Path, name: str) -> Loaded:
    """Read what a row names: a file, or every file of a folder of slices."""
    if not (folder / name).is_dir():
        data = read_file(folder, name)
        return Loaded(hashlib.sha256(data).hexdigest(), ((name, data),), stack=False)
    if not (folder / name).resolve().is_relative_to(folder.resolve()):
        raise IntakeError(name, "it is a link that leads out of the folder", "copy it in")
    names = sorted(
        (p.name for p in (folder / name).iterdir() if p.is_file() and not p.name.startswith(".")),
        key=natural,
    )
    files = Slices(folder, tuple(f"{name}/{one}" for one in names))
    parts = "".join(sorted(files.hashes))
    return Loaded(hashlib.sha256(parts.encode()).hexdigest(), files, stack=True)


class Slices(Sequence[tuple[str, bytes]]):
    """The files of a stack: read once for their sha256, and again when one is asked for.

    Parameters
    ----------
    folder : Path
        The curator's folder.
    names : tuple of str
        Files below it.
    """

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.folder, self.names = folder, names
        self.hashes = [hashlib.sha256(read_file(folder, one)).hexdigest() for one in names]

    def __len__(self) -> int:
        """Return how many files there are."""
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> tuple[str, bytes]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[tuple[str, bytes]]: ...

    def __getitem__(self, index: int | slice) -> tuple[str, bytes] | Sequence[tuple[str, bytes]]:
        """Return a file's name and content; IntakeError when it is another than at first."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        name = self.names[index]
        data = read_file(self.folder, name)
        if hashlib.sha256(data).hexdigest() != self.hashes[index]:
            raise IntakeError(
                name, "it changed while it was taken in", "leave the folder alone, import again"
            )
        return name, data


def read_file(folder: Path, name: str) -> bytes:
    """Read a file below the folder.

    Raises
    ------
    IntakeError
        When there is none, when it leads out of the folder, is no plain file, or is too large.
    """
    path = folder / name
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            raise IntakeError(name, "it is a link that leads out of the folder", "copy it in")
        # Opened without waiting: a named pipe in the folder must not hang the import.
        with os.fdopen(os.open(real, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise IntakeError(name, "it is no plain file", "give the file itself")
            if status.st_size > MOST_BYTES:
                raise IntakeError(
                    name,
                    f"it has {status.st_size / 2**20:.0f} MiB; the limit is "
                    f"{MOST_BYTES / 2**20:.0f}",
                    "split it into files of fewer frames",
                )
            return file.read()
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise IntakeError(
            name, "there is no such file", f"put it into {folder.name}, or remove its row"
        ) from fault
    except (OSError, RuntimeError) as fault:
        raise IntakeError(
            name, f"it cannot be read ({getattr(fault, 'strerror', fault)})", "mend its permissions"
        ) from fault


def unlisted(folder: Path, rows: Iterable[Row]) -> list[str]:
    """Return image files below the folder that no row names."""
    named = {row.file for row in rows} | {row.mask for row in rows}
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in IMAGE_ENDINGS and name not in named:
            parents = {parent.as_posix() for parent in path.relative_to(folder).parents}
            if not parents & named and path.is_file():
                found.append(name)
    return found


def tree_of(folder: Path, reader: Reader) -> Tree:
    """Return a folder as a source sees it."""
    names = frozenset(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    return Tree(
        names,
        lambda name: read_file(folder, name),
        lambda name: reader.peek(read_file(folder, name), name),
    )
