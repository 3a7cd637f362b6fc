"""Sending files from a real browser: over a line that breaks, from a page that is loaded again."""

from __future__ import annotations

import logging
import threading
import zlib

import pytest
from axe_playwright_python.sync_playwright import Axe
from werkzeug.serving import make_server

from tests.browser.test_access import SIZES, TAGS
from tests.fixtures.line import Fate, Line
from tests.fixtures.ports import kept_port
from tests.fixtures.server import sign_in
from tests.fixtures.uploads import picture, png, zipped
from trainer.core.words import Role
from trainer.jobs.queue import open_queue
from trainer.jobs.run import Office
from trainer.services import upload_pieces

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: A piece of a file on its way.
PIECES = r"/files/[^/]+\?start="
#: What a browser says of a line that breaks, sooner or later in the exchange.
BROKEN = ("ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_CLOSED")


@pytest.fixture
def queue(app):
    """Long work is done beside the test, as in earnest."""
    office = Office(
        app.extensions["telltale_settings"],
        app.extensions["telltale_database"],
        app.extensions["telltale_blobs"],
    )
    working = open_queue(office)
    working.start()
    yield working
    working.stop()


@pytest.fixture
def curator(open_tab, live_server, person):
    email = person("cora", Role.CURATOR)
    tab = open_tab(reduced_motion="reduce")
    sign_in(tab.page, live_server, email)
    return tab


def begin(page, server) -> str:
    page.goto(f"{server}/bank/uploads")
    page.get_by_role("button", name="Begin an upload").click()
    page.locator("[data-ready]").wait_for()
    return page.url


def all_have_come(page) -> None:
    page.locator("[data-said]", has_text="All have come").wait_for()


def parts(app) -> set[int]:
    folder = app.extensions["telltale_settings"].upload_folder
    return {zlib.crc32(p.read_bytes()) for p in folder.glob("*/parts/*")}


def focused(page) -> str:
    """Return the name of the field that has the focus."""
    return page.evaluate("document.activeElement.name")


def said_of(page, name: str) -> str:
    """Return what is said beside a field that is marked as faulty."""
    return page.locator(f"[name='{name}'][aria-invalid=true] ~ .error").inner_text()


