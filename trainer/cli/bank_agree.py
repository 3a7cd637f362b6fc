"""``flask bank agree``: someone answers for the labels of a set."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import plain_errors, transaction
from trainer.core.plural import counted


@click.command()
@click.argument("slug")
@click.option("--by", required=True, help="Who has checked the labels.")
@click.option("--why", required=True, help="What was checked, and against what.")
@with_appcontext
@plain_errors
def agree(slug: str, by: str, why: str) -> None:
    """Say that the labels of the set SLUG were checked against their owner's publication.

    It covers the cases that are in the set now. What is imported later waits for a word of its own.
    """
    from trainer.services import labels

    with transaction() as session:
        count = labels.agree_set(session, None, slug, by=by, why=why, now=clock.now())
    click.echo(f"{slug}: {by} answers for the labels of {counted(count, 'case')}")
