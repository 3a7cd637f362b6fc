"""An audit as a page shows it: what each family reached, what it means, which films are one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.sets import AuditRun, SetPublication
from trainer.imaging.bank.audit import LIMIT
from trainer.services import set_publications
from trainer.services.bank_audit import fingerprint
from trainer.services.shelf import find

#: Pairs and patients that a page shows.
SHOWN = 60
#: Earlier audits that are listed.
LISTED = 30


@dataclass(frozen=True, slots=True)
class FamilyView:
    """What one family reached, and what that means in plain words."""

    family: str
    title: str
    note: str
    gates: bool
    tells: bool
    auc: float
    low: float
    high: float
    meaning: str


@dataclass(frozen=True, slots=True)
class FilmName:
    """A film as a pair names it; ``slug`` is empty where it is no longer in the bank."""

    case_id: uuid.UUID
    slug: str
    name: str
    truth: str
    split: str


@dataclass(frozen=True, slots=True)
class PairView:
    """Two films that are one picture."""

    one: FilmName
    other: FilmName
    bits: int
    exact: bool
    twins: bool
    across_classes: bool
    across_splits: bool


@dataclass(frozen=True, slots=True)
class AuditView:
    """One audit."""

    id: uuid.UUID
    made_at: datetime
    made_by: str
    engine: str
    authentic: int
    other: int
    enough: bool
    gating: tuple[FamilyView, ...]
    evidence: tuple[FamilyView, ...]
    objections: tuple[str, ...]
    pairs: tuple[PairView, ...]
    pairs_found: int
    across: int
    straddling: tuple[tuple[FilmName, ...], ...]
    straddling_found: int
    held: int
    current: bool


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An audit in the list of a set's audits."""

    id: uuid.UUID
    made_at: datetime
    made_by: str
    objections: int


@dataclass(frozen=True, slots=True)
class SetPublicationView:
    """A time during which the set was played."""

    since: datetime
    until: datetime | None
    by: str
    override: str
    despite: tuple[str, ...]
    audit_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """What the audit page of a set shows."""

    slug: str
    title: str
    published_at: datetime | None
    audit: AuditView | None
    newest: bool
    history: tuple[AuditLine, ...]
    publications: tuple[SetPublicationView, ...]


def page(session: Session, slug: str, audit_id: uuid.UUID | None = None) -> AuditPage:
    """Return an audit of a set (the newest where none is named) and what surrounds it.

    Raises
    ------
    NotFoundError
        When there is no such set, or the set has no such audit.
    """
    dataset = find(session, slug)
    run = set_publications.audit_of(session, slug, audit_id)
    history = session.scalars(
        select(AuditRun)
        .where(AuditRun.dataset_id == dataset.id)
        .order_by(AuditRun.made_at.desc(), AuditRun.id)
        .limit(LISTED)
    ).all()
    publications = session.scalars(
        select(SetPublication)
        .where(SetPublication.dataset_id == dataset.id)
        .order_by(SetPublication.published_at.desc())
        .limit(LISTED)
    )
    return AuditPage(
        slug=slug,
        title=dataset.title,
        published_at=dataset.published_at,
        audit=_view(session, dataset, run) if run else None,
        newest=bool(run and history and run.id == history[0].id),
        history=tuple(
            AuditLine(
                one.id, one.made_at, one.made_by, len(set_publications.objections(one.result))
            )
            for one in history
        ),
        publications=tuple(
            SetPublicationView(
                p.published_at, p.ended_at, p.by, p.override, tuple(p.despite), p.audit_id
            )
            for p in publications
        ),
    )


def _view(session: Session, dataset: Dataset, run: AuditRun) -> AuditView:
    result = run.result
    found = result["shortcuts"]
    families = [_family(one, enough=found["enough"]) for one in found["findings"]]
    pairs: list[Mapping[str, Any]] = sorted(
        result["duplicates"], key=lambda p: not (p["across_classes"] or p["across_splits"])
    )[:SHOWN]
    patients: list[Sequence[str]] = result.get("straddling", [])[:SHOWN]
    ids = {p[side] for p in pairs for side in ("one", "other")}
    names = _names(session, ids | {case for cases in patients for case in cases})
    return AuditView(
        id=run.id,
        made_at=run.made_at,
        made_by=run.made_by,
        engine=run.engine,
        authentic=found["authentic"],
        other=found["other"],
        enough=found["enough"],
        gating=tuple(f for f in families if f.gates),
        evidence=tuple(f for f in families if not f.gates),
        objections=tuple(set_publications.objections(result)),
        pairs=tuple(
            PairView(
                names[p["one"]],
                names[p["other"]],
                p["bits_apart"],
                p["exact"],
                p.get("twins", False),
                p["across_classes"],
                p["across_splits"],
            )
            for p in pairs
        ),
        pairs_found=result.get("duplicates_found", len(result["duplicates"])),
        across=set_publications.across_of(result),
        straddling=tuple(tuple(names[case] for case in cases) for cases in patients),
        straddling_found=result["patients_on_both_sides"],
        held=result["held"],
        current=run.fingerprint == fingerprint(session, dataset.id),
    )


def _family(found: Mapping[str, Any], *, enough: bool) -> FamilyView:
    return FamilyView(
        family=found["family"],
        title=found["title"],
        note=found["note"],
        gates=found["gates"],
        tells=found["tells"],
        auc=found["auc"],
        low=found["low"],
        high=found["high"],
        meaning=_meaning(found, enough=enough),
    )


def _meaning(found: Mapping[str, Any], *, enough: bool) -> str:
    """Say what an area means for someone who has never met one."""
    if not enough:
        return "too few films to say anything"
    shares = f"right in {round(100 * found['auc'])} of 100 pairs of one film of each class"
    if found["tells"]:
        return f"tells the classes apart without anatomy: {shares}"
    if found["low"] > 0.5 and not found["gates"]:
        return f"tells, as it may: {shares}"
    if found["low"] > 0.5:
        return f"tells a little, below the limit of {LIMIT:.2f}: {shares}"
    if found["auc"] > LIMIT:
        return "may tell; too few films to be sure. Bring more"
    return "does not tell more than a coin"


def _names(session: Session, ids: set[str]) -> dict[str, FilmName]:
    rows = session.execute(
        select(Case.id, Dataset.slug, Image.name, Case.split, CaseKey.truth)
        .join(Image, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.id.in_([uuid.UUID(one) for one in ids]))
    )
    found = {
        str(row.id): FilmName(row.id, row.slug, row.name, row.truth.value, row.split)
        for row in rows
    }
    return {one: found.get(one, FilmName(uuid.UUID(one), "", "", "", "")) for one in ids}
