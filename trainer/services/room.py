"""What a reader is shown of a sitting. Nothing here writes; nothing tells before the call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core import sitting as machine
from trainer.core.sitting import FeedbackWhen, Outcome, Phase
from trainer.core.views import view_in_words
from trainer.core.words import Hallmark, Modality, Provenance
from trainer.data.catalogue import Concept, Item, ItemRevision, Lesson, Track
from trainer.data.images import Case, Dataset, Image
from trainer.data.learning import Grade, Response, Showing, Sitting
from trainer.services import stops
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
        Geometry of a stack: ``slice_mm`` from its first slice, ``plane``, ``tilt``, ``modality``.
    live : bool
        Whether it is in play; not for the reader.
    """

    token: str
    label: str
    slices: int
    stack: dict[str, Any] | None
    live: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """A hallmark that a reader can choose: its id, its name, whether a lesson teaches it."""

    id: str
    name: str
    taught: bool


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
        One word a case: ``right``, ``wrong``, ``open``, ``done``, ``dropped``, ``now`` or
        ``ahead``.
    left_s : float or None
        Seconds until the nearer limit, with extra time.
    film : FilmCard or None
        The film at hand, where there is one to be seen.
    next_token : str or None
        The next film, to be fetched while the feedback is read.
    draft : dict
        What was not committed yet.
    lenses : list of str or None
        The lenses this quiz allows; ``None`` is all.
    pausable, exam : bool
        What the rules say.
    outcome : Outcome or None
        How the case at hand ended.
    dropped : tuple of int
        Cases, from 1, whose films were taken out of play with no other to take their place.
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
    lenses: list[str] | None
    hallmarks: tuple[Sign, ...]
    pausable: bool
    exam: bool
    outcome: Outcome | None
    dropped: tuple[int, ...] = ()


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
    phase = state.phase
    seen = phase in (Phase.SHOWING, Phase.FEEDBACK)
    film = film_card(session, showing) if seen else None
    shown = film is not None and film.live
    if phase is Phase.SHOWING and not shown and stops.may_identify(session, showing.case_id):
        phase, film = Phase.READY, None  # the next step drops it
    ahead = None
    if phase is Phase.FEEDBACK and not state.is_last:
        following = sitting.showings[state.position + 1]
        if session.scalar(select(Case.live).where(Case.id == following.case_id)):
            ahead = following.token
    return Room(
        sitting_id=sitting.id,
        item_id=revision.item_id,
        title=str(revision.body["title"]),
        phase=phase,
        position=state.position,
        total=len(state.outcomes),
        dots=_dots(session, sitting, state, exam=exam),
        left_s=machine.left(state, now),
        film=film,
        next_token=ahead,
        draft=showing.draft,
        lenses=revision.body.get("lenses"),
        hallmarks=signs(session, revision, stack=film.slices > 1)
        if film and phase is Phase.SHOWING
        else (),
        pausable=state.rules.pausable,
        exam=exam,
        outcome=state.outcomes[state.position],
        dropped=tuple(
            i for i, outcome in enumerate(state.outcomes, 1) if outcome is Outcome.DROPPED
        ),
    )


def _dots(
    session: Session, sitting: Sitting, state: machine.Sitting, *, exam: bool
) -> tuple[str, ...]:
    rights = {} if exam and not state.phase.is_over else rights_of(session, sitting)
    dots = []
    for i, (showing, outcome) in enumerate(zip(sitting.showings, state.outcomes, strict=True)):
        if outcome is None:
            dots.append("now" if i == state.position else "ahead")
            continue
        if outcome is Outcome.DROPPED:
            dots.append("dropped")
            continue
        word = {True: "right", False: "wrong", None: "open"}[rights.get(showing.id)]
        dots.append("done" if exam and not state.phase.is_over else word)
    return tuple(dots)


def rights_of(session: Session, sitting: Sitting) -> dict[uuid.UUID, bool | None]:
    """Return for each answered showing of a sitting whether its newest verdict is right."""
    rows = session.execute(
        select(Response.showing_id, Grade.verdict)
        .join(Grade, Grade.response_id == Response.id)
        .where(Response.showing_id.in_([s.id for s in sitting.showings]))
        .order_by(Grade.graded_at)
    )
    return {showing: verdict["right"] for showing, verdict in rows}


def film_card(session: Session, showing: Showing) -> FilmCard:
    """Return what may be said of a showing's film before the call."""
    image = session.execute(
        select(
            Image.dataset_id,
            Image.region,
            Image.view,
            Image.modality,
            Image.blocks,
            Image.facts,
            Dataset.provenance,
            Case.live,
        )
        .join(Case, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.id == showing.case_id)
    ).one()
    slices = len(image.blocks)
    return FilmCard(
        token=showing.token,
        label=film_label(image.region, image.view, image.provenance),
        slices=slices,
        stack=_stack(session, image.dataset_id, image.modality, image.facts)
        if slices > 1
        else None,
        live=image.live,
    )


