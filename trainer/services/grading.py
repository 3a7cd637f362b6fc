"""Between rows and the pure grader; regrading when a key was corrected."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.grading.authenticity import GRADER_VERSION, Call, Key, Mark, Outline, grade
from trainer.core.words import Choice, Hallmark, Point
from trainer.data.images import Case, CaseKey
from trainer.data.learning import Grade, Response, Showing
from trainer.services.errors import InvalidError

MOST_MARKS = 50
MOST_POINTS = 2_000
MARK_KINDS = ("point", "ellipse", "outline")


def key_of(key: CaseKey, columns: int, rows: int, facts: Mapping[str, Any]) -> Key:
    """Return a key as the grader reads it, with the size of its image and its private facts."""
    return Key(
        truth=key.truth,
        hallmarks=tuple(Hallmark(h) for h in key.hallmarks),
        outlines=tuple(
            Outline(tuple((float(x), float(y)) for x, y in one["points"]), int(one["z"]))
            for one in key.outlines
        ),
        everywhere=key.everywhere,
        shorter_side=min(columns, rows),
        slice_mm=tuple(facts.get("slice_mm", ())) if facts.get("placed", True) else (),
    )


def call_of(data: Mapping[str, Any]) -> Call:
    """Return the call in what a browser sent.

    Raises
    ------
    InvalidError
        Names the part that cannot be read.
    """
    try:
        choice = Choice(data.get("choice", ""))
    except ValueError as fault:
        raise InvalidError(
            "Make a call first: authentic, not authentic, or cannot tell."
        ) from fault
    try:
        hallmarks = tuple(Hallmark(h) for h in data.get("hallmarks") or ())
        marks = tuple(_mark(m) for m in data.get("marks") or ())
        confidence = int(data.get("confidence") or 0)
    except (ValueError, TypeError, KeyError, AttributeError) as fault:
        raise InvalidError(f"A part of the answer cannot be read: {fault}.") from fault
    if len(marks) > MOST_MARKS:
        raise InvalidError(f"A film takes up to {MOST_MARKS} marks.")
    try:
        return Call(choice, confidence, hallmarks, marks)
    except ValueError as fault:
        raise InvalidError("Say how sure you are, from 1 to 5.") from fault


def _mark(data: Mapping[str, Any]) -> Mark:
    if data.get("kind", "point") not in MARK_KINDS:
        raise ValueError(f"no kind of mark {data['kind']!r}")
    z = int(data.get("z") or 0)
    points = tuple(Point(float(x), float(y), z) for x, y in data["points"])
    if not 1 <= len(points) <= MOST_POINTS:
        raise ValueError("a mark has between 1 and 2,000 points")
    if not all(math.isfinite(p.x) and math.isfinite(p.y) for p in points):
        raise ValueError("a mark lies nowhere")
    confidence = data.get("confidence")
    return Mark(
        points=points,
        kind=data.get("kind", "point"),
        hallmark=Hallmark(data["hallmark"]) if data.get("hallmark") else None,
        confidence=int(confidence) if confidence else None,
    )


def response_call(response: Response) -> Call:
    """Return the call that a response keeps."""
    return Call(
        response.choice,
        response.confidence,
        tuple(Hallmark(h) for h in response.hallmarks),
        tuple(_mark(m) for m in response.marks),
    )


def regrade(session: Session, case_id: uuid.UUID, *, now: datetime) -> int:
    """Grade every response to a case by its present key; return how many grades were added.

    The first verdict stays: a grade is added, none is changed. A response that already has a
    grade by this key and this grader is left alone.
    """
    case = session.get_one(Case, case_id)
    if case.key is None:
        return 0
    key = key_of(case.key, case.image.columns, case.image.rows, case.image.facts)
    responses = session.scalars(
        select(Response).join(Showing).where(Showing.case_id == case_id)
    ).all()
    added = 0
    for response in responses:
        known = {(g.case_key_id, g.grader_version) for g in response.grades}
        if (case.key.id, GRADER_VERSION) in known:
            continue
        response.grades.append(
            Grade(
                case_key_id=case.key.id,
                grader_version=GRADER_VERSION,
                verdict=grade(response_call(response), key).as_json(),
                graded_at=now,
            )
        )
        added += 1
    session.flush()
    return added
