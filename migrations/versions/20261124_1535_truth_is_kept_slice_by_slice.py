"""truth is kept slice by slice

An outline says which slice it lies in, and a mask is one block for each slice with a change. What was
known of a stack so far held for all its slices, so it is written to each of them; nothing that learners
answered is touched. No version that reads the old column was released, so it goes at once.

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261124_1535
Revises: 20261124_1530
Create Date: 2026-11-24 15:35:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '20261124_1535'
down_revision = '20261124_1530'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
BATCH = 500

key = sa.table(
    'case_key',
    sa.column('id', sa.Uuid()),
    sa.column('case_id', sa.Uuid()),
    sa.column('outlines', JSON),
    sa.column('masks', JSON),
    sa.column('mask_sha256', sa.String()),
)
case = sa.table('case', sa.column('id', sa.Uuid()), sa.column('image_id', sa.Uuid()))
image = sa.table('image', sa.column('id', sa.Uuid()), sa.column('blocks', JSON))


def batches(*columns):
    """Yield the keys that say anything, some hundred at a time, by id."""
    last = None
    while True:
        query = sa.select(*columns).order_by(key.c.id).limit(BATCH)
        if last is not None:
            query = query.where(key.c.id > last)
        rows = op.get_bind().execute(query).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def upgrade() -> None:
    op.add_column('case_key', sa.Column('masks', JSON, nullable=False, server_default=sa.text("'{}'")))
    for rows in batches(key.c.id, key.c.case_id, key.c.outlines, key.c.mask_sha256):
        blocks = dict(op.get_bind().execute(
            sa.select(case.c.id, image.c.blocks)
            .join(image, image.c.id == case.c.image_id)
            .where(case.c.id.in_([row.case_id for row in rows]))
        ).all())
        for row in rows:
            if not row.outlines and not row.mask_sha256:
                continue
            slices = range(len(blocks.get(row.case_id, ())) or 1)
            op.get_bind().execute(key.update().where(key.c.id == row.id).values(
                outlines=[{'z': z, 'points': points} for z in slices for points in row.outlines],
                masks={str(z): row.mask_sha256 for z in slices} if row.mask_sha256 else {},
            ))
    # Not in a batch: SQLite would make the table anew, and cases point at it.
    op.drop_column('case_key', 'mask_sha256')


def downgrade() -> None:
    op.add_column(
        'case_key',
        sa.Column('mask_sha256', sa.String(length=64), nullable=False, server_default=''),
    )
    for rows in batches(key.c.id, key.c.outlines, key.c.masks):
        for row in rows:
            if not row.outlines and not row.masks:
                continue
            # The older schema knows one mask for all slices: that of the middle one with a change.
            shas = [row.masks[z] for z in sorted(row.masks, key=int)]
            flat = []
            for outline in row.outlines:
                if outline['points'] not in flat:
                    flat.append(outline['points'])
            op.get_bind().execute(key.update().where(key.c.id == row.id).values(
                outlines=flat, mask_sha256=shas[len(shas) // 2] if shas else '',
            ))
    op.drop_column('case_key', 'masks')
