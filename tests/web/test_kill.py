"""No acknowledged answer is lost when the server is killed with -9 in the middle of 200 answers."""

import threading
import urllib.error

import numpy as np
import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW, PASSWORD
from tests.fixtures.play import add_quiz, fill_bank
from tests.fixtures.process import Reader, Server
from trainer.core.words import Role
from trainer.data.learning import Response, Showing
from trainer.services import accounts
from trainer.services.blobs import FolderStore

ANSWERS = 200
KILLS = 20
#: A timer's kill can hit the first server and the one that was started after it, and no more.
TRIES = 5


@pytest.fixture
def ready(database, database_url, tmp_path):
    """A server with a learner and a quiz of 200 cases behind it."""
    home = tmp_path / "home"
    with database.transaction() as session:
        fill_bank(session, FolderStore(home / "blobs"), n=ANSWERS)
        item = add_quiz(session, cases=ANSWERS)
        accounts.create_user(
            session,
            None,
            email="ann@example.org",
            name="Ann",
            password=PASSWORD,
            roles=[Role.LEARNER],
            institution_id=accounts.institution(session, "School", NOW),
            now=NOW,
        )
    server = Server(home, database_url)
    server.start()
    yield server, item
    server.kill()


@pytest.mark.slow
def test_no_acknowledged_answer_is_lost(ready, database):
    server, item = ready
    rng = np.random.default_rng(20)
    deaths = set(rng.choice(np.arange(1, ANSWERS), KILLS, replace=False).tolist())
    reader = Reader(server)
    reader.sign_in("ann@example.org")
    sitting = reader.post(f"/items/{item}/sittings", script=False).rsplit("/", 1)[1]
    kept: dict[str, str] = {}
    killed = 0

    def insist(path, **fields):
        """Send until it is acknowledged, as the page's script does."""
        for _ in range(TRIES):
            try:
                return reader.post(path, **fields)
            except (urllib.error.URLError, OSError, ValueError) as fault:
                assert not isinstance(fault, urllib.error.HTTPError), fault.read()
                said = fault
                server.kill()
                server.start()
        raise AssertionError(f"{path}: no answer in {TRIES} tries, at last {said!r}")

    state = insist(f"/sittings/{sitting}/show")
    for number in range(1, ANSWERS + 1):
        assert state["number"] == number
        choice = ("authentic", "not_authentic")[int(rng.integers(2))]
        if number in deaths:  # while the answer is on its way, at a moment nobody chose
            timer = threading.Timer(float(rng.uniform(0, 0.03)), server.kill)
            timer.start()
            killed += 1
        insist(state["film"]["call"], choice=choice, confidence=4)
        if number in deaths:
            timer.join()
            server.kill()
            server.start()
        kept[state["film"]["token"]] = choice
        state = insist(f"/sittings/{sitting}/next", number=number)
    assert killed == KILLS
    with database.reading() as session:
        rows = session.execute(select(Showing.token, Response.choice).join(Response)).all()
    assert len(rows) == ANSWERS
    assert {token: choice.value for token, choice in rows} == kept
