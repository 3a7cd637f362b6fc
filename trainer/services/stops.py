"""Taking a film from play, and bringing it back. Open sittings go on: see ``standins``."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.review import StopKind
from trainer.data.images import Case, Image
from trainer.data.learning import Showing, Sitting
from trainer.data.review import CaseStop
from trainer.services import audit
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError

SHORTEST_REASON = 10

KIND_WORDS = {
    StopKind.REPORT: "reported to identify a person; nobody has looked yet",
    StopKind.HELD: "held",
    StopKind.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a case is not played, and since when."""

    kind: StopKind
    words: str
    why: str
    since: datetime


def reason(why: str) -> str:
    """Return a reason in words; refuse an empty one."""
    words = " ".join(why.split())
    if len(words) < SHORTEST_REASON:
        raise InvalidError(
            "Say why in words, ten letters at least: it is kept with the film.", "why"
        )
    return words[:2000]


def locked_case(session: Session, case_id: uuid.UUID) -> Case:
    """Return a case, locked until the end of the transaction: two curators take turns."""
    case = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFoundError("There is no such film in the bank.")
    return case


def current(session: Session, case_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Stop]]:
    """Return the open stops of cases, by case; a case that is played has none."""
    found: dict[uuid.UUID, list[Stop]] = {}
    rows = session.scalars(
        select(CaseStop)
        .where(CaseStop.case_id.in_(case_ids), CaseStop.ended_at.is_(None))
        .order_by(CaseStop.begun_at)
    )
    for row in rows:
        stop = Stop(row.kind, KIND_WORDS[row.kind], row.why, row.begun_at)
        found.setdefault(row.case_id, []).append(stop)
    return found


def may_identify(session: Session, case_id: uuid.UUID) -> bool:
    """Whether a film may identify a person, as far as is known today.

    Someone says so and nobody has looked yet; or it waits for a look at what identifies, or was put
    aside after one. A decision to hold or withdraw it does not show it again.
    """
    found = select(CaseStop.id).where(
        CaseStop.case_id == case_id,
        CaseStop.kind == StopKind.REPORT,
        CaseStop.ended_at.is_(None),
    )
    if session.scalar(found.limit(1)) is not None:
        return True
    facts = select(Image.facts).join(Case, Case.image_id == Image.id).where(Case.id == case_id)
    return not _looked_at(session.scalar(facts) or {})


def _looked_at(facts: Mapping[str, Any]) -> bool:
    """Whether nothing in an image's facts asks for a look any more; see ``services.holds``."""
    return (not facts.get("holds") or "released" in facts) and "rejected" not in facts


def must_go(session: Session, case_id: uuid.UUID) -> bool:
    """Whether a film that is on a screen must leave it: it may identify a person."""
    live = session.scalar(select(Case.live).where(Case.id == case_id))
    return not live and may_identify(session, case_id)


def begin(
    session: Session, actor: Actor, case_id: uuid.UUID, kind: StopKind, why: str, *, now: datetime
) -> None:
    """Take a case from play; a second stop of the same kind is no change.

    Stopping on a learner's report needs no role: what may identify a person comes off first.
    """
    if kind is not StopKind.REPORT:
        actor.require(Permission.BANK)
        why = reason(why)
    case = locked_case(session, case_id)
    case.live = False
    known = session.scalar(
        select(CaseStop.id).where(
            CaseStop.case_id == case_id, CaseStop.kind == kind, CaseStop.ended_at.is_(None)
        )
    )
    if known is None:
        session.add(CaseStop(case_id=case_id, kind=kind, why=why, begun_by=actor.id, begun_at=now))
        audit.note(session, actor, f"case.{kind.value}", case_id, now, why=why)
    session.flush()


