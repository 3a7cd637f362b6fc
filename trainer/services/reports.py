"""A learner reports a film after the call; a curator looks, and says what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.review import ReportReason, ReportState, StopKind
from trainer.data.images import Case, Dataset, Image
from trainer.data.learning import Grade, Response, Showing
from trainer.data.review import FilmReport
from trainer.services import audit, holds, report_words, stops
from trainer.services.actor import Actor
from trainer.services.casebook import label_of
from trainer.services.errors import ConflictError, InvalidError
from trainer.services.room import film_label
from trainer.services.truth import told_showing

#: Reports of one person in a day: enough for the keenest eye, too few to empty a bank.
MOST_A_DAY = 20

REASONS = {
    ReportReason.KEY: "I think the key is wrong",
    ReportReason.PERSON: "Something identifies a person",
    ReportReason.IMAGE: "The image is broken",
    ReportReason.WORDS: "The explanation is wrong",
    ReportReason.OTHER: "Something else",
}

#: What a curator can do with a report, and what the learner reads of it.
OUTCOMES = {
    "corrected": "accepted: the film or its words are corrected",
    "proposal": "accepted: a new key is being agreed on",
    "hold": "accepted: the film is out of play while it is mended",
    "withdraw": "accepted: the film is withdrawn",
    "declined": "looked at: nothing is changed",
}
#: Why such a film is held; it stands on the page on which it is covered.
PERSON_SEEN = "a reader saw something that identifies a person"
OFF = {"hold": StopKind.HELD, "withdraw": StopKind.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Reported:
    """A learner's own report and what became of it."""

    id: uuid.UUID
    label: str
    reason: str
    words: str
    at: datetime
    state: ReportState
    told: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grouped:
    """All reports of one film, as the queue shows them."""

    case_id: uuid.UUID
    label: str
    name: str
    open: int
    all: int
    reasons: tuple[str, ...]
    since: datetime
    stopped: bool


@dataclass(frozen=True, slots=True)
class OneReport:
    """A report as a curator sees it: without the reporter's name, which is no matter here."""

    id: uuid.UUID
    reason: ReportReason
    says: str
    words: str
    at: datetime
    state: ReportState
    called: str
    told: str
    answer: str


def file(
    session: Session, actor: Actor, token: str, *, reason: str, words: str, now: datetime
) -> None:
    """Report a film whose truth has been told.

    A film that may identify a person is taken from play in the same moment.

    Raises
    ------
    NotFoundError
        Before the call, in an exam before its end, or for another person's token.
    InvalidError
        Without a reason, or without words where the reason alone says too little.
    ConflictError
        For a second report of the same showing, or too many in a day.
    """
    showing, _ = told_showing(session, actor, token, now)
    why, said = report_words.filed(reason, words)
    if session.scalar(select(FilmReport.id).where(FilmReport.showing_id == showing.id)):
        raise ConflictError("You have reported this film already. Thank you; it will be looked at.")
    since = now - timedelta(days=1)
    today = session.scalar(
        select(func.count(FilmReport.id)).where(
            FilmReport.user_id == actor.id, FilmReport.reported_at > since
        )
    )
    if (today or 0) >= MOST_A_DAY:
        raise ConflictError(
            f"That is {MOST_A_DAY} reports in a day. Thank you; please go on tomorrow, or tell a "
            "curator directly."
        )
    session.add(
        FilmReport(
            showing_id=showing.id,
            case_id=showing.case_id,
            case_key_id=_key_told(session, showing),
            user_id=actor.id,
            reason=why,
            words=said,
            state=ReportState.OPEN,
            reported_at=now,
        )
    )
    audit.note(session, actor, "film.report", showing.case_id, now, reason=why.value)
    if why is ReportReason.PERSON:
        stops.report(session, actor, showing.case_id, now=now)
    session.flush()


