"""What a curator draws and says of a film: kept as a draft, then put before a colleague."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.review import AnnotationState
from trainer.core.views import view_in_words
from trainer.core.words import Modality
from trainer.data.images import Case, Image
from trainer.data.review import Annotation, ProposalLook
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.annotation_facts import (
    Facts,
    check,
    facts_of,
    key_facts,
    key_place,
    place_of,
    runs_by_slice,
)
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, NotFoundError
from trainer.services.stops import locked_case


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the annotation page needs.

    Parameters
    ----------
    rows, columns, slices : int
        Shape of the film.
    stack : dict or None
        Where the slices lie.
    key_id : UUID or None
        The key that stands now.
    facts, place
        The draft, or what a fresh one begins with.
    drafted : bool
        Whether there is a draft on the server.
    version : int
        Of the draft; 0 where there is none.
    blind : bool
        Colleagues propose a key that this person has not seen: nothing is filled in.
    others : int
        How many open proposals of colleagues there are.
    saved_at : datetime or None
        When the draft was last kept.
    """

    case_id: uuid.UUID
    dataset: str
    label: str
    rows: int
    columns: int
    slices: int
    modality: Modality
    stack: dict[str, Any] | None
    key_id: uuid.UUID | None
    facts: Facts
    place: list[Any] = field(default_factory=list)
    drafted: bool = False
    version: int = 0
    blind: bool = False
    others: int = 0
    saved_at: datetime | None = None


def _draft(session: Session, actor: Actor, case_id: uuid.UUID) -> Annotation | None:
    return session.scalar(
        select(Annotation).where(
            Annotation.case_id == case_id,
            Annotation.author_id == actor.id,
            Annotation.state == AnnotationState.DRAFT,
        )
    )


def open_proposals(session: Session, case_id: uuid.UUID) -> Sequence[Annotation]:
    """Return what is proposed for a case now, the oldest first."""
    return session.scalars(
        select(Annotation)
        .where(Annotation.case_id == case_id, Annotation.state == AnnotationState.PROPOSED)
        .order_by(Annotation.proposed_at, Annotation.id)
    ).all()


def may_see(session: Session, actor: Actor, annotation: Annotation) -> bool:
    """Whether a curator sees a proposal: its author, who asked to, who has put one up beside it."""
    if annotation.author_id == actor.id or annotation.state in (
        AnnotationState.AGREED,
        AnnotationState.CLOSED,
    ):
        return True
    if session.get(ProposalLook, (annotation.id, actor.id)) is not None:
        return True
    return any(p.author_id == actor.id for p in open_proposals(session, annotation.case_id))


def _is_blind(session: Session, actor: Actor, case_id: uuid.UUID) -> bool:
    """Whether a person has seen nothing of what colleagues proposed for a case."""
    seen = session.scalar(
        select(ProposalLook.annotation_id)
        .join(Annotation, ProposalLook.annotation_id == Annotation.id)
        .where(Annotation.case_id == case_id, ProposalLook.user_id == actor.id)
        .limit(1)
    )
    if seen is not None:
        return False
    put_up = select(Annotation.id).where(
        Annotation.case_id == case_id, Annotation.proposed_at.is_not(None)
    )
    own = session.scalar(put_up.where(Annotation.author_id == actor.id).limit(1))
    others = session.scalar(put_up.where(Annotation.author_id != actor.id).limit(1))
    return own is None or others is None


def stack_of(image: Image) -> dict[str, Any]:
    """Return where the slices of a stack lie, as the viewer reads it."""
    return {
        "slice_mm": image.facts.get("slice_mm", []),
        "spacing_mm": image.facts.get("spacing_mm", [1.0, 1.0]),
        "placed": image.facts.get("placed", True),
    }


def sheet(session: Session, blobs: BlobStore, actor: Actor, case_id: uuid.UUID) -> Sheet:
    """Return what the annotation page shows; nothing is written.

    Raises
    ------
    NotFoundError
        When there is no such case.
    """
    actor.require(Permission.BANK)
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError("There is no such film in the bank.")
    image, draft = case.image, _draft(session, actor, case_id)
    others = [p for p in open_proposals(session, case_id) if p.author_id != actor.id]
    blind = any(not may_see(session, actor, p) for p in others)
    slices = len(image.blocks)
    if draft is not None:
        # slices may have been cut off since it was begun
        facts, place = facts_of(draft.facts), [p for p in draft.place if p["z"] < slices]
    elif blind:
        facts = Facts(region=image.region, view=image.view, modality=image.modality)
        place = []
    else:
        facts, place = key_facts(case), key_place(blobs, case.key)
    shown = f"{image.region.capitalize()} {view_in_words(image.view)}".strip()
    return Sheet(
        case_id=case.id,
        dataset=case.dataset.slug,
        label=f"{shown} · {case.dataset.provenance}",
        rows=image.rows,
        columns=image.columns,
        slices=slices,
        modality=image.modality,
        stack=stack_of(image) if slices > 1 else None,
        key_id=case.key_id,
        facts=facts,
        place=place,
        drafted=draft is not None,
        version=draft.version if draft else 0,
        blind=blind,
        others=len(others),
        saved_at=draft.saved_at if draft else None,
    )


