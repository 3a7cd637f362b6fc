"""Who works: threads of the serving process, a process of its own, or Celery's workers."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.orm import Session

from trainer.jobs import worker
from trainer.jobs.run import Office
from trainer.jobs.tasks import tasks
from trainer.services.jobs import ASKED

log = logging.getLogger("telltale")

#: Seconds until an idle worker looks again (asking in the same process wakes it at once).
IDLE = 2.0
#: Seconds between two looks for jobs whose worker died.
SWEEP = 30.0


class Queue(Protocol):
    """What the serving process knows of a queue."""

    def start(self) -> None:
        """Begin to work, where this process is to; again is no change."""
        ...

    def stop(self, wait: float = 5.0) -> None:
        """End what was begun: running jobs leave off at their next step."""
        ...

    def asked(self, job_ids: list[uuid.UUID]) -> None:
        """Hear that jobs were asked for, and committed."""
        ...


class LocalQueue:
    """Works in threads of this process; the database is the queue.

    One thread takes whatever comes, one only what is quick, so that nobody who waits for a preview
    stands behind an hour's import.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._threads: list[threading.Thread] = []
        self._process = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the threads, once in each process (a fork leaves them behind)."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            self._stopping = threading.Event()
            self._threads = [
                threading.Thread(target=self._work, args=(quick,), name=name, daemon=True)
                for name, quick in (("jobs", False), ("quick-jobs", True))
            ]
            for thread in self._threads:
                thread.start()
            atexit.register(self.stop)

    def stop(self, wait: float = 5.0) -> None:
        """Ask the threads to leave off; wait so many seconds for them."""
        self._stopping.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(wait)
        self._threads, self._process = [], 0
        atexit.unregister(self.stop)

    def asked(self, job_ids: list[uuid.UUID]) -> None:
        """Wake the threads."""
        self._wake.set()

    def drain(self) -> int:
        """Do every job that waits, in this thread; return how many there were."""
        done, never = 0, threading.Event()
        while worker.work_one(self.office, tasks().keys(), never):
            done += 1
        return done

    def work(self) -> None:
        """Work until :meth:`stop`, in this thread: the command line's worker."""
        self._work(False)

    def _work(self, quick: bool) -> None:
        stopping, swept = self._stopping, -SWEEP
        kinds = {kind for kind, found in tasks().items() if found.quick or not quick}
        while not stopping.is_set():
            found = False
            try:
                if not quick and time.monotonic() - swept > SWEEP:
                    swept = time.monotonic()
                    worker.sweep(self.office)
                found = bool(kinds) and worker.work_one(self.office, kinds, stopping)
            except Exception:  # a lost database must not end the worker: it looks again
                log.exception("the queue cannot be worked on; it is tried again")
                stopping.wait(IDLE)
            if not found:
                self._wake.wait(IDLE)
                self._wake.clear()


class OutsideQueue:
    """Other processes work (``flask --app wsgi job work``); they look for themselves."""

    def start(self) -> None:
        """Do nothing: this process only serves."""

    def stop(self, wait: float = 5.0) -> None:
        """Do nothing."""

    def asked(self, job_ids: list[uuid.UUID]) -> None:
        """Do nothing: workers look every few seconds."""


class CeleryQueue:
    """Celery's workers do it. A message names a job; the row stays the truth.

    A message that is lost is sent again by the workers' own look for waiting jobs, one that comes
    twice finds its job taken.
    """

    def __init__(self, broker: str) -> None:
        from trainer.jobs.celery_app import sender

        self._send = sender(broker)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="celery-send")

    def start(self) -> None:
        """Do nothing: this process only serves."""

    def stop(self, wait: float = 5.0) -> None:
        """Send what is still to be sent."""
        self._thread.shutdown(wait=True)

    def asked(self, job_ids: list[uuid.UUID]) -> None:
        """Send the messages beside the request: a broker that is away must not hold it up."""
        for job_id in job_ids:
            self._thread.submit(self._guarded, job_id)

    def _guarded(self, job_id: uuid.UUID) -> None:
        try:
            self._send(str(job_id))
        except Exception as fault:
            log.error(
                "job %s waits: the broker of TRAINER_QUEUE cannot be reached (%s); the workers "
                "find it once it can",
                job_id,
                type(fault).__name__,
            )


def open_queue(office: Office) -> Queue:
    """Return the queue that TRAINER_QUEUE names, told of every job that is asked for."""
    where = office.settings.queue
    queue: Queue
    if where == "in-process":
        queue = LocalQueue(office)
    elif where == "separate":
        queue = OutsideQueue()
    else:
        queue = CeleryQueue(where.removeprefix("celery+"))

    @event.listens_for(office.database.writing, "after_commit")
    def committed(session: Session) -> None:
        asked: list[Any] = session.info.pop(ASKED, [])
        if asked:
            queue.asked(asked)

    return queue
