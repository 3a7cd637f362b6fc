"""What the answers to one film say about it, from rows; the numbers are ``core.stats.items``."""

from __future__ import annotations

import statistics
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainer.core.feedback import FEWEST_OTHERS
from trainer.core.permissions import Permission
from trainer.core.stats import items
from trainer.core.stats.intervals import Interval
from trainer.core.words import Choice
from trainer.data.images import Case, CaseKey
from trainer.data.learning import Grade, Response, Showing, Sitting
from trainer.services.actor import Actor
from trainer.services.errors import NotFoundError

#: A reader's score on other films says something from so many of them on.
FEWEST_REST = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """How often a hallmark was named: in the key or not, of how many, and by each third."""

    hallmark: str
    in_key: bool
    count: int
    share: float
    thirds: items.Thirds | None


@dataclass(frozen=True, slots=True)
class ItemStats:
    """The statistics of one film.

    Parameters
    ----------
    n : int
        First exposures with a call in time: who had seen the film or its twin before is left out.
    calls : mapping of str to int, or None
        How they called it; from 5 people on, as learners see it.
    right : Interval or None
        Share right with Wilson's interval; from 30.
    confidence : float or None
        Mean confidence, 1 to 5; from 30.
    time_s : float or None
        Median seconds to the call; from 30.
    chosen : tuple of Chosen
        Hallmarks that were named, the most frequent first; from 30.
    discrimination : Correlation or None
        Corrected point-biserial; from 100 readers with 5 other films each.
    upper_lower : float or None
        Best minus poorest 27 %; likewise.
    flags : tuple of str
        What to look at.
    """

    n: int
    readers: int
    authentic: bool
    calls: Mapping[str, int] | None
    right: Interval | None
    confidence: float | None
    time_s: float | None
    chosen: tuple[Chosen, ...]
    discrimination: items.Correlation | None
    upper_lower: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _First:
    user: uuid.UUID
    choice: Choice
    confidence: int
    hallmarks: frozenset[str]
    seconds: float
    credit: float


def of_case(session: Session, actor: Actor, case_id: uuid.UUID) -> ItemStats:
    """Return the statistics of a film, each number from its stated count on.

    Credits are those of the newest grades: after a regrading they speak of the present key.
    """
    actor.require(Permission.BANK)
    case = session.get(Case, case_id)
    if case is None or case.key is None:
        raise NotFoundError("There is no such film with a key in the bank.")
    first = _first_calls(session, case)
    n = len(first)
    enough = n >= items.FEWEST_FOR_DIFFICULTY
    rest = _rest_scores(session, case.kin, [f.user for f in first]) if _many(n) else {}
    readers = [f for f in first if f.user in rest]
    scores = [rest[f.user] for f in readers]
    credits = [f.credit for f in readers]
    discrimination = items.corrected_point_biserial(credits, scores)
    chosen = _chosen(first, case.key, readers, scores) if enough else ()
    time_s = statistics.median(f.seconds for f in first) if enough else None
    right = items.share_right([f.credit for f in first])
    strangers = [c for c in chosen if not c.in_key]
    choice_rs = {
        c.hallmark: items.corrected_point_biserial(
            [float(c.hallmark in f.hallmarks) for f in readers], scores
        )
        for c in strangers
    }
    return ItemStats(
        n=n,
        readers=len(readers),
        authentic=case.key.truth.is_authentic,
        calls=dict(Counter(f.choice.value for f in first)) if n >= FEWEST_OTHERS else None,
        right=right,
        confidence=statistics.fmean(f.confidence for f in first) if enough else None,
        time_s=time_s,
        chosen=chosen,
        discrimination=discrimination,
        upper_lower=items.upper_lower(credits, scores),
        flags=items.flags(
            right=right,
            authentic=case.key.truth.is_authentic,
            discrimination=discrimination,
            key_by_thirds={c.hallmark: c.thirds for c in chosen if c.in_key and c.thirds},
            distractors_by_thirds={c.hallmark: c.thirds for c in strangers if c.thirds},
            distractor_correlations={name: r for name, r in choice_rs.items() if r},
            odd_time=items.time_is_odd(time_s, _fellow_times(session, case)) if time_s else None,
        ),
    )


def _many(n: int) -> bool:
    return n >= items.FEWEST_FOR_CORRELATION


