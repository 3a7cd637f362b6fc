"""From an upload into the bank: what the curator said of it, checked, and the import itself."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.words import Provenance
from trainer.data.images import Dataset
from trainer.imaging.bank.dataset import About, about_of, read_about
from trainer.imaging.bank.faults import Fault
from trainer.imaging.bank.manifest import (
    COLUMNS,
    Manifest,
    Row,
    check_rows,
    read_manifest,
    read_row,
)
from trainer.imaging.bank.reader import Reader
from trainer.imaging.bank.sources import SOURCES
from trainer.services import image_intake, upload_look
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, InvalidError
from trainer.services.intake_folder import tree_of
from trainer.services.upload_look import ABOUT, MANIFEST, Found, Step
from trainer.services.uploads import Store, find, forget

#: Ways of saying what the files are.
BY_MANIFEST, BY_FORM = "manifest", "form"
#: Names of sets that would be mistaken for a page of the bank.
RESERVED = frozenset({"uploads", "pacs", "held", "jobs", "new", "search", "licences"})
_MOST_FAULTS = 5000
_FORM = "the form"


@dataclass(frozen=True, slots=True)
class Said:
    """What a curator says of an upload.

    Parameters
    ----------
    how : str
        ``manifest``, ``form``, or the name of a known source.
    slug : str
        The set it goes into.
    existing : bool
        That set is there already, and its facts stay.
    facts : mapping
        Fields of ``dataset.toml`` for a new set.
    cells : sequence of mappings
        For ``form``: the cells of each row, by column.
    leave : str
        Who gave leave to show a source whose terms forbid it, and when.
    """

    how: str
    slug: str
    existing: bool
    facts: Mapping[str, Any]
    cells: Sequence[Mapping[str, str]] = ()
    leave: str = ""


def about_inside(store: Store, upload_id: uuid.UUID, found: Found) -> dict[str, Any]:
    """Return what a ``dataset.toml`` inside the upload says, as far as it can be read."""
    if not found.about:
        return {}
    about, _ = read_about(_bytes(store, upload_id, found, ABOUT), ABOUT)
    return asdict(about) | {"provenance": about.provenance.value} if about else {}


def manifest_inside(store: Store, upload_id: uuid.UUID, found: Found) -> Manifest | None:
    """Return the ``images.csv`` inside the upload with what is wrong with it."""
    if not found.manifest:
        return None
    read = read_manifest(_bytes(store, upload_id, found, MANIFEST), MANIFEST)
    return _resolved(read, store.files(upload_id) / found.root)


def _bytes(store: Store, upload_id: uuid.UUID, found: Found, name: str) -> bytes:
    return (store.files(upload_id) / found.root / name).read_bytes()


def _resolved(read: Manifest, root: Path) -> Manifest:
    """Find files that a manifest names without the folder they came in, where one alone fits."""
    names = {p.relative_to(root).as_posix() for p in root.rglob("*")}
    tails: dict[str, list[str]] = {}
    for name in names:
        parts = name.split("/")
        for at in range(1, len(parts)):
            tails.setdefault("/".join(parts[at:]), []).append(name)

    def there(path: str) -> str:
        plain = unicodedata.normalize("NFC", path)
        near = tails.get(plain, [])
        return plain if plain in names or len(near) != 1 else near[0]

    rows = [
        replace(row, file=there(row.file), mask=row.mask and there(row.mask),
                twin=row.twin and there(row.twin))
        for row in read.rows
    ]  # fmt: skip
    return Manifest(tuple(rows), read.faults)


def template(found: Found) -> str:
    """Return an ``images.csv`` with a row for each film that came, to be filled in and added."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for unit in found.units:
        known = {"file": unit.file, "modality": unit.modality, "region": unit.region}
        known |= {"view": unit.view}
        writer.writerow([known.get(column, "") for column in COLUMNS])
    return out.getvalue()


