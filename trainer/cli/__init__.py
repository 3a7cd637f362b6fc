"""The command line: ``flask --app wsgi <noun> <verb>``."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add every group of commands."""
    from trainer.cli.bank import bank
    from trainer.cli.bank_agree import agree
    from trainer.cli.bank_archive import export_archive, import_archive
    from trainer.cli.bank_pacs import fetch, receive, sweep
    from trainer.cli.bank_starter import fill, plan
    from trainer.cli.content import content
    from trainer.cli.database import db
    from trainer.cli.forge import forge
    from trainer.cli.jobs import job
    from trainer.cli.people import user
    from trainer.cli.settings import settings
    from trainer.cli.simulate import simulate

    for command in (
        agree, export_archive, fetch, fill, import_archive, plan, receive, sweep,
    ):  # fmt: skip
        bank.add_command(command)
    for command in (bank, content, db, forge, job, settings, simulate, user):
        app.cli.add_command(command)
