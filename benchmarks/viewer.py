"""The viewer in headless Chromium: medians, against the limits of the reading room.

Cornerstone3D shows the same film in the same run, installed with npm into a temporary folder;
where that cannot be done it is said, and ``--alone`` leaves it out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks._cornerstone import Cornerstone, MissingError
from tests.browser.viewer.room import Room, block_of
from tests.fixtures.browser import ARGUMENTS, INSTALL, chromium_path

SIDE = 2048
SLICES = 300
ROUNDS = 5
READY = '.stage[data-ready="1"]'
DRAG = """async (seconds) => {
  const box = viewer.panes[0].box, r = box.getBoundingClientRect();
  const send = (type, x, y) => box.dispatchEvent(new PointerEvent(type, { bubbles: true,
    pointerId: 1, clientX: r.left + x, clientY: r.top + y, isPrimary: true }));
  send('pointerdown', 300, 300);
  const before = viewer.panes[0].frames, start = performance.now();
  for (let i = 0; performance.now() - start < 1000 * seconds; i++) {
    send('pointermove', 300 + 200 * Math.sin(i / 20), 300 + 100 * Math.cos(i / 31));
    await new Promise(requestAnimationFrame);
  }
  const rate = (viewer.panes[0].frames - before) / (performance.now() - start) * 1000;
  send('pointerup', 300, 300);
  return rate; }"""
SCROLL = """async (seconds) => {
  const frames = () => new Promise(requestAnimationFrame);
  const start = performance.now(); let shown = 0, z = 0, way = 1;
  while (performance.now() - start < 1000 * seconds) {
    if (z + way < 0 || z + way >= viewer.stack.count) way = -way;
    z += way; viewer.stack.goTo(z); await frames(); if (viewer.z === z) shown++;
  }
  return shown / (performance.now() - start) * 1000; }"""
NOISE = """async (rounds) => {
  const client = await viewer.lensClient(); const times = [];
  for (let i = 0; i < rounds + 1; i++) {
    const film = { ...viewer.slice }; const start = performance.now();
    await client.ask(film, 'noise'); times.push(performance.now() - start);
  }
  return times.slice(1); }"""
AGAIN = """(url) => new Promise(done => {
  viewer.prefetch(url);
  setTimeout(() => {
    const stage = document.querySelector('.stage'); const start = performance.now();
    viewer.destroy();
    window.viewer = new viewer.constructor(stage, { label: 'next', blockUrl: () => url,
      onFirstPaint: () => requestAnimationFrame(() => done(performance.now() - start)) });
  }, 700); })"""
PAINTED = "performance.getEntriesByName('film')[0]?.startTime ?? null"


@dataclass(frozen=True)
class Figure:
    """One measurement: median of ``values``, and the limit it is held to."""

    name: str
    values: list[float]
    unit: str
    limit: float | None = None
    least: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        if self.limit is None:
            return None
        return self.median >= self.limit if self.least else self.median <= self.limit

    def line(self) -> str:
        limit = ""
        if self.limit is not None:
            sign = ">=" if self.least else "<="
            limit = f"{sign} {self.limit:g} {'met' if self.met else 'MISSED'}"
        spread = f"{min(self.values):.3g} to {max(self.values):.3g}"
        return f"{self.name:<58}{self.median:>9.3g} {self.unit:<6}{spread:<20}{limit}"


def film() -> np.ndarray:
    """A 2048 x 2048 x 16 bit film: bright shapes and grain."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    shape = 20_000 + 25_000 * np.exp(-(((x - 0.5) / 0.2) ** 2)) * (1 + 0.2 * np.sin(30 * y))
    return np.clip(shape + rng.normal(0, 400, shape.shape), 0, 65535).astype(np.uint16)


def stack() -> list[bytes]:
    """Eight different slices of 512 x 512, served over and over."""
    rng = np.random.default_rng(2)
    return [block_of(rng.integers(0, 4096, (512, 512)).astype(np.uint16)) for _ in range(8)]


def open_page(browser: Browser, url: str, width: int = 1436, height: int = 692) -> Page:
    """A fresh profile; 1436 x 692 leaves the film 1384 x 640 beside the tools."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(url)
    page.wait_for_selector(READY)
    return page


def first_paint(browser: Browser, room: Room, url: str) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        page = open_page(browser, url)
        times.append(page.evaluate("performance.getEntriesByName('film')[0].startTime") / 1000)
        page.context.close()
    return times


def loaded_before_paint(page: Page) -> list[str]:
    """Names of the modules that the page had asked for when the film was first seen."""
    return page.evaluate(
        "performance.getEntriesByType('resource').filter(e => e.name.includes('/static/viewer/')"
        " && e.name.endsWith('.js') && e.startTime < performance.getEntriesByName('film')[0]"
        ".startTime).map(e => e.name.split('/static/viewer/')[1])"
    )


def kilobytes(room: Room, names: Iterable[str]) -> float:
    """Of the viewer's scripts as they are sent, compressed."""
    sent = (room.scripts[f"viewer/{name}"] for name in names)
    return sum(len(gzip.compress(script, 9)) for script in sent) / 1000


