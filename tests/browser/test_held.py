"""Covering burned-in text in a real browser: by mouse, by keys alone, and what comes of it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from tests.browser.test_uploads import accessible, queue  # noqa: F401
from tests.fixtures.server import sign_in
from tests.fixtures.uploads import NOW, picture, png
from trainer.core.words import Provenance, Role
from trainer.data.images import Case
from trainer.imaging.bank.dataset import About
from trainer.imaging.bank.manifest import read_manifest
from trainer.imaging.bank.reader import Reader
from trainer.services import image_intake

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def held(app, tmp_path):
    """A set with two films that hold text; returns the database."""
    font = ImageFont.load_default(18)
    for i in range(2):
        page = Image.fromarray(picture(i, 300, 320))
        ImageDraw.Draw(page).text((80, 130), "DOE JANE 1958", fill=255, font=font)
        (tmp_path / f"{i}.png").write_bytes(png(np.asarray(page)))
    database = app.extensions["telltale_database"]
    about = About("Held ones", "CC0", "c", True, Provenance.CLINICAL, "s", "k", "d")
    rows = read_manifest(b"file,truth\n0.png,authentic\n1.png,synthetic\n", "images.csv").rows
    with Reader() as reader:
        work = image_intake.Work(
            database.transaction, app.extensions["telltale_blobs"], reader, tmp_path, "k" * 32,
            "images.csv", None, NOW,
        )  # fmt: skip
        assert image_intake.import_rows(work, "held-ones", about, rows).held == 2
    return database


def test_two_films_are_looked_at(held, open_tab, live_server, person, queue):  # noqa: F811
    email = person("cora", Role.CURATOR)
    tab = open_tab(reduced_motion="reduce")
    page = tab.page
    sign_in(page, live_server, email)
    page.goto(f"{live_server}/bank/held-ones/held")
    accessible(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("link", name="Look at all 2").click()
    page.locator("[data-held][data-ready]").wait_for()
    boxes = page.locator("[data-boxes] rect")
    assert boxes.count() == 1  # where something looks like text
    accessible(page)
    page.set_viewport_size({"width": 1440, "height": 900})

    stage = page.locator("[data-stage]").bounding_box()
    page.mouse.move(stage["x"] + 50, stage["y"] + 60)
    page.mouse.down()
    page.mouse.move(stage["x"] + 150, stage["y"] + 100, steps=4)
    page.mouse.up()
    assert boxes.count() == 2
    page.get_by_role("button", name="Add a box").press("Enter")
    left = page.get_by_role("spinbutton", name="left").last
    width = page.get_by_role("spinbutton", name="width").last
    before = int(left.input_value()), int(width.input_value())
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert int(left.input_value()) > before[0]
    assert int(width.input_value()) > before[1]
    page.keyboard.press("Delete")
    assert boxes.count() == 2
    page.get_by_role("spinbutton", name="top").last.fill("5")
    assert boxes.last.get_attribute("y") == "5"
    page.get_by_role("button", name="See it covered").click()
    page.locator("[data-stage].covered").wait_for()
    assert page.locator("[data-image]").get_attribute("src").startswith("blob:")
    page.get_by_role("button", name="Cover and make the film anew").click()
    page.get_by_role("heading", name="What was covered").wait_for(timeout=60_000)
    assert "2 boxes" in page.locator("[aria-labelledby=done]").inner_text()
    page.locator("[data-held][data-ready]").wait_for()
    assert boxes.count() == 0

    page.get_by_label("I have looked").check()
    page.get_by_role("button", name="Release").click()
    page.get_by_role("status").get_by_text("Released.").wait_for()
    page.get_by_label("Why").fill("A name stays readable")
    page.get_by_role("button", name="Reject").click()
    page.get_by_text("Rejected: it is not played.").wait_for()
    assert page.get_by_role("heading", name="Rejected").is_visible()
    with held.reading() as session:
        assert sorted(session.scalars(select(Case.live))) == [False, True]
    assert tab.fault_free()
