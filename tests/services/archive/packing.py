"""Packing a bank up, putting it back, and all of it as plain values."""

from sqlalchemy import select

from tests.fixtures.app import NOW
from trainer.services.archive_pack import pack
from trainer.services.archive_restore import restore
from trainer.services.archive_rows import TABLES, to_json

WHY = "a backup before the move"


def everything(database):
    """Return every row of the bank, as plain values, by table and id."""
    with database.reading() as session:
        return {
            name: {row["id"]: row for row in map(to_json, session.scalars(select(table)))}
            for name, table in TABLES.items()
        }


def pack_up(database, blobs, path, **more):
    return pack(database.reading, blobs, path, by="Cora", now=NOW, **{"why": WHY} | more)


def put_back(path, database, blobs):
    return restore(path, database.transaction, blobs, None, now=NOW)
