"""What a request may hold: text that every database can keep, JSON that can be read and kept.

PostgreSQL keeps no zero byte, and no database half a letter or an endless number; nothing of ours
sends them.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider

from trainer.services.errors import InvalidError


class KeptJson(DefaultJSONProvider):
    """JSON that refuses, as unreadable, what could not be kept."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value.

        Raises
        ------
        ValueError
            For what is no JSON, nested too deep, not a finite number, or holds a zero byte or half
            a letter.
        """
        try:
            value = super().loads(s, **kwargs)
            again = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except RecursionError as fault:
            raise ValueError("it is nested too deep") from fault
        if b"\\u0000" in again:
            raise ValueError("it holds a zero byte")
        return value


def init_app(app: Flask) -> None:
    """Read JSON with care, and refuse a zero byte in any field."""
    app.json = KeptJson(app)

    @app.before_request
    def whole() -> None:
        for fields in (request.args, request.form):
            for name, values in fields.lists():
                if "\x00" in name or any("\x00" in value for value in values):
                    raise InvalidError("A field holds a zero byte, which is no text.")
