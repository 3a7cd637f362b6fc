"""``flask db``: the schema."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from trainer.cli.wrapper import database, plain_errors
from trainer.services import schema


@click.group()
def db() -> None:
    """Look after the database schema."""


@db.command()
@with_appcontext
@plain_errors
def upgrade() -> None:
    """Bring the schema to the newest revision."""
    done = schema.upgrade(database().engine)
    click.echo("schema upgraded" if done else "schema is up to date")


@db.command()
@with_appcontext
@plain_errors
def check() -> None:
    """Say whether the schema fits the program."""
    schema.check(database().engine)
    click.echo("schema is up to date")
