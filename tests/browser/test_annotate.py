"""Annotating in a real browser: by keyboard alone, by mouse and touch."""

from __future__ import annotations

import re
import uuid

import numpy as np
import pytest
from sqlalchemy import select

from tests.fixtures.app import NOW
from tests.fixtures.review import clinical_set, propose
from tests.fixtures.server import begin_quiz, sign_in
from trainer.core.words import Modality, Provenance, Role, Truth
from trainer.data.images import Case
from trainer.data.people import User
from trainer.data.review import Annotation
from trainer.imaging.film import Film
from trainer.imaging.runs import mask_of
from trainer.services import accounts, bank

pytestmark = pytest.mark.browser
READY = '.stage[data-ready="1"]'


def stack(session, blobs):
    """Put a CT of six slices into the bank and return its case."""
    pixels = np.random.default_rng(0).integers(0, 4000, (6, 64, 64)).astype(np.uint16)
    film = Film(pixels, (0.7, 0.7), Modality.CT, "chest", "axial", slice_mm=(0.0, 2, 4, 6, 8, 10))
    facts = bank.SetFacts("ct", "CT", Provenance.CLINICAL, "CC BY")
    where = bank.open_set(session, None, facts, now=NOW)
    image = bank.keep_film(session, blobs, where, film, now=NOW)
    truth = bank.TruthFacts(Truth.AUTHENTIC)
    return bank.add_case(session, blobs, where, image, film, truth, kin="ct", now=NOW)


@pytest.fixture
def desk(app, app_database, live_server, person, open_tab):
    """Return ``desk(kind, width, height)``: a curator's tab with a film open to be annotated."""

    def enter(kind="film", width=1440, height=900, **context):
        blobs = app.extensions["telltale_blobs"]
        with app_database.transaction() as session:
            case = stack(session, blobs) if kind == "stack" else clinical_set(session, blobs)
        tab = open_tab(width, height, **context)
        sign_in(tab.page, live_server, person("ann", Role.CURATOR))
        tab.page.goto(f"{live_server}/curate/cases/{case}/annotate")
        tab.page.wait_for_selector(READY)
        return tab, case

    return enter


def kept(app_database, case, slices=1):
    """Return the newest annotation of a case, and its masks by slice."""
    with app_database.reading() as session:
        one = session.scalars(
            select(Annotation).where(Annotation.case_id == case).order_by(Annotation.saved_at)
        ).all()[-1]
        return one, {p["z"]: mask_of(p["runs"], 64, 64) for p in one.place}


def saved(page):
    page.locator("#saved", has_text="Draft saved").wait_for()


def test_from_the_film_to_a_proposal_by_keyboard_alone(desk, app_database):
    tab, case = desk()
    page = tab.page
    press = page.keyboard.press
    page.locator(".v-pane").focus()
    press("v")  # a box
    press("c")
    for _ in range(12):
        press("Shift+ArrowRight")
        press("Shift+ArrowDown")
    press("c")
    assert "144 pixels" in page.inner_text("#drawn")
    press("o")  # an outline of three corners, taken away
    press("3")
    press("c")
    for _ in range(6):
        press("Shift+ArrowLeft")
    press("c")
    for _ in range(6):
        press("Shift+ArrowUp")
    press("c")
    press("Shift+c")
    page.locator("#drawn", has_not_text="144 pixels").wait_for()
    smaller = page.inner_text("#drawn")
    press("Control+z")
    assert "144 pixels" in page.inner_text("#drawn")
    press("Shift+u")
    assert page.inner_text("#drawn") == smaller
    press("3")
    press("s")  # the brush, pen down, drawn along the crosshair
    press("Shift+c")
    for _ in range(10):
        press("Shift+ArrowLeft")
    press("Shift+c")
    assert page.inner_text("#drawn") != smaller
    for _ in range(60):  # on to the form, by Tab
        press("Tab")
        if page.evaluate("document.activeElement.name") == "truth":
            break
    press("Space")  # authentic, the key's word; Down twice is tampered
    press("ArrowDown")
    press("ArrowDown")
    assert page.is_checked("input[value=tampered]")
    page.locator("#search").focus()
    page.keyboard.type("halo")
    assert page.locator("#chips label:visible").count() < 6
    press("Tab")
    while page.evaluate("document.activeElement.value") != "halo_seam":
        press("Tab")
    press("Space")
    page.locator("#reason").focus()
    page.keyboard.type("A seam runs round the square.")
    saved(page)
    page.get_by_role("button", name="Propose this key").focus()
    press("Enter")
    page.wait_for_url(re.compile(f"/curate/cases/{case}$"))
    page.wait_for_selector(READY)
    one, masks = kept(app_database, case)
    assert one.facts["hallmarks"] == ["halo_seam"]
    assert one.facts["truth"] == "tampered"
    assert masks[0][32:37, 32:44].all()  # what is left of the box
    assert tab.fault_free()


