"""A case as its curators see it: the key, who answers for it, what is proposed, what differs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from trainer.core.permissions import Permission
from trainer.core.review import AnnotationState
from trainer.core.stats.overlap import Overlap
from trainer.core.views import view_in_words
from trainer.core.words import Provenance
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.learning import Grade, Response, Showing
from trainer.data.people import User
from trainer.data.review import Annotation, CaseComment
from trainer.services import agreement, holds, labels, stops
from trainer.services.actor import Actor
from trainer.services.annotation_facts import (
    Facts,
    facts_of,
    key_facts,
)
from trainer.services.annotation_facts import key_place as place_of_key
from trainer.services.annotations import may_see, open_proposals, stack_of
from trainer.services.blobs import BlobStore
from trainer.services.errors import NotFoundError
from trainer.services.vouching import by_construction


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal as one curator may see it; facts are ``None`` while it is kept from them."""

    id: uuid.UUID
    author: str
    mine: bool
    at: datetime
    blind: bool
    facts: Facts | None
    area: float
    slices: tuple[int, ...]
    may_agree: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two proposals say, and whether they say the same."""

    what: str
    first: str
    second: str
    same: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two proposals side by side."""

    first: ProposalView
    second: ProposalView
    differences: tuple[Difference, ...]
    place: Overlap


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, or a line of the key's history."""

    who: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shape:
    """What the viewer must know of a film."""

    rows: int
    columns: int
    slices: int
    modality: str
    stack: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Casebook:
    """All of a case that is not its pixels.

    Parameters
    ----------
    played : bool
        Learners can meet it: live, its set published, and someone answers for its key.
    held : str
        Whether a person must look at it, or has: see :mod:`trainer.services.holds`.
    by_construction : bool
        Its truth needs nobody's agreement.
    regrade : int
        Answers whose newest grade is by an earlier key.
    history : tuple of Said
        Every key the case had, the newest first.
    """

    id: uuid.UUID
    dataset: str
    title: str
    label: str
    name: str
    live: bool
    played: bool
    slices: int
    held: str
    stops: tuple[stops.Stop, ...]
    key_id: uuid.UUID | None
    key: Facts
    key_places: int
    voices: tuple[labels.Voice, ...]
    by_construction: bool
    regrade: int
    history: tuple[Said, ...]
    proposals: tuple[ProposalView, ...]
    pairs: tuple[Pair, ...]
    comments: tuple[Said, ...]
    drafted: bool