def _chosen(
    first: Sequence[_First], key: CaseKey, readers: Sequence[_First], scores: Sequence[float]
) -> tuple[Chosen, ...]:
    counts = Counter(h for f in first for h in f.hallmarks)
    names = [*counts, *(h for h in key.hallmarks if h not in counts)]
    found = [
        Chosen(
            hallmark=name,
            in_key=name in key.hallmarks,
            count=counts[name],
            share=counts[name] / len(first),
            thirds=items.by_thirds([name in f.hallmarks for f in readers], scores),
        )
        for name in names
    ]
    return tuple(sorted(found, key=lambda c: (-c.count, not c.in_key, c.hallmark)))


def _first_calls(session: Session, case: Case) -> list[_First]:
    """Return each person's call where this case was the first of its kin that they were shown."""
    nth = func.row_number().over(
        partition_by=Sitting.user_id, order_by=(Showing.shown_at, Showing.id)
    )
    shown = (
        select(Showing.id, Showing.case_id, Sitting.user_id, nth.label("nth"))
        .join(Sitting, Showing.sitting_id == Sitting.id)
        .join(Case, Showing.case_id == Case.id)
        .where(Case.kin == case.kin, Showing.shown_at.is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(
            shown.c.user_id,
            Response.id,
            Response.choice,
            Response.confidence,
            Response.hallmarks,
            Response.marks,
            Response.call_ms,
        )
        .join(Response, Response.showing_id == shown.c.id)
        .where(shown.c.nth == 1, shown.c.case_id == case.id, ~Response.late)
        .order_by(Response.answered_at, Response.id)
    ).all()
    credit = _credits(session, [row.id for row in rows])
    return [
        _First(
            row.user_id,
            row.choice,
            row.confidence,
            frozenset(row.hallmarks) | {m["hallmark"] for m in row.marks if m.get("hallmark")},
            row.call_ms / 1000,
            credit[row.id],
        )
        for row in rows
    ]


def _credits(session: Session, responses: Sequence[uuid.UUID]) -> dict[uuid.UUID, float]:
    """Return the credit of each response by its newest grade."""
    found: dict[uuid.UUID, float] = {}
    for at in range(0, len(responses), 500):  # a statement has a limited number of parameters
        for response, verdict in session.execute(
            select(Grade.response_id, Grade.verdict)
            .where(Grade.response_id.in_(responses[at : at + 500]))
            .order_by(Grade.graded_at, Grade.id)
        ):
            found[response] = float(verdict["credit"])
    return found


def _rest_scores(session: Session, kin: str, users: Sequence[uuid.UUID]) -> dict[uuid.UUID, float]:
    """Return the mean credit of each person on the first exposures of other films."""
    seen: set[tuple[uuid.UUID, str]] = set()
    responses: dict[uuid.UUID, uuid.UUID] = {}
    for at in range(0, len(users), 500):
        rows = session.execute(
            select(Sitting.user_id, Case.kin, Response.id, Response.late)
            .select_from(Showing)
            .join(Sitting, Showing.sitting_id == Sitting.id)
            .join(Case, Showing.case_id == Case.id)
            .outerjoin(Response, Response.showing_id == Showing.id)
            .where(
                Sitting.user_id.in_(users[at : at + 500]),
                Case.kin != kin,
                Showing.shown_at.is_not(None),
            )
            .order_by(Showing.shown_at, Showing.id)
        )
        for user, its_kin, response, late in rows:
            if (user, its_kin) in seen:
                continue
            seen.add((user, its_kin))
            if response is not None and not late:
                responses[response] = user
    by_user: dict[uuid.UUID, list[float]] = defaultdict(list)
    for response, credit in _credits(session, list(responses)).items():
        by_user[responses[response]].append(credit)
    return {u: statistics.fmean(c) for u, c in by_user.items() if len(c) >= FEWEST_REST}


def _fellow_times(session: Session, case: Case) -> list[float]:
    """Return the median times of the set's other films that were called 30 times or more."""
    busy = (
        select(Showing.case_id)
        .join(Response, Response.showing_id == Showing.id)
        .join(Case, Showing.case_id == Case.id)
        .where(Case.dataset_id == case.dataset_id, Case.id != case.id, ~Response.late)
        .group_by(Showing.case_id)
        .having(func.count(Response.id) >= items.FEWEST_FOR_DIFFICULTY)
    )
    times: dict[uuid.UUID, list[float]] = defaultdict(list)
    rows = session.execute(
        select(Showing.case_id, Response.call_ms)
        .join(Response, Response.showing_id == Showing.id)
        .where(Showing.case_id.in_(busy), ~Response.late)
    )
    for case_id, call_ms in rows:
        times[case_id].append(call_ms / 1000)
    return [statistics.median(t) for t in times.values()]