def same_picture(session: Session, case_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the other cases that show what this one shows: its twins, and copies of its pixels.

    What identifies a person in one of them does so in all.
    """
    mine = select(Case.kin).where(Case.id == case_id).scalar_subquery()
    rows = session.execute(
        select(Case.id, Case.image_id, Case.twin_image_id, Image.blocks)
        .join(Image, Case.image_id == Image.id)
        .where(Case.kin == mine)
    ).all()
    shows = {
        case: {str(image), *([str(twin)] if twin else []), *map(str, blocks)}
        for case, image, twin, blocks in rows
    }
    group, reached = {case_id}, set(shows.get(case_id, ()))
    while more := {c for c, holds in shows.items() if c not in group and holds & reached}:
        group |= more
        reached.update(*(shows[c] for c in more))
    return sorted(group - {case_id})


def report(session: Session, actor: Actor, case_id: uuid.UUID, *, now: datetime) -> None:
    """Take a film that may identify a person from play, and all that show the same picture."""
    begin(
        session,
        actor,
        case_id,
        StopKind.REPORT,
        "A reader says that something in it identifies a person.",
        now=now,
    )
    for other in same_picture(session, case_id):
        begin(
            session,
            actor,
            other,
            StopKind.REPORT,
            "A reader says that something identifies a person in a film of the same picture.",
            now=now,
        )


def answered(
    session: Session, actor: Actor, case_id: uuid.UUID, kind: StopKind | None, *, now: datetime
) -> list[uuid.UUID]:
    """Let what was decided on a report of a person count for the films of the same picture.

    Parameters
    ----------
    kind : StopKind or None
        How the film itself is stopped now; ``None`` when nobody is identified.

    Returns
    -------
    list of UUID
        The films that waited for the same look.
    """
    waited = []
    for other, held in current(session, same_picture(session, case_id)).items():
        kinds = [s.kind for s in held]
        if StopKind.REPORT not in kinds:
            continue
        waited.append(other)
        if kind is not None:
            begin(session, actor, other, kind, "It shows the same picture as one that is.", now=now)
            end(session, actor, other, (StopKind.REPORT,), now=now)
        elif kinds == [StopKind.REPORT]:
            bring_back(session, actor, other, "Nobody is identified in its like.", now=now)
    return waited


def bring_back(
    session: Session, actor: Actor, case_id: uuid.UUID, why: str, *, now: datetime
) -> bool:
    """Let a case be played again; return whether it is.

    A film whose import was held (burned-in text, a head) waits for that look all the same.
    """
    actor.require(Permission.BANK)
    case = locked_case(session, case_id)
    end(session, actor, case_id, tuple(StopKind), now=now)
    facts = session.get_one(Image, case.image_id).facts
    case.live = _looked_at(facts)
    audit.note(session, actor, "case.back", case_id, now, why=reason(why), live=case.live)
    session.flush()
    return case.live


def end(
    session: Session,
    actor: Actor | None,
    case_id: uuid.UUID,
    kinds: Sequence[StopKind],
    *,
    now: datetime,
) -> None:
    """End the open stops of these kinds. Whether the case is played then is the caller's to say."""
    for row in session.scalars(
        select(CaseStop).where(
            CaseStop.case_id == case_id,
            CaseStop.kind.in_([k.value for k in kinds]),
            CaseStop.ended_at.is_(None),
        )
    ):
        row.ended_at, row.ended_by = now, actor.id if actor else None
    session.flush()


def released(session: Session, actor: Actor | None, case_id: uuid.UUID, *, now: datetime) -> None:
    """End what a look at a held film answers: someone has looked, and nobody can be identified.

    Raises
    ------
    ConflictError
        For a film that was withdrawn: that is a decision, and takes another one.
    """
    gone = [s for s in current(session, [case_id]).get(case_id, []) if s.kind is StopKind.WITHDRAWN]
    if gone:
        raise ConflictError(
            f"This film was withdrawn on {gone[0].since:%Y-%m-%d}: {gone[0].why} "
            "Bring it back on its page first."
        )
    end(session, actor, case_id, (StopKind.REPORT, StopKind.HELD), now=now)


def sittings_of(session: Session, case_id: uuid.UUID) -> int:
    """Count the sittings that hold a film and are not over: they go on without it."""
    return (
        session.scalar(
            select(func.count(Sitting.id.distinct()))
            .join(Showing, Showing.sitting_id == Sitting.id)
            .where(
                Showing.case_id == case_id,
                Showing.outcome.is_(None),
                Sitting.ended_at.is_(None),
            )
        )
        or 0
    )