def case_of(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    """Return a case for a curator."""
    actor.require(Permission.BANK)
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError("There is no such film in the bank.")
    return case


def casebook(session: Session, actor: Actor, case_id: uuid.UUID) -> Casebook:
    """Return a case as a curator may see it; what colleagues propose stays shut until asked for."""
    case = case_of(session, actor, case_id)
    image, dataset = case.image, case.dataset
    proposals = open_proposals(session, case_id)
    views = {p.id: _view(session, actor, p, case) for p in proposals}
    simulated = dataset.provenance is Provenance.SIMULATED
    voices = labels.voices(session, case.key_id)
    return Casebook(
        id=case.id,
        dataset=dataset.slug,
        title=dataset.title,
        label=label_of(image, dataset),
        name=str(image.facts.get("name", "")) or f"case {str(case.id)[:8]}",
        live=case.live,
        played=case.live and dataset.published_at is not None and (simulated or bool(voices)),
        slices=len(image.blocks),
        held=holds.state_of(image.facts),
        stops=tuple(stops.current(session, [case_id]).get(case_id, ())),
        key_id=case.key_id,
        key=key_facts(case),
        key_places=len(case.key.outlines) if case.key else 0,
        voices=voices,
        by_construction=simulated or bool(case.key and by_construction(case.key.body)),
        regrade=to_regrade(session, case),
        history=_history(session, case_id),
        proposals=tuple(views.values()),
        pairs=tuple(
            _pair(a, b, views[a.id], views[b.id], case)
            for a, b in combinations(proposals, 2)
            if views[a.id].facts and views[b.id].facts
        ),
        comments=_comments(session, case_id),
        drafted=session.scalar(
            select(Annotation.id).where(
                Annotation.case_id == case_id,
                Annotation.author_id == actor.id,
                Annotation.state == AnnotationState.DRAFT,
            )
        )
        is not None,
    )


def label_of(image: Image, dataset: Dataset) -> str:
    """Return a film's label for curators, who may know its view."""
    return (
        f"{image.region.capitalize()} {view_in_words(image.view)}".strip() + f" · {dataset.title}"
    )


def to_regrade(session: Session, case: Case) -> int:
    """Count the answers to a case whose newest grade is not by its present key."""
    later = aliased(Grade)
    newest = (
        select(Response.id)
        .join(Showing, Response.showing_id == Showing.id)
        .join(Grade, Grade.response_id == Response.id)
        .where(
            Showing.case_id == case.id,
            Grade.case_key_id != case.key_id,
            ~select(later.id)
            .where(later.response_id == Response.id, later.case_key_id == case.key_id)
            .exists(),
        )
        .distinct()
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(newest)) or 0


def _history(session: Session, case_id: uuid.UUID) -> tuple[Said, ...]:
    keys = session.scalars(
        select(CaseKey).where(CaseKey.case_id == case_id).order_by(CaseKey.created_at.desc())
    ).all()
    found = []
    for key in keys:
        who = ", ".join(f"{v.name} {v.words}" for v in labels.voices(session, key.id))
        signs = ", ".join(key.hallmarks) or (f"imitates {key.mimic_of}" if key.mimic_of else "")
        found.append(Said(who, f"{key.truth}{f': {signs}' if signs else ''}", key.created_at))
    return tuple(found)


def _comments(session: Session, case_id: uuid.UUID) -> tuple[Said, ...]:
    rows = session.execute(
        select(CaseComment, User.name)
        .outerjoin(User, CaseComment.author_id == User.id)
        .where(CaseComment.case_id == case_id)
        .order_by(CaseComment.written_at, CaseComment.id)
    )
    return tuple(Said(name or "someone who left", c.words, c.written_at) for c, name in rows)


def _view(session: Session, actor: Actor, found: Annotation, case: Case) -> ProposalView:
    mine = found.author_id == actor.id
    seen = may_see(session, actor, found)
    drawn = agreement.masks(found, case) if seen else {}
    why_not = ""
    if not agreement.fits(found, case):
        why_not = "Slices of the film were cut off since: it has to be revised."
    elif mine:
        why_not = "You proposed it: another curator has to agree."
    elif not agreement.still_curator(session, found.author_id):
        why_not = "Its author is no curator any more: take it over as a proposal of your own."
    elif found.base_key_id != case.key_id:
        why_not = "The key has changed since it was proposed: it has to be revised."
    whole = case.image.rows * case.image.columns
    return ProposalView(
        id=found.id,
        author=session.get_one(User, found.author_id).name,
        mine=mine,
        at=found.proposed_at or found.saved_at,
        blind=found.blind,
        facts=facts_of(found.facts) if seen else None,
        area=sum(int(np.count_nonzero(m)) for m in drawn.values()) / whole,
        slices=tuple(sorted(drawn)),
        may_agree=seen and not why_not,
        why_not=why_not,
    )


def _pair(
    a: Annotation, b: Annotation, first: ProposalView, second: ProposalView, case: Case
) -> Pair:
    return Pair(
        first,
        second,
        tuple(differences(facts_of(a.facts), facts_of(b.facts))),
        agreement.compared(a, b, case),
    )


def differences(first: Facts, second: Facts) -> list[Difference]:
    """Return what two annotations say, line by line."""

    def words(value: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(sorted(str(v) for v in value)) or "none"
        return str(value) if value else "none"

    lines = []
    for what, name in (
        ("Truth", "truth"),
        ("Hallmarks", "hallmarks"),
        ("Imitates", "mimic_of"),
        ("Everywhere", "everywhere"),
        ("Region", "region"),
        ("View", "view"),
        ("Modality", "modality"),
        ("Reason", "reason"),
    ):
        one, other = words(getattr(first, name)), words(getattr(second, name))
        lines.append(Difference(what, one, other, one == other))
    return lines


def drawn_place(session: Session, actor: Actor, annotation_id: uuid.UUID) -> list[Any]:
    """Return the runs of a proposal that the curator may see."""
    actor.require(Permission.BANK)
    found = agreement.proposal(session, annotation_id)
    if not may_see(session, actor, found):
        raise NotFoundError("There is no such proposal.")
    return list(found.place)


def key_place(session: Session, blobs: BlobStore, actor: Actor, case_id: uuid.UUID) -> list[Any]:
    """Return the runs of the key's place."""
    return list(place_of_key(blobs, case_of(session, actor, case_id).key))


def film_of(session: Session, actor: Actor, case_id: uuid.UUID) -> Shape:
    """Return the shape of a case's film."""
    image = case_of(session, actor, case_id).image
    slices = len(image.blocks)
    return Shape(
        image.rows,
        image.columns,
        slices,
        image.modality.value,
        stack_of(image) if slices > 1 else None,
    )


def slice_of(session: Session, actor: Actor, case_id: uuid.UUID, index: int) -> tuple[str, int]:
    """Return the sha256 of a slice's block and its length in bytes, for a curator."""
    case = case_of(session, actor, case_id)
    if not 0 <= index < len(case.image.blocks):
        raise NotFoundError(f"This film has no slice {index}.")
    return str(case.image.blocks[index]), case.image.block_bytes