def describe(
    session: Session,
    actor: Actor,
    upload_id: uuid.UUID,
    said: Said,
    store: Store,
    *,
    now: datetime,
) -> list[Fault]:
    """Check and keep what a curator says of an upload; return what is wrong with it.

    Nothing is kept while anything is wrong. Faults of single rows of a manifest or a known source
    are not faults here: those rows are refused by name in the report, the others come in.

    Raises
    ------
    ConflictError
        When the upload is not at this point.
    """
    upload = find(session, actor, upload_id)
    if upload.state != "looked":
        raise ConflictError("Look at the files first.")
    found = upload_look.recall(store, upload_id)
    about, faults = _about(session, said)
    faults += _way(said, found, store, upload_id)
    if said.how == BY_FORM:
        faults += form_rows(said.cells)[1]
    if faults or about is None:
        return faults
    place = store.place(upload_id) / "rows.json"
    place.write_text(json.dumps([dict(cells) for cells in said.cells]), encoding="utf-8")
    kept = asdict(about) | {"provenance": about.provenance.value}
    upload.body = upload.body | {"said": {"how": said.how, "slug": said.slug, "about": kept}}
    upload.touched_at = now
    return []


def _way(said: Said, found: Found, store: Store, upload_id: uuid.UUID) -> list[Fault]:
    """Return what stands against reading the files in the way that was chosen."""
    if said.how == BY_MANIFEST:
        read = manifest_inside(store, upload_id, found)
        if read is None:
            return [
                Fault(MANIFEST, 0, "it is not among the files", "add it, or use the form", "how")
            ]
        return [] if read.rows else list(read.faults)
    if said.how == BY_FORM:
        return [] if found.units else [Fault(_FORM, 0, "no image came", "add images")]
    if said.how not in SOURCES:
        return [
            Fault(_FORM, 0, "it does not say what the files are", "choose one of the ways", "how")
        ]
    terms = SOURCES[said.how].terms
    if terms.display and terms.title and len(said.leave.strip()) < 10:
        return [
            Fault(
                terms.title,
                0,
                f"by its owner's terms ({terms.licence}) learners may not see it: {terms.display}",
                "write who gave you leave, and when; without leave it is not taken in",
                "leave",
            )
        ]
    return []


def _about(session: Session, said: Said) -> tuple[About | None, list[Fault]]:
    slug = said.slug
    if said.existing:
        dataset = session.scalar(select(Dataset).where(Dataset.slug == slug))
        if dataset is None:
            return None, [Fault(_FORM, 0, f"there is no set {slug}", "choose another", "into")]
        return _known(dataset), []
    faults = []
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 80:
        faults.append(
            Fault(
                _FORM,
                0,
                f"{slug!r} cannot name a set",
                "use small letters, digits, hyphens",
                "slug",
            )
        )
    elif slug in RESERVED:
        faults.append(Fault(_FORM, 0, f"{slug} is a page of the bank", "take another name", "slug"))
    elif session.scalar(select(Dataset.id).where(Dataset.slug == slug)):
        faults.append(
            Fault(
                _FORM,
                0,
                f"there is a set {slug} already",
                "choose it above, or another name",
                "slug",
            )
        )
    facts = {key: value for key, value in said.facts.items() if value not in ("", None)}
    if said.leave.strip():
        facts["notes"] = f"{facts.get('notes', '')} Leave: {said.leave.strip()}".strip()
    about, more = about_of(facts, _FORM)
    return about, faults + more


def _known(dataset: Dataset) -> About:
    """Return what is kept of a set, as its ``dataset.toml`` would say it."""
    body = dataset.body

    def text(key: str) -> str:
        return str(body.get(key, ""))

    return About(
        title=dataset.title,
        licence=dataset.licence,
        citation=dataset.citation,
        display_allowed=bool(body.get("display_allowed", True)),
        provenance=dataset.provenance,
        source=text("source"),
        consent_basis=text("consent_basis"),
        deidentification=text("deidentification"),
        licence_url=text("licence_url"),
        contact=text("contact"),
        notes=text("notes"),
    )


