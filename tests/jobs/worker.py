"""A worker in a process of its own: ``python -m tests.jobs.worker``."""

import signal

import tests.jobs.samples  # noqa: F401
from trainer.jobs.queue import LocalQueue
from trainer.jobs.run import Office
from trainer.services.blobs import open_store
from trainer.services.database import open_database
from trainer.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_env()
    queue = LocalQueue(
        Office(settings, open_database(settings.database), open_store(settings.blobs))
    )
    signal.signal(signal.SIGTERM, lambda _number, _frame: queue.stop(0))
    queue.work()
