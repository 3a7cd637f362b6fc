"""The truth of a film: told after the call, and to nobody before."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from trainer.core import feedback
from trainer.core import sitting as machine
from trainer.core.feedback import LENS_OF, Headline, Known, headline, twin_label
from trainer.core.grading.authenticity import Verdict
from trainer.core.sitting import FeedbackWhen, Outcome
from trainer.core.words import Choice, Hallmark, Truth
from trainer.data.catalogue import Concept, Item, ItemRevision
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.learning import Response, Showing, Sitting
from trainer.services import stops
from trainer.services.actor import Actor
from trainer.services.errors import NotFoundError
from trainer.services.room import film_label
from trainer.services.sittings import showing_of, state_of


def told_showing(
    session: Session, actor: Actor, token: str, now: datetime
) -> tuple[Showing, Sitting]:
    """Return the showing if its truth may be told now; otherwise it looks like nothing."""
    sitting, showing = showing_of(session, actor, token)
    state = machine.tick(state_of(sitting), now)
    exam = state.rules.feedback is FeedbackWhen.AT_END
    closed = state.outcomes[showing.position] is not None
    if state.outcomes[showing.position] is Outcome.DROPPED:
        raise NotFoundError("This film was taken out of play.")
    if not (state.phase.is_over or (closed and not exam)):
        raise NotFoundError("The truth is told after the call.")
    return showing, sitting


@dataclass(frozen=True, slots=True)
class Corrected:
    """The key was corrected after the call.

    Parameters
    ----------
    at : datetime
        When the call was graded again.
    truth_was : Truth
        What the key said when the call was made.
    right_was : bool or None
        The first verdict.
    changed : bool
        Whether the verdict is another one now.
    """

    at: datetime
    truth_was: Truth
    right_was: bool | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The truth of a film, after the call.

    Parameters
    ----------
    position : int
        Which case of the sitting.
    headline : Headline
        The verdict in words.
    choice, confidence, marks, mark_hits
        The reader's own call.
    outlines, everywhere, masks, twin
        Where the truth is, slice by slice, which slices have a mask to look at, and whether there
        is a twin. Of an authentic film: where what imitates a hallmark is.
    twin_outlines
        Of an authentic film: where its twin was changed.
    twin_label : str
        What the twin is called beside the film.
    hallmarks, mimic : list of concept bodies
        What gives the film away; what an authentic one imitates.
    lens : str or None
        The lens that would have shown it best.
    reason : str
        What was done to this very film, in words.
    others : dict or None
        How others called it: ``n``, ``right``; only from 5 people on.
    corrected : Corrected or None
        Where the call was graded again by another key than that of its time.
    """

    token: str
    position: int
    label: str
    headline: Headline
    choice: Choice | None
    confidence: int | None
    marks: Sequence[Mapping[str, Any]]
    mark_hits: Sequence[bool]
    outlines: Sequence[Any]
    twin_outlines: Sequence[Any]
    twin_label: str
    everywhere: bool
    masks: Sequence[int]
    twin: bool
    authentic: bool
    hallmarks: Sequence[Mapping[str, Any]]
    lens: str | None
    mimic: Mapping[str, Any] | None
    reason: str
    dose: float | None
    others: Mapping[str, int] | None
    slices: int
    corrected: Corrected | None


def tell(session: Session, actor: Actor, token: str, *, now: datetime) -> Told:
    """Return the truth of a film whose call is made.

    Raises
    ------
    NotFoundError
        Before the call, or for another person's token.
    """
    showing, sitting = told_showing(session, actor, token, now)
    response = _response(session, showing)
    grade = response.grades[-1] if response else None
    key = _key(session, showing, response)
    case = session.execute(
        select(Image.region, Image.view, Image.blocks, Case.twin_image_id, Dataset.provenance)
        .join(Case, Case.image_id == Image.id)
        .join(Dataset, Case.dataset_id == Dataset.id)
        .where(Case.id == showing.case_id)
    ).one()
    verdict = Verdict.from_json(grade.verdict) if grade else None
    late = response is not None and response.late
    marks = response.marks if response else []
    concepts = _concepts(session, sitting, [*key.hallmarks, key.mimic_of])
    beside = twin_truth(session, key, case.twin_image_id)
    return Told(
        token=token,
        position=showing.position,
        label=film_label(case.region, case.view, case.provenance),
        headline=headline(
            verdict,
            key.truth,
            response.confidence if response else None,
            late=late,
            marks=len(marks),
        ),
        choice=response.choice if response else None,
        confidence=response.confidence if response else None,
        marks=marks,
        mark_hits=verdict.mark_hits if verdict else (),
        outlines=key.outlines,
        twin_outlines=beside.outlines,
        twin_label=beside.label,
        everywhere=key.everywhere,
        masks=sorted(map(int, key.masks)),
        twin=_may_be_seen(session, case.twin_image_id)
        and not stops.may_identify(session, showing.case_id),
        authentic=key.truth.is_authentic,
        hallmarks=[concepts[h] for h in key.hallmarks if h in concepts],
        lens=next((LENS_OF[h] for h in map(Hallmark, key.hallmarks) if h in LENS_OF), None),
        mimic=concepts.get(key.mimic_of),
        reason=str(key.body.get("reason", "")),
        dose=key.body.get("dose"),
        others=others_on(session, actor, showing.case_id, key.truth),
        slices=len(case.blocks),
        corrected=_corrected(session, response),
    )


