"""A button that opens by itself when the films are there, in a real browser."""

import re

import pytest

from tests.browser.test_access import faults
from tests.fixtures.server import sign_in
from tests.web.learner.test_not_yet import arrive, few, making  # noqa: F401

pytestmark = pytest.mark.browser


def test_the_button_opens_by_itself_and_by_keyboard(
    few,  # noqa: F811
    making,  # noqa: F811
    open_tab,
    live_server,
    person,
    app_database,
):
    _item, lacking = few
    tab = open_tab(reduced_motion="reduce")
    page = tab.page
    sign_in(page, live_server, person("ann"))
    start = page.get_by_role("button", name="Twelve films")
    assert start.is_disabled()
    found = faults(page, "/learn")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.evaluate("document.querySelector('form.begin button').disabled = false")
    page.evaluate("document.querySelector('form.begin').requestSubmit()")
    page.get_by_role("heading", name="Not quite yet").wait_for()
    assert start.is_disabled()
    found += faults(page, "not yet")
    assert not found, "\n".join(found)
    arrive(app_database, lacking)
    page.get_by_role("status").get_by_text("Twelve films can be started now.").wait_for()
    start.press("Enter")
    page.wait_for_url(re.compile("/sittings/"))
    assert page.get_by_role("heading", name="Ready?").is_visible()
    assert tab.fault_free("409")
