"""The schema: one head, no drift between tables and migrations, both directions."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, String, Uuid, column, inspect, table, text, update
from sqlalchemy.dialects.postgresql import JSONB

from tests import factories
from trainer.core.words import Truth
from trainer.data import Base
from trainer.data.images import CaseKey, Image
from trainer.services import schema
from trainer.services.errors import OperatorError


def test_there_is_one_head(database):
    assert len(ScriptDirectory.from_config(schema.config(database.engine)).get_heads()) == 1


def test_tables_and_migrations_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_go_down_and_up_again(database):
    command.downgrade(schema.config(database.engine), "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    assert schema.upgrade(database.engine)
    assert "response" in inspect(database.engine).get_table_names()


def test_a_database_from_a_newer_version_is_refused_untouched(database):
    with database.engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '29990101_0000'"))
    with pytest.raises(OperatorError, match="newer version"):
        schema.upgrade(database.engine)
    assert schema.current(database.engine) == "29990101_0000"


def test_an_old_schema_is_named_with_its_cure(database):
    command.downgrade(schema.config(database.engine), "base")
    with pytest.raises(OperatorError, match="make migrate"):
        schema.check(database.engine)


def test_the_truth_of_older_keys_goes_up_and_down(database):
    """What was known of a stack held for all its slices, and still does."""
    with database.transaction() as session:
        film, stack = (factories.film(session, Truth.TAMPERED) for _ in range(2))
        session.execute(update(Image).where(Image.id == stack.image_id).values(blocks=["a"] * 3))
        ids = film.key_id, stack.key_id
    square = [[1.0, 1.0], [5.0, 1.0], [5.0, 5.0]]
    command.downgrade(schema.config(database.engine), "20261124_1530")
    old = table(
        "case_key",
        column("id", Uuid()),
        column("outlines", JSON().with_variant(JSONB(), "postgresql")),
        column("mask_sha256", String()),
    )
    before = {"outlines": [square], "mask_sha256": "ab" * 32}
    with database.engine.begin() as connection:
        connection.execute(old.update().where(old.c.id.in_(ids)).values(**before))
    schema.upgrade(database.engine)
    with database.reading() as session:
        keys = [session.get_one(CaseKey, key) for key in ids]
        assert keys[0].outlines == [{"z": 0, "points": square}]
        assert keys[0].masks == {"0": "ab" * 32}
        assert [outline["z"] for outline in keys[1].outlines] == [0, 1, 2]
        assert list(keys[1].masks) == ["0", "1", "2"]
    command.downgrade(schema.config(database.engine), "20261124_1530")
    with database.engine.begin() as connection:
        rows = connection.execute(old.select().where(old.c.id.in_(ids))).all()
    assert [(row.outlines, row.mask_sha256) for row in rows] == [([square], "ab" * 32)] * 2
    schema.upgrade(database.engine)
