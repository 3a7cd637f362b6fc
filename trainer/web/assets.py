"""Static files under an address that holds their hash, so that browsers may keep them for ever.

Scripts go out packed (:mod:`trainer.web.packs`), text compressed where the browser takes it. Pixels
never come this way: a compressed length tells how smooth a film is.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from pathlib import Path

import plotly
from flask import Flask, Response, abort, current_app, request, send_from_directory, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from trainer.core.permissions import Permission
from trainer.web.access import audience
from trainer.web.limits import limiter
from trainer.web.modules import graph
from trainer.web.packs import VIEWER, scripts

STATIC = Path(__file__).parent / "static"
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
FOR_EVER = 365 * 24 * 3600
TEXT = (".css", ".js", ".svg")


def tree_hash(root: Path, packed: dict[str, bytes]) -> str:
    """Return a hash over names and bytes of every static file, as it lies and as it is sent."""
    found = hashlib.sha256(plotly.__version__.encode())
    for name, body in sorted(packed.items()):
        found.update(name.encode() + b"\0" + body)
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def asset_url(filename: str) -> str:
    """Return the address of a static file; templates call it ``asset``."""
    return url_for("static", stamp=current_app.extensions["telltale_stamp"], filename=filename)


def module_urls(entry: str) -> list[str]:
    """Return the addresses of a script and all it imports at once, for ``modulepreload``."""
    names = graph(entry)
    if not current_app.debug and VIEWER in names:
        names = tuple(n for n in names if n == VIEWER or not n.startswith("viewer/"))
    return [asset_url(name) for name in names]


def text_of(name: str, packed: dict[str, bytes]) -> bytes:
    """Return a text file as it is sent, before compression.

    Raises
    ------
    FileNotFoundError
        When there is none of this name, or it leads out of the folder.
    """
    if name == "plotly.min.js":
        return PLOTLY.read_bytes()
    if name in packed:
        return packed[name]
    path = (STATIC / name).resolve()
    if (packed and path.suffix == ".js") or not path.is_relative_to(STATIC.resolve()):
        raise FileNotFoundError(name)
    return path.read_bytes()


class Cookies(SecureCookieSessionInterface):
    """Sessions that leave static files alone.

    Flask-Login looks into the session of every answer, and Flask then says ``Vary: Cookie``: a
    browser would fetch every script again after each sign-in, and no proxy could share one.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session's cookie, but not with a static file."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Serve ``/static/<hash>/<file>``; relative imports between modules keep working."""
    # While the program is worked on, scripts are sent as they stand in the folder.
    packed = {} if app.debug else scripts(STATIC)
    stamp = tree_hash(STATIC, packed)

    @functools.cache
    def compressed(name: str) -> bytes:
        return gzip.compress(text_of(name, packed), 9, mtime=0)

    def text(name: str) -> Response:
        kind = mimetypes.guess_type(name)[0] or "text/plain"
        squeezed = request.accept_encodings.quality("gzip") > 0
        try:
            body = compressed(name) if squeezed and not app.debug else text_of(name, packed)
        except (OSError, ValueError):
            abort(404)
        sent = Response(body, mimetype=kind)
        if squeezed and not app.debug:
            sent.content_encoding = "gzip"
        sent.vary.add("Accept-Encoding")
        return sent

    @audience(Permission.PUBLIC)
    @limiter.exempt
    def static(stamp: str, filename: str) -> Response:
        if filename.endswith(TEXT):
            found = text(filename)
        else:
            found = send_from_directory(STATIC, filename, max_age=FOR_EVER)
        if found.status_code >= 400:
            abort(found.status_code)
        found.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable"
        return found

    app.add_url_rule("/static/<stamp>/<path:filename>", "static", static)

    app.session_interface = Cookies()
    app.extensions["telltale_stamp"] = stamp
    app.add_template_global(asset_url, "asset")
    app.add_template_global(module_urls, "modules")
