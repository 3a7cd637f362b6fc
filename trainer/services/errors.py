"""What a service says when it will not do something. The web turns each into a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self


class ServiceError(Exception):
    """A request that cannot be met; the message is for the person who made it.

    Parameters
    ----------
    message : str
        What is wrong, and how to mend it.
    field : str
        What it is about, by the name under which it was sent; empty for the request as a whole.
    """

    def __init__(self, message: str = "", field: str = "") -> None:
        super().__init__(message)
        #: Every message by what it is about; several where several things were wrong.
        self.fields: dict[str, str] = {field: message}

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Self:
        """Return one that says several things at once."""
        made = cls("\n".join(fields.values()))
        made.fields = dict(fields)
        return made


class NotFoundError(ServiceError):
    """No such thing, or not for this person: the two look alike on purpose."""


class NotAllowedError(ServiceError):
    """The person may not do this."""


class ConflictError(ServiceError):
    """The thing has moved on since the page was drawn."""


class NotReadyError(ConflictError):
    """What is asked for is not there yet; it may be soon."""


class InvalidError(ServiceError):
    """Something that was sent cannot be used; says what, and how to mend it."""


class OperatorError(Exception):
    """The installation is at fault; the message is for the operator and names the cure."""


class Gathered:
    """What several checks refuse, so that all of it is said in one round.

    >>> faults = Gathered()
    >>> with faults.of("why"):
    ...     raise InvalidError("Say why.")
    >>> faults.tell()
    Traceback (most recent call last):
    trainer.services.errors.InvalidError: Say why.
    """

    def __init__(self) -> None:
        self._found: list[ServiceError] = []

    @contextmanager
    def of(self, field: str = "") -> Iterator[None]:
        """Keep what is refused inside; what names no field of its own is about ``field``."""
        try:
            yield
        except (InvalidError, ConflictError, NotFoundError) as fault:
            fault.fields = {name or field: words for name, words in fault.fields.items()}
            self._found.append(fault)

    def tell(self) -> None:
        """Raise what was kept: a single refusal as it is, several as one."""
        if len(self._found) == 1:
            raise self._found[0]
        fields: dict[str, str] = {}
        for fault in self._found:
            for name, words in fault.fields.items():
                fields[name] = f"{fields[name]} {words}" if name in fields else words
        if fields:
            raise InvalidError.of(fields)
