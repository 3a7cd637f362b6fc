"""Films that left play while a sitting is open: another of their class takes the place.

Only films that were not shown yet are exchanged. The one that is on the screen stays until its
call: it is graded by the key that stood when it was shown, and can be regraded. Not so where it may
identify a person: that one goes at once (``sittings``). Where no other film can take the place, the
case is dropped from the sitting.
"""

from __future__ import annotations

import secrets
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.catalogue import ItemRevision
from trainer.data.images import Case, CaseKey, Image
from trainer.data.learning import Showing, Sitting
from trainer.services import pool


def refresh(session: Session, sitting: Sitting, position: int) -> bool:
    """Bring the film at a position up to date, if it was not shown yet; say whether it may be.

    A film that is not played any more is exchanged for one of the same class from the quiz's own
    pool, so that the draw stays what it was; its token changes with it. A key that was corrected
    since the draw is taken over.
    """
    if position >= len(sitting.showings):
        return False
    showing = sitting.showings[position]
    if showing.shown_at is not None or showing.outcome is not None:
        return True
    case = session.get_one(Case, showing.case_id)
    if not case.live:
        stand_in = _stand_in(session, sitting, showing)
        if stand_in is None:
            return False
        case = stand_in
        showing.case_id, showing.token, showing.draft = case.id, secrets.token_urlsafe(24), {}
    if case.key_id is not None and showing.case_key_id != case.key_id:
        showing.case_key_id = case.key_id
    session.flush()
    return True


def _stand_in(session: Session, sitting: Sitting, showing: Showing) -> Case | None:
    """Return a live case of the same class, no kin of any in the sitting, as large or smaller."""
    revision = session.get_one(ItemRevision, sitting.item_revision_id)
    wanted = session.get_one(CaseKey, showing.case_key_id).truth.is_authentic
    kin = set(
        session.scalars(select(Case.kin).where(Case.id.in_([s.case_id for s in sitting.showings])))
    )
    found = [
        c
        for c in pool.candidates(session, sitting.user_id, revision.body["pool"])
        if c.truth.is_authentic is wanted and c.kin not in kin
    ]
    if not found:
        return None
    least = min(c.seen for c in found)
    fits = session.scalars(
        select(Case.id)
        .join(Image, Case.image_id == Image.id)
        .where(
            Case.id.in_([uuid.UUID(c.id) for c in found if c.seen == least]),
            Image.block_bytes <= sitting.block_bytes,
        )
        .order_by(Case.id)
    ).all()
    return session.get_one(Case, secrets.choice(fits)) if fits else None
