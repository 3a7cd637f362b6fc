"""``flask bank export-archive`` and ``import-archive``: the bank as one file with checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from trainer import clock
from trainer.cli.wrapper import blobs, database, plain_errors, transaction
from trainer.core.plural import counted
from trainer.services import audit
from trainer.services.errors import InvalidError


@contextmanager
def _reading() -> Iterator[Session]:
    with database().reading() as session, session.begin():
        yield session


def _say(done: int, total: int, message: str) -> None:
    if done == total or done % 50 == 0:
        click.echo(f"\r{message or 'done':<24} {done}/{total} ", nl=done == total, err=True)


@click.command("export-archive")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--set", "slug", default="", help="Pack this set alone.")
@click.option(
    "--why",
    prompt="Why do these films leave the system?",
    help="Kept in the archive and in the log: altered films are among them.",
)
@click.option("--without-originals", is_flag=True, help="Leave the private source files out.")
@with_appcontext
@plain_errors
def export_archive(file: Path, slug: str, why: str, without_originals: bool) -> None:
    """Pack the bank, or one set, into FILE: rows, pixels, keys, audits, with checksums."""
    from trainer.services.archive_pack import pack

    if file.exists():
        raise InvalidError(f"{file} is there already: choose another name, or remove it first.")
    if not file.parent.is_dir():
        raise InvalidError(f"There is no folder {file.parent}.")
    now = clock.now()
    packed = pack(
        _reading, blobs(), file, slug=slug, why=why, by="", now=now,
        originals=not without_originals, step=_say,
    )  # fmt: skip
    with file.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    with transaction() as session:
        audit.note(session, None, "bank.export", slug or "*", now, why=why[:500], sha256=sha256)
    click.echo(
        f"{', '.join(packed.sets)}: {counted(packed.rows, 'row')} and "
        f"{counted(packed.blobs, 'blob')} in {file} "
        f"({packed.altered} altered or made films; the archive says so)\nsha256 {sha256}"
    )


@click.command("import-archive")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
@plain_errors
def import_archive(file: Path) -> None:
    """Put FILE back: all of it or nothing; what is in the bank stays as it is."""
    from trainer.services.archive_restore import restore

    click.echo(restore(file, transaction, blobs(), None, now=clock.now(), step=_say))
