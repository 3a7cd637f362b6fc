"""Films that show one picture: what a report of a person stopped together, and the way back.

What was mended in one film is still in those like it, so each is looked at before it is played.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.review import ReportReason, ReportState, StopKind
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.review import FilmReport
from trainer.services import holds, stops
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, NotFoundError

LOOKED = (
    "A curator looked at it after a film of the same picture was let back: nobody is identified."
)


@dataclass(frozen=True, slots=True)
class Alike:
    """A film that shows the same picture as another one, and where it stands.

    Parameters
    ----------
    waits : bool
        It is out of play, and a look can bring it back from the other film's page.
    held : bool
        It waits for a look of its own, on the page of held films.
    why_not : str
        What has to be done first where it is out of play and a look alone does not do.
    """

    case_id: uuid.UUID
    slug: str
    name: str
    truth: str
    live: bool
    stops: tuple[stops.Stop, ...]
    waits: bool
    held: bool
    why_not: str


def of_case(session: Session, actor: Actor, case_id: uuid.UUID) -> tuple[Alike, ...]:
    """Return the films that show the same picture as a case; those that are stopped come first."""
    actor.require(Permission.BANK)
    others = stops.same_picture(session, case_id)
    open_stops = stops.current(session, [case_id, *others])
    reported = _reported(session, others)
    settled = case_id not in open_stops and bool(
        session.scalar(select(Case.live).where(Case.id == case_id))
    )
    rows = session.execute(
        select(Case.id, Case.live, Image.name, Image.facts, CaseKey.truth, Dataset.slug)
        .join(Image, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .outerjoin(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.id.in_(others))
        .order_by(Image.name, Case.id)
    )
    found = []
    for row in rows:
        held = tuple(open_stops.get(row.id, ()))
        asked = holds.state_of(row.facts) == holds.HELD
        why_not = _why_not(held, row.id in reported, settled) if held and not asked else ""
        found.append(
            Alike(
                case_id=row.id,
                slug=row.slug,
                name=row.name or f"Film {str(row.id)[:8]}",
                truth=row.truth.value if row.truth else "",
                live=row.live,
                stops=held,
                waits=bool(held) and not why_not and not asked,
                held=asked,
                why_not=why_not,
            )
        )
    return tuple(sorted(found, key=lambda one: not one.stops))


def looked(
    session: Session, actor: Actor, case_id: uuid.UUID, other: uuid.UUID, *, now: datetime
) -> bool:
    """Bring a film back that was stopped with another; return whether it is played.

    Raises
    ------
    NotFoundError
        When it does not show the same picture.
    ConflictError
        When it is not stopped any more, or something else has to be decided first.
    """
    actor.require(Permission.BANK)
    for one in sorted((case_id, other)):  # in one order: two curators cannot lock each other out
        stops.locked_case(session, one)
    found = {one.case_id: one for one in of_case(session, actor, case_id)}.get(other)
    if found is None:
        raise NotFoundError("That film does not show the same picture.")
    if found.why_not:
        raise ConflictError(f"{found.why_not} Then bring this one back.")
    if not found.waits:
        raise ConflictError("That film is not for this page to bring back any more. Reload it.")
    return stops.bring_back(session, actor, other, LOOKED, now=now)


def _why_not(held: tuple[stops.Stop, ...], reported: bool, settled: bool) -> str:
    if not settled:
        return "First decide about the film of this page, and bring it back into play."
    if any(stop.kind is StopKind.WITHDRAWN for stop in held):
        return "It was withdrawn: that is taken back on its own page, with a reason."
    if reported:
        return "Someone reported it, too: answer that on its own page."
    return ""


def _reported(session: Session, case_ids: list[uuid.UUID]) -> set[uuid.UUID]:
    """Return the cases with an open report of a person of their own."""
    return set(
        session.scalars(
            select(FilmReport.case_id).where(
                FilmReport.case_id.in_(case_ids),
                FilmReport.state == ReportState.OPEN,
                FilmReport.reason == ReportReason.PERSON,
            )
        )
    )
