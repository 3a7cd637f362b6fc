"""What a reader does in a sitting: load the state, ask ``core``, write what came back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from trainer.core import sitting as machine
from trainer.core.grading.authenticity import GRADER_VERSION, Call, grade
from trainer.core.sitting import FeedbackWhen, Outcome, Phase, Rules, SittingError
from trainer.data.images import Case, CaseKey, Image
from trainer.data.learning import Grade, Response, Showing, Sitting
from trainer.services import audit, standins, stops
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.services.grading import call_of, key_of

OVER = (Phase.FINISHED, Phase.EXPIRED)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of sending an answer.

    Parameters
    ----------
    sitting_id : UUID
        The sitting it belongs to.
    position : int
        The case, from 0.
    outcome : Outcome
        In time or late.
    again : bool
        It had been sent before; the first one stands.
    phase : Phase
        Where the sitting stands now.
    """

    sitting_id: uuid.UUID
    position: int
    outcome: Outcome
    again: bool
    phase: Phase


def load(session: Session, actor: Actor, sitting_id: uuid.UUID, *, lock: bool = False) -> Sitting:
    """Return a person's own sitting with its showings; another's looks like none.

    Asked again in the same session, it comes from memory: one request asks several times.

    Raises
    ------
    NotFoundError
        No such sitting, or not this person's.
    """
    return _load(session, actor, Sitting.id == sitting_id, sitting_id, lock)


def _load(
    session: Session, actor: Actor, which: ColumnElement[bool], key: uuid.UUID | str, lock: bool
) -> Sitting:
    known: dict[uuid.UUID | str, tuple[Sitting, bool]] = session.info.setdefault("sittings", {})
    found, locked = known.get(key, (None, False))
    if found is None or found.user_id != actor.id or (lock and not locked):
        query = (
            select(Sitting)
            .where(which, Sitting.user_id == actor.id)
            .options(selectinload(Sitting.showings))
        )
        if lock:  # two tabs take turns; SQLite's writers do so anyway
            query = query.with_for_update(of=Sitting).execution_options(populate_existing=True)
        found = session.scalar(query)
        if found is None:
            raise NotFoundError("There is no such sitting among yours.")
        known[key] = known[found.id] = (found, lock)
    return found


def rules_of(rules: Mapping[str, Any]) -> Rules:
    """Return the rules as the state machine reads them."""
    return Rules(**{**rules, "feedback": FeedbackWhen(rules["feedback"])})


def state_of(sitting: Sitting) -> machine.Sitting:
    """Return the state machine's view of a sitting."""
    return machine.Sitting(
        rules=rules_of(sitting.rules),
        factor=sitting.time_factor,
        outcomes=tuple(s.outcome for s in sitting.showings),
        phase=sitting.phase,
        position=sitting.position,
        used_s=sitting.used_s,
        running_since=sitting.running_since,
        case_used_s=sitting.case_used_s,
        case_since=sitting.case_since,
        paused_phase=sitting.paused_phase,
    )


def write(sitting: Sitting, state: machine.Sitting, now: datetime) -> None:
    """Write the state back, and when it ended."""
    sitting.phase = state.phase
    sitting.position = state.position
    sitting.used_s = state.used_s
    sitting.running_since = state.running_since
    sitting.case_used_s = state.case_used_s
    sitting.case_since = state.case_since
    sitting.paused_phase = state.paused_phase
    for showing, outcome in zip(sitting.showings, state.outcomes, strict=True):
        showing.outcome = outcome
    if state.phase.is_over and sitting.ended_at is None:
        sitting.ended_at = now


def _act(session: Session, actor: Actor, sitting_id: uuid.UUID, now: datetime, event: str) -> Phase:
    """Run one event of the state machine on a person's own sitting."""
    sitting = load(session, actor, sitting_id, lock=True)
    try:
        state = getattr(machine, event)(state_of(sitting), now)
    except SittingError as fault:
        raise ConflictError(f"{str(fault).capitalize()}.") from fault
    write(sitting, state, now)
    session.flush()
    return sitting.phase


def show(session: Session, actor: Actor, sitting_id: uuid.UUID, *, now: datetime) -> Phase:
    """Put the case at hand before the reader and stamp the moment; again is no change."""
    sitting = load(session, actor, sitting_id, lock=True)
    return _put_up(session, sitting, machine.tick(state_of(sitting), now), now)


def _put_up(session: Session, sitting: Sitting, state: machine.Sitting, now: datetime) -> Phase:
    """Put up the next film that may be shown; a case whose film may not is dropped on the way."""
    while state.phase in (Phase.READY, Phase.SHOWING):
        showing = sitting.showings[state.position]
        if state.phase is Phase.SHOWING and not stops.must_go(session, showing.case_id):
            break
        if state.phase is Phase.READY and standins.refresh(session, sitting, state.position):
            state = machine.show(state, now)
            break
        state = machine.drop(state, now)
        showing.draft = {}
    write(sitting, state, now)
    showing = sitting.showings[state.position]
    if state.phase is Phase.SHOWING and showing.shown_at is None:
        showing.shown_at = now
    session.flush()
    return sitting.phase


