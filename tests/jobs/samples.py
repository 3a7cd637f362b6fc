"""Tasks to test the queue with; processes that the tests start load this module too."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainer.core.permissions import Permission
from trainer.jobs.run import Run
from trainer.jobs.tasks import task
from trainer.services.errors import InvalidError


@task("test.count", Permission.BANK)
def count(run: Run, parameters: Mapping[str, Any]) -> str:
    """Count to ``to``."""
    for i in range(parameters["to"]):
        run.step(i, parameters["to"], f"at {i}")
    run.step(parameters["to"], parameters["to"])
    run.results["sum"] = parameters["to"]
    return f"Counted to {parameters['to']}."


@task("test.write", Permission.BANK, resumable=True)
def write(run: Run, parameters: Mapping[str, Any]) -> str:
    """Write a line a step into a file, going on where an earlier worker was; wait for a file."""
    path = Path(parameters["file"])
    for i in range(parameters["lines"]):
        lines = path.read_text().splitlines() if path.exists() else []
        if i < len(lines):
            continue
        with path.open("a") as file:
            file.write(f"{i} {run.attempt}\n")
        run.step(i, parameters["lines"])
        while i == parameters["hold"] and not Path(parameters["go"]).exists():
            run.step(i, parameters["lines"])
            time.sleep(0.02)
    return "Written."


@task("test.hold", Permission.BANK)
def hold(run: Run, parameters: Mapping[str, Any]) -> str:
    """Make a file, then go on until it is cancelled or stopped."""
    Path(parameters["file"]).touch()
    while True:
        run.step(1, 3, "holding")
        time.sleep(0.02)


@task("test.quick", Permission.BANK, quick=True)
def quick(run: Run, parameters: Mapping[str, Any]) -> str:
    """Say something at once."""
    return "Quick."


@task("test.fail", Permission.BANK)
def fail(run: Run, parameters: Mapping[str, Any]) -> str:
    """Fail in the way that is asked for."""
    if parameters["plain"]:
        raise InvalidError("The third film is empty. Leave it out.")
    raise ZeroDivisionError("secret inner words")


@task("test.inside", Permission.BANK)
def inside(run: Run, parameters: Mapping[str, Any]) -> str:
    """Say how far it is from within a transaction of its own."""
    with run.transaction() as session:
        run.step(1, 2, "within")
        assert session.in_transaction()
    run.step(2, 2, "after")
    with run.reading() as session:
        assert session.in_transaction()
    return run.actor.email if run.actor else "nobody"
