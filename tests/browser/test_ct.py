"""A question on a CT, played: scroll, mark the right slice, call, the truth slice by slice, on."""

import re

import numpy as np
import pytest

from tests.fixtures.app import NOW
from tests.fixtures.play import POOL, add_quiz
from tests.fixtures.server import begin_quiz, sign_in
from trainer.core.words import Hallmark, Modality, Provenance, Truth
from trainer.imaging.film import Film
from trainer.services import bank

pytestmark = pytest.mark.browser
READY = '.stage[data-ready="1"]'
SLICES, SIDE = 12, 96
CHANGED = (3, 4, 5)  # slices of the change, and where it is
ROW, COLUMN, RADIUS = 30, 60, 7


def volume(seed, ball):
    """Return a body of soft tissue with two lungs, as CT numbers; with a ball in three slices."""
    rng = np.random.default_rng(seed)
    y, x = np.indices((SIDE, SIDE))
    body = np.hypot((x - 48) / 42, (y - 48) / 32) < 1
    lungs = np.hypot((np.abs(x - 48) - 19) / 15, (y - 46) / 24) < 1
    hu = np.where(body, 40, -1000) * np.ones((SLICES, 1, 1)) + rng.normal(
        0, 15, (SLICES, SIDE, SIDE)
    )
    hu[:, lungs] -= 850
    where = np.zeros(hu.shape, bool)
    where[list(CHANGED)] = np.hypot(x - COLUMN, y - ROW) < RADIUS
    if ball:
        hu[where] = 40
    places = tuple(2.0 * k for k in range(SLICES))
    pixels = np.rint(hu + 1024).clip(0, 4095).astype(np.uint16)
    film = Film(pixels, (1.0, 1.0), Modality.CT, "chest", "ct", 1.0, -1024.0, places)
    return film, where


def fill(session, blobs):
    """Put four tampered stacks and four authentic ones into the set ``small``."""
    facts = bank.SetFacts("small", "Small stacks", Provenance.SIMULATED, "CC0")
    where = bank.open_set(session, None, facts, now=NOW)
    for i in range(8):
        fake = i % 2 == 0
        film, mask = volume(i, ball=fake)
        image = bank.keep_film(session, blobs, where, film, now=NOW)
        twin = bank.keep_film(session, blobs, where, volume(i, not fake)[0], now=NOW)
        truth = bank.TruthFacts(
            truth=Truth.TAMPERED if fake else Truth.AUTHENTIC,
            hallmarks=(Hallmark.NO_CONTEXT,) if fake else (),
            mask=mask if fake else None,
            body={"reason": "A ball was put in.", "dose": 0.9} if fake else {},
        )
        bank.add_case(
            session, blobs, where, image, film, truth, kin=f"kin-{i}", now=NOW, twin_image_id=twin
        )
    bank.publish_set(session, None, "small", now=NOW)


@pytest.fixture
def room(app, live_server, person, open_tab):
    """Return a page of someone in a quiz of four stacks."""
    with app.extensions["telltale_database"].transaction() as session:
        fill(session, app.extensions["telltale_blobs"])
        item = add_quiz(session, pool=POOL, lenses=["noise"])

    def enter(width, height):
        tab = open_tab(width, height)
        sign_in(tab.page, live_server, person(f"ann{width}"))
        begin_quiz(tab.page, live_server, item)
        return tab

    return enter


def wait_for_slice(page, number):
    """Wait until a slice is shown, counted from 1."""
    page.wait_for_selector(f".v-slice-text:has-text('{number} of {SLICES}')", timeout=40_000)


def mark_the_ball(page):
    """Go to the fourth slice and put a mark on the ball's place, by keyboard alone."""
    page.locator(".v-pane").first.focus()
    page.wait_for_selector(".v-slice-text:has-text('of')")  # keys before that are not heard
    page.keyboard.press("Home")
    wait_for_slice(page, 1)
    for number in range(CHANGED[0]):
        page.keyboard.press("PageDown")
        wait_for_slice(page, number + 2)
    for key, times in (("Shift+ArrowRight", COLUMN - 48), ("Shift+ArrowUp", 48 - ROW)):
        for _ in range(times):
            page.keyboard.press(key)
    page.keyboard.press("c")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_a_stack_is_scrolled_marked_called_and_told_slice_by_slice(room, width, height):
    tab = room(width, height)
    page = tab.page
    page.keyboard.press("Enter")
    hits = 0
    for number in range(1, 5):
        page.wait_for_selector(f"text=Case {number} of 4")
        page.wait_for_selector(READY)
        mark_the_ball(page)
        page.keyboard.press("s")
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        page.wait_for_selector("#verdict")
        told = page.inner_text("main")
        if "What was changed is outlined" in told:
            hits += 1
            assert "marked the place" in told
            assert "in slices 4 to 6" in told.replace("–", " to ")
            page.locator(".v-tl", has_text="changed in slices").wait_for()  # then "." is heard
            page.keyboard.press("End")
            page.keyboard.press(".")
            wait_for_slice(page, 5)
        page.locator("#verdict").focus()
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/summary"))
    assert hits == 2
    assert "of 100" in page.inner_text("main")
    assert tab.fault_free()
