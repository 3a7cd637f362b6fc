"""an assignment can be a track's own quiz

The quiz over a whole track belongs to no lesson, so an assignment of it names none.

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261123_2055
Revises: 20261123_2000
Create Date: 2026-11-23 20:55:00
"""

import sqlalchemy as sa
from alembic import op


revision = '20261123_2055'
down_revision = '20261123_2000'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('assignment') as table:
        table.alter_column('lesson_id', existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    # An assignment of a track's quiz cannot be said in the older schema.
    op.execute("delete from assignment where lesson_id is null")
    with op.batch_alter_table('assignment') as table:
        table.alter_column('lesson_id', existing_type=sa.Uuid(), nullable=False)