def _key_told(session: Session, showing: Showing) -> uuid.UUID:
    """Return the key that the learner was told: that of the newest grade."""
    newest = session.scalar(
        select(Grade.case_key_id)
        .join(Response, Grade.response_id == Response.id)
        .where(Response.showing_id == showing.id)
        .order_by(Grade.graded_at.desc())
        .limit(1)
    )
    return newest or showing.case_key_id


def _told(row: FilmReport) -> str:
    return "not looked at yet" if row.state is ReportState.OPEN else OUTCOMES[row.outcome]


def of_showing(session: Session, actor: Actor, showing_token: str) -> Reported | None:
    """Return the person's own report of a showing, if there is one."""
    found = _mine(session, actor, showing_token)
    return found[0] if found else None


def mine(session: Session, actor: Actor) -> tuple[Reported, ...]:
    """Return a person's own reports, the newest first."""
    return tuple(_mine(session, actor, None))


def _mine(session: Session, actor: Actor, token: str | None) -> list[Reported]:
    query = (
        select(FilmReport, Image.region, Image.view, Dataset.provenance)
        .join(Case, FilmReport.case_id == Case.id)
        .join(Image, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(FilmReport.user_id == actor.id)
        .order_by(FilmReport.reported_at.desc())
    )
    if token is not None:
        query = query.join(Showing, FilmReport.showing_id == Showing.id).where(
            Showing.token == token
        )
    return [
        Reported(
            id=row.id,
            label=film_label(region, view, provenance),
            reason=REASONS[row.reason],
            words=row.words,
            at=row.reported_at,
            state=row.state,
            told=_told(row),
            answer=row.answer,
            answered_at=row.answered_at,
        )
        for row, region, view, provenance in session.execute(query)
    ]


def queue(session: Session, actor: Actor, *, all_of: bool = False) -> tuple[Grouped, ...]:
    """Return the films that were reported: those that may identify a person first, then the oldest.

    Parameters
    ----------
    all_of : bool
        Also films whose reports are all answered.
    """
    actor.require(Permission.BANK)
    rows = session.execute(
        select(FilmReport, Image, Dataset)
        .join(Case, FilmReport.case_id == Case.id)
        .join(Image, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .order_by(FilmReport.reported_at)
    ).all()
    by_case: dict[uuid.UUID, list[tuple[FilmReport, Image, Dataset]]] = {}
    for report, image, dataset in rows:
        by_case.setdefault(report.case_id, []).append((report, image, dataset))
    stopped = stops.current(session, list(by_case))
    found = []
    for case_id, group in by_case.items():
        waiting = [r for r, _, _ in group if r.state is ReportState.OPEN]
        if not waiting and not all_of:
            continue
        _, image, dataset = group[0]
        found.append(
            Grouped(
                case_id=case_id,
                label=label_of(image, dataset),
                name=str(image.facts.get("name", "")),
                open=len(waiting),
                all=len(group),
                reasons=tuple(
                    dict.fromkeys(REASONS[r.reason] for r in waiting or [r for r, _, _ in group])
                ),
                since=min(r.reported_at for r in waiting or [r for r, _, _ in group]),
                stopped=case_id in stopped,
            )
        )
    person = REASONS[ReportReason.PERSON]
    return tuple(sorted(found, key=lambda g: (not g.open, person not in g.reasons, g.since)))


def of_case(session: Session, actor: Actor, case_id: uuid.UUID) -> tuple[OneReport, ...]:
    """Return every report of a case, open ones first, then the newest."""
    actor.require(Permission.BANK)
    rows = session.execute(
        select(FilmReport, Response.choice, Response.confidence)
        .outerjoin(Response, Response.showing_id == FilmReport.showing_id)
        .where(FilmReport.case_id == case_id)
        .order_by(FilmReport.reported_at.desc())
    ).all()
    found = [
        OneReport(
            id=row.id,
            reason=row.reason,
            says=REASONS[row.reason],
            words=row.words,
            at=row.reported_at,
            state=row.state,
            called=f"{choice.value.replace('_', ' ')}, {confidence} of 5 sure" if choice else "",
            told=_told(row),
            answer=row.answer,
        )
        for row, choice, confidence in rows
    ]
    return tuple(sorted(found, key=lambda r: r.state is not ReportState.OPEN))


def decide(
    session: Session,
    actor: Actor,
    case_id: uuid.UUID,
    report_ids: Sequence[uuid.UUID],
    *,
    outcome: str,
    answer: str,
    now: datetime,
) -> int:
    """Answer the open reports of a film together; return how many.

    Parameters
    ----------
    report_ids : sequence of UUID
        Those that were on the page: one that came in since is not answered unseen.
    outcome : str
        A key of :data:`OUTCOMES`.
    answer : str
        What the learners read; needed for a report that is declined.

    Raises
    ------
    InvalidError
        For no such outcome, a missing answer, or a report of a person that is accepted without
        the film going off play.
    ConflictError
        When none of them is open any more.
    """
    actor.require(Permission.BANK)
    said = report_words.answered(outcome, answer, OUTCOMES)
    stops.locked_case(session, case_id)
    rows = session.scalars(
        select(FilmReport)
        .where(
            FilmReport.case_id == case_id,
            FilmReport.id.in_(report_ids),
            FilmReport.state == ReportState.OPEN,
        )
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        raise ConflictError("Someone else has answered these reports. Reload the page.")
    person = any(r.reason is ReportReason.PERSON for r in rows)
    if person and outcome not in (*OFF, "declined", "corrected"):
        raise InvalidError(
            "A film that identifies a person is held or withdrawn, or the mark was removed: "
            "propose a new key afterwards.",
            "outcome",
        )
    for row in rows:
        row.state = ReportState.DECLINED if outcome == "declined" else ReportState.ACCEPTED
        row.outcome, row.answer = outcome, said
        row.answered_by, row.answered_at = actor.id, now
    session.flush()
    _move(session, actor, case_id, outcome, said, person, now)
    audit.note(
        session,
        actor,
        "film.report-decide",
        case_id,
        now,
        outcome=outcome,
        answer=said,
        reports=[str(r.id) for r in rows],
    )
    session.flush()
    return len(rows)


def _move(
    session: Session,
    actor: Actor,
    case_id: uuid.UUID,
    outcome: str,
    said: str,
    person: bool,
    now: datetime,
) -> None:
    """Take the film from play or let it back, as the decision says.

    What identifies a person and is held to be mended joins the held films of its set, and those
    that show the same picture with it: there it is covered and released. Withdrawn, it is one of
    those that were rejected. Either way it stays hidden from those who have played it, too.
    """
    held = [s.kind for s in stops.current(session, [case_id]).get(case_id, ())]
    if outcome in OFF:
        why = said if len(said) >= stops.SHORTEST_REASON else "Learners reported it."
        stops.begin(session, actor, case_id, OFF[outcome], why, now=now)
        stops.end(session, actor, case_id, (StopKind.REPORT,), now=now)
        alike = stops.answered(session, actor, case_id, OFF[outcome], now=now)
        for one in (case_id, *alike) if person else ():
            if outcome == "hold":
                holds.ask_for_look(session, actor, one, PERSON_SEEN, now=now)
            else:
                holds.put_aside(session, actor, one, PERSON_SEEN, why, now=now)
        return
    waits = session.scalar(
        select(FilmReport.id).where(
            FilmReport.case_id == case_id,
            FilmReport.state == ReportState.OPEN,
            FilmReport.reason == ReportReason.PERSON,
        )
    )
    if held == [StopKind.REPORT] and waits is None:
        stops.bring_back(
            session,
            actor,
            case_id,
            "A curator looked at the report: nobody is identified.",
            now=now,
        )
        if outcome == "declined":  # what was mended in one film is still in those like it
            stops.answered(session, actor, case_id, None, now=now)
