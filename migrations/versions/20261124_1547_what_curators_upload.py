"""what curators upload, until it is in the bank

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261124_1547
Revises: 20261124_1540
Create Date: 2026-11-24 15:47:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import trainer.data.base

revision = '20261124_1547'
down_revision = '20261124_1540'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'upload',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=True),
        sa.Column('origin', sa.String(length=16), nullable=False),
        sa.Column('title', sa.String(length=200), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column(
            'body',
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'),
            nullable=False,
        ),
        sa.Column('created_at', trainer.data.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('touched_at', trainer.data.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['owner_id'], ['user_account.id'],
            name=op.f('fk_upload_owner_id'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_upload')),
    )
    op.create_index(op.f('ix_upload_owner_id'), 'upload', ['owner_id'])
    op.create_index(op.f('ix_upload_state'), 'upload', ['state'])
    op.create_index(op.f('ix_upload_touched_at'), 'upload', ['touched_at'])
    op.create_table(
        'upload_file',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('upload_id', sa.Uuid(), nullable=False),
        sa.Column('name', sa.String(length=1000), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('received', sa.BigInteger(), nullable=False),
        sa.Column('stamp', sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ['upload_id'], ['upload.id'],
            name=op.f('fk_upload_file_upload_id'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_upload_file')),
        sa.UniqueConstraint('upload_id', 'name', name=op.f('uq_upload_file_upload_id_name')),
    )


def downgrade() -> None:
    op.drop_table('upload_file')
    op.drop_index(op.f('ix_upload_touched_at'), table_name='upload')
    op.drop_index(op.f('ix_upload_state'), table_name='upload')
    op.drop_index(op.f('ix_upload_owner_id'), table_name='upload')
    op.drop_table('upload')
