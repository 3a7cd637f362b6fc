"""The same tasks by Celery on a real Redis, with a real worker process."""

import dataclasses

import pytest

import tests.jobs.samples  # noqa: F401
from tests.fixtures.jobs import until
from tests.fixtures.ports import kept_port
from trainer import clock
from trainer.jobs.queue import CeleryQueue, open_queue
from trainer.services import jobs

WORKER = ("celery", "--app", "tests.jobs.celery_samples", "worker", "--concurrency=2")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_job_goes_through_redis_to_a_worker_and_survives_its_death(
    ask, seen, office, redis_server, processes, tmp_path, database, curator
):
    settings = dataclasses.replace(office.settings, queue=f"celery+{redis_server}")
    queue = open_queue(dataclasses.replace(office, settings=settings))
    assert isinstance(queue, CeleryQueue)
    setting = {"TRAINER_QUEUE": settings.queue}
    first = processes.start(*WORKER, "--loglevel=error", **setting)
    counted = ask("test.count", to=7)
    held = ask("test.hold", file=str(tmp_path / "held"))
    until(lambda: seen(counted).state == "done")
    assert seen(counted).message == "Counted to 7."
    until(lambda: seen(held).message == "holding")
    with database.transaction() as session:
        jobs.cancel(session, curator, held, now=clock.now())
    until(lambda: seen(held).state == "cancelled")

    go, path = tmp_path / "go", tmp_path / "lines"
    job = ask("test.write", file=str(path), lines=6, hold=3, go=str(go))
    until(lambda: path.exists() and len(path.read_text().splitlines()) == 4)
    processes.kill(first)
    assert seen(job).state == "running"
    go.touch()
    processes.start(*WORKER, "--loglevel=error", **setting)  # its first look finds the dead one
    until(lambda: seen(job).state == "done")
    assert path.read_text() == "0 1\n1 1\n2 1\n3 1\n4 2\n5 2\n"
    queue.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_its_broker_a_job_waits_and_asking_is_not_held_up(ask, seen, office, caplog):
    with kept_port() as nobody:
        port = nobody.getsockname()[1]
        settings = dataclasses.replace(office.settings, queue=f"celery+redis://127.0.0.1:{port}/0")
        queue = open_queue(dataclasses.replace(office, settings=settings))
        job = ask("test.count", to=1)
        assert seen(job).state == "waiting"
        queue.stop()
    assert f"job {job} waits: the broker" in caplog.text
