"""The schema: one head, no drift between tables and migrations, both directions."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from trainer.data import Base
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
