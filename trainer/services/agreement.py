"""Two people make a key: one proposes, another one agrees. Disagreement is shown, and settled."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission, granted
from trainer.core.review import AnnotationState
from trainer.core.stats.overlap import Overlap, overlap
from trainer.core.words import Truth
from trainer.data.images import Case, CaseKey
from trainer.data.people import Membership, User
from trainer.data.review import Annotation, CaseComment, KeyAgreement, ProposalLook
from trainer.imaging.film import Film
from trainer.services import audit, bank, grading
from trainer.services.actor import Actor
from trainer.services.annotation_facts import Facts, facts_of, place_of
from trainer.services.annotations import may_see, open_proposals
from trainer.services.blobs import BlobStore
from trainer.services.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from trainer.services.stops import locked_case

#: Of an earlier key's body: how the film was made does not change with what is said of it.
MAKING = ("recipe", "engine", "report")
LONGEST_COMMENT = 4000


@dataclass(frozen=True, slots=True)
class Agreed:
    """A case and the key it has from now on."""

    case_id: uuid.UUID
    key_id: uuid.UUID


def is_curator(session: Session, user_id: uuid.UUID) -> bool:
    """Whether a person may look after the bank now, by the rows and not by an older look at them.

    On PostgreSQL the rows stay locked until the end: a role that is taken away in the same moment
    is taken away before or after, not in between.
    """
    active = session.scalar(
        select(User.active).where(User.id == user_id).with_for_update(read=True)
    )
    roles = session.scalars(
        select(Membership.role).where(Membership.user_id == user_id).with_for_update(read=True)
    ).all()
    return bool(active) and Permission.BANK in granted(roles)


def still_curator(session: Session, user_id: uuid.UUID) -> bool:
    """Whether a person may look after the bank now; for a page, nothing is locked."""
    user = session.get(User, user_id)
    return bool(
        user and user.active and Permission.BANK in granted(m.role for m in user.memberships)
    )


def proposal(session: Session, annotation_id: uuid.UUID) -> Annotation:
    """Return a proposal, open or not; a draft looks like nothing to everyone."""
    found = session.get(Annotation, annotation_id)
    if found is None or found.proposed_at is None:
        raise NotFoundError("There is no such proposal.")
    return found


def look(session: Session, actor: Actor, annotation_id: uuid.UUID, *, now: datetime) -> uuid.UUID:
    """Open a colleague's proposal; from now on this person is no independent reader of the film.

    Returns
    -------
    UUID
        The case.
    """
    actor.require(Permission.BANK)
    found = proposal(session, annotation_id)
    if not may_see(session, actor, found):
        session.add(ProposalLook(annotation_id=found.id, user_id=actor.id, looked_at=now))
        drafts = select(Annotation).where(
            Annotation.case_id == found.case_id,
            Annotation.author_id == actor.id,
            Annotation.state == AnnotationState.DRAFT,
        )
        for draft in session.scalars(drafts):
            draft.blind = False
        audit.note(session, actor, "key.look", found.case_id, now, annotation=str(found.id))
        session.flush()
    return found.case_id


def fits(annotation: Annotation, case: Case) -> bool:
    """Whether a drawn place lies on the film as it is now: slices may have been cut off since."""
    try:
        place_of(annotation.place, case.image)
    except InvalidError:
        return False
    return True


def masks(annotation: Annotation, case: Case) -> dict[int, np.ndarray[Any, Any]]:
    """Return the drawn place of an annotation by slice; empty where it fits the film no more."""
    return dict(place_of(annotation.place, case.image)) if fits(annotation, case) else {}


def agree(
    session: Session, blobs: BlobStore, actor: Actor, annotation_id: uuid.UUID, *, now: datetime
) -> Agreed:
    """Agree to a colleague's proposal: it becomes the key that counts.

    Raises
    ------
    NotAllowedError
        For one's own proposal, whatever roles one has, and without the role.
    ConflictError
        When it is open no more, rests on a key that has changed, was not looked at, or when its
        author is no curator any more.
    """
    actor.require(Permission.BANK)
    found = proposal(session, annotation_id)
    case = locked_case(session, found.case_id)
    session.refresh(found)
    if found.author_id == actor.id:
        raise NotAllowedError(
            "You proposed this key yourself. Another curator has to agree: two people make a key."
        )
    if not is_curator(session, actor.id):
        raise NotAllowedError("Your account does not have the role that this needs any more.")
    if found.state is AnnotationState.AGREED:
        raise ConflictError("Someone else was quicker: this proposal is the key already.")
    if found.state is not AnnotationState.PROPOSED:
        raise ConflictError(
            "This proposal is open no more: it was taken back, or another one became the key."
        )
    if not is_curator(session, found.author_id):
        raise ConflictError(
            "Who proposed this is no curator any more. Take it over as a proposal of your own; "
            "then another curator has to agree."
        )
    if found.base_key_id != case.key_id:
        raise ConflictError("The key has changed since this was proposed: it has to be revised.")
    if not may_see(session, actor, found):
        raise ConflictError("Look at the proposal first.")
    if not fits(found, case):
        raise ConflictError("Slices of the film were cut off since: it has to be revised.")
    return Agreed(case.id, _make_key(session, blobs, actor, found, case, now))


def _make_key(
    session: Session, blobs: BlobStore, actor: Actor, found: Annotation, case: Case, now: datetime
) -> uuid.UUID:
    facts, drawn = facts_of(found.facts), masks(found, case)
    author = session.get_one(User, found.author_id)
    own = next((p for p in open_proposals(session, case.id) if p.author_id == actor.id), None)
    key_id = bank.put_key(
        session,
        blobs,
        case.id,
        _blank(case, facts),
        bank.TruthFacts(
            truth=facts.truth or Truth.AUTHENTIC,
            hallmarks=facts.hallmarks,
            mimic_of=facts.mimic_of,
            mask=_mask(case, drawn),
            everywhere=facts.everywhere,
            body=_body(case.key, facts) | {"agreement": _evidence(found, own, case)},
        ),
        now=now,
    )
    image = case.image
    before = {"region": image.region, "view": image.view, "modality": image.modality.value}
    image.region, image.view = facts.region, facts.view
    image.modality = facts.modality or image.modality
    for person, part in ((author, "proposed"), (session.get_one(User, actor.id), "agreed")):
        session.add(
            KeyAgreement(
                case_key_id=key_id, user_id=person.id, name=person.name, part=part, agreed_at=now
            )
        )
    found.state, found.key_id, found.closed_at = AnnotationState.AGREED, key_id, now
    for other in open_proposals(session, case.id):
        other.state, other.closed_at = AnnotationState.CLOSED, now
    audit.note(
        session,
        actor,
        "key.agree",
        case.id,
        now,
        annotation=str(found.id),
        proposed_by=str(found.author_id),
        key=str(key_id),
        earlier=str(found.base_key_id or ""),
        before=before,
    )
    session.flush()
    return key_id


def _blank(case: Case, facts: Facts) -> Film:
    """Return a film of the case's shape without its pixels: a key needs the shape alone."""
    image = case.image
    slices = len(image.blocks)
    shape = (image.rows, image.columns) if slices == 1 else (slices, image.rows, image.columns)
    row_mm, column_mm = image.facts.get("spacing_mm", (1.0, 1.0))
    return Film(
        np.broadcast_to(np.uint16(0), shape),
        (float(row_mm), float(column_mm)),
        facts.modality or image.modality,
        facts.region,
        facts.view,
        slice_mm=tuple(image.facts.get("slice_mm", ())) if slices > 1 else (),
    )


