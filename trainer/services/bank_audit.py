"""Auditing a set of the bank: shortcuts, duplicates, what is held."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging.bank.audit import Audit, audit, weaker
from trainer.imaging.bank.duplicates import (
    Known,
    Pair,
    find_pairs,
    find_pairs_between,
    grouped,
    straddling,
)
from trainer.imaging.bank.features import block_facts, from_facts, from_name, from_pixels
from trainer.imaging.bank.served import from_exchange
from trainer.imaging.block import decode
from trainer.services.blobs import BlobStore
from trainer.services.served import Player
from trainer.services.shelf import find

SEED = 20260324
#: Pairs and patients that are kept by name; the counts say how many there were.
MOST_PAIRS = 300
#: Times that something on the wire must tell before it counts.
REPEATS = 3
#: Films that are played; more say little more, and take time.
MOST_PLAYED = 400


@dataclass(frozen=True, slots=True)
class SetAudit:
    """Everything a curator should know before a set is published.

    Parameters
    ----------
    shortcuts : Audit
        What simple classifiers reach.
    pairs : list of Pair
        Images that are one picture: within the set, then with images of other sets.
    straddling : mapping
        Patients on both sides of the split: their cases.
    held : int
        Cases that wait for a person.
    fingerprint : str
        What the set was when it was audited.
    """

    shortcuts: Audit
    pairs: list[Pair]
    straddling: Mapping[str, Sequence[str]]
    held: int
    fingerprint: str

    def as_json(self) -> dict[str, Any]:
        """Return the audit as JSON, for the file and for the set's record."""
        return {
            "shortcuts": self.shortcuts.as_json(),
            "duplicates": [_pair_json(pair) for pair in self.pairs[:MOST_PAIRS]],
            "duplicates_found": len(self.pairs),
            "across_classes": sum(pair.across_classes for pair in self.pairs),
            "across_splits": sum(pair.across_splits for pair in self.pairs),
            "across": sum(pair.across_classes or pair.across_splits for pair in self.pairs),
            "patients_on_both_sides": len(self.straddling),
            "straddling": [list(cases) for cases in list(self.straddling.values())[:MOST_PAIRS]],
            "held": self.held,
        }


def _pair_json(pair: Pair) -> dict[str, Any]:
    return {
        "one": pair.one.name,
        "other": pair.other.name,
        "other_set": pair.other.where,
        "bits_apart": pair.distance,
        "exact": pair.exact,
        "twins": pair.twins,
        "across_classes": pair.across_classes,
        "across_splits": pair.across_splits,
    }


def audit_set(
    session: Session,
    blobs: BlobStore,
    slug: str,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    play: Player | None = None,
) -> SetAudit:
    """Audit a set on the pixels it serves; held cases are left out of the shortcuts.

    Memory stays flat: one block is open at a time, and a few hundred numbers are kept of each.

    Parameters
    ----------
    play : callable, optional
        Plays the set as a browser would (:func:`trainer.services.served.player`); without it
        nothing is said of what is on the wire.
    """
    dataset = find(session, slug)
    total = session.scalar(
        select(func.count()).select_from(Case).where(Case.dataset_id == dataset.id)
    )
    total = int(total or 0)
    rows = session.execute(
        select(
            Case.id,
            Case.kin,
            Case.split,
            Case.live,
            CaseKey.truth,
            Image.name,
            Image.source_sha256,
            Image.phash,
            Image.blocks,
            Image.facts,
        )
        .join(Case, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.dataset_id == dataset.id)
        .order_by(Image.sha256, Case.id),  # the same films are audited alike on every machine
        execution_options={"yield_per": 200},
    )
    order = _order(session, dataset.id)
    features: dict[str, list[Any]] = {}
    authentic: list[bool] = []
    cases: list[str] = []
    known: list[Known] = []
    kin: dict[str, str] = {}
    held_back = 0
    for done, row in enumerate(rows):
        progress("auditing", done, total)
        name = str(row.id)
        if row.phash:
            known.append(
                Known(name, row.source_sha256, row.phash, row.truth.value, row.split, row.kin)
            )
        if not row.live:
            held_back += 1
            continue
        for family, numbers in _numbers(blobs, row, order[row.id]).items():
            features.setdefault(family, []).append(numbers)
        authentic.append(row.truth.is_authentic)
        cases.append(name)
        kin[name] = row.kin
    progress("auditing", total, total)
    pairs = find_pairs(known)
    groups = grouped(kin, pairs)
    same = [groups[case] for case in cases]
    shortcuts = audit(features, authentic, same, np.random.default_rng(SEED))
    if play is not None and shortcuts.enough:
        progress("playing", 0, total)
        shortcuts = _with_wire(
            shortcuts, lambda: audit_wire(session, slug, play, cases, authentic, same)
        )
    return SetAudit(
        shortcuts,
        pairs + find_pairs_between(known, list(_of_other_sets(session, dataset))),
        {k: [one.name for one in same] for k, same in straddling(known).items()},
        held_back,
        fingerprint(session, dataset.id),
    )


