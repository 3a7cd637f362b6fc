"""What an audit says follows from the films: not from the names that a machine gave them."""

import pytest
from sqlalchemy import select

from tests.fixtures.blinded import smooth_set
from tests.fixtures.mimics import mimic_set
from trainer.data.images import CaseKey
from trainer.services import bank_audit
from trainer.services.blobs import FolderStore


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_same_films_are_audited_alike_whatever_their_ids_are(database, tmp_path):
    blobs = FolderStore(tmp_path / "blobs")
    with database.transaction() as session:
        slugs = [smooth_set(session, blobs, slug, 44) for slug in ("one", "two", "three")]
    with database.reading() as session:
        found = [bank_audit.audit_set(session, blobs, slug).shortcuts for slug in slugs]
    assert found[0].enough
    assert any(0.5 < finding.auc < 1 for finding in found[0].findings)  # what chance could move
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_audit_sees_no_place_be_it_of_a_change_or_of_a_look(database, tmp_path):
    blobs = FolderStore(tmp_path / "blobs")
    with database.transaction() as session:
        mimic_set(session, blobs)
    with database.reading() as session:
        placed = bank_audit.audit_set(session, blobs, "small").as_json()
        keys = session.scalars(select(CaseKey)).all()
        assert {bool(key.masks) for key in keys if key.mimic_of} == {True}
        for key in keys:
            key.masks, key.outlines, key.everywhere = {}, [], False
        session.flush()
        bare = bank_audit.audit_set(session, blobs, "small").as_json()
        session.rollback()
    assert placed == bare
