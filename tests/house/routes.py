"""The list of routes as text: ``python -m tests.house.routes`` writes ``routes.txt`` anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Flask

from trainer.app import create_app
from trainer.settings import Settings

FILE = Path(__file__).with_name("routes.txt")


def table(app: Flask) -> str:
    """Return one line a route: address, methods, permission, endpoint."""
    lines = []
    for rule in app.url_map.iter_rules():
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        permission = getattr(app.view_functions[rule.endpoint], "audience", "NONE")
        lines.append(f"{rule.rule}  {methods}  {permission}  {rule.endpoint}")
    return "\n".join(sorted(lines)) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        FILE.write_text(table(create_app(Settings(home=Path(home)))), encoding="utf-8")
