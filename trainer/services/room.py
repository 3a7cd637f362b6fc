"""What a reader is shown of a sitting. Nothing here writes; nothing tells before the call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from trainer.core import sitting as machine
from trainer.core.grading.authenticity import Verdict
from trainer.core.sitting import FeedbackWhen, Outcome, Phase
from trainer.core.words import Provenance
from trainer.data.catalogue import Concept, Item, ItemRevision
from trainer.data.images import Case, Dataset, Image
from trainer.data.learning import Response, Showing, Sitting
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, NotFoundError
from trainer.services.sittings import load, showing_of, state_of


@dataclass(frozen=True, slots=True)
class FilmCard:
    """What may be said of a film before the call.

    Parameters
    ----------
    token : str
        Names this showing and nothing else.
    label : str
        Region, view and provenance class: ``Hand PA · simulated film``.
    slices : int
        1 for a radiograph.
    stack : dict or None
        Geometry of a stack: ``slice_mm``, ``spacing_mm``, ``modality``.
    """

    token: str
    label: str
    slices: int
    stack: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Room:
    """One look into the reading room.

    Parameters
    ----------
    sitting_id, item_id, title
        What is played.
    phase, position, total
        Where it stands.
    dots : tuple of str
        One word a case: ``right``, ``wrong``, ``open``, ``done``, ``now`` or ``ahead``.
    left_s : float or None
        Seconds until the nearer limit, with extra time.
    film : FilmCard or None
        The film at hand, where there is one to be seen.
    next_token : str or None
        The next film, to be fetched while the feedback is read.
    draft : dict
        What was not committed yet.
    lenses : tuple of str
        The lenses this quiz allows.
    pausable, exam : bool
        What the rules say.
    outcome : Outcome or None
        How the case at hand ended.
    """

    sitting_id: uuid.UUID
    item_id: uuid.UUID
    title: str
    phase: Phase
    position: int
    total: int
    dots: tuple[str, ...]
    left_s: float | None
    film: FilmCard | None
    next_token: str | None
    draft: Mapping[str, Any]
    lenses: tuple[str, ...]
    hallmarks: tuple[tuple[str, str], ...]
    pausable: bool
    exam: bool
    outcome: Outcome | None


def enter(session: Session, actor: Actor, sitting_id: uuid.UUID, *, now: datetime) -> Room:
    """Return what the reading room shows now.

    Raises
    ------
    NotFoundError
        No such sitting, or not this person's.
    """
    sitting = load(session, actor, sitting_id)
    revision = session.get_one(ItemRevision, sitting.item_revision_id)
    state = machine.tick(state_of(sitting), now)
    exam = state.rules.feedback is FeedbackWhen.AT_END
    showing = sitting.showings[state.position]
    seen = state.phase in (Phase.SHOWING, Phase.FEEDBACK)
    ahead = None
    if state.phase is Phase.FEEDBACK and not state.is_last:
        ahead = sitting.showings[state.position + 1].token
    return Room(
        sitting_id=sitting.id,
        item_id=revision.item_id,
        title=str(revision.body["title"]),
        phase=state.phase,
        position=state.position,
        total=len(state.outcomes),
        dots=_dots(session, sitting, state, exam=exam),
        left_s=machine.left(state, now),
        film=film_card(session, showing) if seen else None,
        next_token=ahead,
        draft=showing.draft,
        lenses=tuple(revision.body.get("lenses") or ()),
        hallmarks=hallmark_names(session, revision),
        pausable=state.rules.pausable,
        exam=exam,
        outcome=state.outcomes[state.position],
    )


def _dots(
    session: Session, sitting: Sitting, state: machine.Sitting, *, exam: bool
) -> tuple[str, ...]:
    verdicts = {} if exam and not state.phase.is_over else verdicts_of(session, sitting)
    dots = []
    for i, (showing, outcome) in enumerate(zip(sitting.showings, state.outcomes, strict=True)):
        if outcome is None:
            dots.append("now" if i == state.position else "ahead")
            continue
        verdict = verdicts.get(showing.id)
        word = {True: "right", False: "wrong", None: "open"}[verdict.right if verdict else None]
        dots.append("done" if exam and not state.phase.is_over else word)
    return tuple(dots)


def verdicts_of(session: Session, sitting: Sitting) -> dict[uuid.UUID, Verdict]:
    """Return the newest verdict of each answered showing of a sitting."""
    responses = session.scalars(
        select(Response)
        .where(Response.showing_id.in_([s.id for s in sitting.showings]))
        .options(selectinload(Response.grades))
    )
    return {r.showing_id: Verdict.from_json(r.grades[-1].verdict) for r in responses}


def film_card(session: Session, showing: Showing) -> FilmCard:
    """Return what may be said of a showing's film before the call."""
    image, provenance = session.execute(
        select(Image, Dataset.provenance)
        .join(Case, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.id == showing.case_id)
    ).one()
    slices = len(image.blocks)
    return FilmCard(
        token=showing.token,
        label=film_label(image, provenance),
        slices=slices,
        stack=_stack(image) if slices > 1 else None,
    )


def film_label(image: Image, provenance: Provenance) -> str:
    """Return ``Hand PA · simulated film``; says the class for every film alike."""
    view = image.view.upper() if len(image.view) == 2 else image.view
    kind = "simulated film" if provenance is Provenance.SIMULATED else "film"
    return f"{image.region.capitalize()} {view} · {kind}".replace("  ", " ")


def _stack(image: Image) -> dict[str, Any]:
    return {
        "slice_mm": image.facts.get("slice_mm", []),
        "spacing_mm": image.facts.get("spacing_mm", [1.0, 1.0]),
        "modality": image.modality.value,
    }


def hallmark_names(session: Session, revision: ItemRevision) -> tuple[tuple[str, str], ...]:
    """Return ``(id, name)`` of the hallmarks a reader can choose from in this quiz.

    All concepts of the track, not only those in play: a list that narrows the truth would tell.
    """
    track = session.scalar(select(Item.track_id).where(Item.id == revision.item_id))
    rows = session.execute(
        select(Concept.slug, Concept.body).where(Concept.track_id == track).order_by(Concept.slug)
    )
    return tuple((slug, str(body.get("name", slug))) for slug, body in rows)


def block_of(
    session: Session, actor: Actor, token: str, index: int, *, now: datetime
) -> tuple[str, int]:
    """Return the sha256 of a slice's block and the length it is padded to.

    Raises
    ------
    NotFoundError
        For a token that is not this person's, a film not shown yet, or no such slice.
    ConflictError
        While the sitting is paused.
    """
    showing = showing_of(session, actor, token)
    sitting = load(session, actor, showing.sitting_id)
    state = machine.tick(state_of(sitting), now)
    if state.phase is Phase.PAUSED:
        raise ConflictError("The sitting is paused: the film comes back when you resume.")
    # While feedback is read the browser may fetch the next film; it is not shown before it is
    # asked for, and then the clock starts.
    reach = state.position + (state.phase is Phase.FEEDBACK)
    if state.phase is Phase.READY:
        reach = state.position - 1
    if showing.position > reach and not state.phase.is_over:
        raise NotFoundError("This film has not been shown yet.")
    blocks = session.scalar(
        select(Image.blocks).join(Case, Case.image_id == Image.id).where(Case.id == showing.case_id)
    )
    if not blocks or not 0 <= index < len(blocks):
        raise NotFoundError(f"This film has no slice {index}.")
    return str(blocks[index]), sitting.block_bytes
