"""What a source sees of a curator's folder, and helpers the sources share."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainer.imaging.bank.faults import Fault
from trainer.imaging.bank.manifest import Manifest, Row, check_rows


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder as a source sees it.

    Parameters
    ----------
    names : frozenset of str
        Every file below it, with ``/``.
    read : callable
        Bytes of one of them.
    peek : callable
        What a DICOM file's header says (``modality``, ``series``, ``patient``, ``region``,
        ``view``), or ``files`` by series for a DICOMDIR; raises ``IntakeError``.
    """

    names: frozenset[str]
    read: Callable[[str], bytes]
    peek: Callable[[str], Mapping[str, Any]]

    def folders(self) -> frozenset[str]:
        """Return every folder that holds a file."""
        return frozenset(name.rpartition("/")[0] for name in self.names)

    def below(self, folder: str) -> list[str]:
        """Return the files in a folder, itself alone, in order."""
        return sorted(n for n in self.names if n.rpartition("/")[0] == folder)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the owner of a set asks.

    Parameters
    ----------
    title, licence, licence_url, citation, origin : str
        As they go into ``dataset.toml``.
    display : str
        Empty where learners may see the images; else why not, in words.
    """

    title: str
    licence: str
    licence_url: str
    citation: str
    origin: str
    display: str = ""


@dataclass(slots=True)
class Draft:
    """Rows and faults while a source collects them."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, file: str, row: int, what: str, cure: str) -> None:
        """Note a fault and go on."""
        self.faults.append(Fault(file, row, what, cure))

    def done(self, name: str) -> Manifest:
        """Return what was collected, checked row against row."""
        rows, more = check_rows(self.rows, name)
        return Manifest(rows, tuple(self.faults + more))


def table(
    tree: Tree, name: str, needed: Iterable[str], draft: Draft
) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV by lower-case column, with their line numbers.

    A file that is missing, not UTF-8 or without a needed column is a fault, and gives no rows.
    """
    if name not in tree.names:
        draft.fault(name, 0, "it is missing", "give the folder as its owner publishes it")
        return []
    try:
        text = tree.read(name).decode("utf-8-sig")
    except UnicodeDecodeError:
        draft.fault(name, 0, "it is not UTF-8 text", "take it from its owner again")
        return []
    reader = csv.reader(io.StringIO(text, newline=""))
    columns = [cell.strip().lower() for cell in next(reader, [])]
    missing = [column for column in needed if column not in columns]
    if missing:
        draft.fault(
            name,
            1,
            f"the column {' and '.join(missing)} is missing",
            "take the file from its owner again; it may be of another edition",
        )
        return []
    rows = []
    for cells in reader:
        if len(cells) < len(columns):
            if any(cells):
                draft.fault(name, reader.line_num, "it is cut short", "take it again")
            continue
        rows.append((reader.line_num, {c: v.strip() for c, v in zip(columns, cells, strict=False)}))
    return rows


def flagged(row: Mapping[str, str], flags: Mapping[str, str]) -> str:
    """Return the word of the first flag that is 1."""
    return next((word for flag, word in flags.items() if row.get(flag, "") in ("1", "1.0")), "")


def circle(x: float, y: float, radius: float) -> tuple[tuple[float, float], ...]:
    """Return an outline round a point that a set gives without an extent."""
    return tuple(
        (x + radius * math.cos(i * math.pi / 12), y + radius * math.sin(i * math.pi / 12))
        for i in range(24)
    )
