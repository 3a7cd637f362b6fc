"""Celery, for those who set ``TRAINER_QUEUE=celery+redis://host:6379/0``.

The workers: ``celery --app trainer.jobs.celery_app worker --concurrency 2``, with the server's
environment. The row in the database stays the truth: Celery only carries the nudge to look at it.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

from trainer.jobs import worker
from trainer.jobs.run import Office
from trainer.jobs.tasks import tasks
from trainer.services import job_queue
from trainer.services.blobs import open_store
from trainer.services.database import open_database
from trainer.settings import Settings

TASK = "telltale.work"
SWEEP = 30.0

_stopping = threading.Event()
_offices: dict[int, Office] = {}


def make(broker: str) -> Celery:
    """Return a Celery app on this broker that keeps no results and prefetches nothing."""
    made = Celery("telltale", broker=broker)
    made.conf.update(
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        task_default_queue="telltale",
        broker_connection_retry_on_startup=True,
        broker_transport_options={"socket_connect_timeout": 5, "socket_timeout": 30},
        worker_hijack_root_logger=False,
    )
    return made


def sender(broker: str) -> Callable[[str], None]:
    """Return what sends a job's id to the workers."""
    carrier = make(broker)

    def send(job_id: str) -> None:
        carrier.send_task(TASK, args=[job_id], retry=False)

    return send


def _office() -> Office:
    """Return this process's own connections: Celery forks, and a connection cannot be shared."""
    here = os.getpid()
    if here not in _offices:
        settings = Settings.from_env()
        _offices[here] = Office(
            settings, open_database(settings.database), open_store(settings.blobs)
        )
    return _offices[here]


def _broker() -> str:
    return Settings.from_env().queue.removeprefix("celery+")


app = make(_broker() if "://" in _broker() else "redis://127.0.0.1:6379/0")


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def work(job_id: str) -> None:
    """Do the job of this id if it still waits and nothing else works on its subject."""
    office = _office()
    worker.work_one(office, tasks().keys(), _stopping, only=uuid.UUID(job_id))


@worker_ready.connect  # type: ignore[untyped-decorator]
def _look_after(**_ignored: Any) -> None:
    """Send again, every half minute, what waits: lost messages, jobs whose worker died."""

    def look() -> None:
        office = _office()
        while True:
            try:
                worker.sweep(office)
                with office.database.reading() as session:
                    waiting = job_queue.waiting(session, tasks().keys())
                for job_id in waiting:
                    work.apply_async(args=[str(job_id)], expires=SWEEP)
            except Exception:
                worker.log.exception("the queue cannot be looked after; it is tried again")
            if _stopping.wait(SWEEP):
                return

    threading.Thread(target=look, name="sweep", daemon=True).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _leave_off(**_ignored: Any) -> None:
    _stopping.set()