def accessible(page) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert Axe().run(page, options=TAGS).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_from_a_folder_to_the_report(app, curator, live_server, tmp_path, queue):
    page = curator.page
    for i in range(3):
        for kind in ("real", "made"):
            path = tmp_path / f"my-set/{kind}/{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(picture(i + 10 * (kind == "made"), 150, 150)))
    (tmp_path / "my-set/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    begin(page, live_server)
    assert page.get_by_role("button", name="Look at what came").is_disabled()
    page.get_by_label("A folder").set_input_files(tmp_path / "my-set")
    all_have_come(page)
    page.get_by_role("button", name="Look at what came").click()
    page.get_by_role("heading", name="Say what came").wait_for()
    accessible(page)
    page.get_by_role("button", name="Import").click()
    assert "what you wrote is kept below" in page.get_by_role("alert").inner_text()
    assert focused(page) == "all-truth"  # the first of what is wrong
    assert "“Licence” is missing or empty" in said_of(page, "licence")
    accessible(page)
    page.get_by_label("truth of all").select_option("authentic")
    for row in page.locator("tr", has_text="made/").all():
        row.locator("select[name$=-truth]").select_option("synthetic")
    page.get_by_label("region of all").fill("chest")
    values = {"slug": "mine", "title": "Mine", "licence": "", "citation": "c", "source": "s"}
    values |= {"consent_basis": "own", "deidentification": "none needed"}
    for key, value in values.items():
        page.locator(f"#{key}").fill(value)
    page.get_by_label("Origin").select_option("clinical")
    page.get_by_label("Does the licence let learners").select_option("yes")
    page.get_by_role("button", name="Import").click()
    assert "“Licence”" in said_of(page, "licence")
    assert focused(page) == "licence"
    assert page.locator("#title").input_value() == "Mine"  # nothing that was written is lost
    page.locator("#licence").fill("CC0")
    page.get_by_role("button", name="Import").click()
    page.get_by_role("heading", name="Imported into mine").wait_for(timeout=60_000)
    assert page.locator(".stat dd").first.inner_text() == "6"
    assert "broken.png" in page.get_by_role("region", name="Refused, table").inner_text()
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Refusals as CSV").click()
    assert "broken.png" in download.value.path().read_text(encoding="utf-8-sig")
    assert not parts(app)
    assert curator.fault_free("400 (BAD REQUEST)")


def test_a_broken_line_and_a_reload_lose_nothing(app, curator, live_server, tmp_path, monkeypatch):
    page = curator.page
    data = bytes(range(256)) * 60_000  # 15 MB: four pieces
    (tmp_path / "big.dcm").write_bytes(data)
    (tmp_path / "small.zip").write_bytes(zipped({"a.png": png(picture(1))}))
    files = [tmp_path / "big.dcm", tmp_path / "small.zip"]
    broken = threading.Event()
    broken.set()

    def fate(number, _asked):
        if broken.is_set() and number > 3:
            return Fate.LOST
        return Fate.ANSWER_LOST if number == 2 else Fate.THROUGH

    line = Line(app, PIECES, fate)
    monkeypatch.setattr(app, "wsgi_app", line)
    where = begin(page, live_server)
    page.get_by_label("Files or archives").set_input_files(files)
    page.locator("[data-said]", has_text="The line is broken").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(where)
    page.get_by_role("heading", name="Not whole yet").wait_for()
    accessible(page)
    broken.clear()
    page.get_by_label("Files or archives").set_input_files(files)
    all_have_come(page)
    assert zlib.crc32(data) in parts(app)
    sent = line.sent
    page.get_by_label("Files or archives").set_input_files(files)  # once more: nothing to send
    page.wait_for_timeout(500)
    assert line.sent == sent
    assert (
        "2 files have come whole."
        in page.locator("section", has=page.locator("#next")).inner_text()
    )
    assert line.sent > 4
    assert curator.fault_free(*BROKEN, "409")


def test_a_server_that_restarts_is_waited_for(app, open_tab, person, tmp_path, monkeypatch):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    email = person("cora", Role.CURATOR)
    app.config.update(WTF_CSRF_ENABLED=True)
    data = bytes(range(251)) * 70_000
    (tmp_path / "big.dcm").write_bytes(data)

    def serve(port):
        server = make_server("127.0.0.1", port, app, threaded=True)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    keeper = kept_port()
    port = keeper.getsockname()[1]
    server = serve(port)
    address = f"http://127.0.0.1:{port}"
    tab = open_tab()
    sign_in(tab.page, address, email)
    begin(tab.page, address)
    dying = threading.Event()

    def fate(_number, asked):
        if "start=0" not in asked:
            dying.set()
        return Fate.LOST if dying.is_set() else Fate.THROUGH

    with monkeypatch.context() as patched:
        patched.setattr(app, "wsgi_app", Line(app, PIECES, fate))
        tab.page.get_by_label("Files or archives").set_input_files(tmp_path / "big.dcm")
        assert dying.wait(120)
        server.shutdown()
        server.server_close()
        tab.page.locator("[data-said]", has_text="goes on by itself").wait_for()
    again = serve(port)
    try:
        all_have_come(tab.page)
        assert parts(app) == {zlib.crc32(data)}
    finally:
        again.shutdown()
        again.server_close()
        keeper.close()


def test_a_dropped_folder_comes_with_its_paths(app, curator, live_server):
    """A drop is made in the page: no tool can drag a folder in from outside of it."""
    page = curator.page
    begin(page, live_server)
    page.evaluate(
        """() => {
          const bag = new DataTransfer();
          bag.items.add(new File(["abc"], "one.png", { lastModified: 5 }));
          bag.items.add(new File(["defg"], "two.png", { lastModified: 5 }));
          document.querySelector("[data-upload]").dispatchEvent(
            new DragEvent("drop", { dataTransfer: bag, bubbles: true, cancelable: true }));
        }"""
    )
    all_have_come(page)
    assert parts(app) == {zlib.crc32(b"abc"), zlib.crc32(b"defg")}
    assert int(page.locator("[data-upload]").get_attribute("data-piece")) == upload_pieces.PIECE
    assert curator.fault_free()
