"""Images come in: one committed step for each, so that an interruption loses nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from trainer.core.words import Modality, Truth
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging.bank.dataset import About
from trainer.imaging.bank.faults import Fault
from trainer.imaging.bank.grouping import check_modality, group_of, plan_groups
from trainer.imaging.bank.look import looked_at
from trainer.imaging.bank.manifest import Row
from trainer.imaging.bank.normalise import normalise
from trainer.imaging.bank.plan import Measure, Plan, make_plan
from trainer.imaging.bank.reader import Reader, Taken
from trainer.imaging.bank.stack import gather, tilt_of
from trainer.imaging.dicom.errors import IntakeError
from trainer.imaging.film import FilmError
from trainer.services import audit, bank, intake_truth, originals
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import OperatorError
from trainer.services.intake_folder import Loaded, load, unlisted

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True)
class Report:
    """What an import did.

    Parameters
    ----------
    taken, already, held : int
        Images that came in now, that were in, and of those taken the ones a person must look at.
    faults : list of Fault
        Every row or file that did not come in, and why.
    unlisted : list of str
        Image files no row names.
    """

    taken: int = 0
    already: int = 0
    held: int = 0
    faults: list[Fault] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Work:
    """What every step of one import needs.

    Parameters
    ----------
    transaction : callable
        Opens a session and commits it at the end.
    blobs : BlobStore
        Where pixels lie.
    reader : Reader
        Decodes in a process of its own.
    folder : Path
        The curator's folder.
    key : str
        The installation's secret: patients are kept as keyed hashes alone.
    manifest : str
        What messages call the manifest.
    actor : Actor, optional
        Who imports; ``None`` is the command line.
    now : datetime
        The time of the import.
    """

    transaction: Transaction
    blobs: BlobStore
    reader: Reader
    folder: Path
    key: str
    manifest: str
    actor: Actor | None
    now: datetime

    def refusal(self, row: Row, what: str, cure: str) -> Fault:
        """Return a fault of one image: by its line of the manifest, or else by its name."""
        if row.number:
            return Fault(self.manifest, row.number, f"{row.file}: {what}", cure)
        return Fault(row.file, 0, what, cure)


def import_rows(
    work: Work,
    slug: str,
    about: About,
    rows: Sequence[Row],
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> Report:
    """Import every row; each image is one committed step.

    Parameters
    ----------
    work : Work
        What every step needs.
    slug : str
        The set's name.
    about : About
        Its licence, source and terms.
    rows : sequence of Row
        What to take in. What is in already is recognised by its sha256 and left alone.
    progress : callable
        Told what is being done, how many are done and how many there are.

    Returns
    -------
    Report
        A file that is refused is a fault in it; the others go on.

    Raises
    ------
    OperatorError
        When the disk is full or the database cannot be written; what was in stays in.
    """
    report = Report()
    try:
        plans, known = _begin(work, slug, about)
        refused = _plan(work, slug, about, rows, plans, report, progress)
        for done, row in enumerate(rows):
            progress("importing", done, len(rows))
            if row.file in refused:
                continue
            try:
                _take(work, slug, row, plans, known, report)
            except IntakeError as fault:
                report.faults.append(work.refusal(row, fault.reason, fault.cure))
        progress("importing", len(rows), len(rows))
        _link_twins(work, slug, rows, report)
    except OperationalError as fault:
        raise OperatorError(
            f"the database cannot be written: {fault.orig}. What was in stays in; mend it (is the "
            "disk full?) and run the import again: it goes on where it stopped."
        ) from fault
    report.unlisted = unlisted(work.folder, rows)
    return report


def _begin(work: Work, slug: str, about: About) -> tuple[dict[str, Plan], dict[str, str]]:
    """Make or refresh the set; return its plans and what is in, by the sha256 of the source."""
    with work.transaction() as session:
        facts = bank.SetFacts(slug, about.title, about.provenance, about.licence, about.citation)
        dataset = session.get_one(Dataset, bank.open_set(session, work.actor, facts, now=work.now))
        dataset.title, dataset.licence = about.title, about.licence
        dataset.citation, dataset.body = about.citation, dataset.body | about.body()
        audit.note(session, work.actor, "bank.import", slug, work.now)
        kept = dataset.body.get("plans", {})
        truths = (
            select(Image.source_sha256, CaseKey.truth)
            .join(Case, Case.image_id == Image.id)
            .join(CaseKey, CaseKey.id == Case.key_id)
            .where(Image.dataset_id == dataset.id)
        )
        known = {sha: word.value for sha, word in session.execute(truths)}
    return {group: Plan.from_json(plan) for group, plan in kept.items()}, known


def _plan(
    work: Work,
    slug: str,
    about: About,
    rows: Sequence[Row],
    plans: dict[str, Plan],
    report: Report,
    progress: Callable[[str, int, int], None],
) -> set[str]:
    """Measure what has no plan yet, decide, and keep the plans with the set.

    A plan once made stays: images that come later must look like those that are there. Returns
    the files that could not be measured.
    """
    new = [row for row in rows if group_of(row, plans) not in plans]
    refused: set[str] = set()
    if not new:
        return refused
    measures: dict[Modality, dict[str, dict[str, list[Measure]]]] = {}
    for done, row in enumerate(new):
        progress("measuring", done, len(new))
        try:
            files = load(work.folder, row.file).files
            if not files:
                raise IntakeError(row.file, "the folder holds no image", "give the slices' folder")
            found, source = work.reader.measure(files[len(files) // 2][1], row.file)
            check_modality(row, source.modality)
        except IntakeError as fault:
            report.faults.append(work.refusal(row, fault.reason, fault.cure))
            refused.add(row.file)
            continue
        side = "authentic" if row.truth.is_authentic else "other"
        regions = measures.setdefault(row.modality, {})
        regions.setdefault(row.region, {}).setdefault(side, []).append(found)
    progress("measuring", len(new), len(new))
    for modality, regions in measures.items():
        for group, sides in plan_groups(modality, regions).items():
            with suppress(ValueError):  # none is large enough: each is refused by name below
                plans.setdefault(group, make_plan(modality, sides, about.canvas))
    with work.transaction() as session:
        dataset = session.scalars(select(Dataset).where(Dataset.slug == slug)).one()
        dataset.body = dataset.body | {"plans": {g: p.as_json() for g, p in plans.items()}}
    return refused


def _take(
    work: Work,
    slug: str,
    row: Row,
    plans: dict[str, Plan],
    known: dict[str, str],
    report: Report,
) -> None:
    """Take one image in: blobs first, then its rows in one transaction."""
    loaded = load(work.folder, row.file)
    sha256 = loaded.sha256
    if sha256 in known:
        if known[sha256] != row.truth.value:
            raise IntakeError(
                row.file,
                f"the same file is in the set as {known[sha256]}, its row says {row.truth.value}",
                "one of the two is wrong: correct it",
            )
        report.already += 1
        return
    group = group_of(row, plans)
    if group not in plans:
        raise IntakeError(
            row.file, "no image of its kind is large enough for a film", "give larger images"
        )
    taken, names = _film(work, row, loaded, plans[group])
    check_modality(row, taken.source.modality)
    film = taken.prepared.film
    mask = intake_truth.mask_of(work.reader, work.folder, row, taken, names)
    kept = originals.keep(work.reader, work.blobs, loaded, work.key)
    held = bool(taken.source.holds)
    with work.transaction() as session:
        dataset = session.scalars(select(Dataset).where(Dataset.slug == slug)).one()
        kin = _kin(work.key, slug, row, taken, sha256)
        _one_side(session, dataset, kin, row)
        image_id = bank.keep_film(
            session,
            work.blobs,
            dataset.id,
            film,
            now=work.now,
            source_sha256=sha256,
            facts=_facts(row, taken, group, plans[group]) | kept,
        )
        case_id = bank.add_case(
            session,
            work.blobs,
            dataset.id,
            image_id,
            film,
            bank.TruthFacts(
                row.truth,
                hallmarks=row.hallmarks,
                mimic_of=row.mimic_of,
                mask=mask,
                everywhere=row.truth is Truth.SYNTHETIC and mask is None,
                body={"reason": row.notes} if row.notes else {},
            ),
            kin=kin,
            now=work.now,
            split=row.split,
            family=row.generator,
        )
        if held:
            session.get_one(Case, case_id).live = False
    known[sha256] = row.truth.value
    report.taken += 1
    report.held += held


def _link_twins(work: Work, slug: str, rows: Sequence[Row], report: Report) -> None:
    """Tie the two states of one anatomy together, once both are in."""
    pairs = [row for row in rows if row.twin]
    if not pairs:
        return
    with work.transaction() as session:
        dataset = session.scalars(select(Dataset).where(Dataset.slug == slug)).one()
        found = select(Case, Image).join(Image, Case.image_id == Image.id)
        cases = {
            image.facts.get("name", ""): case
            for case, image in session.execute(found.where(Case.dataset_id == dataset.id))
        }
        for row in pairs:
            one, other = cases.get(row.file), cases.get(row.twin)
            if one is None:
                continue  # told already
            if other is None:
                reason = f"its twin {row.twin} is not in the set"
                report.faults.append(work.refusal(row, reason, "give it a row of its own"))
                continue
            one.twin_image_id, other.twin_image_id = other.image_id, one.image_id
            other.kin = one.kin


def _film(work: Work, row: Row, loaded: Loaded, plan: Plan) -> tuple[Taken, list[str]]:
    """Decode in the worker and bring to the plan; the slices of a stack are put together here.

    Returns the film, and the file of each slice where each has one.
    """
    if not loaded.stack:
        return work.reader.film(loaded.files[0][1], row.file, plan, row.region, row.view), []
    whole, names = gather(loaded.files, len(loaded.files), work.reader.decode, row.file)
    whole = looked_at(whole)
    seed = bytes.fromhex(loaded.sha256)
    try:
        prepared = normalise(whole, plan, seed, row.file, row.region, row.view)
    except FilmError as fault:
        raise IntakeError(row.file, str(fault), "leave it out") from fault
    frames, rows, columns = whole.pixels.shape
    taken = Taken(prepared, replace(whole, pixels=whole.pixels[:0]), (frames, rows, columns))
    return taken, names


def _facts(row: Row, taken: Taken, group: str, plan: Plan) -> dict[str, Any]:
    """Return what is privately known of an image. None of it is served."""
    box = taken.prepared.box
    return {
        "name": row.file,
        "file": taken.source.facts,
        "bits": taken.source.bits,
        "holds": list(taken.source.holds),
        "group": group,
        "pipeline": plan.version,
        "plane": taken.source.plane,
        "tilt": round(tilt_of(taken.source), 2),
        "box": [box.top, box.left, box.bottom, box.right],
        "patient_known": bool(row.patient or taken.source.patient),
    }


def _one_side(session: Session, dataset: Dataset, kin: str, row: Row) -> None:
    """Refuse an image whose patient is on the other side of the split since an earlier import."""
    other = session.scalar(
        select(Case.split).where(
            Case.kin == kin, Case.dataset_id == dataset.id, Case.split != row.split
        )
    )
    if other:
        raise IntakeError(
            row.file,
            f"its patient is in the set for {other} already, its row says {row.split}",
            "give all images of one patient one split, in every import",
        )


def _kin(key: str, slug: str, row: Row, taken: Taken, sha256: str) -> str:
    """Return what images of one patient share: a keyed hash, never the identifier itself."""
    patient = row.patient or taken.source.patient
    if not patient:
        return f"image:{sha256[:32]}"
    digest = hmac.new(key.encode(), f"{slug}\x00{patient}".encode(), hashlib.sha256)
    return f"patient:{digest.hexdigest()[:32]}"
