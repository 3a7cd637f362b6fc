"""The serving process does long work by itself, under gunicorn, from its start."""

import pytest

from tests.fixtures.jobs import until
from tests.fixtures.play import fill_bank
from tests.fixtures.process import Server
from trainer import clock
from trainer.services import archives, job_queue, jobs
from trainer.services.archives import PACK


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_gunicorn_works_off_what_waits_and_what_a_killed_server_left(
    office, curator, database, database_url, seen
):
    with database.transaction() as session:
        fill_bank(session, office.blobs, n=2)

        def ask(why):
            return archives.ask_pack(
                session, curator, "small", why, originals=True, link="/bank", now=clock.now()
            )

        left = ask("left by a killed server")
        early = clock.now() - 2 * jobs.SILENCE  # its worker has been silent since
        assert job_queue.claim(session, "elsewhere:1:a", [PACK], now=early).id == left
    server = Server(office.settings.home, database_url)
    server.start()
    try:
        until(lambda: seen(left).state == "done")
        with database.transaction() as session:
            waits = archives.ask_pack(
                session, curator, "", "asked while it serves", originals=True, link="/bank",
                now=clock.now(),
            )  # fmt: skip
        until(lambda: seen(waits).state == "done")
    finally:
        server.kill()
    assert set(seen(waits).result["files"]) == {"archive.zip"}
