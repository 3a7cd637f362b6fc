"""``flask job``: long work, from the operator's side."""

from __future__ import annotations

import signal
import uuid

import click
from flask import current_app
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import blobs, database, plain_errors, transaction
from trainer.jobs.queue import LocalQueue
from trainer.jobs.run import Office
from trainer.services import jobs


@click.group()
def job() -> None:
    """Long work: see it, end it, do it."""


@job.command("list")
@click.option("--most", type=int, default=20, help="How many.")
@with_appcontext
def listing(most: int) -> None:
    """List the newest jobs; open ones first."""
    with database().reading() as session:
        for found in jobs.mine(session, None, now=clock.now(), most=most):
            far = f"{found.done}/{found.total}" if found.total else ""
            click.echo(
                f"{found.id}  {found.state:<11} {far:>11}  {found.kind:<18} {found.title}"
                + (f"  ({found.message})" if found.message else "")
            )


@job.command()
@click.argument("job_id", type=click.UUID)
@with_appcontext
@plain_errors
def cancel(job_id: uuid.UUID) -> None:
    """Ask a job to end at its next step."""
    with transaction() as session:
        jobs.cancel(session, None, job_id, now=clock.now())
    click.echo("asked to end")


@job.command()
@click.option("--once", is_flag=True, help="Do what waits now, then end.")
@with_appcontext
def work(once: bool) -> None:
    """Do long work in this process (TRAINER_QUEUE=separate); start as many as you like."""
    office = Office(current_app.extensions["telltale_settings"], database(), blobs())
    queue = LocalQueue(office)
    if once:
        click.echo(f"{queue.drain()} done")
        return
    signal.signal(signal.SIGTERM, lambda _number, _frame: queue.stop(0))
    signal.signal(signal.SIGINT, lambda _number, _frame: queue.stop(0))
    click.echo("Working; Ctrl-C ends it.")
    queue.work()
