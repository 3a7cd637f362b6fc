"""One line a request: what was asked, how it ended, how long it took. No personal data."""

from __future__ import annotations

import json
import logging
import secrets
import sys
import time

from flask import Flask, Response, g, request

from trainer.settings import Settings

log = logging.getLogger("telltale")


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask) -> None:
    """Log each request by its route (not its address: that may hold a token) and a request id."""
    settings: Settings = app.extensions["telltale_settings"]
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        if settings.log_format == "json":
            handler.setFormatter(JsonLines())
        else:
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" not in g or request.endpoint == "static":
            return response
        response.headers["X-Request-Id"] = g.request_id
        route = request.url_rule.rule if request.url_rule else "(no route)"
        took = round((time.perf_counter() - g.began) * 1000, 1)
        facts = {
            "request": g.request_id,
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "ms": took,
        }
        log.info(
            "%s %s %s %s ms request=%s",
            request.method,
            route,
            response.status_code,
            took,
            g.request_id,
            extra={"facts": facts},
        )
        return response
