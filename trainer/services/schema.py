"""The schema of the database: bring it up to date, refuse one from a newer version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine

from trainer.services.errors import OperatorError

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def config(engine: Engine) -> Config:
    """Return an Alembic configuration that uses this engine."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def upgrade(engine: Engine) -> bool:
    """Bring the schema to the newest revision; return whether anything was done.

    Raises
    ------
    OperatorError
        When the database comes from a newer version of the program.
    """
    before = current(engine)
    script = ScriptDirectory.from_config(config(engine))
    head = script.get_current_head()
    if before == head:
        return False
    if before is not None and not _known(script, before):
        raise OperatorError(
            f"the database is at schema {before}, which this version of Telltale does not know: "
            "it was last used by a newer version. Update Telltale, or point TRAINER_HOME or "
            "DATABASE_URL at another database. Nothing was changed."
        )
    command.upgrade(config(engine), "head")
    return True


def check(engine: Engine) -> None:
    """Raise :class:`OperatorError` unless the schema is the one this program needs."""
    script = ScriptDirectory.from_config(config(engine))
    head, here = script.get_current_head(), current(engine)
    if here == head:
        return
    if here is not None and not _known(script, here):
        raise OperatorError(
            f"the database is at schema {here}, from a newer version of Telltale: update Telltale"
        )
    raise OperatorError("the database schema is older than the program: run `make migrate`")


def current(engine: Engine) -> str | None:
    """Return the revision the database is at, ``None`` for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _known(script: ScriptDirectory, revision: str) -> bool:
    try:
        script.get_revision(revision)
    except CommandError:
        return False
    return True
