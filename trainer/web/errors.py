"""Error pages that help, and services' errors as the right one of them."""

from __future__ import annotations

import math
import time
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from trainer.core.plural import one_or_many
from trainer.services import errors as service
from trainer.settings import Settings
from trainer.web import shell
from trainer.web.limits import limiter
from trainer.web.logs import log

STATUS = {
    service.NotFoundError: 404,
    service.NotAllowedError: 403,
    service.ConflictError: 409,
    service.NotReadyError: 409,
    service.InvalidError: 400,
}

#: What happened, and what to do about it.
HELP = {
    400: (
        "That did not come through whole",
        "Go back, check what was filled in, and send it again. Nothing was changed.",
    ),
    401: ("Please sign in", "Your session has ended. Sign in and you are back where you were."),
    403: (
        "Not for this account",
        "Ask your director or administrator for the role that this needs, "
        "or sign in with another account.",
    ),
    404: (
        "Nothing here",
        "The address may be mistyped, the page may have moved, or it is not yours to see.",
    ),
    405: ("Not in this way", "Go back and use the buttons of the page."),
    409: (
        "It has moved on",
        "Another tab, device or person was quicker. Go back and reload to see where things stand.",
    ),
    413: (
        "Too large",
        "The server takes at most {limit} MB at a time. Send fewer files at once, or ask the "
        "operator to raise TRAINER_UPLOAD_MB.",
    ),
    415: ("Not this kind of data", "Go back and use the buttons of the page."),
    429: ("A little slower, please", "Too many requests in a short time. Try again in {wait}."),
    500: (
        "Our fault",
        "The error was logged. What you had committed is kept. Go back and try once more; if it "
        "stays, tell the operator the request number.",
    ),
    503: ("Not ready", "The server is starting or cannot reach its database. Try again soon."),
}

CSRF = (
    "This page was too old to send",
    "It was opened before you signed in or out, or the browser keeps no cookies for this site. "
    "Go back, reload the page and send it again. This guards you against other sites that would "
    "send forms in your name.",
)


def page(status: int, message: str = "", words: tuple[str, str] | None = None) -> Response:
    """Return the answer to a failed request.

    A page for people; for scripts of ours (``X-Requested-With: fetch``) the message as plain text;
    for those who ask for JSON, an object.
    """
    title, cure = words or HELP.get(status, HELP[400 if status < 500 else 500])
    wait = _wait() if status == 429 else 0
    settings: Settings = current_app.extensions["telltale_settings"]
    cure = cure.format(limit=settings.upload_mb, wait=f"{wait} {one_or_many(wait, 'second')}")
    request_id = g.get("request_id", "")
    accepted = request.accept_mimetypes
    if request.headers.get("X-Requested-With") == "fetch":
        answer = make_response(message or f"{title}. {cure}", status)
        answer.mimetype = "text/plain"
    elif accepted["application/json"] > accepted["text/html"]:
        answer = make_response(
            {"status": status, "error": message or title, "cure": cure, "request": request_id},
            status,
        )
    else:
        body = render_template(
            "error.html",
            status=status,
            title=title,
            message=message,
            cure=cure,
            request_id=request_id,
            back=_back(),
        )
        answer = make_response(body, status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _back() -> str:
    """Return the page of ours that a form was sent from, where it can be opened again."""
    if request.method != "POST" or not request.referrer:
        return ""
    came = urlsplit(request.referrer)
    if came.netloc != request.host:
        return ""
    try:
        current_app.url_map.bind(request.host).match(came.path, method="GET")
    except HTTPException:
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path


def _wait() -> int:
    """Return how many seconds until the limit that was hit lets one through again."""
    hit = limiter.current_limit
    return max(1, math.ceil(hit.reset_at - time.time())) if hit else 60


def init_app(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(service.ServiceError)
    def refused(fault: service.ServiceError) -> Response:
        return page(STATUS.get(type(fault), 400), str(fault))

    @app.errorhandler(StaleDataError)
    def stale(_fault: StaleDataError) -> Response:
        return page(409)

    @app.errorhandler(CSRFError)
    def forged(_fault: CSRFError) -> Response:
        return page(400, words=CSRF)

    @app.errorhandler(HTTPException)
    def failed(fault: HTTPException) -> Any:
        status = fault.code or 500
        if status < 400:
            return fault  # a redirect is raised as one, too
        if isinstance(fault, InternalServerError):
            shell.bare()  # the database may be what failed: this page must not ask it
            return page(500)
        said = fault.description if status not in HELP and fault.description else ""
        answer = page(status, said)
        for name, value in fault.get_headers():
            if name == "Allow":
                answer.headers[name] = value
        return answer

    def write_down(fault: Any) -> None:
        # By its route, not its address: that may hold a token.
        rule = request.url_rule.rule if request.url_rule else "(no route)"
        log.error(
            "fault in %s %s request=%s", request.method, rule, g.get("request_id"), exc_info=fault
        )

    app.log_exception = write_down  # type: ignore[method-assign,assignment]
