"""The Celery app with the tests' tasks in it: ``celery --app tests.jobs.celery_samples worker``."""

import tests.jobs.samples  # noqa: F401
from trainer.jobs.celery_app import app

__all__ = ["app"]
