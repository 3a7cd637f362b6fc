"""jobs are a queue

A job says what was asked for, who has taken it, what came of it, and that its end was asked for.

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261124_1530
Revises: 20261124_1520
Create Date: 2026-11-24 15:30:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '20261124_1530'
down_revision = '20261124_1520'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('job') as table:
        table.add_column(sa.Column('title', sa.String(200), nullable=False, server_default=''))
        table.add_column(sa.Column('subject', sa.String(200), nullable=False, server_default=''))
        table.add_column(sa.Column('link', sa.String(300), nullable=False, server_default=''))
        table.add_column(sa.Column('result', JSON, nullable=False, server_default=sa.text("'{}'")))
        table.add_column(sa.Column('worker', sa.String(80), nullable=False, server_default=''))
        table.add_column(sa.Column('attempts', sa.Integer(), nullable=False, server_default='0'))
        table.add_column(
            sa.Column('cancel_asked', sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column('started_at', MOMENT, nullable=True))
        table.add_column(sa.Column('keep_until', MOMENT, nullable=True))
        table.create_index('ix_job_created_by', ['created_by', 'created_at'])


def downgrade() -> None:
    with op.batch_alter_table('job') as table:
        table.drop_index('ix_job_created_by')
        for name in (
            'keep_until', 'started_at', 'cancel_asked', 'attempts', 'worker', 'result', 'link',
            'subject', 'title',
        ):
            table.drop_column(name)
