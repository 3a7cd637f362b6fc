"""The manifest: one row for each image, in a CSV a curator can make with a spreadsheet.

=========== ======== =====================================================================
column      needed   meaning
=========== ======== =====================================================================
file        yes      path below the folder; a folder of slices makes one stack
truth       yes      ``authentic``, ``synthetic`` or ``tampered``
modality             ``XR`` (default), ``CT`` or ``MR``
region, view         lower-case words: ``chest``, ``hand``; ``pa``, ``lateral``
hallmarks            ids of ``docs/words.md``, separated by spaces or semicolons
patient              any text that is the same for one patient; only a keyed hash is kept
split                ``practice`` (default) or ``test``; one patient is never in both
generator            what made or altered it, in a word: ``gan``, ``gpt-4o``
mimic_of             for an authentic image: the hallmark it is often mistaken for
mask                 path of an image of the same size, above 0 where the film was altered; of
                     a mimic, where the look lies that imitates the hallmark
twin                 path of the same anatomy in its other state, itself a row
notes                why, in words, shown after the call
=========== ======== =====================================================================
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from trainer.core.place import Misplaced, misplaced
from trainer.core.words import Hallmark, Modality, Truth
from trainer.imaging.bank.faults import Fault, meant

COLUMNS = (
    "file", "truth", "modality", "region", "view", "hallmarks", "patient", "split", "generator",
    "mimic_of", "mask", "twin", "notes",
)  # fmt: skip
NEEDED = ("file", "truth")
SPLITS = ("practice", "test")
_DELIMITERS = ",;\t|"
_MOST_ROWS = 2_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """What a manifest says of one image.

    Parameters
    ----------
    number : int
        Line in the manifest, from 2; 0 for a row a source made.
    file : str
        Path below the folder, with ``/``.
    truth : Truth
        What it is.
    outlines : tuple
        Outlines of the alteration in source pixels, ``(((x, y), ...), ...)``, and for a stack the
        slice of each in ``slices``.
    depth_mm : float
        How far an outline of a stack reaches beyond its slice, to either side.
    """

    number: int
    file: str
    truth: Truth
    modality: Modality = Modality.XR
    region: str = ""
    view: str = ""
    hallmarks: tuple[Hallmark, ...] = ()
    patient: str = ""
    split: str = "practice"
    generator: str = ""
    mimic_of: Hallmark | None = None
    mask: str = ""
    twin: str = ""
    notes: str = ""
    outlines: tuple[tuple[tuple[float, float], ...], ...] = ()
    slices: tuple[int, ...] = ()
    depth_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """All rows that can be used, and everything that is wrong with the others."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


class _BadValueError(ValueError):
    """A cell that cannot be used: what, cure."""


def read_manifest(data: bytes, name: str) -> Manifest:
    """Read a manifest; collect every fault and stop at none.

    Parameters
    ----------
    data : bytes
        UTF-8 or UTF-16, with or without byte order mark; comma, semicolon, tab or bar between
        the cells.
    name : str
        What messages call it.

    Returns
    -------
    Manifest
        A row with a fault is left out of ``rows``.
    """
    try:
        text = _decoded(data)
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        return Manifest((), (Fault(name, line, "it is not UTF-8 text", "save it as CSV in UTF-8"),))
    try:
        return _rows(text, name)
    except csv.Error as fault:
        return Manifest((), (Fault(name, 0, f"it is no CSV ({fault})", "save it as CSV in UTF-8"),))


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def _rows(text: str, name: str) -> Manifest:
    head = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [c.strip().lower().replace(" ", "_") for c in next(reader, [])]
    faults = _column_faults(columns, name)
    if any(c not in columns for c in NEEDED):
        return Manifest((), tuple(faults))
    rows: list[Row] = []
    for cells in reader:
        number = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            faults.append(
                Fault(
                    name,
                    number,
                    f"it has {len(cells)} cells, the header has {len(columns)}",
                    "put quotation marks round a cell that holds the separator",
                )
            )
            continue
        row, wrong = read_row(dict(zip(columns, cells, strict=True)), number)
        faults += [Fault(name, number, *said) for said in wrong]
        if row is not None:
            rows.append(row)
    if not rows and not faults:
        faults.append(Fault(name, 1, "it has no row", "write one row for each image"))
    kept, more = check_rows(rows, name)
    return Manifest(kept, tuple(faults + more))


def _column_faults(columns: list[str], name: str) -> list[Fault]:
    faults = []
    for column in columns:
        if column not in COLUMNS:
            hint = meant(column, COLUMNS)
            what = f"unknown column {column!r}" if column else "a column without a name"
            faults.append(Fault(name, 1, what, f"{hint} one of {', '.join(COLUMNS)}"))
    for column in sorted({c for c in columns if c and columns.count(c) > 1}):
        faults.append(Fault(name, 1, f"the column {column} is there twice", "remove one"))
    for column in NEEDED:
        if column not in columns:
            faults.append(
                Fault(name, 1, f"the column {column} is missing", f"add it: {', '.join(NEEDED)}")
            )
    return faults


