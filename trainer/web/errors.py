"""Error pages that help, and services' errors as the right one of them."""

from __future__ import annotations

from flask import Flask, g, render_template, request
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from trainer.services import errors as service

STATUS = {
    service.NotFoundError: 404,
    service.NotAllowedError: 403,
    service.ConflictError: 409,
    service.InvalidError: 400,
}

HELP = {
    400: (
        "That did not come through whole",
        "Go back, check what was filled in, and send it again.",
    ),
    401: ("Please sign in", "Your session has ended. Sign in and you are back where you were."),
    403: (
        "Not for this account",
        "Ask your director or administrator for the role that this needs.",
    ),
    404: ("Nothing here", "The address may be mistyped, or the page is not yours to see."),
    405: ("Not in this way", "Go back and use the buttons of the page."),
    409: (
        "It has moved on",
        "Another tab or device was quicker. Reload to see where things stand.",
    ),
    413: ("Too large", "The server takes smaller files. Send fewer at once, or ask the operator."),
    429: ("A little slower, please", "Too many requests in a short time. Wait a minute and go on."),
    500: ("Our fault", "The error was logged. What you had committed is kept. Try once more."),
}


def page(status: int, message: str = "") -> tuple[str, int]:
    """Return the error page for a status, as HTML or, for scripts, as plain text."""
    title, cure = HELP.get(status, HELP[400 if status < 500 else 500])
    if request.headers.get("X-Requested-With") == "fetch":
        return message or cure, status
    body = render_template(
        "error.html",
        status=status,
        title=title,
        message=message,
        cure=cure,
        request_id=g.get("request_id", ""),
    )
    return body, status


def init_app(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(service.ServiceError)
    def refused(fault: service.ServiceError) -> tuple[str, int]:
        return page(STATUS.get(type(fault), 400), str(fault))

    @app.errorhandler(StaleDataError)
    def stale(_fault: StaleDataError) -> tuple[str, int]:
        return page(409)

    @app.errorhandler(HTTPException)
    def failed(fault: HTTPException) -> tuple[str, int]:
        status = fault.code or 500
        if status < 400:
            return fault  # type: ignore[return-value]  # a redirect is raised as one, too
        if isinstance(fault, InternalServerError):
            return page(500)
        said = fault.description if status not in HELP and fault.description else ""
        return page(status, said)
