"""Films that are held: something in them may identify a person, and someone must look.

The reasons stand in the image's private facts (``holds``). A film is *held* until it is *released*
(a named person looked and nothing identifies) or *rejected* (it stays out of play, with a reason).
Parts may be covered before that; see :mod:`trainer.services.masking`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.permissions import Permission
from trainer.core.review import StopKind
from trainer.core.words import Provenance
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.services import audit, stops
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, InvalidError, NotFoundError
from trainer.services.shelf import find
from trainer.services.vouching import by_construction

HELD, RELEASED, REJECTED = "held", "released", "rejected"
#: Lines of marks that are offered as boxes to begin with.
MOST_LINES = 12
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Held:
    """A case a person must look at before it is played, and why."""

    case_id: uuid.UUID
    truth: str
    file: str
    reasons: tuple[str, ...]
    state: str = HELD


@dataclass(frozen=True, slots=True)
class HeldView:
    """A held film as its reviewer sees it.

    Parameters
    ----------
    columns, rows, slices : int
        Of the film.
    lines : tuple of boxes
        Where marks look like text: top, left, bottom, right in film pixels.
    face : bool
        It is held for a face that can be made from its slices.
    placed : bool
        Its key names places: slices cannot be cut off without moving them.
    covered : tuple of mappings
        What was covered, by whom and when.
    decision : mapping
        Who released or rejected it, when, and why.
    no_cover : str
        Why nothing can be covered, and what to do instead; empty where something can.
    """

    case_id: uuid.UUID
    slug: str
    title: str
    file: str
    truth: str
    reasons: tuple[str, ...]
    state: str
    columns: int
    rows: int
    slices: int
    blocks: tuple[str, ...]
    lines: tuple[Box, ...]
    face: bool
    placed: bool
    covered: tuple[Mapping[str, Any], ...]
    decision: Mapping[str, Any]
    no_cover: str


#: Why nothing can be covered in a film, and what to do instead: one that was imported, that this
#: program simulated, that it made of another film.
NO_ORIGINAL = (
    "The original of this film was not kept, so nothing can be covered: reject it, or import it "
    "anew."
)
SIMULATED = (
    "This film was simulated, so there is no original in which anything could be covered: reject "
    "it. Another seed makes another film."
)
FORGED = (
    "This film was made here of another one, so it has no original of its own to cover: reject it. "
    "Where its authentic film shows the same, cover that first; then make the twin again."
)


def no_cover(provenance: Provenance, key: CaseKey | None, facts: Mapping[str, Any]) -> str:
    """Return why nothing can be covered in a film, and what to do; empty where something can."""
    if facts.get("originals") and facts.get("box"):
        return ""
    if provenance is Provenance.SIMULATED:
        return SIMULATED
    return FORGED if key and by_construction(key.body) else NO_ORIGINAL


def state_of(facts: Mapping[str, Any]) -> str:
    """Return where a film stands: ``held``, ``released``, ``rejected``, or empty."""
    if "rejected" in facts:
        return REJECTED
    if "released" in facts:
        return RELEASED
    return HELD if facts.get("holds") else ""


def held(session: Session, slug: str, *, all_of_them: bool = False) -> list[Held]:
    """Return the cases of a set that wait for a person; with ``all_of_them`` the rejected too."""
    dataset = find(session, slug)
    rows = session.execute(
        select(Case.id, CaseKey.truth, Image.facts)
        .join(Image, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.dataset_id == dataset.id, ~Case.live)
        .order_by(Case.id)
    )
    found = [
        Held(
            case_id, truth.value, _file_of(case_id, facts), tuple(facts.get("holds", ())),
            state_of(facts),
        )
        for case_id, truth, facts in rows
    ]  # fmt: skip
    wanted = (HELD, REJECTED) if all_of_them else (HELD,)
    return [one for one in found if one.state in wanted]


def look(session: Session, actor: Actor, case_id: uuid.UUID) -> HeldView:
    """Return one film that is or was held.

    Raises
    ------
    NotFoundError
        When there is none, or nothing was ever held in it.
    """
    actor.require(Permission.BANK)
    case, image = _both(session, case_id)
    state = state_of(image.facts)
    if not state:
        raise NotFoundError("Nothing in this film was held.")
    dataset = session.get_one(Dataset, case.dataset_id)
    key = session.get(CaseKey, case.key_id) if case.key_id else None
    facts = image.facts
    return HeldView(
        case_id=case.id,
        slug=dataset.slug,
        title=dataset.title,
        file=_file_of(case.id, facts),
        truth=key.truth.value if key else "",
        reasons=tuple(facts.get("holds", ())),
        state=state,
        columns=image.columns,
        rows=image.rows,
        slices=len(image.blocks),
        blocks=tuple(image.blocks),
        lines=_lines(image),
        face=any("face" in reason for reason in facts.get("holds", ())),
        placed=bool(key and (key.outlines or key.masks)),
        covered=tuple(facts.get("covered", ())),
        decision=facts.get("rejected") or facts.get("released") or {},
        no_cover=no_cover(dataset.provenance, key, facts),
    )


def out_of_play(session: Session, case_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return for each of these cases that is not played how it went, in one word.

    The strongest where there are several: ``rejected`` after a look, ``withdrawn``, ``reported`` to
    identify a person and not looked at yet, ``held``. A case that is played is not among them.
    """
    stopped = stops.current(session, case_ids)
    rows = session.execute(
        select(Case.id, Image.facts)
        .join(Image, Case.image_id == Image.id)
        .where(Case.id.in_(case_ids), ~Case.live)
    )
    found = {}
    for case_id, facts in rows:
        kinds = {stop.kind for stop in stopped.get(case_id, ())}
        if state_of(facts) == REJECTED:
            found[case_id] = REJECTED
        elif StopKind.WITHDRAWN in kinds:
            found[case_id] = "withdrawn"
        elif StopKind.REPORT in kinds:
            found[case_id] = "reported"
        else:
            found[case_id] = HELD
    return found


