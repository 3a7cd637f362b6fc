"""What a learner reads: tracks, lessons, concepts, and where they stand with each."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from trainer.core.permissions import Permission
from trainer.core.progress import LessonProgress, lesson_progress
from trainer.core.stats.intervals import Interval
from trainer.core.words import Provenance
from trainer.data.catalogue import Concept, Item, Lesson, Track
from trainer.data.learning import LessonRead, Sitting
from trainer.services import audit, figures, progress, results, standing
from trainer.services.actor import Actor
from trainer.services.errors import NotFoundError
from trainer.services.figures import OFFERED, Figure
from trainer.services.standing import Standing


@dataclass(frozen=True, slots=True)
class QuizCard:
    """A quiz, and what this person has done with it.

    Parameters
    ----------
    id : UUID
        The item to start.
    title, summary : str
        As its author says.
    cases : int
        How many films.
    simulated : bool
        They are made from physics; no patient is behind them.
    exam : bool
        The truth comes at the end.
    case_seconds, sitting_seconds : float or None
        Limits with this person's extra time; None is untimed.
    pausable : bool
        Whether it can be paused.
    pass_mark : float
        Share of the score that passes.
    running : UUID or None
        The sitting that is open.
    taken : int
        Sittings that are over.
    last, last_score
        The newest sitting that is over, and its score with interval.
    """

    id: uuid.UUID
    title: str
    summary: str
    cases: int
    simulated: bool
    exam: bool
    case_seconds: float | None
    sitting_seconds: float | None
    pausable: bool
    pass_mark: float
    running: uuid.UUID | None
    taken: int
    last: uuid.UUID | None
    last_score: Interval | None


@dataclass(frozen=True, slots=True)
class LessonCard:
    """A lesson in a list."""

    id: uuid.UUID
    slug: str
    title: str
    summary: str
    minutes: int
    number: int
    read_at: datetime | None
    progress: LessonProgress
    quizzes: tuple[QuizCard, ...]


@dataclass(frozen=True, slots=True)
class TrackCard:
    """A track with its lessons and its own quizzes."""

    slug: str
    title: str
    summary: str
    beta: bool
    lessons: tuple[LessonCard, ...]
    quizzes: tuple[QuizCard, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A concept that a lesson teaches."""

    slug: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson to be read.

    Parameters
    ----------
    card : LessonCard
        Title, state, quizzes.
    track : TrackCard
        The track it belongs to, with all its lessons.
    objectives : tuple of str
        What it is for.
    blocks : tuple of dict
        In order: ``html``, ``figure`` (see ``figures``), ``check``.
    figures : dict of int to Figure
        By their number.
    references : tuple of dict
        In the order in which the text names them.
    concepts : tuple of Word
        What it teaches, in order.
    before, after : LessonCard or None
        Its neighbours.
    """

    card: LessonCard
    track: TrackCard
    objectives: tuple[str, ...]
    blocks: tuple[Mapping[str, Any], ...]
    figures: Mapping[int, Figure]
    references: tuple[Mapping[str, Any], ...]
    concepts: tuple[Word, ...]
    before: LessonCard | None
    after: LessonCard | None


def tracks(session: Session, actor: Actor, *, now: datetime) -> tuple[TrackCard, ...]:
    """Return every track that is offered, and where this person stands in it."""
    actor.require(Permission.LEARN)
    found = session.scalars(select(Track).where(Track.status.in_(OFFERED)).order_by(Track.title))
    return _cards(session, actor, found.all(), now)


def track(session: Session, actor: Actor, slug: str, *, now: datetime) -> TrackCard:
    """Return one track.

    Raises
    ------
    NotFoundError
        No such track, or it is not offered.
    """
    actor.require(Permission.LEARN)
    found = session.scalars(select(Track).where(Track.slug == slug, Track.status.in_(OFFERED)))
    cards = _cards(session, actor, found.all(), now)
    if not cards:
        raise NotFoundError("There is no such track, or it is not offered any more.")
    return cards[0]


def lesson(session: Session, actor: Actor, slug: str, *, now: datetime) -> LessonPage:
    """Return a lesson to be read.

    Raises
    ------
    NotFoundError
        No such lesson, or it is not offered.
    """
    row = _lesson(session, actor, slug)
    around = track(session, actor, row.track.slug, now=now)
    place = next(i for i, card in enumerate(around.lessons) if card.id == row.id)
    words = {
        concept.slug: concept.body
        for concept in session.scalars(
            select(Concept).where(
                Concept.track_id == row.track_id, Concept.slug.in_(row.body["teaches"])
            )
        )
    }
    return LessonPage(
        card=around.lessons[place],
        track=around,
        objectives=tuple(row.body["objectives"]),
        blocks=tuple(row.body["blocks"]),
        figures=figures.figures_of(session, row.body["blocks"]),
        references=tuple(row.body["references"]),
        concepts=tuple(Word(s, words[s]) for s in row.body["teaches"] if s in words),
        before=around.lessons[place - 1] if place else None,
        after=around.lessons[place + 1] if place + 1 < len(around.lessons) else None,
    )


def quizzes(tracks: Sequence[TrackCard]) -> list[QuizCard]:
    """Return every quiz of these tracks, in the order in which the pages show them."""
    return [
        quiz
        for track in tracks
        for quiz in (*(q for lesson in track.lessons for q in lesson.quizzes), *track.quizzes)
    ]


def mark_read(session: Session, actor: Actor, slug: str, *, now: datetime) -> None:
    """Note that this person has read the lesson; a second time changes nothing."""
    row = _lesson(session, actor, slug)
    if session.get(LessonRead, (actor.id, row.id)) is None:
        session.add(LessonRead(user_id=actor.id, lesson_id=row.id, read_at=now))
        audit.note(session, actor, "lesson.read", row.id, now)
        session.flush()


def _lesson(session: Session, actor: Actor, slug: str) -> Lesson:
    actor.require(Permission.LEARN)
    row = session.scalar(
        select(Lesson)
        .join(Track, Lesson.track_id == Track.id)
        .where(Lesson.slug == slug, Lesson.live, Track.status.in_(OFFERED))
    )
    if row is None:
        raise NotFoundError("There is no such lesson, or it is not offered any more.")
    return row


def _cards(
    session: Session, actor: Actor, found: Sequence[Track], now: datetime
) -> tuple[TrackCard, ...]:
    ids = [row.id for row in found]
    lessons: dict[uuid.UUID, list[Lesson]] = defaultdict(list)
    for row in session.scalars(
        select(Lesson).where(Lesson.track_id.in_(ids), Lesson.live).order_by(Lesson.position)
    ):
        lessons[row.track_id].append(row)
    items: dict[tuple[uuid.UUID, uuid.UUID | None], list[Item]] = defaultdict(list)
    for item in session.scalars(
        select(Item)
        .where(
            Item.track_id.in_(ids),
            Item.live,
            Item.kind == "quiz",
            Item.revision_id.is_not(None),
        )
        .order_by(Item.position)
        .options(selectinload(Item.revision))
    ):
        items[item.track_id, item.lesson_id].append(item)
    read = {
        lesson_id: read_at
        for lesson_id, read_at in session.execute(
            select(LessonRead.lesson_id, LessonRead.read_at).where(LessonRead.user_id == actor.id)
        )
    }
    runs = results.runs(session, Sitting.user_id == actor.id, now=now)
    done = standing.by_item(session, runs)
    far = progress.lessons(session, actor, now=now, runs=runs)
    return tuple(
        TrackCard(
            slug=row.slug,
            title=row.title,
            summary=str(row.body["summary"]),
            beta=row.status == "beta",
            lessons=tuple(
                _lesson_card(x, i, items[row.id, x.id], read.get(x.id), far.get(x.id), done, actor)
                for i, x in enumerate(lessons[row.id], start=1)
            ),
            quizzes=tuple(_quiz_card(i, done.get(i.id), actor) for i in items[row.id, None]),
        )
        for row in found
    )


def _lesson_card(
    row: Lesson,
    number: int,
    items: Sequence[Item],
    read_at: datetime | None,
    far: LessonProgress | None,
    done: Mapping[uuid.UUID, Standing],
    actor: Actor,
) -> LessonCard:
    return LessonCard(
        id=row.id,
        slug=row.slug,
        title=row.title,
        summary=str(row.body["summary"]),
        minutes=int(row.body["minutes"]),
        number=number,
        read_at=read_at,
        progress=far or lesson_progress((), opened=False),
        quizzes=tuple(_quiz_card(i, done.get(i.id), actor) for i in items),
    )


def _quiz_card(item: Item, done: Standing | None, actor: Actor) -> QuizCard:
    assert item.revision is not None  # asked for in the query
    body = item.revision.body

    def extra(name: str) -> float | None:
        limit = body.get(name)
        return float(limit) * actor.time_factor if limit else None

    return QuizCard(
        id=item.id,
        title=str(body["title"]),
        summary=str(body["summary"]),
        cases=int(body["cases"]),
        simulated=body["pool"]["provenance"] == Provenance.SIMULATED,
        exam=body["feedback"] == "at_end",
        case_seconds=extra("case_seconds"),
        sitting_seconds=extra("sitting_seconds"),
        pausable=bool(body["pausable"]),
        pass_mark=float(body["pass_mark"]),
        running=done.running if done else None,
        taken=done.taken if done else 0,
        last=done.last if done else None,
        last_score=done.last_score if done else None,
    )
