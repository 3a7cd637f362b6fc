"""A blueprint from a table of URLs, so that each audience's map is read on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint

Route = tuple[str, str, Callable[..., Any]]


def blueprint(name: str, routes: Sequence[Route], prefix: str = "") -> Blueprint:
    """Return a blueprint of ``(methods, path, view)`` rows; the view's name is its endpoint."""
    made = Blueprint(name, f"trainer.web.{name}", url_prefix=prefix or None)
    for methods, path, view in routes:
        made.add_url_rule(path, view.__name__, view, methods=methods.split())
    return made
