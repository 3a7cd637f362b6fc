"""Opening the database: SQLite for one machine, PostgreSQL for many."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session, sessionmaker

from trainer.services import set_counts
from trainer.services.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Database:
    """An open database and its two kinds of session.

    Parameters
    ----------
    engine : Engine
        The pool of connections.
    reading, writing : sessionmaker
        On SQLite a writing session takes the write lock at its start, so that two writers wait
        for each other instead of failing half-way.
    """

    engine: Engine
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a writing session; commit at the end, roll back on an error."""
        with self.writing() as session, session.begin():
            yield session


def open_database(url: str) -> Database:
    """Open a database by its SQLAlchemy address.

    Raises
    ------
    OperatorError
        When the address cannot be read or names a database that is not supported.
    """
    try:
        kind = make_url(url).get_backend_name()
    except Exception as fault:
        raise OperatorError(
            "DATABASE_URL cannot be read: it looks like "
            "postgresql+psycopg://user:password@host/name, or leave it empty for SQLite"
        ) from fault
    if kind == "sqlite":
        engine = _open_sqlite(url)
    elif kind == "postgresql":
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,  # errors quote the statement, never the names and answers in it
        )
    else:
        raise OperatorError(f"DATABASE_URL names {kind}: Telltale runs on SQLite and PostgreSQL")
    writing = engine.execution_options(telltale_writes=True)
    sessions = sessionmaker(writing, expire_on_commit=False)
    set_counts.watch(sessions)
    return Database(
        engine=engine,
        reading=sessionmaker(engine, expire_on_commit=False),
        writing=sessions,
    )


def _open_sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    # isolation_level=None: the driver begins nothing by itself, we say BEGIN. Otherwise
    # savepoints leak rows and a read starts no transaction.
    engine = create_engine(
        url, connect_args={"isolation_level": None, "timeout": 30}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("telltale_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
