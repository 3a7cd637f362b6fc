"""Lesson pages in a real browser: figures by keyboard alone, at desk and phone size, no faults."""

import pytest

from tests.fixtures.server import sign_in
from tests.web.test_lessons import films, published  # noqa: F401

pytestmark = pytest.mark.browser
LESSON = "/learn/lessons/first"


@pytest.fixture
def lesson(live_server, person, published, films):  # noqa: F811
    """Return the address of a lesson with its films, and a learner's mail address."""
    return live_server, person("ann")


def enter(tab, lesson, path=LESSON):
    server, email = lesson
    sign_in(tab.page, server, email)
    tab.page.goto(server + path)
    tab.page.wait_for_load_state("networkidle")
    return tab.page


def seen(figure):
    """Return the parts of a figure that can be seen."""
    return [f.get_attribute("data-part") for f in figure.locator(".film").all() if f.is_visible()]


def test_a_pair_is_blinked_by_keyboard_alone(open_tab, lesson):
    tab = open_tab()
    page = enter(tab, lesson)
    figure = page.locator("#figure-1")
    assert seen(figure) == ["film", "twin"]
    figure.get_by_role("button", name="Side by side").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # one on the other
    assert seen(figure) == ["film"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # the button
    assert seen(figure) == ["twin"]
    assert figure.get_by_role("status").inner_text() == "Seen now: its twin: not changed"
    figure.get_by_role("group", name="space blinks").focus()
    before = page.locator("html").evaluate("e => e.scrollTop")
    page.keyboard.press("Space")  # the picture itself; the page does not scroll
    assert seen(figure) == ["film"]
    assert page.locator("html").evaluate("e => e.scrollTop") == before
    assert tab.fault_free()


def test_the_outline_lies_on_the_changed_place_and_can_go(open_tab, lesson):
    tab = open_tab()
    page = enter(tab, lesson)
    outline = page.locator("#figure-1 .film-outline polygon")
    image = page.locator("#figure-1 .film[data-part=film] img").bounding_box()
    # changed: x 30..59, y 20..39 of 100 x 80; the crop begins at 10, 8 and is 50 x 40
    found = outline.bounding_box()
    scale = image["width"] / 50
    assert found["x"] - image["x"] == pytest.approx((30 - 10) * scale, abs=2 * scale)
    assert found["y"] - image["y"] == pytest.approx((20 - 8) * scale, abs=2 * scale)
    assert found["height"] == pytest.approx(20 * scale, abs=2 * scale)
    button = page.locator("#figure-1").get_by_role("button", name="Outline")
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    assert not outline.is_visible()
    assert tab.fault_free()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (360, 640)])
@pytest.mark.parametrize("path", ["/learn", "/learn/tracks/sample", LESSON])
def test_no_page_is_wider_than_its_window(open_tab, lesson, path, width, height):
    tab = open_tab(width, height)
    page = enter(tab, lesson, path)
    assert page.locator("html").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    assert tab.fault_free()


def test_on_a_phone_the_pair_lies_one_on_the_other(open_tab, lesson):
    page = enter(open_tab(390, 844), lesson)
    figure = page.locator("#figure-1")
    assert seen(figure) == ["film"]
    figure.locator(".films").click()
    assert seen(figure) == ["twin"]


def test_without_scripts_both_films_and_the_outline_are_there(open_tab, lesson):
    page = enter(open_tab(java_script_enabled=False), lesson)
    figure = page.locator("#figure-1")
    assert seen(figure) == ["film", "twin"]
    assert figure.locator("polygon").is_visible()
    assert not figure.get_by_role("button").count()


def test_from_home_to_read_lesson_by_keyboard(open_tab, lesson):
    tab = open_tab()
    page = enter(tab, lesson, "/learn")
    page.get_by_role("link", name="Read, 2 min").press("Enter")
    page.wait_for_url("**/lessons/first")
    page.get_by_role("button", name="Mark as read").press("Enter")
    page.get_by_text("Noted as read").wait_for()
    assert page.url.endswith("#practise")
    page.locator("summary", has_text="Decide first").press("Enter")
    assert page.get_by_text("It is the other, as the figure shows.").is_visible()
    assert tab.fault_free()
