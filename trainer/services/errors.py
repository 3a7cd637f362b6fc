"""What a service says when it will not do something. The web turns each into a page."""

from __future__ import annotations


class ServiceError(Exception):
    """A request that cannot be met; the message is for the person who made it."""


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