def save(
    session: Session,
    actor: Actor,
    case_id: uuid.UUID,
    data: Mapping[str, Any],
    *,
    version: int,
    now: datetime,
) -> int:
    """Keep a draft; return its version, to be sent with the next save.

    Parameters
    ----------
    data : mapping
        ``facts`` as :func:`facts_of` reads them, and ``place`` as runs.
    version : int
        Of the draft that the page holds; 0 where it holds none.

    Raises
    ------
    ConflictError
        When another tab or device has saved since. Nothing is overwritten.
    """
    actor.require(Permission.BANK)
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError("There is no such film in the bank.")
    facts, place = facts_of(data.get("facts") or {}), data.get("place") or []
    masks = place_of(place, case.image)
    draft = _draft(session, actor, case_id)
    if (draft.version if draft else 0) != version:
        raise ConflictError(
            "Another tab or device of yours has saved this draft since. Reload the page to go on "
            "from there; what is drawn here is not kept."
        )
    if draft is None:
        draft = Annotation(
            case_id=case_id,
            author_id=actor.id,
            base_key_id=case.key_id,
            state=AnnotationState.DRAFT,
            blind=_is_blind(session, actor, case_id),
            created_at=now,
        )
        session.add(draft)
    draft.facts, draft.place, draft.saved_at = facts.as_json(), runs_by_slice(masks), now
    try:
        session.flush()
    except IntegrityError as fault:
        raise ConflictError(
            "Another tab of yours has begun a draft on this film. Reload the page."
        ) from fault
    return draft.version


def discard(session: Session, actor: Actor, case_id: uuid.UUID, *, now: datetime) -> None:
    """Throw a draft away."""
    draft = _draft(session, actor, case_id)
    if draft is not None:
        draft.state, draft.closed_at = AnnotationState.CLOSED, now
        session.flush()


def propose(
    session: Session, actor: Actor, case_id: uuid.UUID, *, key_id: uuid.UUID | None, now: datetime
) -> uuid.UUID:
    """Put a draft before the colleagues; an earlier proposal of the same person is taken back.

    Parameters
    ----------
    key_id : UUID or None
        The key that was on the page.

    Raises
    ------
    InvalidError
        When it says too little.
    ConflictError
        When the key has changed since the page was drawn.
    """
    actor.require(Permission.BANK)
    case = locked_case(session, case_id)
    draft = _draft(session, actor, case_id)
    if draft is None:
        raise NotFoundError("There is no draft of yours on this film.")
    if key_id != case.key_id:
        raise ConflictError(
            "The key of this film has changed since you opened the page. Your draft is kept: "
            "reload, compare it with the new key, and propose it again."
        )
    check(facts_of(draft.facts), place_of(draft.place, case.image))
    for earlier in open_proposals(session, case_id):
        if earlier.author_id == actor.id:
            earlier.state, earlier.closed_at = AnnotationState.CLOSED, now
    draft.state, draft.proposed_at = AnnotationState.PROPOSED, now
    draft.base_key_id, draft.saved_at = case.key_id, now
    audit.note(
        session, actor, "key.propose", case_id, now, annotation=str(draft.id), blind=draft.blind
    )
    session.flush()
    return draft.id


def take_back(
    session: Session, actor: Actor, annotation_id: uuid.UUID, *, now: datetime
) -> uuid.UUID:
    """Take one's own proposal back; return its case."""
    found = session.get(Annotation, annotation_id)
    if found is None or found.author_id != actor.id:
        raise NotFoundError("There is no such proposal of yours.")
    locked_case(session, found.case_id)
    session.refresh(found)
    if found.state is not AnnotationState.PROPOSED:
        raise ConflictError("It is no open proposal any more.")
    found.state, found.closed_at = AnnotationState.CLOSED, now
    audit.note(session, actor, "key.take-back", found.case_id, now, annotation=str(found.id))
    session.flush()
    return found.case_id
