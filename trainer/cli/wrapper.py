"""What commands share: an open transaction, and errors as one clear line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from flask import current_app
from sqlalchemy.orm import Session

from trainer.services.blobs import BlobStore
from trainer.services.database import Database
from trainer.services.errors import OperatorError, ServiceError

Progress = Callable[[int, int], None]


def database() -> Database:
    """Return the open database of the app the command runs in."""
    opened: Database = current_app.extensions["telltale_database"]
    return opened


def blobs() -> BlobStore:
    """Return the blob store of the app the command runs in."""
    store: BlobStore = current_app.extensions["telltale_blobs"]
    return store


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a writing session that is committed at the end."""
    with database().transaction() as session:
        yield session


def plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a service's or operator's error into one line and exit code 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except ServiceError as fault:
            raise click.ClickException(f"{fault}{_options(fault)}") from fault
        except OperatorError as fault:
            raise click.ClickException(str(fault)) from fault

    return run


def _options(fault: ServiceError) -> str:
    """Say with which options of the command the thing is given that a refusal is about."""
    options = [
        param.opts[0]
        for param in click.get_current_context().command.params
        if isinstance(param, click.Option) and param.name in fault.fields
    ]
    return f" ({', '.join(options)})" if options else ""
