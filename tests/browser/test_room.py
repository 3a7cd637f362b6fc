"""The reading room in a real browser: by keyboard alone, through reloads, to the summary."""

import re

import pytest
from sqlalchemy import select

from tests.fixtures.server import begin_quiz, sign_in
from trainer.core.sitting import Outcome
from trainer.core.words import Choice
from trainer.data.images import Case, Image
from trainer.data.learning import Response, Showing

pytestmark = pytest.mark.browser
READY = '.stage[data-ready="1"]'


@pytest.fixture
def room(app, live_server, person, quiz, open_tab):
    """Return ``(page, tab)`` of a signed-in learner who began the small quiz."""

    def enter(width=1440, height=900, **rules):
        item = quiz(**rules)
        tab = open_tab(width, height)
        sign_in(tab.page, live_server, person(f"ann{width}"))
        begin_quiz(tab.page, live_server, item)
        return tab.page, tab

    return enter


def test_a_whole_quiz_by_keyboard_alone(room):
    page, tab = room()
    page.keyboard.press("Enter")
    for number in range(1, 5):
        page.wait_for_selector(f"text=Case {number} of 4")
        page.wait_for_selector(READY)
        page.keyboard.press("s")
        page.keyboard.press("4")
        assert page.is_checked("input[value=not_authentic]")
        page.keyboard.press("Enter")
        page.wait_for_selector("#verdict")
        assert page.evaluate("document.activeElement.id") == "verdict"
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/summary"))
    assert "of 100" in page.inner_text("main")
    page.get_by_role("link", name="Look again at case 2").click()
    page.wait_for_selector(READY)
    assert tab.fault_free()


@pytest.mark.parametrize("width", [1440, 390])
def test_in_the_place_of_a_film_that_may_identify_a_person_stands_why(room, app, width):
    page, tab = room(width, cases=1)
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    for key in ("s", "4", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#verdict")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/summary"))
    with app.extensions["telltale_database"].transaction() as session:
        where = session.scalars(select(Showing.case_id)).one()
        image = session.get_one(Image, session.get_one(Case, where).image_id)
        image.facts = image.facts | {"holds": ["a reader saw a name"]}
        session.get_one(Case, where).live = False
    page.get_by_role("link", name="Look again at case 1").click()
    page.wait_for_selector("html[data-room=review]")
    assert "may identify a person" in page.inner_text("#stage")
    assert "outlined on the film" not in page.inner_text("#panel")
    assert page.locator("#verdict").is_visible()
    assert page.locator("#help").count() == 0  # there is no viewer to explain
    assert tab.fault_free()


def test_a_reload_loses_nothing(room):
    page, tab = room()
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    page.keyboard.press("a")
    page.keyboard.press("2")
    with page.expect_response(lambda r: "verify" in (r.request.post_data or "")):
        page.keyboard.press("v")
    page.reload()
    page.wait_for_selector(READY)
    assert page.is_checked("input[value=verify]")
    assert page.is_checked("input[name=confidence][value='2']")
    assert "Case 1 of 4" in page.inner_text("header")
    assert tab.fault_free()


def test_a_second_tab_and_the_back_button_find_the_sitting_where_it_is(room):
    page, tab = room()
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    second = tab.context.new_page()
    second.goto(page.url)
    second.wait_for_selector(READY)
    for key in ("s", "5", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#verdict")
    for key in ("a", "1", "Enter"):  # the other tab sends another call: the first one stands
        second.keyboard.press(key)
    second.wait_for_selector("#verdict")
    assert "5 of 5 sure" in second.inner_text("#verdict")
    page.goto("about:blank")
    page.go_back()
    page.wait_for_selector("#verdict")


def test_an_answer_is_kept_and_sent_again_when_the_network_comes_back(room, app_database):
    page, tab = room()
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    tab.context.set_offline(True)
    for key in ("s", "3", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("text=Your call is kept here")
    tab.context.set_offline(False)
    page.wait_for_selector("#verdict")
    with app_database.reading() as session:
        (kept,) = session.execute(select(Response.choice, Response.confidence, Response.late))
    assert tuple(kept) == (Choice.NOT_AUTHENTIC, 3, False)


def test_a_pause_hides_the_film_and_the_exam_has_none(room):
    page, _tab = room()
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    page.get_by_role("button", name="Pause").click()
    page.wait_for_selector("text=Both clocks stand still")
    assert page.locator("#stage canvas").count() == 0
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    exam, _tab = room(1024, 768, feedback="at_end", pausable=False)
    assert exam.locator("#pause").count() == 0


def test_the_shortcuts_can_be_learned_while_no_clock_runs(room):
    page, tab = room()
    listed = page.get_by_role("dialog", name="Shortcuts")
    page.keyboard.press("i")  # there is nothing to invert yet
    page.keyboard.press("?")
    listed.wait_for()
    for what in (
        "Authentic: A. Change",
        "Invert: I. Change",
        "Commit, or next case: Enter. Change",
    ):
        assert listed.get_by_role("button", name=what, exact=True).count() == 1
    listed.get_by_role("button", name="Invert: I. Change").click()
    page.keyboard.press("F2")
    page.keyboard.press("Escape")
    assert page.get_by_role("heading", name="Ready?").is_visible()
    page.get_by_role("button", name="Shortcuts").click()  # by hand, as well as by key
    listed.get_by_role("button", name="Invert: F2. Change").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Begin").press("Enter")
    page.wait_for_selector(READY)
    page.keyboard.press("?")
    listed.get_by_role("button", name="Invert: F2. Change").wait_for()  # the room's own list now
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_selector("text=Both clocks stand still")
    page.keyboard.press("?")
    listed.wait_for()
    assert tab.fault_free()


def test_time_that_runs_out_closes_the_case_on_the_server(room, app_database):
    page, _tab = room(case_seconds=2, pausable=False)
    page.keyboard.press("Enter")
    page.wait_for_selector(READY)
    page.wait_for_selector("text=Time ran out")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Case 2 of 4")
    page.wait_for_selector(READY)
    with app_database.reading() as session:
        first = session.scalars(select(Showing).where(Showing.position == 0)).one()
        assert first.outcome is Outcome.TIMED_OUT
        assert first.shown_at is not None
        assert session.scalars(select(Response)).all() == []


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1440, 900), (3840, 2160)])
def test_the_room_fits_from_a_phone_to_a_large_screen(room, width, height):
    page, _tab = room(width, height)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    stage = page.locator("#stage").bounding_box()
    assert stage["width"] >= 0.4 * width
    assert stage["height"] >= 0.35 * height
    page.get_by_role("button", name="Commit").scroll_into_view_if_needed()
    assert page.get_by_role("button", name="Commit").is_visible()
