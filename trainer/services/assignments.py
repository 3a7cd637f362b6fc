"""Assignments: a quiz, a cohort, a due date and a pass mark."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from trainer.core.assignments import AssignmentState, Standing, standing
from trainer.core.assignments import Run as PureRun
from trainer.core.stats.intervals import Interval
from trainer.data.catalogue import Item, ItemRevision, Lesson, Track
from trainer.data.cohorts import Assignment, Cohort, CohortMember
from trainer.data.learning import Sitting
from trainer.services import audit, cohorts, results
from trainer.services.actor import Actor
from trainer.services.errors import Gathered, InvalidError, NotFoundError

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Choice:
    """A quiz that can be assigned."""

    item_id: uuid.UUID
    track: str
    title: str
    of_track: bool
    cases: int
    pass_mark: float


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """An assignment as its director sees it in the cohort."""

    id: uuid.UUID
    title: str
    track: str
    of_track: bool
    opens_at: datetime
    due_at: datetime
    pass_mark: float
    withdrawn_at: datetime | None
    members: int
    done: int
    passed: int


@dataclass(frozen=True, slots=True)
class LearnerAssignment:
    """An assignment as its learner sees it.

    Parameters
    ----------
    id, item_id : UUID
        The assignment, and the quiz to start for it (``assignment`` goes with the start).
    title, track, cohort : str
        What, of which track, asked of which cohort.
    lesson_id, lesson_slug, track_slug
        The lesson to read first; ``None`` for a track's quiz.
    opens_at, due_at, pass_mark
        As the director set them.
    state : AssignmentState
        In one word.
    score : Interval or None
        The best so far.
    best_sitting_id, running_sitting_id : UUID or None
        Where to look back, where to go on.
    attempts : int
        Sittings that are over.
    """

    id: uuid.UUID
    item_id: uuid.UUID
    title: str
    track: str
    cohort: str
    lesson_id: uuid.UUID | None
    lesson_slug: str | None
    track_slug: str
    opens_at: datetime
    due_at: datetime
    pass_mark: float
    state: AssignmentState
    score: Interval | None
    best_sitting_id: uuid.UUID | None
    running_sitting_id: uuid.UUID | None
    attempts: int


def choices(session: Session) -> tuple[Choice, ...]:
    """Return what can be assigned now: the quizzes on offer, by track and place in it."""
    rows = session.execute(
        select(Item, ItemRevision, Track, Lesson)
        .join(ItemRevision, Item.revision_id == ItemRevision.id)
        .join(Track, Item.track_id == Track.id)
        .outerjoin(Lesson, Item.lesson_id == Lesson.id)
        .where(Item.live, Item.kind == "quiz")
        .order_by(Track.title, Item.lesson_id.is_(None), Lesson.position, Item.position)
    )
    return tuple(
        Choice(
            item_id=item.id,
            track=track.title,
            title=str(revision.body["title"]),
            of_track=item.lesson_id is None,
            cases=int(revision.body["cases"]),
            pass_mark=float(revision.body.get("pass_mark") or 0.7),
        )
        for item, revision, track, lesson in rows
        if lesson is None or lesson.live
    )


def assign(
    session: Session,
    actor: Actor,
    cohort_id: uuid.UUID,
    item_id: uuid.UUID,
    *,
    opens_at: datetime,
    due_at: datetime,
    pass_mark: float,
    now: datetime,
) -> uuid.UUID:
    """Ask a cohort to do a quiz and return the assignment's id.

    It pins the revision and the publication of this moment: an edit of the quiz afterwards does
    not change what is asked. Asked for on the same terms again (a button pressed twice), the first
    one stays the only one.

    Parameters
    ----------
    session, actor, now
        As for every service.
    cohort_id, item_id : UUID
        Whom to ask, and for which quiz.
    opens_at, due_at : datetime
        Aware times; due after it opens and after now.
    pass_mark : float
        Score that passes, 0 to 1. Guessing gives 0.5.

    Raises
    ------
    NotFoundError
        For a cohort of another institution, or a quiz that is not on offer.
    InvalidError
        For dates or a mark that no one could meet.
    """
    cohort = cohorts.owned(session, actor, cohort_id)
    if cohort.archived_at is not None:
        raise InvalidError("The cohort is archived: open it again before you assign something.")
    faults = Gathered()
    with faults.of("quiz"):
        item, revision = _on_offer(session, item_id)
    with faults.of("due"):
        if due_at <= now:
            raise InvalidError("The due date has passed already. Choose a later one.")
        if due_at <= opens_at:
            raise InvalidError("The due date must come after the opening date.")
    with faults.of("pass_mark"):
        if not 0 <= pass_mark <= 1:
            raise InvalidError("A pass mark lies between 0 and 100.")
    faults.tell()
    twice = _same(session, cohort.id, revision.id, opens_at, due_at, pass_mark, now)
    if twice is not None:
        return twice
    made = Assignment(
        cohort_id=cohort.id,
        lesson_id=item.lesson_id,
        publication_id=revision.publication_id,
        item_revision_id=revision.id,
        opens_at=opens_at,
        due_at=due_at,
        pass_mark=pass_mark,
        created_by=actor.id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.note(session, actor, "assignment.make", made.id, now, cohort=str(cohort.id))
    return made.id


def _on_offer(session: Session, item_id: uuid.UUID) -> tuple[Item, ItemRevision]:
    """Return a quiz that can be assigned, as it stands today."""
    item = session.get(Item, item_id)
    if item is None or not item.live or item.kind != "quiz" or item.revision is None:
        raise NotFoundError("This quiz is not on offer any more. Choose another.")
    return item, item.revision


def _same(
    session: Session,
    cohort_id: uuid.UUID,
    revision_id: uuid.UUID,
    opens_at: datetime,
    due_at: datetime,
    pass_mark: float,
    now: datetime,
) -> uuid.UUID | None:
    """Return an assignment on these very terms that goes on; what opened already opened at once."""
    found = select(Assignment.id).where(
        Assignment.cohort_id == cohort_id,
        Assignment.item_revision_id == revision_id,
        Assignment.due_at == due_at,
        Assignment.pass_mark == pass_mark,
        Assignment.withdrawn_at.is_(None),
        Assignment.opens_at <= now if opens_at <= now else Assignment.opens_at == opens_at,
    )
    return session.scalar(found.limit(1))


def owned(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment:
    """Return an assignment of a cohort the person directs.

    Raises
    ------
    NotFoundError
        For any other: one of another institution looks like none.
    """
    found = session.get(Assignment, assignment_id)
    try:
        cohorts.owned(session, actor, found.cohort_id if found else assignment_id)
    except NotFoundError as fault:
        raise NotFoundError("There is no such assignment in your institution.") from fault
    assert found is not None
    return found


def withdraw(
    session: Session, actor: Actor, assignment_id: uuid.UUID, *, now: datetime
) -> uuid.UUID:
    """Take an assignment back and return its cohort; what was done for it stays."""
    assignment = owned(session, actor, assignment_id)
    if assignment.withdrawn_at is None:
        assignment.withdrawn_at = now
        audit.note(session, actor, "assignment.withdraw", assignment.id, now)
    return assignment.cohort_id


def standing_of(
    assignment: Assignment, runs: list[results.Run], now: datetime
) -> tuple[Standing, results.Run | None]:
    """Return where one person stands with an assignment, and the sitting that counts."""
    over = [run for run in runs if run.is_over]
    found = standing(
        [PureRun(run.ended_at or now, run.score.value) for run in over],
        opens=assignment.opens_at,
        due=assignment.due_at,
        pass_mark=assignment.pass_mark,
        now=now,
    )
    return found, None if found.best is None else over[found.best]


def runs_by_person(
    session: Session, assignment_ids: list[uuid.UUID], now: datetime
) -> dict[tuple[uuid.UUID, uuid.UUID], list[results.Run]]:
    """Return the sittings of assignments by (assignment, person), oldest first."""
    found = defaultdict(list)
    for run in results.runs(session, Sitting.assignment_id.in_(assignment_ids), now=now):
        assert run.assignment_id is not None
        found[run.assignment_id, run.user_id].append(run)
    return found


def for_cohort(
    session: Session, actor: Actor, cohort_id: uuid.UUID, *, now: datetime
) -> tuple[AssignmentLine, ...]:
    """Return a cohort's assignments, the latest due first, withdrawn ones last."""
    cohort = cohorts.owned(session, actor, cohort_id)
    members = session.scalars(
        select(CohortMember.user_id).where(CohortMember.cohort_id == cohort.id)
    ).all()
    rows = session.execute(
        _with_titles(select(Assignment, ItemRevision, Track))
        .where(Assignment.cohort_id == cohort.id)
        .order_by(Assignment.withdrawn_at.is_not(None), Assignment.due_at.desc())
    ).all()
    runs = runs_by_person(session, [row[0].id for row in rows], now)
    lines = []
    for assignment, revision, track in rows:
        states = [
            standing_of(assignment, runs.get((assignment.id, who), []), now)[0].state
            for who in members
        ]
        passed = states.count(AssignmentState.PASSED)
        lines.append(
            AssignmentLine(
                id=assignment.id,
                title=str(revision.body["title"]),
                track=track.title,
                of_track=assignment.lesson_id is None,
                opens_at=assignment.opens_at,
                due_at=assignment.due_at,
                pass_mark=assignment.pass_mark,
                withdrawn_at=assignment.withdrawn_at,
                members=len(members),
                done=states.count(AssignmentState.DONE) + passed,
                passed=passed,
            )
        )
    return tuple(lines)