def _corrected(session: Session, response: Response | None) -> Corrected | None:
    if response is None or response.grades[-1].case_key_id == response.grades[0].case_key_id:
        return None
    first, newest = response.grades[0], response.grades[-1]
    return Corrected(
        at=newest.graded_at,
        truth_was=session.get_one(CaseKey, first.case_key_id).truth,
        right_was=first.verdict["right"],
        changed=first.verdict["right"] != newest.verdict["right"],
    )


@dataclass(frozen=True, slots=True)
class TwinTruth:
    """What is told of a film's twin: what it is called, and of an authentic film's, its change."""

    label: str
    outlines: Sequence[Any]


def twin_truth(session: Session, key: CaseKey | None, twin_id: uuid.UUID | None) -> TwinTruth:
    """Return what the twin of a film is, by the key that counts for the twin today.

    Parameters
    ----------
    key : CaseKey or None
        What is known of the film itself; ``None`` is told as authentic.
    twin_id : UUID or None
        Its twin's image; ``None`` for a film without one.
    """
    film = _known(key) if key else Known(Truth.AUTHENTIC)
    query = select(CaseKey).join(Case, Case.key_id == CaseKey.id).where(Case.image_id == twin_id)
    twin = session.scalars(query.order_by(CaseKey.created_at, CaseKey.id).limit(1)).first()
    changed = twin is not None and film.truth.is_authentic and not twin.truth.is_authentic
    return TwinTruth(
        label=twin_label(film, _known(twin) if twin else None),
        outlines=twin.outlines if twin and changed else [],
    )


def _known(key: CaseKey) -> Known:
    return Known(key.truth, bool(key.mimic_of))


def _response(session: Session, showing: Showing) -> Response | None:
    return session.scalar(
        select(Response)
        .where(Response.showing_id == showing.id)
        .options(selectinload(Response.grades))
    )


def _key(session: Session, showing: Showing, response: Response | None) -> CaseKey:
    """Return the key of the newest grade: a corrected key regrades, and is told with its grade."""
    grade = response.grades[-1] if response else None
    return session.get_one(CaseKey, grade.case_key_id if grade else showing.case_key_id)


def _concepts(
    session: Session, sitting: Sitting, slugs: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Return the words on these hallmarks, from the track the quiz belongs to."""
    track = (
        select(Item.track_id)
        .join(ItemRevision, ItemRevision.item_id == Item.id)
        .where(ItemRevision.id == sitting.item_revision_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Concept.slug, Concept.body).where(
            Concept.track_id == track, Concept.slug.in_([s for s in slugs if s])
        )
    )
    return {slug: {"id": slug, **body} for slug, body in rows}


def others_on(
    session: Session, actor: Actor, case_id: uuid.UUID, truth: Truth
) -> dict[str, int] | None:
    """Return how others called a case, each person's first call; from 5 people on.

    Parameters
    ----------
    truth : Truth
        By the key that is told here: after a correction the others' calls are counted by it, too.
    """
    nth = func.row_number().over(
        partition_by=Sitting.user_id, order_by=(Response.answered_at, Response.id)
    )
    calls = (
        select(Response.choice, nth.label("nth"))
        .join(Showing, Response.showing_id == Showing.id)
        .join(Sitting, Showing.sitting_id == Sitting.id)
        .where(Showing.case_id == case_id, Sitting.user_id != actor.id)
        .subquery()
    )
    rows = session.execute(
        select(calls.c.choice, func.count()).where(calls.c.nth == 1).group_by(calls.c.choice)
    ).all()
    people = sum(n for _, n in rows)
    if people < feedback.FEWEST_OTHERS:
        return None
    return {
        "n": people,
        "right": sum(n for choice, n in rows if _is_right(choice, truth)),
        "verify": sum(n for choice, n in rows if choice is Choice.VERIFY),
    }


def _is_right(choice: Choice, truth: Truth) -> bool:
    return choice is not Choice.VERIFY and (choice is Choice.AUTHENTIC) == truth.is_authentic


def mask_of(
    session: Session, actor: Actor, token: str, index: int, *, now: datetime
) -> tuple[str, int]:
    """Return the sha256 of the truth's mask of a slice and the padded length, after the call."""
    showing, sitting = told_showing(session, actor, token, now)
    sha256 = _key(session, showing, _response(session, showing)).masks.get(str(index))
    if sha256 is None:
        raise NotFoundError("Nothing was changed in this slice, or it has no mask.")
    return str(sha256), sitting.block_bytes


def _may_be_seen(session: Session, image_id: uuid.UUID | None) -> bool:
    """Whether a twin is shown: not while its own case is held back for what it may reveal."""
    if image_id is None:
        return False
    live = list(session.scalars(select(Case.live).where(Case.image_id == image_id)))
    return not live or any(live)


def twin_of(
    session: Session, actor: Actor, token: str, index: int, *, now: datetime
) -> tuple[str, int]:
    """Return the sha256 of a slice of the film's twin and the padded length, after the call."""
    showing, sitting = told_showing(session, actor, token, now)
    twin = session.scalar(
        select(Image).join(Case, Case.twin_image_id == Image.id).where(Case.id == showing.case_id)
    )
    if (
        twin is None
        or not 0 <= index < len(twin.blocks)
        or not _may_be_seen(session, twin.id)
        or stops.may_identify(session, showing.case_id)
    ):
        raise NotFoundError("This film has no twin.")
    return str(twin.blocks[index]), max(sitting.block_bytes, twin.block_bytes)
