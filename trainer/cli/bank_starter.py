"""``flask bank plan`` and ``flask bank fill``: the starter bank."""

from __future__ import annotations

import signal
import sys
import tomllib

import click
from flask.cli import with_appcontext

from trainer.cli.wrapper import Progress, blobs, database, plain_errors
from trainer.core.plural import counted
from trainer.core.words import Hallmark

# The simulator is slow to load; a serving process never needs it, so each command loads its own.

HEAD = """Written by `flask --app wsgi bank plan` from lots.toml; edit that file and run it again.
Each film is a recipe: the same recipe gives the same film."""


def planned() -> str:
    """Return the text of ``films.toml`` as the lots ask for it."""
    from trainer.imaging import planning
    from trainer.services import starter

    lots = tomllib.loads((starter.STARTER / "lots.toml").read_text(encoding="utf-8"))
    words = ("hallmark", "mimic_of")
    wanted = [
        planning.Lot(**{k: Hallmark(v) if k in words else v for k, v in row.items()})  # type: ignore[arg-type]
        for row in lots["lot"]
    ]
    return planning.toml(planning.rows(wanted, int(lots["seed"])), HEAD)


@click.command()
def plan() -> None:
    """Write image_bank/starter/films.toml anew from lots.toml."""
    from trainer.services import starter

    path = starter.STARTER / "films.toml"
    path.write_text(planned(), encoding="utf-8")
    click.echo(f"{path.name}: {counted(len(starter.plan()), 'film')} planned")


@click.command()
@click.option("--most", type=int, help="Stop after so many films of the plan.")
@click.option("--workers", type=int, help="Processes; one for each core where none is named.")
@click.option("--quiet", is_flag=True, help="Say nothing while it goes on.")
@with_appcontext
@plain_errors
def fill(most: int | None, workers: int | None, quiet: bool) -> None:
    """Make what is missing of the starter bank; resumes where it was."""
    from trainer.jobs import starter as job

    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    bar = (lambda done, total: None) if quiet else progress("Making films")
    made = job.fill(database(), blobs(), most=most, workers=workers, seen=bar)
    if not quiet:
        click.echo(f"{counted(made, 'film')} made" if made else "nothing is missing")


def progress(label: str) -> Progress:
    """Return a progress bar that is told ``(done, total)``."""

    def seen(done: int, total: int) -> None:
        width = 30
        full = width * done // max(total, 1)
        end = "\n" if done == total else ""
        click.echo(f"\r{label} [{'#' * full}{'.' * (width - full)}] {done}/{total}{end}", nl=False)
        sys.stdout.flush()

    return seen
