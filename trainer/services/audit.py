"""The log of acts: added in the same transaction as the act itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from trainer.data.audit import AuditEvent
from trainer.services.actor import Actor


def note(
    session: Session, actor: Actor | None, act: str, subject: object, now: datetime, **detail: Any
) -> None:
    """Write that ``actor`` (``None``: the command line) did ``act`` to ``subject``."""
    session.add(
        AuditEvent(
            actor_id=actor.id if actor else None,
            act=act,
            subject=str(subject)[:200],
            detail=detail,
            at=now,
        )
    )
