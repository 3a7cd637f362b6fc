"""Beginning a sitting: which quiz, for which assignment, with which films."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.core import sitting as machine
from trainer.core.assembly import PoolError, draw
from trainer.core.permissions import Permission
from trainer.data.catalogue import Item, ItemRevision
from trainer.data.cohorts import Assignment, Cohort, CohortMember
from trainer.data.images import Case
from trainer.data.learning import Showing, Sitting
from trainer.services import pool
from trainer.services.actor import Actor
from trainer.services.errors import ConflictError, NotFoundError, NotReadyError
from trainer.services.sittings import OVER, load, rules_of, state_of, write


def start(
    session: Session,
    actor: Actor,
    item_id: uuid.UUID,
    *,
    now: datetime,
    grace_s: float,
    seed: int | None = None,
    assignment_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Begin a sitting of a quiz, or go on with the one that is open.

    Parameters
    ----------
    session, actor, now
        As for every service.
    item_id : UUID
        The quiz.
    grace_s : float
        The server's stated grace, kept with the sitting.
    seed : int, optional
        Draws the cases; taken from the system's entropy where none is given.
    assignment_id : UUID, optional
        The assignment it is done for; then the quiz is the revision that was assigned.

    Raises
    ------
    NotFoundError
        No such quiz, or an assignment that is not this person's.
    ConflictError
        The assignment is not open.
    NotReadyError
        The bank cannot fill the quiz yet.
    """
    actor.require(Permission.LEARN)
    revision = _revision(session, actor, item_id, assignment_id, now)
    running = session.scalar(
        select(Sitting.id)
        .where(
            Sitting.user_id == actor.id,
            Sitting.item_revision_id == revision.id,
            Sitting.assignment_id == assignment_id
            if assignment_id
            else Sitting.assignment_id.is_(None),
            Sitting.phase.not_in(OVER),
        )
        .order_by(Sitting.started_at.desc())
    )
    if running:
        opened = load(session, actor, running)
        if not machine.tick(state_of(opened), now).phase.is_over:
            return running
        write(opened, machine.tick(state_of(opened), now), now)
    return _begin(session, actor, revision, assignment_id, grace_s, seed, now)


def _revision(
    session: Session,
    actor: Actor,
    item_id: uuid.UUID,
    assignment_id: uuid.UUID | None,
    now: datetime,
) -> ItemRevision:
    if assignment_id is None:
        item = session.get(Item, item_id)
        if (
            item is None
            or not item.live
            or item.revision is None
            or item.kind not in ("quiz", "set")
        ):
            raise NotFoundError("This quiz is not offered any more.")
        return item.revision
    row = session.execute(
        select(Assignment, ItemRevision)
        .join(ItemRevision, Assignment.item_revision_id == ItemRevision.id)
        .join(Cohort, Assignment.cohort_id == Cohort.id)
        .join(CohortMember, CohortMember.cohort_id == Cohort.id)
        .where(
            Assignment.id == assignment_id,
            CohortMember.user_id == actor.id,
            ItemRevision.item_id == item_id,
            Assignment.withdrawn_at.is_(None),
            Cohort.archived_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFoundError("This assignment is not yours, or it was withdrawn.")
    assignment, revision = row
    if now < assignment.opens_at:
        raise ConflictError("This assignment is not open yet.")
    return revision


def _begin(
    session: Session,
    actor: Actor,
    revision: ItemRevision,
    assignment_id: uuid.UUID | None,
    grace_s: float,
    seed: int | None,
    now: datetime,
) -> uuid.UUID:
    body = revision.body
    seed = secrets.randbits(63) if seed is None else seed
    candidates = pool.candidates(session, actor.id, body["pool"])
    try:
        drawn = draw(candidates, pool.blueprint(body), np.random.default_rng(seed))
    except PoolError as fault:
        raise NotReadyError(f"This quiz cannot start yet: {fault}.") from fault
    ids = [uuid.UUID(case) for case in drawn]
    rules = {
        "feedback": body["feedback"],
        "case_s": body.get("case_seconds"),
        "sitting_s": body.get("sitting_seconds"),
        "pausable": bool(body.get("pausable", False)),
        "grace_s": grace_s,
    }
    fresh = machine.start(rules_of(rules), len(ids), actor.time_factor)
    sitting = Sitting(
        user_id=actor.id,
        item_revision_id=revision.id,
        assignment_id=assignment_id,
        seed=seed,
        rules=rules,
        time_factor=fresh.factor,
        phase=fresh.phase,
        position=fresh.position,
        used_s=fresh.used_s,
        case_used_s=fresh.case_used_s,
        started_at=now,
        block_bytes=pool.largest_block(session, ids),
    )
    keys = {
        case: key
        for case, key in session.execute(select(Case.id, Case.key_id).where(Case.id.in_(ids)))
    }
    sitting.showings = [
        Showing(position=i, case_id=case, case_key_id=keys[case], token=secrets.token_urlsafe(24))
        for i, case in enumerate(ids)
    ]
    session.add(sitting)
    session.flush()
    return sitting.id
