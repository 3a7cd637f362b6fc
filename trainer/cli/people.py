"""``flask user``: accounts from the command line."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import plain_errors, transaction
from trainer.core.words import Role
from trainer.services import accounts
from trainer.settings import Settings


@click.group()
def user() -> None:
    """Look after accounts."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As it is shown to others.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([r.value for r in Role]),
    multiple=True,
    default=["learner"],
    show_default=True,
)
@click.password_option(help="Asked for when left out.")
@with_appcontext
@plain_errors
def create(email: str, name: str, roles: tuple[str, ...], password: str) -> None:
    """Make an account for EMAIL."""
    settings: Settings = current_app.extensions["telltale_settings"]
    now = clock.now()
    with transaction() as session:
        where = accounts.institution(session, settings.institution, now)
        accounts.create_user(
            session,
            None,
            email=email,
            name=name,
            password=password,
            roles=[Role(r) for r in roles],
            institution_id=where,
            now=now,
        )
    click.echo(f"made {email} ({', '.join(roles)})")
