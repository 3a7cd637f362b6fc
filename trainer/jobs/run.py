"""What a task gets in hand: sessions, the store, and a way to say how far it is."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from trainer import clock
from trainer.services import job_queue
from trainer.services.actor import Actor
from trainer.services.blobs import BlobStore
from trainer.services.database import Database
from trainer.settings import Settings

log = logging.getLogger("telltale")

#: Seconds between two beats of a worker.
BEAT = 10.0
#: Seconds between two writings of how far it is: a task may say so as often as it likes.
WRITE = 0.5


class Cancelled(Exception):  # noqa: N818 (it is an answer, not a fault)
    """The person asked that it ends."""


class Stopped(Exception):  # noqa: N818
    """The worker is being stopped: the job goes back to the queue, or ends as interrupted."""


class Lost(Exception):  # noqa: N818
    """The job is another worker's by now: nothing more may be written."""


@dataclass(frozen=True, slots=True)
class Office:
    """What work is done with: the same for every job of a process."""

    settings: Settings
    database: Database
    blobs: BlobStore


class Run:
    """One job while a worker is at it.

    Parameters
    ----------
    office : Office
        Database, store, settings.
    claimed : Claimed
        The job.
    actor : Actor or None
        Who asked for it; ``None``: the command line.
    worker : str
        Who works.
    stopping : Event
        Set when the process wants to end.
    """

    def __init__(
        self,
        office: Office,
        claimed: job_queue.Claimed,
        actor: Actor | None,
        worker: str,
        stopping: threading.Event,
    ) -> None:
        self.office = office
        self.id: uuid.UUID = claimed.id
        self.attempt = claimed.attempt
        self.actor = actor
        self.results: dict[str, Any] = {}
        self._worker = worker
        self._stopping = stopping
        self._progress: tuple[int, int, str] = (claimed.done, claimed.total, "")
        self._written = 0.0
        self._inside = 0
        self._heard = "go on"

    @property
    def settings(self) -> Settings:
        """The settings of the server."""
        return self.office.settings

    @property
    def blobs(self) -> BlobStore:
        """The blob store."""
        return self.office.blobs

    def now(self) -> datetime:
        """Return the present moment."""
        return clock.now()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a writing session; commit at the end. Keep it short: on SQLite others wait for it.

        Raises
        ------
        Lost
            When the job is no longer this worker's; nothing is written then.
        """
        with self.office.database.transaction() as session:
            if not job_queue.held(session, self.id, self._worker):
                raise Lost
            self._inside += 1
            try:
                yield session
            finally:
                self._inside -= 1

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a reading session."""
        with self.office.database.reading() as session, session.begin():
            yield session

    def step(self, done: int, total: int, message: str = "") -> None:
        """Say how far it is, and leave off where that is wanted. Call it as often as you like.

        Raises
        ------
        Cancelled, Stopped, Lost
            Let them pass: what was committed stays, the rest is undone.
        """
        self._progress = (done, total, message[:500])
        # Inside a transaction of the task, a second one of ours would wait for it for ever.
        due = time.monotonic() - self._written >= WRITE or done >= total
        if due and not self._inside:
            self._written = time.monotonic()
            self.beat()
        self.check()

    def check(self) -> None:
        """Leave off where that is wanted, without saying anything."""
        if self._heard == "cancel":
            raise Cancelled
        if self._heard == "lost":
            raise Lost
        if self._stopping.is_set():
            raise Stopped

    def beat(self) -> None:
        """Write that the worker is alive and how far it is; hear whether it shall go on."""
        try:
            with self.office.database.transaction() as session:
                self._heard = job_queue.beat(
                    session, self.id, self._worker, now=clock.now(), progress=self._progress
                )
        except SQLAlchemyError as fault:  # the next beat will do
            log.warning("job %s: a beat was not written: %s", self.id, type(fault).__name__)

    def keep_file(self, name: str, source: BinaryIO) -> None:
        """Keep a file of the result, to be downloaded until the task's ``keep_days`` are over."""
        size = self.blobs.put_output(f"{self.id}/{name}", source)
        self.results.setdefault("files", {})[name] = size

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Beat in a thread beside the work, so that one long step is not taken for death."""
        over = threading.Event()

        def go_on() -> None:
            while not over.wait(BEAT):
                self.beat()

        thread = threading.Thread(target=go_on, name=f"beat-{self.id.hex[:6]}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
