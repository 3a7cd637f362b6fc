"""CPU seconds of the server for one question: case page, pixels, answer, feedback.

Eight signed-in readers play at once against gunicorn, on SQLite and on PostgreSQL, with films of
1024 x 1280 pixels. Counted is what the server's processes use (``/proc/<pid>/stat``), and on
PostgreSQL the database's own beside it. The peer, Moodle 4.5's quiz on the same kind of machine,
needs 0.15 to 0.19 CPU-s for a question without an image.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fixtures import postgres as pg
from tests.fixtures.app import NOW, PASSWORD
from tests.fixtures.play import add_quiz, fill_bank
from tests.fixtures.process import Reader, Server
from trainer.core.words import Role
from trainer.services import accounts, schema
from trainer.services.blobs import FolderStore
from trainer.services.database import open_database

READERS = 8
QUESTIONS = 12
SIDE = 1144  # squared: as many pixels as 1024 x 1280
TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pids: set[int]) -> float:
    """Return the CPU seconds these processes have used."""
    total = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def tree(root: int) -> set[int]:
    """Return a process and all that descend from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def play(reader: Reader, item: str) -> None:
    """Play one quiz to its end."""
    sitting = reader.post(f"/items/{item}/sittings", script=False).rsplit("/", 1)[1]
    reader.get(f"/sittings/{sitting}")
    state = reader.post(f"/sittings/{sitting}/show")
    while not state["leave"]:
        with reader.opener.open(f"{reader.server.address}{state['film']['url']}0") as answer:
            while answer.read(1 << 20):
                pass
        state = reader.post(state["film"]["call"], choice="authentic", confidence=3)
        state = reader.post(f"/sittings/{sitting}/next", number=state["number"])


@contextmanager
def served(home: Path, url: str) -> Iterator[tuple[Server, str]]:
    """Yield a running server with readers and a quiz behind it."""
    database = open_database(url)
    schema.upgrade(database.engine)
    with database.transaction() as session:
        fill_bank(session, FolderStore(home / "blobs"), n=QUESTIONS, side=SIDE)
        item = add_quiz(session, cases=QUESTIONS)
        where = accounts.institution(session, "School", NOW)
        for i in range(READERS):
            accounts.create_user(
                session,
                None,
                email=f"r{i}@example.org",
                name=f"R{i}",
                password=PASSWORD,
                roles=[Role.LEARNER],
                institution_id=where,
                now=NOW,
            )
    database.engine.dispose()
    server = Server(home, url, workers=2)
    server.start()
    try:
        yield server, str(item)
    finally:
        server.kill()


def measure(kind: str, home: Path, url: str, database_pid: int | None) -> None:
    """Print the figures of one kind of database."""
    with served(home, url) as (server, item):
        readers = [Reader(server) for _ in range(READERS)]
        for i, reader in enumerate(readers):
            reader.sign_in(f"r{i}@example.org")
        play(readers[0], item)  # warm
        assert server.process is not None
        web = tree(server.process.pid)
        store = tree(database_pid) if database_pid else set()
        before, before_store = cpu_of(web), cpu_of(store)
        threads = [threading.Thread(target=play, args=(r, item)) for r in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if database_pid:
            store |= tree(database_pid)
        cycles = READERS * QUESTIONS
        per = (cpu_of(web) - before) / cycles
        line = f"question cycle, {kind}: {per:.4f} CPU-s in the server"
        if database_pid:
            line += f", {(cpu_of(store) - before_store) / cycles:.4f} in PostgreSQL"
        print(f"{line} ({cycles} questions, {READERS} readers; to reach: 0.02)")


def main() -> None:
    """Measure on SQLite and, where there is a server, on PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="tt-bench-") as name:
        home = Path(name) / "sqlite"
        home.mkdir()
        measure("SQLite", home, f"sqlite:///{home / 'telltale.db'}", None)
        with pg.running() as running:
            home = Path(name) / "postgres"
            home.mkdir()
            measure("PostgreSQL", home, running.url, running.pid)


if __name__ == "__main__":
    main()