def read_row(
    cells: Mapping[str, str], number: int
) -> tuple[Row | None, list[tuple[str, str, str]]]:
    """Read the cells of one row, by column.

    Returns
    -------
    row : Row or None
        ``None`` where anything is wrong.
    faults : list of tuple of str
        ``(what, cure, column)`` of every cell that cannot be used.
    """
    values = {key: value.strip() for key, value in cells.items() if key in COLUMNS}
    wrong: list[tuple[str, str, str]] = []

    def cell(column: str, reader: object) -> object:
        try:
            return reader(values.get(column, ""))  # type: ignore[operator]
        except _BadValueError as fault:
            wrong.append((f"{column}: {fault.args[0]}", fault.args[1], column))
            return None

    read = {
        "file": cell("file", _needed_path),
        "truth": cell("truth", _truth),
        "modality": cell("modality", _modality),
        "region": cell("region", _word),
        "view": cell("view", _word),
        "hallmarks": cell("hallmarks", _hallmarks),
        "patient": cell("patient", str),
        "split": cell("split", _split),
        "generator": cell("generator", _word),
        "mimic_of": cell("mimic_of", _hallmark),
        "mask": cell("mask", _path),
        "twin": cell("twin", _path),
        "notes": cell("notes", str),
    }
    if wrong:
        return None, wrong
    row = Row(number, **read)  # type: ignore[arg-type]
    wrong = _agreement(row)
    return (None, wrong) if wrong else (row, [])


def _agreement(row: Row) -> list[tuple[str, str, str]]:
    """Return what the cells of one row say against each other."""
    wrong = []
    if row.truth.is_authentic and row.hallmarks:
        wrong.append(
            (
                "an authentic image has no hallmarks",
                "move them to mimic_of, or correct truth",
                "hallmarks",
            )
        )
    against = misplaced(row.truth, placed=bool(row.mask), imitates=bool(row.mimic_of))
    if against is Misplaced.PLACE:
        wrong.append(
            (
                "an authentic image has no mask, unless it is a mimic",
                "remove it, name what it imitates in mimic_of, or correct truth",
                "mask",
            )
        )
    if against is Misplaced.IMITATES:
        wrong.append(
            (
                "only an authentic image is a mimic",
                "move it to hallmarks, or correct truth",
                "mimic_of",
            )
        )
    return wrong


def check_rows(rows: Iterable[Row], name: str) -> tuple[tuple[Row, ...], list[Fault]]:
    """Check rows against each other: no file twice, no patient on both sides of the split."""
    kept: dict[str, Row] = {}
    faults: list[Fault] = []
    sides: dict[str, Row] = {}
    for row in rows:
        first = kept.get(row.file)
        if first is not None:
            same = replace(row, number=first.number) == first
            faults.append(
                Fault(
                    name,
                    row.number,
                    f"{row.file} is in row {first.number} already"
                    + ("" if same else ", and says otherwise there"),
                    "keep one row for each image",
                )
            )
            continue
        other = sides.setdefault(row.patient, row)
        if row.patient and other.split != row.split:
            where = f"by row {other.number}" if other.number else f"with {other.file}"
            faults.append(
                Fault(
                    name if row.number else row.file,
                    row.number,
                    f"its patient is in {other.split} {where} and here in {row.split}",
                    "keep all images of a patient on one side",
                    "split",
                )
            )
            continue
        kept[row.file] = row
    return tuple(kept.values()), faults


def _path(text: str) -> str:
    if not text:
        return ""
    path = PurePosixPath(text.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (len(text) > 1 and text[1] == ":"):
        raise _BadValueError(f"{text!r} leads out of the folder", "write a path below the folder")
    if "\x00" in text:
        raise _BadValueError("it holds a zero byte", "write a path below the folder")
    return str(path)


def _needed_path(text: str) -> str:
    if not text:
        raise _BadValueError("it is empty", "name the image's path below the folder")
    return _path(text)


def _word(text: str) -> str:
    if len(text) > 40:
        raise _BadValueError(f"{text[:20]!r}... is longer than 40 letters", "shorten it")
    return text.lower()


def _one_of(text: str, words: Iterable[str]) -> str:
    options = list(words)
    folded = {option.lower(): option for option in options}
    if text.lower() in folded:
        return folded[text.lower()]
    hint = meant(text.lower(), folded)
    said = f"{text!r} is not known" if text else "it is empty"
    raise _BadValueError(said, f"{hint} {', '.join(options)}")


def _truth(text: str) -> Truth:
    return Truth(_one_of(text, (t.value for t in Truth)))


def _modality(text: str) -> Modality:
    return Modality(_one_of(text, (m.value for m in Modality))) if text else Modality.XR


def _split(text: str) -> str:
    return _one_of(text, SPLITS) if text else SPLITS[0]


def _hallmark(text: str) -> Hallmark | None:
    return Hallmark(_one_of(text, (h.value for h in Hallmark))) if text else None


def _hallmarks(text: str) -> tuple[Hallmark, ...]:
    words = text.replace(";", " ").replace(",", " ").split()
    return tuple(dict.fromkeys(Hallmark(_one_of(w, (h.value for h in Hallmark))) for w in words))
