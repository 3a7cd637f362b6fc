"""What an audit of 1,000 films costs, and the curator's pages over 100,000 films.

The films are noise of two blends without a class in them; sizes are those of the starter bank.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from trainer.app import create_app
from trainer.core.words import Modality, Provenance, Truth
from trainer.data.base import Base
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.imaging.film import Film
from trainer.services import bank, bank_audit, bank_search, served
from trainer.services.blobs import BlobStore
from trainer.services.database import Database
from trainer.settings import Settings

FILMS = 1_000
SIDE = 512
ROWS = 100_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _fill(database: Database, blobs: BlobStore) -> None:
    rng = np.random.default_rng(1)
    with database.transaction() as session:
        facts = bank.SetFacts("noise", "Noise", Provenance.SIMULATED, "CC0")
        where = bank.open_set(session, None, facts, now=NOW)
        for i in range(FILMS):
            soft = gaussian_filter(rng.normal(size=(SIDE // 8, SIDE // 8)), 3).repeat(8, 0)
            grey = 20_000 + 60_000 * soft.repeat(8, 1) + rng.normal(0, 400, (SIDE, SIDE))
            film = Film(grey.clip(0, 65535).astype(np.uint16), (0.2, 0.2), region="hand")
            image = bank.keep_film(session, blobs, where, film, now=NOW)
            truth = bank.TruthFacts(Truth.AUTHENTIC if i % 2 else Truth.SYNTHETIC)
            bank.add_case(session, blobs, where, image, film, truth, kin=f"k{i}", now=NOW)


def _rows(database: Database) -> None:
    """Write rows alone: what pages ask for holds no pixels."""
    rng = np.random.default_rng(2)
    regions, families = ("hand", "chest", "knee", "pelvis"), ("gan", "diffusion", "splice", "")
    with database.transaction() as session:
        made = Dataset(
            slug="many", title="Many", provenance=Provenance.CLINICAL, licence="CC0", body={},
            created_at=NOW,
        )  # fmt: skip
        session.add(made)
        session.flush()
        for start in range(0, ROWS, 5_000):
            parts: dict[type[Base], list[dict[str, Any]]] = {Image: [], Case: [], CaseKey: []}
            for n in range(start, start + 5_000):
                image, case, key = (uuid.UUID(bytes=rng.bytes(16)) for _ in range(3))
                other = bool(n % 2)
                parts[Image].append(
                    {
                        "id": image, "dataset_id": made.id, "sha256": f"{n:064x}",
                        "blocks": [f"{n:064x}"], "name": f"folder/{n:06}.dcm",
                        "modality": Modality.XR, "region": regions[n % 4], "view": "pa",
                        "columns": 512, "rows": 512, "block_bytes": 1, "created_at": NOW,
                        "facts": {"file": {"format": "DICOM", "bytes": n}, "pipeline": "1"},
                    }
                )  # fmt: skip
                parts[Case].append(
                    {
                        "id": case, "dataset_id": made.id, "image_id": image, "kin": f"p{n // 3}",
                        "family": families[n % 4] if other else "", "live": n % 50 > 0,
                        "split": "practice", "created_at": NOW, "key_id": None,
                    }
                )  # fmt: skip
                parts[CaseKey].append(
                    {
                        "id": key, "case_id": case,
                        "truth": Truth.SYNTHETIC if other else Truth.AUTHENTIC,
                        "hallmarks": ["smooth_cortex"] if n % 10 == 1 else [], "outlines": [],
                        "everywhere": other, "body": {"reason": f"word {n % 97}"},
                        "created_at": NOW,
                    }
                )  # fmt: skip
            for kind, rows in parts.items():
                session.execute(insert(kind), rows)
            session.flush()
            for case, key in zip(parts[Case], parts[CaseKey], strict=True):
                case["key_id"] = key["id"]
            session.bulk_update_mappings(
                Case.__mapper__, [{"id": c["id"], "key_id": c["key_id"]} for c in parts[Case]]
            )


def _took(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        before = time.perf_counter()
        ask()
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 1000


def _pages(session: Session) -> None:
    asked = {
        "first page": bank_search.Filters(set="many"),
        "class and region": bank_search.Filters(set="many", truth="synthetic", region="hand"),
        "hallmark": bank_search.Filters(set="many", hallmark="smooth_cortex"),
        "words": bank_search.Filters(set="many", text="word 13"),
    }
    for label, wanted in asked.items():
        ms = _took(lambda wanted=wanted: bank_search.find_films(session, wanted))
        print(f"  {label:18} {ms:7.0f} ms")
    last = bank_search.Filters(set="many")
    ms = _took(lambda: bank_search.find_films(session, last, page=10**6))
    print(f"  {'last page':18} {ms:7.0f} ms")
    print(f"  {'counts by group':18} {_took(lambda: bank_search.groups(session, 'many')):7.0f} ms")


def main() -> None:
    """Measure both."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        app = create_app(settings)
        database: Database = app.extensions["telltale_database"]
        blobs: BlobStore = app.extensions["telltale_blobs"]
        Base.metadata.create_all(database.engine)
        _fill(database, blobs)
        before = _cpu()
        with database.reading() as session:
            found = bank_audit.audit_set(session, blobs, "noise").shortcuts
        plain = _cpu()
        with database.reading() as session:
            play = served.player(settings, NOW)
            cases = [str(c) for c in session.scalars(select(Case.id))]
            real = [i % 2 == 1 for i in range(len(cases))]
            wire = bank_audit.audit_wire(session, "noise", play, cases, real, cases)
        after = _cpu()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"audit of {FILMS} films of {SIDE} x {SIDE}: {plain - before:.0f} CPU seconds for "
            f"{len(found.findings)} families of pixels and files, {after - plain:.0f} for "
            f"{len(wire.findings)} on the wire ({bank_audit.MOST_PLAYED} films played); "
            f"peak {peak:.0f} MiB"
        )
        _rows(database)
        print(f"pages over {ROWS:,} films (SQLite, median of three):")
        with database.reading() as session:
            _pages(session)
        database.engine.dispose()


if __name__ == "__main__":
    sys.exit(main())