def _file_of(case_id: uuid.UUID, facts: Mapping[str, Any]) -> str:
    """Return what a film is called: its file, or where it never had one, the start of its id."""
    return str(facts.get("name") or f"Film {str(case_id)[:8]}")


def _both(session: Session, case_id: uuid.UUID) -> tuple[Case, Image]:
    case = session.get(Case, case_id)
    if case is None:
        raise NotFoundError("There is no such film in the bank.")
    return case, session.get_one(Image, case.image_id)


def _lines(image: Image) -> tuple[Box, ...]:
    """Return the lines that look like text, in film pixels; those outside of the film left out."""
    facts = image.facts
    if not facts.get("box"):
        return ()
    top, left, bottom, right = facts["box"]
    down, across = image.rows / (bottom - top), image.columns / (right - left)
    found = []
    for line in facts.get("file", {}).get("text_lines", [])[:MOST_LINES]:
        box = (
            max(0, int((line[0] - top) * down) - 3),
            max(0, int((line[1] - left) * across) - 3),
            min(image.rows, int((line[2] - top) * down) + 4),
            min(image.columns, int((line[3] - left) * across) + 4),
        )
        if box[0] < box[2] and box[1] < box[3]:
            found.append(box)
    return tuple(found)


def release(
    session: Session, actor: Actor | None, case_id: uuid.UUID, *, by: str, now: datetime
) -> None:
    """Let a held case be played: a named person has looked at it and found nothing in it.

    Raises
    ------
    NotFoundError, InvalidError
        When there is no such case, or no name.
    ConflictError
        When it was rejected, or withdrawn from play: that must be taken back first.
    """
    if actor is not None:
        actor.require(Permission.BANK)
    case, image = _both(session, case_id)
    if not by.strip():
        raise InvalidError("A release needs the name of who looked at it.", "by")
    if state_of(image.facts) == REJECTED:
        raise ConflictError("It was rejected. Take that back first.")
    stops.released(session, actor, case_id, now=now)
    image.facts = image.facts | {"released": {"by": by, "at": now.isoformat()}}
    case.live = True
    dataset = session.get_one(Dataset, case.dataset_id)
    audit.note(session, actor, "bank.release", case_id, now, by=by, dataset=dataset.slug)


def ask_for_look(
    session: Session, actor: Actor, case_id: uuid.UUID, why: str, *, now: datetime
) -> None:
    """Let a film wait for a look, as its import might have: it is covered, released or rejected.

    One that was rejected stays so.
    """
    actor.require(Permission.BANK)
    case, image = _both(session, case_id)
    if state_of(image.facts) == REJECTED:
        return
    facts = {key: value for key, value in image.facts.items() if key != "released"}
    image.facts = facts | {"holds": list(dict.fromkeys([*facts.get("holds", ()), why]))}
    case.live = False
    audit.note(session, actor, "bank.hold", case_id, now, why=why)


def put_aside(
    session: Session, actor: Actor, case_id: uuid.UUID, what: str, why: str, *, now: datetime
) -> None:
    """Reject a film that was in play for what identifies a person in it."""
    ask_for_look(session, actor, case_id, what, now=now)
    reject(session, actor, case_id, why, now=now)


def reject(session: Session, actor: Actor, case_id: uuid.UUID, why: str, *, now: datetime) -> None:
    """Take a held case out of play for good, with a reason; its pixels stay as they are.

    Raises
    ------
    InvalidError
        When the reason is missing.
    """
    actor.require(Permission.BANK)
    case, image = _both(session, case_id)
    if len(why.strip()) < 5:
        raise InvalidError("Write why it is rejected, in a few words.", "why")
    facts = {key: value for key, value in image.facts.items() if key != "released"}
    said = {"by": actor.name, "at": now.isoformat(), "why": why.strip()[:500]}
    image.facts = facts | {"rejected": said}
    case.live = False
    audit.note(session, actor, "bank.reject", case_id, now, why=why.strip()[:500])


def hold_again(session: Session, actor: Actor, case_id: uuid.UUID, *, now: datetime) -> None:
    """Take a release or a rejection back: the case waits for a look again."""
    actor.require(Permission.BANK)
    case, image = _both(session, case_id)
    if not image.facts.get("holds"):
        raise ConflictError("Nothing in this film was held.")
    image.facts = {k: v for k, v in image.facts.items() if k not in ("released", "rejected")}
    case.live = False
    audit.note(session, actor, "bank.hold", case_id, now)
