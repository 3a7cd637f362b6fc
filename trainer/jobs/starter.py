"""Fill the starter bank, a film at a time, each committed on its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import uuid
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from trainer import clock
from trainer.imaging.simulator.warm import warm
from trainer.services import jobs, starter
from trainer.services.blobs import BlobStore
from trainer.services.database import Database

Seen = Callable[[int, int], None]


def _prepare_worker() -> None:
    """One film a process: more threads in each would only fight over the cores.

    Ctrl-C reaches every process of a terminal; the parent alone answers it and ends its workers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"


def announce(database: Database) -> None:
    """Say that the making of what is missing begins in a moment, before any page is served.

    Whoever asks between the start of the server and that of :func:`fill` beside it would be told
    that nothing is being made. Where no one begins, the announcement falls silent like any work.
    """
    planned = starter.plan()
    with database.transaction() as session:
        todo = starter.missing(session, planned)
        if todo:
            _begin(session, planned, todo, None)


def _begin(
    session: Session, planned: Sequence[starter.Planned], todo: Sequence[object], most: int | None
) -> uuid.UUID:
    now = clock.now()
    job = jobs.begin(session, None, jobs.STARTER, {"most": most}, len(planned), now=now)
    jobs.step(session, job, len(planned) - len(todo), now=now)
    return job


def fill(
    database: Database,
    blobs: BlobStore,
    *,
    lead_only: bool = False,
    most: int | None = None,
    workers: int | None = None,
    seen: Seen = lambda done, total: None,
) -> int:
    """Make what is missing of the starter bank; return how many films of the plan were made.

    Parameters
    ----------
    database, blobs
        Where they go.
    lead_only : bool
        Only what a first lesson and its quiz need.
    most : int, optional
        Stop after so many, counted from the head of the plan.
    workers : int, optional
        Processes; one for each core where none is named.
    seen : callable
        Told ``(done, total)`` after each film.
    """
    planned = [p for p in starter.plan() if p.lead or not lead_only][:most]
    with database.transaction() as session:
        todo = starter.missing(session, planned)
        if not todo:
            return 0
        job = _begin(session, planned, todo, most)
    done = before = len(planned) - len(todo)
    seen(done, len(planned))
    state, message = "failed", "interrupted"
    refused: list[str] = []
    context = multiprocessing.get_context("spawn")
    try:
        # Leaving the block ends the workers at once: nobody waits for half a film.
        with context.Pool(workers or os.cpu_count() or 1, _prepare_worker) as pool:
            pool.apply(warm)  # one process compiles, the others load what it kept
            for finished in starter.produce_all(todo, pool):
                with database.transaction() as session:
                    if isinstance(finished, starter.Finished):
                        starter.keep(session, blobs, finished, now=clock.now())
                    else:
                        refused.append(str(finished))
                    done += 1
                    jobs.step(session, job, done, now=clock.now())
                seen(done, len(planned))
        state, message = "done", " ".join(refused)[:2000]
    except Exception as fault:
        message = str(fault)[:500]
        raise
    finally:
        with database.transaction() as session:
            jobs.end(session, job, state, message, now=clock.now())
    return done - before - len(refused)
