"""The frame of every page, in a real browser: keyboard, themes, narrow screens."""

import pytest

from tests.fixtures.app import PASSWORD
from tests.fixtures.server import sign_in
from trainer.core.words import Role

pytestmark = pytest.mark.browser

NIGHT, DAY = "rgb(11, 13, 16)", "rgb(245, 243, 239)"


def background(page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_signing_in_by_keyboard_alone(open_tab, live_server, person):
    email = person("ann")
    tab = open_tab()
    page = tab.page
    page.goto(f"{live_server}/sign-in")
    page.keyboard.type(email)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server}/learn")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    assert tab.fault_free()


def becomes(page, colour):
    """Wait until the page is drawn in a colour: a busy machine restyles later than it is told."""
    page.wait_for_function(
        "wanted => getComputedStyle(document.documentElement).backgroundColor === wanted",
        arg=colour,
    )


def test_dark_until_the_person_asks_for_something_else(open_tab, live_server, person):
    tab = open_tab(color_scheme="light")
    page = tab.page
    page.goto(f"{live_server}/")
    assert background(page) == NIGHT, "reading rooms are dark"
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Device").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'auto'")
    becomes(page, DAY)
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    becomes(page, NIGHT)
    sign_in(page, live_server, person("ann"))
    assert background(page) == NIGHT, "the choice made before signing in was lost"
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Light").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    becomes(page, DAY)
    assert tab.fault_free()

    elsewhere = open_tab(color_scheme="dark")
    sign_in(elsewhere.page, live_server, "ann@example.org")
    assert background(elsewhere.page) == DAY, "the choice did not follow the person"


def test_the_menu_opens_and_closes_by_keyboard(open_tab, live_server, person):
    page = open_tab().page
    sign_in(page, live_server, person("ann"))
    summary = page.locator("[data-menu] summary")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_button_that_is_pressed_twice_sends_its_form_once(open_tab, live_server, person):
    tab = open_tab()
    page = tab.page
    page.clock.install()
    sign_in(page, live_server, person("dana", Role.DIRECTOR))
    page.goto(f"{live_server}/cohorts")
    passed = page.evaluate(
        """() => [1, 2].map(() => document.querySelector("main form").dispatchEvent(
        new SubmitEvent("submit", { bubbles: true, cancelable: true })))"""
    )
    assert passed == [True, False]
    page.get_by_label("Name").fill("PGY-2")
    page.clock.fast_forward(3000)  # after a moment it can be sent again
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("heading", name="PGY-2").wait_for()
    assert tab.fault_free()