def advance(
    session: Session, actor: Actor, sitting_id: uuid.UUID, position: int, *, now: datetime
) -> Phase:
    """Leave the feedback on the case at ``position``, and show the next one."""
    sitting = load(session, actor, sitting_id, lock=True)
    try:
        state = machine.advance(state_of(sitting), position, now)
    except SittingError as fault:
        raise ConflictError(f"{str(fault).capitalize()}.") from fault
    write(sitting, state, now)
    return show(session, actor, sitting_id, now=now)


def pause(session: Session, actor: Actor, sitting_id: uuid.UUID, *, now: datetime) -> Phase:
    """Stop the clocks and hide the film."""
    return _act(session, actor, sitting_id, now, "pause")


def resume(session: Session, actor: Actor, sitting_id: uuid.UUID, *, now: datetime) -> Phase:
    """Go on after a pause; a film that must not be seen any more does not come back."""
    phase = _act(session, actor, sitting_id, now, "resume")
    return show(session, actor, sitting_id, now=now) if phase is Phase.SHOWING else phase


def showing_of(
    session: Session, actor: Actor, token: str, *, lock: bool = False
) -> tuple[Sitting, Showing]:
    """Return the sitting and the showing that a token names, if they are this person's.

    Raises
    ------
    NotFoundError
        For any other token: a wrong one and another person's look alike.
    """
    named = Sitting.id == select(Showing.sitting_id).where(Showing.token == token).scalar_subquery()
    try:
        sitting = _load(session, actor, named, token, lock)
    except NotFoundError as fault:
        raise NotFoundError("There is no such film among yours.") from fault
    return sitting, next(s for s in sitting.showings if s.token == token)


def answer(
    session: Session,
    actor: Actor,
    token: str,
    call: Call,
    *,
    now: datetime,
    client: Mapping[str, Any],
) -> Answered:
    """Keep a call and grade it. Sent again, the first one stands and nothing is written.

    Parameters
    ----------
    session, actor, now
        As for every service.
    token : str
        Names the showing.
    call : Call
        What the reader said.
    client : mapping
        What the browser reports: ``first_look_ms``, ``call_ms``; kept beside the server's time.

    Raises
    ------
    NotFoundError
        For a token that is not this person's.
    ConflictError
        When the case was not shown, or the sitting is paused.
    """
    sitting, showing = showing_of(session, actor, token, lock=True)
    given = session.scalar(select(Response).where(Response.showing_id == showing.id))
    if given is not None:
        first = Outcome.LATE if given.late else Outcome.IN_TIME
        return Answered(sitting.id, showing.position, first, True, sitting.phase)
    try:
        state, outcome = machine.answer(state_of(sitting), showing.position, now)
    except SittingError as fault:
        raise ConflictError(f"{str(fault).capitalize()}.") from fault
    write(sitting, state, now)
    shown_at = showing.shown_at or now
    response = Response(
        showing_id=showing.id,
        choice=call.choice,
        confidence=call.confidence,
        hallmarks=[h.value for h in call.hallmarks],
        marks=[mark_json(m) for m in call.marks],
        late=outcome is Outcome.LATE,
        answered_at=now,
        call_ms=max(0, round((now - shown_at).total_seconds() * 1000)),
        client=dict(client),
    )
    key = session.get_one(CaseKey, showing.case_key_id)
    columns, rows, facts = session.execute(
        select(Image.columns, Image.rows, Image.facts)
        .join(Case, Case.image_id == Image.id)
        .where(Case.id == showing.case_id)
    ).one()
    verdict = grade(call, key_of(key, columns, rows, facts))
    response.grades = [
        Grade(
            case_key_id=key.id,
            grader_version=GRADER_VERSION,
            verdict=verdict.as_json(),
            graded_at=now,
        )
    ]
    showing.draft = {}
    session.add(response)
    session.flush()
    # the browser fetches the next film while this one's feedback is read
    standins.refresh(session, sitting, showing.position + 1)
    return Answered(sitting.id, showing.position, outcome, False, sitting.phase)


def mark_json(mark: Any) -> dict[str, Any]:
    """Return a mark as it is kept."""
    return {
        "kind": mark.kind,
        "points": [[p.x, p.y] for p in mark.points],
        "z": mark.points[0].z,
        "hallmark": mark.hallmark.value if mark.hallmark else None,
        "confidence": mark.confidence,
    }


def save_draft(session: Session, actor: Actor, token: str, draft: Mapping[str, Any]) -> None:
    """Keep what is not yet committed, so that a reload loses nothing.

    Raises
    ------
    InvalidError
        When the draft is no call in the making.
    """
    _, showing = showing_of(session, actor, token)
    if showing.outcome is not None:
        return
    call_of({**draft, "choice": draft.get("choice") or "verify", "confidence": 3})
    if len(str(draft)) > 20_000:
        raise InvalidError("There are too many marks on this film.")
    showing.draft = dict(draft)
    session.flush()


def abandon(session: Session, actor: Actor, sitting_id: uuid.UUID, *, now: datetime) -> None:
    """End an open sitting before its end; what was answered stays and counts."""
    sitting = load(session, actor, sitting_id, lock=True)
    state = machine.tick(state_of(sitting), now)
    if not state.phase.is_over:
        state = machine.abandon(state, now)
        audit.note(session, actor, "sitting.abandon", sitting.id, now)
    write(sitting, state, now)
    session.flush()
