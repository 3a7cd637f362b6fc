"""``flask user``: accounts from the command line."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import plain_errors, transaction
from trainer.core.words import Role
from trainer.services import accounts, people
from trainer.services.people import TIME_FACTORS
from trainer.settings import Settings

role_option = click.option(
    "--role",
    "roles",
    type=click.Choice([r.value for r in Role]),
    multiple=True,
    default=["learner"],
    show_default=True,
    help="Give it again for a second role.",
)


def _institution() -> str:
    settings: Settings = current_app.extensions["telltale_settings"]
    return settings.institution


@click.group()
def user() -> None:
    """Look after accounts."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As it is shown to others.")
@role_option
@click.option("--institution", help="Made when there is none. Default: TRAINER_INSTITUTION.")
@click.password_option(help="Asked for when left out.")
@with_appcontext
@plain_errors
def create(
    email: str, name: str, roles: tuple[str, ...], institution: str | None, password: str
) -> None:
    """Make an account for EMAIL."""
    now = clock.now()
    with transaction() as session:
        where = accounts.institution(session, institution or _institution(), now)
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


@user.command(name="list")
@with_appcontext
@plain_errors
def list_() -> None:
    """List every account: address, name, roles, extra time; tab-separated."""
    with transaction() as session:
        for email, name, roles, factor, active in people.everyone(session):
            time = f"x{factor:g}" if factor > 1 else "-"
            state = "open" if active else "closed"
            click.echo("\t".join((email, name, ",".join(roles) or "-", time, state)))


@user.command()
@click.argument("email")
@click.password_option(help="Asked for when left out.")
@with_appcontext
@plain_errors
def set_password(email: str, password: str) -> None:
    """Give EMAIL a new password and end every session of theirs."""
    with transaction() as session:
        who = accounts.user_id_of(session, email)
        accounts.set_password(session, None, who, password, now=clock.now())
    click.echo(f"changed the password of {email}; every session has ended")


@user.command()
@click.argument("email")
@role_option
@click.option("--institution", help="Default: TRAINER_INSTITUTION.")
@with_appcontext
@plain_errors
def set_role(email: str, roles: tuple[str, ...], institution: str | None) -> None:
    """Give EMAIL exactly these roles in an institution."""
    now = clock.now()
    with transaction() as session:
        who = accounts.user_id_of(session, email)
        where = accounts.institution_named(session, institution or _institution())
        people.assign_roles(session, None, who, where, [Role(r) for r in roles], now=now)
    click.echo(f"{email} is now {', '.join(roles)}")


@user.command()
@click.argument("email")
@click.argument("factor", type=click.Choice([f"{factor:g}" for factor in TIME_FACTORS]))
@with_appcontext
@plain_errors
def extra_time(email: str, factor: str) -> None:
    """Give EMAIL FACTOR times the usual time in quizzes started from now on."""
    with transaction() as session:
        who = accounts.user_id_of(session, email)
        people.set_time_factor(session, None, who, float(factor), now=clock.now())
    click.echo(f"{email} has {factor} times the usual time")
