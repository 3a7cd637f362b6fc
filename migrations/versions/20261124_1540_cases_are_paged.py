"""the cases of a set are paged in their order, and found by their image

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261124_1540
Revises: 20261124_1535
Create Date: 2026-11-24 15:40:00
"""

from alembic import op

revision = '20261124_1540'
down_revision = '20261124_1535'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_case_set_order', 'case', ['dataset_id', 'id'])
    op.create_index('ix_case_image', 'case', ['image_id'])


def downgrade() -> None:
    op.drop_index('ix_case_image', 'case')
    op.drop_index('ix_case_set_order', 'case')
