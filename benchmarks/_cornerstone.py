"""Cornerstone3D on the same film in the same browser, installed into a temporary folder."""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Browser

VERSION = "5.14.0"
# What a bundler for browsers puts in the place of Node's own modules.
PACKAGES = [f"@cornerstonejs/core@{VERSION}", "esbuild@0", "events@3", "url@0.11"]
PAGE = """<!doctype html><link rel="icon" href="data:,">
<style>html, body { margin: 0; background: #000 } #film { width: 1384px; height: 640px }</style>
<div id="film"></div><script type="module" src="_cornerstone_page.js"></script>"""


class MissingError(RuntimeError):
    """Cornerstone3D cannot be had here; the message says why."""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_: object) -> None:
        return


class Cornerstone:
    """Installs and bundles Cornerstone3D on entry, serves it, and leaves nothing behind."""

    def __init__(self, block: bytes) -> None:
        self.block = block

    def __enter__(self) -> Cornerstone:
        npm = shutil.which("npm")
        if npm is None:
            raise MissingError("npm is not installed")
        self.folder = tempfile.TemporaryDirectory(prefix="cornerstone-")
        here = Path(self.folder.name)
        (here / "package.json").write_text('{"private": true, "type": "module"}')
        shutil.copy(Path(__file__).with_name("_cornerstone_page.js"), here)
        self._run(npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES)
        self.site = here / "site"
        bundle = [str(here / "node_modules" / ".bin" / "esbuild"), "_cornerstone_page.js"]
        self._run(
            *bundle, "--bundle", "--minify", "--format=esm", "--define:global=globalThis",
            "--log-level=error", f"--outdir={self.site}",
        )  # fmt: skip
        (self.site / "index.html").write_text(PAGE)
        (self.site / "film.bin").write_bytes(self.block)
        handler = functools.partial(Quiet, directory=str(self.site))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def _run(self, *command: str) -> None:
        try:
            subprocess.run(
                command, cwd=self.folder.name, check=True, timeout=600, capture_output=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            self.folder.cleanup()
            raise MissingError(f"{Path(command[0]).name} failed: {error.stderr!r:.300}") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def measure(
        self, browser: Browser, say: Callable[[str, list[float], str], None], rounds: int
    ) -> None:
        """Say name, values and unit of each figure, as the viewer's own are said."""
        script = sum(len(gzip.compress(p.read_bytes(), 9)) for p in self.site.glob("*.js"))
        say(f"Cornerstone3D {VERSION} core: script, gzip", [script / 1000], "kB")
        for cpu, name in ((0, "WebGL"), (1, "canvas")):
            paints, rates = [], []
            for _ in range(rounds):
                page = browser.new_context(viewport={"width": 1384, "height": 640}).new_page()
                origin = f"http://127.0.0.1:{self.server.server_port}"
                page.goto(f"{origin}/index.html?url=/film.bin&cpu={cpu}")
                page.wait_for_selector("html[data-ready]", state="attached")
                page.wait_for_timeout(200)
                mark = "performance.getEntriesByName('film')[0].startTime"
                paints.append(page.evaluate(mark) / 1000)
                rates.append(page.evaluate("drag(1.5)"))
                page.context.close()
            say(f"Cornerstone3D {name}: first paint, cold profile", paints, "s")
            say(f"Cornerstone3D {name}: window/level", rates, "/s")