def _with_titles(query: Query) -> Query:
    """Join what names an assignment: the pinned revision and its track."""
    return (
        query.join(ItemRevision, Assignment.item_revision_id == ItemRevision.id)
        .join(Item, ItemRevision.item_id == Item.id)
        .join(Track, Item.track_id == Track.id)
    )


def for_learner(session: Session, actor: Actor, now: datetime) -> tuple[LearnerAssignment, ...]:
    """Return what the person is asked to do, what needs doing first.

    Assignments that are not open yet are listed with their opening date; withdrawn ones and those
    of archived cohorts are not.
    """
    rows = session.execute(
        _with_titles(select(Assignment, ItemRevision, Track, Cohort.name, Lesson))
        .join(Cohort, Assignment.cohort_id == Cohort.id)
        .join(CohortMember, CohortMember.cohort_id == Cohort.id)
        .outerjoin(Lesson, Assignment.lesson_id == Lesson.id)
        .where(
            CohortMember.user_id == actor.id,
            Assignment.withdrawn_at.is_(None),
            Cohort.archived_at.is_(None),
        )
        .order_by(Assignment.due_at, Assignment.id)
    ).all()
    found = defaultdict(list)
    ids = [row[0].id for row in rows]
    mine = results.runs(
        session, Sitting.assignment_id.in_(ids), Sitting.user_id == actor.id, now=now
    )
    for run in mine:
        found[run.assignment_id].append(run)
    made = []
    for assignment, revision, track, cohort, lesson in rows:
        runs = found[assignment.id]
        stand, best = standing_of(assignment, runs, now)
        running = [run for run in runs if not run.is_over]
        made.append(
            LearnerAssignment(
                id=assignment.id,
                item_id=revision.item_id,
                title=str(revision.body["title"]),
                track=track.title,
                cohort=cohort,
                lesson_id=assignment.lesson_id,
                lesson_slug=lesson.slug if lesson else None,
                track_slug=track.slug,
                opens_at=assignment.opens_at,
                due_at=assignment.due_at,
                pass_mark=assignment.pass_mark,
                state=stand.state,
                score=best.interval if best else None,
                best_sitting_id=best.id if best else None,
                running_sitting_id=running[-1].id if running else None,
                attempts=len(runs) - len(running),
            )
        )
    return tuple(sorted(made, key=lambda a: (_ORDER[a.state], a.due_at)))


_ORDER = {
    AssignmentState.OVERDUE: 0,
    AssignmentState.DUE: 1,
    AssignmentState.DONE: 2,
    AssignmentState.OPEN: 3,
    AssignmentState.NOT_OPEN: 4,
    AssignmentState.PASSED: 5,
}
