"""``flask bank receive`` and ``flask bank fetch``: images by DICOM."""

from __future__ import annotations

import signal
import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from trainer import clock
from trainer.cli.wrapper import database, plain_errors
from trainer.core.plural import counted
from trainer.services import uploads
from trainer.services.errors import InvalidError
from trainer.settings import Settings


def _settings() -> Settings:
    settings: Settings = current_app.extensions["telltale_settings"]
    return settings


def _store(settings: Settings) -> uploads.Store:
    return uploads.open_store(settings.upload_folder, settings.upload_gb, settings.upload_days)


@click.command()
@with_appcontext
@plain_errors
def receive() -> None:
    """Take images that named peers send by C-STORE, until Ctrl-C; curators find them as uploads."""
    from trainer.services.dicom_receiver import Receiver, peers

    settings = _settings()
    host, _, port = settings.dicom_listen.rpartition(":")
    if not host or not port.isdigit():
        raise InvalidError("TRAINER_DICOM_LISTEN must be address:port, such as 0.0.0.0:11112")
    receiver = Receiver(
        database().transaction,
        _store(settings),
        settings.dicom_aet,
        peers(settings.dicom_peers),
        clock.now,
    )
    real = receiver.start(host, int(port))
    click.echo(f"{settings.dicom_aet} listens on {host}:{real}")
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    over.wait()
    receiver.stop()
    click.echo("stopped")


@click.command()
@click.argument("server")
@click.option("--study", "studies", multiple=True, required=True, help="UID of a study; again.")
@click.option("--for", "email", required=True, help="Mail address of the curator who gets it.")
@with_appcontext
@plain_errors
def fetch(server: str, studies: tuple[str, ...], email: str) -> None:
    """Fetch studies from the PACS SERVER into an upload of a curator."""
    from trainer.services import accounts, pacs, pacs_fetch

    asked = pacs.Pacs(pacs.named(_settings().pacs, server))
    pairs = [(one.study, one.uid) for study in studies for one in asked.series(study) if one.fits]
    with database().transaction() as session:
        actor = accounts.actor_by_email(session, email)
        upload = pacs_fetch.begin(session, actor, server, pairs, now=clock.now())
    done = pacs_fetch.fetch(
        asked,
        database().reading,
        database().transaction,
        _store(_settings()),
        upload,
        actor,
        clock=clock.now,
        step=lambda at, total: None,
    )
    for name, why in done.faults:
        click.echo(f"refused  {name}: {why}", err=True)
    click.echo(
        f"{done.new} of {counted(done.total, 'image has', 'images have')} come into upload {upload}"
    )
    if done.faults:
        raise click.exceptions.Exit(1)


@click.command()
@with_appcontext
@plain_errors
def sweep() -> None:
    """Remove uploads that nobody touched for TRAINER_UPLOAD_DAYS."""
    with database().transaction() as session:
        count = uploads.sweep(session, _store(_settings()), now=clock.now())
    click.echo(f"{count} uploads removed")
