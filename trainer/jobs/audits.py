"""Auditing a set as long work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.core.permissions import Permission
from trainer.jobs.run import Run
from trainer.jobs.tasks import task

AUDIT = "bank.audit"


@task(AUDIT, Permission.BANK)
def audit(run: Run, parameters: Mapping[str, Any]) -> str:
    """Audit the set ``slug`` and keep what was found."""
    # Classifiers are slow to load; a process that only serves pages never needs them.
    from trainer.services import bank_audit, served, set_publications

    slug = str(parameters["slug"])

    def say(what: str, done: int, total: int) -> None:
        run.step(done, total + 1, f"{what} film {done} of {total}" if done < total else "fitting")

    play = served.player(run.settings, run.now())
    with run.reading() as session:
        found = bank_audit.audit_set(session, run.blobs, slug, say, play)
    with run.transaction() as session:
        set_publications.record(session, run.actor, slug, found, run.now())
        against = len(set_publications.objections(found.as_json()))
    return f"{against} against it" if against else "Nothing gives it away"
