"""A bank with a bit of everything in it, its archive, and an installation to bring it to."""

from datetime import timedelta

import numpy as np
import pytest

from tests.fixtures.app import NOW
from tests.fixtures.play import fill_bank, small_film
from tests.services.archive.packing import pack_up
from trainer.core.review import StopKind
from trainer.core.words import Hallmark, Provenance, Truth
from trainer.data.images import Case
from trainer.data.review import CaseStop, KeyAgreement
from trainer.data.sets import AuditRun, SetPublication
from trainer.imaging.film import Film
from trainer.services import bank
from trainer.services.blobs import FolderStore
from trainer.services.database import open_database


@pytest.fixture
def blobs(tmp_path):
    return FolderStore(tmp_path / "blobs")


@pytest.fixture
def full(database, blobs):
    """A bank with twins, masks, a corrected key, an original, an audit and an override."""
    with database.transaction() as session:
        fill_bank(session, blobs, n=3)
        original = blobs.put(b"the file as it came")
        planes = np.stack([small_film(i).pixels for i in range(3)])
        stack = Film(planes, (0.5, 0.5), region="chest", view="ax", slice_mm=(0.0, 2.0, 4.0))
        facts = bank.SetFacts("stacks", "Kōans — 象", Provenance.CLINICAL, "CC BY 4.0", "Someone")
        where = bank.open_set(session, None, facts, now=NOW)
        image = bank.keep_film(
            session, blobs, where, stack, now=NOW, facts={"originals": [original], "spaß": "ü"}
        )
        mask = np.zeros(stack.pixels.shape, bool)
        mask[1, 10:20, 10:30] = True
        truth = bank.TruthFacts(Truth.TAMPERED, (Hallmark.Z_BREAK,), mask=mask, body={"dose": 0.5})
        case = bank.add_case(session, blobs, where, image, stack, truth, kin="k", now=NOW)
        first = session.get_one(Case, case).key_id
        session.add_all(
            [
                KeyAgreement(case_key_id=first, name="Cora", part="agreed", agreed_at=NOW),
                CaseStop(case_id=case, kind=StopKind.HELD, why="Seen twice.", begun_at=NOW),
            ]
        )
        mimic = {"mimic_of": Hallmark.Z_BREAK, "mask": np.roll(mask, 1, axis=0)}
        corrected = bank.TruthFacts(Truth.AUTHENTIC, body={"reason": "A breath."}, **mimic)
        bank.put_key(session, blobs, case, stack, corrected, now=NOW + timedelta(hours=1))
        audit = AuditRun(
            dataset_id=where, made_at=NOW, engine="1", fingerprint="f", result={"auc": 0.7}
        )
        session.add(audit)
        session.flush()
        session.add(
            SetPublication(
                dataset_id=where,
                audit_id=audit.id,
                published_at=NOW,
                by="Cora",
                override="It is for a lesson on audits.",
                despite=["aspect"],
            )
        )
    return database


@pytest.fixture
def archive(full, blobs, tmp_path):
    path = tmp_path / "bank.zip"
    pack_up(full, blobs, path)
    return path


@pytest.fixture
def elsewhere(sqlite_template, tmp_path):
    """An empty installation of SQLite beside the one under test."""
    copy = tmp_path / "elsewhere.db"
    copy.write_bytes(sqlite_template.read_bytes())
    opened = open_database(f"sqlite:///{copy}")
    yield opened
    opened.engine.dispose()