def film_label(region: str, view: str, provenance: Provenance) -> str:
    """Return ``Hand PA · simulated film``; says the class for every film alike.

    The view of a clinical film is what its source wrote down, and sources differ by class:
    authentic films say ``AP``, a generator's say ``frontal``. It is kept, and not shown.
    """
    simulated = provenance is Provenance.SIMULATED
    shown = view_in_words(view) if simulated else ""
    kind = "simulated film" if simulated else "film"
    return " ".join(f"{region.capitalize()} {shown} · {kind}".split())


def _stack(
    session: Session, dataset_id: uuid.UUID, modality: Modality, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how the slices of a stack lie, as far as it tells nothing else.

    Where a file says nothing of that, it may be because of who made it: then no stack of the set
    tells it. Positions count from the first slice: where the table stood names the scanner.
    """
    silent = select(Image.id).where(
        Image.dataset_id == dataset_id,
        Image.modality == modality,
        Image.facts["placed"].as_boolean().is_(False),
    )
    if session.scalar(silent.limit(1)) is not None:
        return {"slice_mm": [], "plane": "", "tilt": 0.0, "modality": modality.value}
    places = facts.get("slice_mm", [])
    return {
        "slice_mm": [round(place - places[0], 3) for place in places],
        "plane": facts.get("plane", ""),
        "tilt": facts.get("tilt", 0.0),
        "modality": modality.value,
    }


#: What cannot be seen in the pixels of one blinded case is not offered for it.
NEVER_IN_PIXELS = frozenset({Hallmark.FORMAT_TELL, Hallmark.COLOUR_CAST, Hallmark.MODE_COLLAPSE})
STACKS_ALONE = frozenset({Hallmark.Z_BREAK, Hallmark.HU_NOISE, Hallmark.MR_PHYSICS})

#: Signs by track and publication: they change only when something is published.
_signs: dict[tuple[uuid.UUID, uuid.UUID], tuple[Sign, ...]] = {}


def signs(session: Session, revision: ItemRevision, *, stack: bool) -> tuple[Sign, ...]:
    """Return the hallmarks a reader can choose from in this quiz.

    All that the track's lessons teach, and behind them all its other concepts, for every quiz of
    the track alike: a list that narrows the truth would tell.
    """
    track, publication = session.execute(
        select(Track.id, Track.publication_id)
        .join(Item, Item.track_id == Track.id)
        .where(Item.id == revision.item_id)
    ).one()
    if (track, publication) not in _signs:
        lessons = session.scalars(select(Lesson.body).where(Lesson.track_id == track, Lesson.live))
        taught = {slug for body in lessons for slug in body.get("teaches", ())}
        rows = session.execute(select(Concept.slug, Concept.body).where(Concept.track_id == track))
        named = (Sign(slug, str(body.get("name", slug)), slug in taught) for slug, body in rows)
        _signs[track, publication] = tuple(sorted(named, key=lambda s: (not s.taught, s.name)))
    hidden = NEVER_IN_PIXELS if stack else NEVER_IN_PIXELS | STACKS_ALONE
    return tuple(s for s in _signs[track, publication] if s.id not in hidden)


def block_of(
    session: Session, actor: Actor, token: str, index: int, *, now: datetime
) -> tuple[str, int]:
    """Return the sha256 of a slice's block and the length it is padded to.

    Raises
    ------
    NotFoundError
        For a token that is not this person's, a film not shown yet, or no such slice. For one that
        left play before it was shown, or may identify a person: in the very feedback on it alone it
        stays, because it is on the screen.
    ConflictError
        While the sitting is paused.
    """
    sitting, showing = showing_of(session, actor, token)
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
    blocks, live = session.execute(
        select(Image.blocks, Case.live)
        .join(Case, Case.image_id == Image.id)
        .where(Case.id == showing.case_id)
    ).one()
    on_screen = state.phase is Phase.FEEDBACK and showing.position == state.position
    if not live and not on_screen and (why := _gone(session, showing)):
        raise NotFoundError(why)
    if not blocks or not 0 <= index < len(blocks):
        raise NotFoundError(f"This film has no slice {index}.")
    return str(blocks[index]), sitting.block_bytes


def _gone(session: Session, showing: Showing) -> str:
    """Return why a film that left play is not seen again; empty where it was shown and may be."""
    if showing.shown_at is None or showing.outcome is Outcome.DROPPED:
        return "This film was taken out of play."
    if stops.may_identify(session, showing.case_id):
        return "This film is out of play: something in it may identify a person."
    return ""


def gone(session: Session, showing: Showing) -> str:
    """Return why a film cannot be seen again after its sitting; empty where it can."""
    live = session.scalar(select(Case.live).where(Case.id == showing.case_id))
    return "" if live else _gone(session, showing)