def form_rows(cells: Sequence[Mapping[str, str]]) -> tuple[list[Row], list[Fault]]:
    """Return the rows of the form, or every fault in it."""
    rows: list[Row] = []
    faults: list[Fault] = []
    for each in cells:
        row, wrong = read_row(each, 0)
        if row is not None:
            rows.append(row)
        faults += [Fault(each.get("file", _FORM), 0, *words) for words in wrong]
    kept, more = check_rows(rows, _FORM)
    return list(kept), faults + more


def run(
    work: image_intake.Work, store: Store, upload_id: uuid.UUID, said: Mapping[str, Any], step: Step
) -> image_intake.Report:
    """Import an upload as it was described; run again, it goes on where it stopped.

    Parameters
    ----------
    work : Work
        Its ``folder`` is the upload's root.
    said : mapping
        What :func:`describe` kept.
    step : callable
        Told what is being done, how many are done and how many there are; may raise to end it.
    """
    found = upload_look.recall(store, upload_id)
    rows = _rows(work, store, upload_id, found, said["how"])
    about = said["about"] | {"provenance": Provenance(said["about"]["provenance"])}
    canvas = about.pop("canvas", None)
    facts = About(**about, canvas=(canvas[0], canvas[1]) if canvas else None)
    report = image_intake.import_rows(work, said["slug"], facts, rows.rows, step)
    report.faults = [*found.faults, *rows.faults, *report.faults]
    return report


def root_of(store: Store, upload_id: uuid.UUID) -> Path:
    """Return the folder from which the names of an upload count."""
    return store.files(upload_id) / upload_look.recall(store, upload_id).root


def open_reader() -> Reader:
    """Return a reader of hostile files, to be used in a ``with``."""
    return Reader()


def open_work(
    transaction: image_intake.Transaction,
    blobs: BlobStore,
    reader: Reader,
    folder: Path,
    key: str,
    how: str,
    actor: Actor | None,
    now: datetime,
) -> image_intake.Work:
    """Return what every step of an upload's import needs."""
    manifest = MANIFEST if how == BY_MANIFEST else how
    return image_intake.Work(transaction, blobs, reader, folder, key, manifest, actor, now)


def _rows(
    work: image_intake.Work, store: Store, upload_id: uuid.UUID, found: Found, how: str
) -> Manifest:
    if how == BY_MANIFEST:
        return manifest_inside(store, upload_id, found) or Manifest((), ())
    if how == BY_FORM:
        cells = json.loads((store.place(upload_id) / "rows.json").read_text(encoding="utf-8"))
        rows, faults = form_rows(cells)
        return Manifest(tuple(rows), tuple(faults))
    return SOURCES[how].rows(tree_of(work.folder, work.reader))


def finish(
    session: Session,
    upload_id: uuid.UUID,
    report: image_intake.Report,
    store: Store,
    *,
    now: datetime,
) -> None:
    """Keep the report of an import, and remove the files: what was taken is in the bank."""
    upload = find(session, None, upload_id)
    faults = sorted(report.faults, key=lambda fault: (fault.row, fault.file))
    slug = upload.body["said"]["slug"]
    # What was typed or sent of patients went with the files; the report holds names of files.
    upload.body = {
        "slug": slug,
        "report": {
            "taken": report.taken,
            "already": report.already,
            "held": report.held,
            "refused": len(faults),
            "faults": [[f.file, f.row, f.what, f.cure] for f in faults[:_MOST_FAULTS]],
            "unlisted": report.unlisted[:_MOST_FAULTS],
        },
    }
    forget(session, upload, store, "done", now=now)


def report_csv(body: Mapping[str, Any]) -> str:
    """Return the refusals of a report for a spreadsheet: file, row, reason, cure."""
    report = body.get("report")
    if not report:
        raise InvalidError("This upload was not imported yet.")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "row", "reason", "what to do"])
    for file, row, what, cure in report["faults"]:
        writer.writerow([_cell(file), row or "", _cell(what), _cell(cure)])
    for name in report["unlisted"]:
        writer.writerow([_cell(name), "", "no row names it", "add a row if it belongs to the set"])
    return out.getvalue()


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
