"""Every kind of long work: its name, and the function that does it.

A task is ``work(run, parameters) -> str``; the text it returns closes the job. Put it into a module
of its own below ``trainer/jobs``, mark it with :func:`task`, and name the module in ``MODULES``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from trainer.core.permissions import Permission
from trainer.jobs.run import Run

Work = Callable[[Run, Mapping[str, Any]], str]

#: Modules that hold tasks. They are loaded when the first job is looked for.
MODULES: tuple[str, ...] = (
    "trainer.jobs.archives",
    "trainer.jobs.audits",
    "trainer.jobs.holds",
    "trainer.jobs.twins",
    "trainer.jobs.pacs",
    "trainer.jobs.uploads",
)


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of long work.

    Parameters
    ----------
    kind : str
        Its name, such as ``bank.import``; kept in rows, so it never changes.
    work : callable
        What does it.
    permission : Permission
        What the asker needs, still, when it begins.
    resumable : bool
        Run again from its start it goes on where it was; it is then not lost with its worker.
    quick : bool
        A matter of seconds that someone waits for: it has a thread of its own and never stands
        behind an hour's import.
    keep_days : int
        How long files of its result are kept.
    """

    kind: str
    work: Work
    permission: Permission
    resumable: bool = False
    quick: bool = False
    keep_days: int = 7


_tasks: dict[str, Task] = {}


def task(
    kind: str,
    permission: Permission,
    *,
    resumable: bool = False,
    quick: bool = False,
    keep_days: int = 7,
) -> Callable[[Work], Work]:
    """Mark a function as the task of a kind; see :class:`Task`."""

    def mark(work: Work) -> Work:
        _tasks[kind] = Task(kind, work, permission, resumable, quick, keep_days)
        return work

    return mark


@cache
def _load() -> None:
    for module in MODULES:
        importlib.import_module(module)


def tasks() -> Mapping[str, Task]:
    """Return every task by its kind."""
    _load()
    return _tasks
