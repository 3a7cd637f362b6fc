"""sets say when their films changed, so that counts can be kept

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261124_1930
Revises: 20261124_1550
Create Date: 2026-11-24 19:30:00
"""

import sqlalchemy as sa
from alembic import op

revision = '20261124_1930'
down_revision = '20261124_1550'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('dataset', sa.Column('films_stamp', sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column('dataset', 'films_stamp')
