"""Putting a set before learners, taking it back, and on whose word it was played."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.plural import counted
from trainer.data.images import Case, CaseKey, Dataset
from trainer.data.sets import AuditRun, SetPublication
from trainer.imaging.bank.audit import ENGINE, FEWEST
from trainer.services import audit as log
from trainer.services import bank, vouching
from trainer.services.actor import Actor
from trainer.services.bank_audit import SetAudit, fingerprint
from trainer.services.errors import ConflictError, Gathered, InvalidError, NotFoundError
from trainer.services.shelf import find

#: Letters of a reason: less is no reason.
SHORTEST = 10


def record(
    session: Session, actor: Actor | None, slug: str, found: SetAudit, now: datetime
) -> uuid.UUID:
    """Keep an audit with its set; the earlier ones stay."""
    dataset = find(session, slug)
    made = AuditRun(
        dataset_id=dataset.id,
        made_at=now,
        made_by=actor.name if actor else "",
        engine=found.shortcuts.engine,
        fingerprint=found.fingerprint,
        result=found.as_json(),
    )
    session.add(made)
    session.flush()
    log.note(session, actor, "bank.audit", slug, now)
    return made.id


def objections(result: Mapping[str, Any]) -> list[str]:
    """Return what an audit has against a set, in words; empty where it passed."""
    found = result["shortcuts"]
    reasons = [
        f"{one['title']}: AUC {one['auc']:.2f} ({one['low']:.2f} to {one['high']:.2f})"
        for one in found["findings"]
        if one["tells"]
    ]
    if not found["enough"]:
        reasons.append(
            f"too few images to tell ({found['authentic']} authentic, {found['other']} other; "
            f"{FEWEST} of each are needed)"
        )
    across = across_of(result)
    if across:
        reasons.append(f"{counted(across, 'pair')} of one picture across classes or splits")
    if result["patients_on_both_sides"]:
        reasons.append(
            counted(result["patients_on_both_sides"], "patient is", "patients are")
            + " on both sides of the split"
        )
    return reasons


def across_of(result: Mapping[str, Any]) -> int:
    """Return how many pairs of one picture lie across classes or splits."""
    if "across" in result:
        return int(result["across"])
    return sum(p["across_classes"] or p["across_splits"] for p in result["duplicates"])


def newest(session: Session, dataset_id: uuid.UUID) -> AuditRun | None:
    """Return the newest audit of a set."""
    return session.scalar(
        select(AuditRun)
        .where(AuditRun.dataset_id == dataset_id)
        .order_by(AuditRun.made_at.desc(), AuditRun.id)
        .limit(1)
    )


def is_audited(session: Session, slug: str) -> bool:
    """Return whether the newest audit of a set is by this engine and of the set as it stands."""
    dataset = find(session, slug)
    found = newest(session, dataset.id)
    return (
        found is not None
        and found.engine == ENGINE
        and found.fingerprint == fingerprint(session, dataset.id)
    )


def publish(
    session: Session,
    actor: Actor | None,
    slug: str,
    now: datetime,
    *,
    override: str = "",
    by: str = "",
) -> int:
    """Let a set be played on the word of its newest audit; return how many are in play.

    Parameters
    ----------
    override : str
        Why it is published in spite of its audit; empty where the audit passed.
    by : str
        Who answers for it; the actor's name where there is one.

    Raises
    ------
    ConflictError
        When it has no licence, lacks a class, has labels that nobody agreed to, was not audited as
        it stands, or its audit found shortcuts, duplicates across classes or splits, or patients
        on both sides, and there is no override.
    InvalidError
        When the override has no name or no reason.
    """
    dataset = find(session, slug)
    live = _playable(session, dataset)
    vouching.gate(session, dataset)
    found = newest(session, dataset.id)
    if found is None:
        raise ConflictError(f"{slug} was never audited. Audit it, then publish it.")
    if found.fingerprint != fingerprint(session, dataset.id):
        raise ConflictError(
            f"{slug} has changed since its audit: films came in, were released or have a new key. "
            "Audit it again, then publish it."
        )
    reasons = objections(found.result)
    by = actor.name if actor else by.strip()
    if reasons:
        _overridden(slug, reasons, override, by)
        log.note(session, actor, "bank.override", slug, now, by=by, reason=override.strip())
    else:
        override = ""
    _end(session, dataset, now)
    session.add(
        SetPublication(
            dataset_id=dataset.id,
            audit_id=found.id,
            published_at=now,
            by=by,
            override=override.strip(),
            despite=reasons,
        )
    )
    bank.publish_set(session, actor, slug, now=now)
    session.flush()
    return live


def _overridden(slug: str, reasons: Sequence[str], override: str, by: str) -> None:
    """Refuse a set that gives itself away unless a named person says in writing why."""
    if not override.strip():
        why = f"{slug} may be told apart without looking at anatomy:\n  " + "\n  ".join(reasons)
        cure = (
            "Mend the set, or say why it is published all the same: the reason is kept, and "
            "learners' results carry it."
        )
        raise ConflictError.of({"": why, "override": cure})
    faults = Gathered()
    with faults.of("override"):
        if len(override.strip()) < SHORTEST:
            raise InvalidError(f"An override needs a reason in words, {SHORTEST} letters at least.")
    with faults.of("by"):
        if not by:
            raise InvalidError("An override needs the name of who answers for it.")
    faults.tell()


def _playable(session: Session, dataset: Dataset) -> int:
    """Return how many cases are live; refuse a set without a licence or with one class."""
    if not dataset.licence.strip():
        raise ConflictError(
            f"{dataset.slug} has no licence: write it into its dataset.toml, import again"
        )
    truths = Counter(
        session.scalars(
            select(CaseKey.truth)
            .join(Case, CaseKey.id == Case.key_id)
            .where(Case.dataset_id == dataset.id, Case.live)
        )
    )
    if len({truth.is_authentic for truth in truths}) < 2:
        raise ConflictError(
            f"{dataset.slug} has no case in play that is "
            + ("authentic" if not any(t.is_authentic for t in truths) else "not authentic")
            + ": a quiz on it would have one answer. Import the other class into the same set."
        )
    return sum(truths.values())


def _end(session: Session, dataset: Dataset, now: datetime) -> None:
    running = select(SetPublication).where(
        SetPublication.dataset_id == dataset.id, SetPublication.ended_at.is_(None)
    )
    for one in session.scalars(running):
        one.ended_at = now


def withdraw(session: Session, actor: Actor | None, slug: str, now: datetime) -> None:
    """Let no new sitting draw from a set; those that have begun go on.

    Raises
    ------
    ConflictError
        When it is not published.
    """
    dataset = find(session, slug)
    if dataset.published_at is None:
        raise ConflictError(f"{slug} is not published.")
    _end(session, dataset, now)
    dataset.published_at = None
    log.note(session, actor, "bank.withdraw", slug, now)
    session.flush()


def audit_of(session: Session, slug: str, audit_id: uuid.UUID | None = None) -> AuditRun | None:
    """Return one audit of a set, the newest where none is named.

    Raises
    ------
    NotFoundError
        When the set has no such audit.
    """
    dataset = find(session, slug)
    if audit_id is None:
        return newest(session, dataset.id)
    found = session.get(AuditRun, audit_id)
    if found is None or found.dataset_id != dataset.id:
        raise NotFoundError(f"{slug} has no such audit.")
    return found
