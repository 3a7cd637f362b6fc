"""Auditing a set of the bank: shortcuts, duplicates, what is held."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging.bank.audit import Audit, audit
from trainer.imaging.bank.duplicates import Known, Pair, find_pairs, straddling
from trainer.imaging.bank.features import from_facts, from_pixels
from trainer.imaging.block import decode
from trainer.services import audit as log
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.services.shelf import find

SEED = 20260324


@dataclass(frozen=True, slots=True)
class Held:
    """A case a person must look at before it is played, and why."""

    case_id: uuid.UUID
    truth: str
    file: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetAudit:
    """Everything a curator should know before a set is published.

    Parameters
    ----------
    shortcuts : Audit
        What simple classifiers reach.
    pairs : list of Pair
        Images that are one picture.
    straddling : int
        Patients on both sides of the split.
    held : int
        Cases that wait for a person.
    """

    shortcuts: Audit
    pairs: list[Pair]
    straddling: int
    held: int

    def as_json(self) -> dict[str, Any]:
        """Return the audit as JSON, for the file and for the set's record."""
        return {
            "shortcuts": self.shortcuts.as_json(),
            "duplicates": [
                {
                    "one": pair.one.name,
                    "other": pair.other.name,
                    "bits_apart": pair.distance,
                    "exact": pair.exact,
                    "across_classes": pair.across_classes,
                    "across_splits": pair.across_splits,
                }
                for pair in self.pairs
            ],
            "patients_on_both_sides": self.straddling,
            "held": self.held,
        }


def audit_set(
    session: Session,
    blobs: BlobStore,
    slug: str,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
) -> SetAudit:
    """Audit a set on the pixels it serves; held cases are left out of the shortcuts.

    Memory stays flat: one block is open at a time, and a few hundred numbers are kept of each.
    """
    dataset = find(session, slug)
    rows = session.execute(
        select(Image, Case, CaseKey.truth)
        .join(Case, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.dataset_id == dataset.id)
        .order_by(Case.id)
    ).all()
    features: dict[str, list[Any]] = {}
    authentic: list[bool] = []
    kin: list[str] = []
    known: list[Known] = []
    for done, (image, case, truth) in enumerate(rows):
        progress("auditing", done, len(rows))
        hashed = image.facts.get("file", {}).get("phash")
        if hashed:
            known.append(
                Known(str(case.id), image.source_sha256, hashed, truth.value, case.split, case.kin)
            )
        if not case.live:
            continue
        pixels, window = decode(blobs.get(image.blocks[len(image.blocks) // 2]))
        served = (image.rows, image.columns, image.block_bytes)
        families = from_pixels(pixels) | from_facts(
            image.facts, served, (window.centre, window.width)
        )
        # Halves of a random identity: an order or a number that was left in would show here.
        names = (case.id.int >> 64, case.id.int & (2**64 - 1), int(image.sha256[:12], 16), done)
        families["names"] = np.array(names, np.float64)
        for family, numbers in families.items():
            features.setdefault(family, []).append(numbers)
        authentic.append(truth.is_authentic)
        kin.append(case.kin)
    progress("auditing", len(rows), len(rows))
    return SetAudit(
        audit(features, authentic, kin, np.random.default_rng(SEED)),
        find_pairs(known),
        len(straddling(known)),
        sum(not case.live for _, case, _ in rows),
    )


def record(
    session: Session, actor: Actor | None, slug: str, found: SetAudit, now: datetime
) -> None:
    """Keep an audit with its set."""
    dataset = find(session, slug)
    dataset.body = dataset.body | {"audit": found.as_json() | {"at": now.isoformat()}}
    log.note(session, actor, "bank.audit", slug, now)


def gate(
    session: Session,
    actor: Actor | None,
    slug: str,
    found: SetAudit,
    now: datetime,
    *,
    override: str = "",
    by: str = "",
) -> None:
    """Stop a set that gives itself away, unless a named person overrides it in writing.

    Raises
    ------
    ConflictError
        When it has shortcuts, or duplicates across classes or splits, and there is no override.
    InvalidError
        When the override has no name or no reason.
    """
    reasons = [
        f"{finding.title}: AUC {finding.auc:.2f} ({finding.low:.2f} to {finding.high:.2f})"
        for finding in found.shortcuts.shortcuts
    ]
    if not found.shortcuts.enough:
        reasons.append(
            f"too few images to tell ({found.shortcuts.authentic} authentic, "
            f"{found.shortcuts.other} other; 20 of each are needed)"
        )
    across = [pair for pair in found.pairs if pair.across_classes or pair.across_splits]
    if across:
        reasons.append(f"{len(across)} pairs of one picture lie across classes or splits")
    if found.straddling:
        reasons.append(f"{found.straddling} patients are on both sides of the split")
    dataset = find(session, slug)
    if not reasons:
        dataset.body = {k: v for k, v in dataset.body.items() if k != "override"}
        return
    if not override:
        raise ConflictError(
            f"{slug} may be told apart without looking at anatomy:\n  "
            + "\n  ".join(reasons)
            + '\nMend the set, or publish it all the same with --override "why" --by "your name"; '
            "the override is kept and learners' results carry it."
        )
    if len(override.strip()) < 10 or not by.strip():
        raise InvalidError(
            "an override needs a reason in words (ten letters at least) and the name of who "
            'answers for it: --override "why" --by "your name"'
        )
    kept = {"reason": override, "by": by, "at": now.isoformat(), "despite": reasons}
    dataset.body = dataset.body | {"override": kept}
    log.note(session, actor, "bank.override", slug, now, by=by, reason=override)


def held(session: Session, slug: str) -> list[Held]:
    """Return the cases of a set that wait for a person."""
    dataset = find(session, slug)
    rows = session.execute(
        select(Case.id, CaseKey.truth, Image.facts)
        .join(Image, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.dataset_id == dataset.id, ~Case.live)
        .order_by(Case.id)
    )
    return [
        Held(case_id, truth.value, facts.get("name", ""), tuple(facts.get("holds", ())))
        for case_id, truth, facts in rows
    ]


def release(
    session: Session, actor: Actor | None, case_id: uuid.UUID, *, by: str, now: datetime
) -> None:
    """Let a held case be played: a named person has looked at it and found nothing in it.

    Raises
    ------
    NotFoundError, InvalidError
        When there is no such case, or no name.
    """
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError(f"there is no case {case_id}; `flask bank held` lists them")
    if not by.strip():
        raise InvalidError('a release needs the name of who looked at it: --by "your name"')
    image = session.get_one(Image, case.image_id)
    image.facts = image.facts | {"released": {"by": by, "at": now.isoformat()}}
    case.live = True
    dataset = session.get_one(Dataset, case.dataset_id)
    log.note(session, actor, "bank.release", case_id, now, by=by, dataset=dataset.slug)