def measure(browser: Browser, room: Room, say: Callable[[Figure], None]) -> None:
    """Measure the viewer and hand over each figure as it is known."""
    pixels = film()
    room.blocks["film"] = room.blocks["next"] = block_of(pixels)
    url = room.page(None, name="film", bare=True)
    open_page(browser, url).context.close()
    say(
        Figure(
            "first paint, 2048 x 2048 x 16, cold profile", first_paint(browser, room, url), "s", 1.0
        )
    )
    page = open_page(browser, url)
    names = loaded_before_paint(page)
    every = [n.removeprefix("viewer/") for n in room.scripts if n.startswith("viewer/")]
    say(
        Figure(
            f"script before the first paint, {len(names)} file(s), gzip",
            [kilobytes(room, names)],
            "kB",
        )
    )
    say(
        Figure(
            f"all script of the viewer, {len(every)} files, gzip",
            [kilobytes(room, every)],
            "kB",
            40,
        )
    )
    size = page.evaluate("[viewer.panes[0].W, viewer.panes[0].H].join(' x ')")
    rates = [page.evaluate(DRAG, 1.5) for _ in range(ROUNDS)]
    say(Figure(f"window/level drag on the canvas, {size}", rates, "/s", 50, least=True))
    times = page.evaluate(NOISE, ROUNDS)
    say(
        Figure(
            "noise map of 2048 x 2048, page to worker and back", [t / 1000 for t in times], "s", 0.4
        )
    )
    again = [page.evaluate(AGAIN, "/block/next/0") / 1000 for _ in range(ROUNDS)]
    say(Figure("first paint, 2048 x 2048 x 16, prefetched next case", again, "s", 0.3))
    page.context.close()
    measure_stack(browser, room, say)


def measure_stack(browser: Browser, room: Room, say: Callable[[Figure], None]) -> None:
    slices = stack()
    room.blocks["stack"] = lambda z, _: slices[z % 8]
    given = {"slice_mm": [float(k) for k in range(SLICES)]}
    url = room.page(None, name="stack", bare=True, slices=SLICES, stack=given, modality="CT")
    firsts, rates, whole = [], [], []
    for _ in range(3):
        start = time.perf_counter()
        page = open_page(browser, url)
        firsts.append(page.evaluate("performance.getEntriesByName('film')[0].startTime") / 1000)
        while page.evaluate("viewer.stack?.slices.size ?? 0") < SLICES:
            page.wait_for_timeout(100)
        whole.append(time.perf_counter() - start)
        rates.append(page.evaluate(SCROLL, 2))
        page.context.close()
    say(Figure(f"first slice of {SLICES}, 512 x 512", firsts, "s", 0.5))
    say(Figure(f"all {SLICES} slices here (158 MB)", whole, "s"))
    say(Figure(f"scroll through {SLICES} slices", rates, "/s", 30, least=True))
    measure_memory(browser, room, say)


def measure_memory(browser: Browser, room: Room, say: Callable[[Figure], None]) -> None:
    """Twice the slices that fit: scripts, pixels and all, after a walk from end to end."""
    many = 2 * SLICES
    given = {"slice_mm": [float(k) for k in range(many)]}
    url = room.page(None, name="stack", bare=True, slices=many, stack=given, modality="CT")
    page = open_page(browser, url)
    session = page.context.new_cdp_session(page)
    most = 0.0
    for z in (0, many // 4, many // 2, 3 * many // 4, many - 1):
        page.evaluate("z => viewer.goTo(z)", z)
        page.wait_for_timeout(4000)
        session.send("HeapProfiler.collectGarbage")
        used = session.send("Runtime.getHeapUsage")
        most = max(
            most, used["usedSize"] + used["embedderHeapUsedSize"] + used["backingStorageSize"]
        )
    say(Figure(f"memory of the tab, {many} slices (315 MB of pixels)", [most / 1e6], "MB", 256))
    page.context.close()


def compare(browser: Browser, say: Callable[[Figure], None]) -> None:
    try:
        with Cornerstone(block_of(film())) as rival:
            rival.measure(browser, lambda *given: say(Figure(*given)), ROUNDS)
    except MissingError as error:
        print(f"Cornerstone3D was not measured: {error}")


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alone", action="store_true", help="without Cornerstone3D")
    parser.add_argument("--json", action="store_true", help="one line of JSON at the end")
    options = parser.parse_args(list(arguments))
    path = chromium_path()
    if path is None:
        print(f"no Chromium: {INSTALL}", file=sys.stderr)
        return 2
    figures: list[Figure] = []

    def say(figure: Figure) -> None:
        figures.append(figure)
        print(figure.line(), flush=True)

    print(f"{'':<58}{'median':>9} {'':<6}{'range':<20}limit")
    room = Room()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        measure(browser, room, say)
        if not options.alone:
            compare(browser, say)
        browser.close()
    room.close()
    if options.json:
        print(json.dumps({f.name: f.median for f in figures}))
    return 0 if all(f.met is not False for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
