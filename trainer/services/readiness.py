"""Which quizzes wait for films that are still being made.

The starter's sets alone are published while they fill, film by film; every other set is published
whole, and what it lacks then does not come by waiting.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core.assembly import Candidate, at_hand
from trainer.data.catalogue import Item, ItemRevision
from trainer.services import pool, starter


@dataclass(frozen=True, slots=True)
class Short:
    """How far the films of a quiz are that cannot be started yet."""

    there: int
    wanted: int


def short(session: Session) -> dict[uuid.UUID, Short]:
    """Return the quizzes on the starter's films that may run short, by item.

    A quiz that is not among them can be started by anyone at any time.
    """
    rows = session.execute(
        select(Item.id, ItemRevision.body)
        .join(ItemRevision, Item.revision_id == ItemRevision.id)
        .where(Item.live, Item.kind == "quiz")
    )
    found: dict[uuid.UUID, Short] = {}
    known: dict[str, list[Candidate]] = {}  # several quizzes draw from one pool
    for item_id, body in rows:
        drawn_from = body["pool"]
        if starter.slugs().isdisjoint(drawn_from["datasets"]):
            continue
        name = json.dumps({k: v for k, v in drawn_from.items() if k != "hallmarks"}, sort_keys=True)
        if name not in known:
            known[name] = pool.candidates(session, None, drawn_from)
        wanted = pool.blueprint(body)
        there = at_hand(known[name], wanted)
        if there < wanted.cases:
            found[item_id] = Short(there, wanted.cases)
    return found
