"""A reading room for tests: phantom films in the real viewer under the real content policy."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from trainer.imaging.block import Window, encode
from trainer.imaging.film import Film
from trainer.web.packs import scripts

HERE = Path(__file__).parent
STATIC = Path(__file__).resolve().parents[3] / "trainer" / "web" / "static" / "viewer"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css"}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Case</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/static/viewer/viewer.css">
<link rel="stylesheet" href="/harness.css">
{preload}<script type="application/json" id="options">{options}</script>
<script type="module" src="/harness.js"></script></head>
<body><h1>Case 1</h1><main class="reading"><div class="stage"></div>
<aside><button type="button">Commit</button></aside></main></body></html>"""

# A block, a status, a block of which only so many bytes are sent, or a callable that is given the
# slice and how often it was asked for.
Answer = bytes | int | tuple[bytes, int] | Callable[[int, int], "Answer"]


class Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, *_: object) -> None:
        return


class Room:
    """Serves pages, viewer files and blocks on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.scripts = scripts(STATIC.parent)  # as the product sends them
        self.blocks: dict[str, Answer] = {}
        self.pages: dict[str, str] = {}
        self.asked: Counter[str] = Counter()
        self.server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=Silent
        )
        self.origin = f"http://127.0.0.1:{self.server.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def page(
        self, blocks: Answer | None = None, name: str = "", bare: bool = False, **options
    ) -> str:
        """Return the address of a page whose viewer shows ``blocks`` with ``options``."""
        name = name or f"case{len(self.pages)}"
        if blocks is not None:
            self.blocks[name] = blocks
        given = {"blocks": name, "label": "Hand PA · simulated film", "waits": [50, 50], **options}
        links = '<link rel="modulepreload" href="/static/viewer/viewer.js">'
        start = (int(options.get("slices", 1)) - 1) // 2
        links += f'<link rel="preload" as="fetch" crossorigin href="/block/{name}/{start}">'
        page = PAGE.replace("{preload}", links).replace(
            "{options}", json.dumps(given).replace("<", "\\u003c")
        )
        self.pages[name] = page.replace("<body>", '<body class="bare">') if bare else page
        return f"{self.origin}/page/{name}"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join(5)
        self.server.server_close()

    @Request.application
    def _answer(self, request: Request) -> Response:
        path = request.path
        self.asked[path] += 1
        kind, _, rest = path.lstrip("/").partition("/")
        if kind == "page":
            answer = Response(self.pages[rest], mimetype="text/html")
        elif kind == "block":
            answer = self._block(rest, path)
        else:
            answer = self._file(path)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["Cache-Control"] = "no-store" if kind != "static" else "max-age=60"
        return answer

    def _block(self, rest: str, path: str) -> Response:
        name, _, index = rest.rpartition("/")
        given = self.blocks.get(name, 404)
        while callable(given):
            given = given(int(index), self.asked[path])
        if isinstance(given, int):
            return Response("refused", status=given)
        if isinstance(given, tuple):
            whole, sent = given
            cut = Response(whole[:sent], mimetype="application/octet-stream")
            cut.automatically_set_content_length = False
            cut.headers["Content-Length"] = str(len(whole))
            return cut
        return Response(given, mimetype="application/octet-stream")

    def _file(self, path: str) -> Response:
        if path.startswith("/static/") and path.endswith(".js"):
            sent = self.scripts.get(path.removeprefix("/static/"))
            return Response(sent or "not sent", status=200 if sent else 404, mimetype=TYPES[".js"])
        folder = HERE
        for where in ("/static/viewer/", "/source/viewer/"):
            if path.startswith(where):
                folder, path = STATIC, path.removeprefix(where)
        relative = path.lstrip("/")
        file = (folder / relative).resolve()
        if folder not in file.parents or not file.is_file():
            return Response("no such file", status=404)
        return Response(file.read_bytes(), mimetype=TYPES.get(file.suffix, "text/plain"))


def hand(rows: int = 820, columns: int = 640, seed: int = 1) -> np.ndarray:
    """A bright, branching shape on a dark ground with grain: enough like a film to look at."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns] / columns
    grey = 300 + 250 * y
    for k, (tilt, top) in enumerate([(-0.35, 0.35), (-0.16, 0.15), (0.0, 0.08), (0.15, 0.14)]):
        axis = 0.32 + 0.11 * k + tilt * (0.75 - y) * 0.6
        along = (y > top) & (y < 1.2)
        grey = grey + along * 900 * np.exp(-(((x - axis) / 0.045) ** 4))
        grey = grey + along * 1400 * np.exp(-(((x - axis) / 0.022) ** 6)) * (
            1 + 0.15 * np.sin(40 * y)
        )
    grey = grey + rng.normal(0, 25, grey.shape)
    return np.clip(grey, 0, 4095).astype(np.uint16)


def block_of(pixels: np.ndarray, window: tuple[float, float] | None = None, **film) -> bytes:
    """Encode one picture with the product's own encoder."""
    made = Film(pixels, spacing_mm=film.pop("spacing_mm", (0.15, 0.15)), **film)
    return encode(made, 0, Window(*window) if window else None)