def _with_wire(shortcuts: Audit, measure: Callable[[], Audit]) -> Audit:
    """Add what the wire told; a family that tells is measured again, and must tell again."""
    wire = measure()
    for _ in range(REPEATS - 1):
        if wire.shortcuts:
            wire = weaker(wire, measure())
    return replace(shortcuts, findings=shortcuts.findings + wire.findings)


def audit_wire(
    session: Session,
    slug: str,
    play: Player,
    cases: Sequence[str],
    authentic: Sequence[bool],
    same: Sequence[str],
) -> Audit:
    """Play up to :data:`MOST_PLAYED` films, as many of each class, and audit what came."""
    rng = np.random.default_rng()  # drawn anew each time on purpose
    sides = [
        [case for case, real in zip(cases, authentic, strict=True) if real is side]
        for side in (True, False)
    ]
    half = MOST_PLAYED // 2
    chosen = [
        case
        for side in sides
        for case in (side if len(side) <= half else rng.choice(side, half, replace=False))
    ]
    came = play(session, slug, [str(case) for case in chosen])
    numbers = {case: from_exchange(one) for case, one in came.items()}
    features: dict[str, list[Any]] = {
        family: [numbers[case][family] if case in numbers else None for case in cases]
        for family in next(iter(numbers.values()), {})
    }
    return audit(features, authentic, same, rng)


def _order(session: Session, dataset_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return each case's place when the files of a set are sorted by name."""
    rows = session.scalars(
        select(Case.id)
        .join(Image, Case.image_id == Image.id)
        .where(Case.dataset_id == dataset_id)
        .order_by(Image.name, Image.sha256, Case.id)
    )
    return {case: place for place, case in enumerate(rows)}


def _numbers(blobs: BlobStore, row: Any, order: int) -> dict[str, Any]:
    """Return the families of one image, from the middle slice of a stack."""
    block = blobs.get(row.blocks[len(row.blocks) // 2])
    pixels, _ = decode(block)
    return (
        from_pixels(pixels)
        | from_facts(row.facts, block_facts(block, len(row.blocks)))
        | from_name(row.name, order)
    )


def _of_other_sets(session: Session, dataset: Dataset) -> Iterator[Known]:
    """Yield what is known of the images of every other set of the same kind."""
    rows = session.execute(
        select(
            Case.id,
            Case.kin,
            Case.split,
            CaseKey.truth,
            Image.source_sha256,
            Image.phash,
            Dataset.slug,
        )
        .join(Case, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(
            Image.dataset_id != dataset.id,
            Image.phash != "",
            Dataset.provenance == dataset.provenance,
        ),
        execution_options={"yield_per": 1000},
    )
    for row in rows:
        yield Known(
            str(row.id),
            row.source_sha256,
            row.phash,
            row.truth.value,
            row.split,
            row.kin,
            row.slug,
        )


def fingerprint(session: Session, dataset_id: uuid.UUID) -> str:
    """Return a hash of what an audit rests on: the live cases, their keys and their sides."""
    rows = session.execute(
        select(Case.id, Case.key_id, Case.split, Case.kin, Image.sha256)
        .join(Image, Case.image_id == Image.id)
        .where(Case.dataset_id == dataset_id, Case.live)
        .order_by(Case.id),
        execution_options={"yield_per": 2000},
    )
    seen = hashlib.sha256()
    for row in rows:
        seen.update(" ".join(map(str, row)).encode())
    return seen.hexdigest()
