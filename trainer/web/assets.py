"""Static files under an address that holds their hash, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

import plotly
from flask import Flask, Response, abort, current_app, send_file, send_from_directory, url_for

from trainer.core.permissions import Permission
from trainer.web.access import audience
from trainer.web.limits import limiter
from trainer.web.modules import graph

STATIC = Path(__file__).parent / "static"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
FOR_EVER = 365 * 24 * 3600


def tree_hash(root: Path) -> str:
    """Return a hash over names and bytes of every static file."""
    found = hashlib.sha256(plotly.__version__.encode())
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def asset_url(filename: str) -> str:
    """Return the address of a static file; templates call it ``asset``."""
    return url_for("static", stamp=current_app.extensions["telltale_stamp"], filename=filename)


def module_urls(entry: str) -> list[str]:
    """Return the addresses of a script and all it imports at once, for ``modulepreload``."""
    return [asset_url(name) for name in graph(entry)]


def init_app(app: Flask) -> None:
    """Serve ``/static/<hash>/<file>``; relative imports between modules keep working."""
    stamp = tree_hash(STATIC)

    @audience(Permission.PUBLIC)
    @limiter.exempt
    def static(stamp: str, filename: str) -> Response:
        if filename == "plotly.min.js":
            found = send_file(PLOTLY, max_age=FOR_EVER)
        else:
            found = send_from_directory(STATIC, filename, max_age=FOR_EVER)
        if found.status_code >= 400:
            abort(found.status_code)
        found.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable"
        return found

    app.add_url_rule("/static/<stamp>/<path:filename>", "static", static)

    app.extensions["telltale_stamp"] = stamp
    app.add_template_global(asset_url, "asset")
    app.add_template_global(module_urls, "modules")