def test_brush_and_eraser_by_mouse_survive_a_reload_and_a_lost_line(desk, app_database):
    tab, case = desk()
    page = tab.page
    page.check("input[value=tampered]", force=True)
    box = page.locator(".v-pane").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(tool, *places):
        page.locator(f".v-tool[aria-label={tool}]").click()
        page.mouse.move(x + places[0][0], y + places[0][1])
        page.mouse.down()
        for dx, dy in places[1:]:
            page.mouse.move(x + dx, y + dy, steps=5)
        page.mouse.up()

    drag("Brush", (-100, 0), (100, 0))
    full = page.inner_text("#drawn")
    drag("Eraser", (-10, -60), (-10, 60))
    assert page.inner_text("#drawn") != full
    saved(page)
    tab.context.set_offline(True)
    drag("Ellipse", (60, 60), (200, 200))
    page.wait_for_selector("text=Trying again in")
    tab.context.set_offline(False)
    saved(page)
    drawn = page.inner_text("#drawn")
    page.reload()
    page.wait_for_selector(READY)
    assert page.inner_text("#drawn") == drawn
    assert page.is_checked("input[value=tampered]")
    _, masks = kept(app_database, case)
    assert f"{np.count_nonzero(masks[0]):,} pixels" in drawn
    # a second tab that saves makes the first one say so, and nothing is overwritten
    second = tab.context.new_page()
    second.goto(page.url)
    second.fill("#reason", "Said in the second tab.")
    saved(second)
    page.fill("#reason", "Said in the first tab.")
    page.wait_for_selector("text=Another tab or device of yours has saved")
    one, _ = kept(app_database, case)
    assert one.facts["reason"] == "Said in the second tab."
    assert tab.fault_free("ERR_INTERNET_DISCONNECTED", "409")


def test_a_stack_is_drawn_slice_by_slice_and_filled_in_between(desk, app_database):
    tab, case = desk("stack")
    page = tab.page
    page.check("input[value=tampered]", force=True)
    page.locator(".v-slice-text", has_text="of 6").wait_for()
    page.locator(".v-pane").focus()
    page.keyboard.press("Home")
    page.locator(".v-bl", has_text="slice 1 of 6").wait_for()
    for key in ("s", "c", "4"):  # a dab, copied to the next slice, which is shown
        page.keyboard.press(key)
    page.locator(".v-bl", has_text="slice 2 of 6").wait_for()
    page.keyboard.press("End")
    page.locator(".v-bl", has_text="slice 6 of 6").wait_for()
    for key in ("2", "2", "2", "2", "c", "5"):  # a larger dab; then what lies between
        page.keyboard.press(key)
    assert "6 slices, 1 to 6" in page.inner_text("#drawn")
    saved(page)
    _, masks = kept(app_database, case)
    sizes = [int(masks[z].sum()) for z in range(6)]
    assert sizes[0] == sizes[1] < sizes[5]
    assert sizes[1] <= sizes[2] <= sizes[3] <= sizes[4] <= sizes[5]
    assert sizes[1] < sizes[3] < sizes[5]
    page.keyboard.press("u")
    assert "3 slices" in page.inner_text("#drawn")
    assert tab.fault_free()


def test_a_finger_draws_and_two_fingers_do_not(desk):
    tab, _ = desk("film", 390, 844, has_touch=True, is_mobile=True)
    page = tab.page
    page.locator("input[value=tampered]").check(force=True)
    page.locator(".v-tool[aria-label=Brush]").tap()
    box = page.locator(".v-pane").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = tab.context.new_cdp_session(page)

    def send(kind, *points):
        places = [{"x": a, "y": b, "id": i} for i, (a, b) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    send("touchStart", (x, y))
    send("touchMove", (x + 30, y))
    send("touchEnd")
    page.locator("#drawn", has_text="pixels").wait_for()
    drawn = page.inner_text("#drawn")
    send("touchStart", (x - 60, y - 40))
    send("touchStart", (x - 60, y - 40), (x + 60, y + 40))
    send("touchMove", (x - 80, y - 60), (x + 80, y + 60))
    send("touchEnd")
    assert page.inner_text("#drawn") == drawn
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.fault_free()


def test_the_second_reader_compares_and_agrees(desk, app_database, live_server, person):
    tab, case = desk()
    with app_database.transaction() as session:
        where = person("ben", Role.CURATOR)
    with app_database.transaction() as session:
        ben = accounts.as_actor(session.scalars(select(User).where(User.email == where)).one())
        propose(session, ben, case)
    page = tab.page
    page.goto(f"{live_server}/curate")
    page.get_by_role("link", name=re.compile("Films called real")).first.click()
    page.wait_for_selector(READY)
    assert "Say first what you see" in page.inner_text("#panel")
    assert "Nothing is drawn" in page.inner_text("#drawn")
    page.check("input[value=tampered]", force=True)
    page.locator(".v-pane").focus()
    for key in ("s", "c"):
        page.keyboard.press(key)
    page.get_by_role("button", name="Propose this key").click()
    page.wait_for_selector("#reason[aria-invalid=true][aria-describedby=reason-error]:focus")
    assert "Say in words" in page.inner_text("#reason-error")
    assert page.locator("#fault").is_hidden()
    page.fill("#reason", "The grain stops at the seam.")
    page.get_by_role("button", name="Propose this key").click()
    page.wait_for_url(re.compile(f"/curate/cases/{case}$"))
    page.wait_for_selector(READY)
    assert page.locator("#layers input").count() == 2
    assert "Side by side" in page.inner_text("main")
    page.locator("#layers input").first.uncheck()
    page.get_by_role("button", name="Agree: make it the key").click()
    page.wait_for_selector("text=it is the key from now on")
    with app_database.reading() as session:
        key = session.get(Case, case).key
        assert key.body["agreement"]["independent"] is True
        assert isinstance(key.id, uuid.UUID)
    assert tab.fault_free("400")


def test_a_film_is_reported_beside_its_truth_and_the_quiz_goes_on(
    app, live_server, person, quiz, open_tab
):
    item = quiz(cases=4)
    tab = open_tab()
    page = tab.page
    sign_in(page, live_server, person("lea"))
    begin_quiz(page, live_server, item)
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    assert page.locator("text=Report this film").count() == 0
    for key in ("a", "4", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#verdict")
    page.get_by_text("Report this film").click()
    page.select_option("#report-reason", "other")
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_selector("text=Say in a few words")
    page.fill("#report-words", "There is a ruler on the film")
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_selector("text=You reported this film. Thank you.")
    page.locator("#verdict").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Case 2 of 4")
    assert tab.fault_free("400")
