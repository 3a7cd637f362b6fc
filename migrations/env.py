"""Runs migrations on the engine that the program hands over."""

from alembic import context
from sqlalchemy import JSON

from trainer.data import Base
from trainer.data.base import UtcDateTime, Word


def plain(kind, thing, _autogen):
    """Write our own column types as what they are in the database: a migration never changes."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if kind == "type" and isinstance(thing, Word):
        return "sa.String(length=32)"
    return False


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # A migration waits for no one for long: learners are answering.
            connection.exec_driver_sql("SET lock_timeout = '4s'")
            # Two machines that start together: the second waits here, then finds it done.
            connection.exec_driver_sql("SELECT pg_advisory_lock(7355608)")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=plain,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_unlock(7355608)")
        connection.commit()


run()
