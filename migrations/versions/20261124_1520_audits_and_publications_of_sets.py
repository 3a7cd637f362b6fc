"""audits and publications of sets are kept; an image's name and hash have columns

An audit of an earlier time stays readable, and a sitting can be told by which publication of its
set it was played. The name and the hash were inside a JSON document, where a hundred thousand
images cannot be searched.

Rules for a migration:
- one subject, a telling name, the date in the file name, both directions;
- learners are answering while it runs: no lock for long, no rewrite of a large table in one step;
- removing a column takes two releases: first nobody reads it, then it goes;
- never touch a response: what a learner answered is kept as it was.

Revision ID: 20261124_1520
Revises: 20261123_2055
Create Date: 2026-11-24 15:20:00
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '20261124_1520'
down_revision = '20261123_2055'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
MOMENT = sa.DateTime(timezone=True)
STEP = 500

dataset = sa.table(
    'dataset',
    sa.column('id', sa.Uuid()),
    sa.column('body', JSON),
    sa.column('published_at', MOMENT),
)
image = sa.table(
    'image',
    sa.column('id', sa.Uuid()),
    sa.column('facts', JSON),
    sa.column('name', sa.String(400)),
    sa.column('phash', sa.String(64)),
)


def upgrade() -> None:
    runs = op.create_table(
        'audit_run',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('dataset_id', sa.Uuid(), nullable=False),
        sa.Column('made_at', MOMENT, nullable=False),
        sa.Column('made_by', sa.String(length=200), nullable=False),
        sa.Column('engine', sa.String(length=16), nullable=False),
        sa.Column('fingerprint', sa.String(length=64), nullable=False),
        sa.Column('result', JSON, nullable=False),
        sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_audit_run_dataset_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_run')),
    )
    op.create_index('ix_audit_run_dataset_made', 'audit_run', ['dataset_id', 'made_at'])
    publications = op.create_table(
        'set_publication',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('dataset_id', sa.Uuid(), nullable=False),
        sa.Column('audit_id', sa.Uuid(), nullable=True),
        sa.Column('published_at', MOMENT, nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.Column('by', sa.String(length=200), nullable=False),
        sa.Column('override', sa.String(), nullable=False),
        sa.Column('despite', JSON, nullable=False),
        sa.ForeignKeyConstraint(['audit_id'], ['audit_run.id'], name=op.f('fk_set_publication_audit_id'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], name=op.f('fk_set_publication_dataset_id'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_set_publication')),
    )
    op.create_index('ix_set_publication_dataset_from', 'set_publication', ['dataset_id', 'published_at'])
    with op.batch_alter_table('image') as table:
        table.add_column(sa.Column('name', sa.String(length=400), server_default='', nullable=False))
        table.add_column(sa.Column('phash', sa.String(length=64), server_default='', nullable=False))
        table.create_index('ix_image_dataset_phash', ['dataset_id', 'phash'])
    if not op.get_context().as_sql:
        _move_sets(op.get_bind(), runs, publications)
        _fill_images(op.get_bind())


def _move_sets(link, runs, publications) -> None:
    """An audit and an override were kept inside the set's document."""
    for where, body, published_at in link.execute(sa.select(dataset)).all():
        audit, override = body.get('audit'), body.get('override')
        kept = None
        if audit and audit.get('at'):
            kept = uuid.uuid4()
            link.execute(
                runs.insert().values(
                    id=kept,
                    dataset_id=where,
                    made_at=datetime.fromisoformat(audit['at']),
                    made_by='',
                    engine=str(audit.get('shortcuts', {}).get('engine', '1')),
                    fingerprint='',
                    result={k: v for k, v in audit.items() if k != 'at'},
                )
            )
        if published_at is not None:
            link.execute(
                publications.insert().values(
                    id=uuid.uuid4(),
                    dataset_id=where,
                    audit_id=kept,
                    published_at=published_at,
                    ended_at=None,
                    by=(override or {}).get('by', ''),
                    override=(override or {}).get('reason', ''),
                    despite=(override or {}).get('despite', []),
                )
            )
        left = {k: v for k, v in body.items() if k not in ('audit', 'override')}
        link.execute(sa.update(dataset).where(dataset.c.id == where).values(body=left))


def _fill_images(link) -> None:
    """A few hundred images at a time."""
    last = None
    while True:
        query = sa.select(image.c.id, image.c.facts).order_by(image.c.id).limit(STEP)
        rows = link.execute(query if last is None else query.where(image.c.id > last)).all()
        if not rows:
            return
        last = rows[-1].id
        values = [
            {
                'which': row.id,
                'name': str(row.facts.get('name', ''))[:400],
                'phash': str(row.facts.get('file', {}).get('phash', '')),
            }
            for row in rows
        ]
        values = [v for v in values if v['name'] or v['phash']]
        if values:
            link.execute(sa.update(image).where(image.c.id == sa.bindparam('which')), values)


def _utc(at: datetime) -> str:
    """SQLite forgets the zone."""
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def downgrade() -> None:
    if not op.get_context().as_sql:
        _put_back(op.get_bind())
    with op.batch_alter_table('image') as table:
        table.drop_index('ix_image_dataset_phash')
        table.drop_column('phash')
        table.drop_column('name')
    op.drop_table('set_publication')
    op.drop_table('audit_run')


def _put_back(link) -> None:
    """The newest audit and the override that is in force go back into the set's document."""
    runs = sa.table('audit_run', sa.column('dataset_id', sa.Uuid()), sa.column('made_at', MOMENT), sa.column('result', JSON))
    publications = sa.table(
        'set_publication',
        sa.column('dataset_id', sa.Uuid()),
        sa.column('published_at', MOMENT),
        sa.column('ended_at', MOMENT),
        sa.column('by', sa.String()),
        sa.column('override', sa.String()),
        sa.column('despite', JSON),
    )
    for where, body, _ in link.execute(sa.select(dataset)).all():
        newest = link.execute(
            sa.select(runs).where(runs.c.dataset_id == where).order_by(runs.c.made_at.desc()).limit(1)
        ).first()
        if newest:
            body = body | {'audit': newest.result | {'at': _utc(newest.made_at)}}
        now = link.execute(
            sa.select(publications)
            .where(publications.c.dataset_id == where, publications.c.ended_at.is_(None), publications.c.override != '')
            .order_by(publications.c.published_at.desc())
            .limit(1)
        ).first()
        if now:
            body = body | {
                'override': {'reason': now.override, 'by': now.by, 'at': _utc(now.published_at), 'despite': now.despite}
            }
        link.execute(sa.update(dataset).where(dataset.c.id == where).values(body=body))
