"""Having a set played as a browser would, on a copy that nobody else sees.

The rows of some films go into a database of their own, and a process of its own plays the real
server on it (:mod:`trainer.probe`). The real database, its results and its limits are untouched.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from trainer.core.words import Role
from trainer.data.base import Base
from trainer.data.catalogue import Concept, Lesson, Publication, Track
from trainer.data.images import Case, CaseKey, Dataset, Image
from trainer.data.learning import Showing
from trainer.data.review import KeyAgreement
from trainer.imaging.bank.served import Exchange, steadied
from trainer.services import accounts
from trainer.services.database import Database, open_database
from trainer.services.errors import OperatorError
from trainer.services.shelf import find
from trainer.settings import Settings

EMAIL = "probe@localhost"
PASSWORD = "nobody else knows this server"  # noqa: S105 (of a database that lives for minutes)
#: The program that plays. A name and not an import: the server stands above the services.
PROGRAM = "trainer.probe"
#: Seconds after which a player that does not end is given up.
PATIENCE = 1800
#: Rows that are copied at once.
_STEP = 200

#: Plays these cases of a set; returns what came for each that was met, by case.
Player = Callable[[Session, str, Sequence[str]], Mapping[str, Exchange]]


def player(settings: Settings, now: datetime, program: str = PROGRAM) -> Player:
    """Return what plays a set of this installation.

    Parameters
    ----------
    settings : Settings
        Where the pixels lie.
    now : datetime
        The time of the copy's rows.
    program : str
        The module that is run.
    """

    def play(session: Session, slug: str, case_ids: Sequence[str]) -> Mapping[str, Exchange]:
        with tempfile.TemporaryDirectory(prefix="telltale-probe-") as home:
            database = open_database(f"sqlite:///{home}/probe.db")
            try:
                _copy(session, database, slug, case_ids, now)
                came = _run(settings, home, slug, len(case_ids), program)
                return _by_case(database, came)
            finally:
                database.engine.dispose()

    return play


def _copy(
    session: Session, database: Database, slug: str, case_ids: Sequence[str], now: datetime
) -> None:
    """Copy what a sitting on these cases needs, and make a learner."""
    Base.metadata.create_all(database.engine)
    dataset = find(session, slug)
    with database.transaction() as other:
        where = accounts.institution(other, "Probe", now)
        accounts.create_user(
            other,
            None,
            email=EMAIL,
            name="Probe",
            password=PASSWORD,
            roles=[Role.LEARNER],
            institution_id=where,
            now=now,
        )
        _words(session, other, now)
        _put(other, Dataset, [_row(dataset) | {"published_at": now}])
        ids = sorted(case_ids)
        for start in range(0, len(ids), _STEP):
            _cases(session, other, ids[start : start + _STEP], now)


def _words(session: Session, other: Session, now: datetime) -> None:
    """Copy the published tracks and their words: a quiz offers hallmarks by them."""
    for kind in (Publication, Track, Concept, Lesson):
        _put(other, kind, [_row(one) for one in session.scalars(select(kind))])
    if not session.scalar(select(Track.id).limit(1)):
        made = Publication(content_hash=secrets.token_hex(32), published_at=now, report={})
        other.add(made)
        other.flush()
        other.add(
            Track(
                id=made.id,
                slug="probe",
                title="Probe",
                status="active",
                body={"summary": ""},
                publication_id=made.id,
            )
        )


def _cases(session: Session, other: Session, ids: Sequence[str], now: datetime) -> None:
    wanted = [uuid.UUID(one) for one in ids]
    rows = session.execute(
        select(Case, Image, CaseKey)
        .join(Image, Case.image_id == Image.id)
        .join(CaseKey, CaseKey.id == Case.key_id)
        .where(Case.id.in_(wanted))
    ).all()
    images = {image.id: _row(image) for _, image, _ in rows}
    _put(other, Image, list(images.values()))
    # Every case is for practice here: the test pool is served by the same code.
    plain = {"split": "practice", "twin_image_id": None, "live": True, "key_id": None}
    _put(other, Case, [_row(case) | plain for case, _, _ in rows])
    _put(other, CaseKey, [_row(key) for *_, key in rows])
    for case, _, key in rows:
        other.get_one(Case, case.id).key_id = key.id
        # An audit may come before anyone agreed to the labels: on the copy someone did.
        other.add(KeyAgreement(case_key_id=key.id, name="Probe", part="set", agreed_at=now))


def _row(one: Any) -> dict[str, Any]:
    table: Table = type(one).__table__
    return {column.key: getattr(one, column.key) for column in table.columns}


def _put(other: Session, kind: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        other.execute(insert(kind), rows)


def _run(settings: Settings, home: str, slug: str, films: int, program: str) -> list[Exchange]:
    own = {
        "TRAINER_HOME": home,
        "DATABASE_URL": f"sqlite:///{home}/probe.db",
        "TRAINER_BLOB_STORE": str(settings.blobs),
        "TRAINER_SECRET_KEY": secrets.token_hex(32),
        "TRAINER_QUEUE": "separate",
        "TRAINER_LIMIT_STORAGE": "memory://",
        "TRAINER_MAIL_URL": "print:",
        "TRAINER_COOKIE_SECURE": "no",
        "TRAINER_PROXIES": "0",
    }
    ended = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-m", program, slug, str(films)],
        env={**os.environ, **own},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise OperatorError(f"the set could not be played for its audit: {last[0]}")
    return [Exchange.from_json(json.loads(line)) for line in ended.stdout.splitlines()]


def unmet(session: Session) -> int:
    """Return how many cases of a copy were not put before its learner yet."""
    met = select(Showing.case_id).where(Showing.shown_at.is_not(None))
    left = select(func.count()).select_from(Case).where(Case.id.not_in(met))
    return int(session.scalar(left) or 0)


def _by_case(database: Database, came: Sequence[Exchange]) -> dict[str, Exchange]:
    """Tell which case each token stood for; the first meeting counts."""
    with database.reading() as session:
        cases = {
            token: str(case)
            for token, case in session.execute(select(Showing.token, Showing.case_id))
        }
    found: dict[str, Exchange] = {}
    for one in steadied(came):
        found.setdefault(cases[one.token], one)
    return found