def _mask(case: Case, drawn: dict[int, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any] | None:
    """Return one mask of the film's shape, ``None`` where nothing was drawn."""
    if not drawn:
        return None
    image = case.image
    if len(image.blocks) == 1:
        return drawn[0]
    whole = np.zeros((len(image.blocks), image.rows, image.columns), np.bool_)
    for z, mask in drawn.items():
        whole[z] = mask
    return whole


def _body(earlier: CaseKey | None, facts: Facts) -> dict[str, Any]:
    kept = {k: earlier.body[k] for k in MAKING if k in earlier.body} if earlier else {}
    if earlier is not None and earlier.truth is facts.truth and "dose" in earlier.body:
        kept["dose"] = earlier.body["dose"]
    return kept | {"reason": facts.reason}


def _evidence(found: Annotation, own: Annotation | None, case: Case) -> dict[str, Any]:
    """Return how good the agreement is: two independent readings, or one that was looked over."""
    if own is None:
        return {"independent": False}
    shared = overlap(masks(found, case), masks(own, case))
    mine, theirs = facts_of(own.facts), facts_of(found.facts)
    return {
        "independent": own.blind and found.blind,
        "same_truth": mine.truth is theirs.truth,
        "same_hallmarks": set(mine.hallmarks) == set(theirs.hallmarks),
        "dice": shared.dice,
    }


def compared(first: Annotation, second: Annotation, case: Case) -> Overlap:
    """Return how far two proposals' places are one place."""
    return overlap(masks(first, case), masks(second, case))


def comment(
    session: Session, actor: Actor, case_id: uuid.UUID, words: str, *, now: datetime
) -> None:
    """Say something about a case to the other curators."""
    actor.require(Permission.BANK)
    if session.get(Case, case_id) is None:
        raise NotFoundError("There is no such film in the bank.")
    said = words.strip()
    if not 1 <= len(said) <= LONGEST_COMMENT:
        raise InvalidError(f"A comment has between 1 and {LONGEST_COMMENT:,} letters.", "words")
    session.add(CaseComment(case_id=case_id, author_id=actor.id, words=said, written_at=now))
    audit.note(session, actor, "case.comment", case_id, now)
    session.flush()


def take_over(
    session: Session, actor: Actor, annotation_id: uuid.UUID, *, now: datetime
) -> uuid.UUID:
    """Begin a draft of one's own from what a colleague proposed; return the case.

    Raises
    ------
    ConflictError
        When there is a draft of one's own already: it is not overwritten.
    """
    actor.require(Permission.BANK)
    found = proposal(session, annotation_id)
    case = locked_case(session, found.case_id)
    mine = session.scalar(
        select(Annotation.id).where(
            Annotation.case_id == case.id,
            Annotation.author_id == actor.id,
            Annotation.state == AnnotationState.DRAFT,
        )
    )
    if mine is not None:
        raise ConflictError("You have a draft on this film: discard it first, or go on with it.")
    if not may_see(session, actor, found):
        raise ConflictError("Look at the proposal first.")
    session.add(
        Annotation(
            case_id=case.id,
            author_id=actor.id,
            base_key_id=case.key_id,
            state=AnnotationState.DRAFT,
            blind=False,
            facts=dict(found.facts) | {"note": ""},
            place=list(found.place),
            created_at=now,
            saved_at=now,
        )
    )
    session.flush()
    return case.id


def regrade(session: Session, actor: Actor, case_id: uuid.UUID, *, now: datetime) -> int:
    """Grade every answer to a case by its present key; return how many grades were added.

    The earlier grades stay; learners are told that the key was corrected.
    """
    actor.require(Permission.BANK)
    locked_case(session, case_id)
    count = grading.regrade(session, case_id, now=now)
    audit.note(session, actor, "key.regrade", case_id, now, grades=count)
    return count
