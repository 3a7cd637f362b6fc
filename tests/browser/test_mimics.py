"""What imitates a hallmark, drawn after the call in a line of its own and stepped to."""

import pytest

from tests.fixtures.mimics import SHOWN, mimic_set
from tests.fixtures.play import POOL, add_quiz
from tests.fixtures.server import begin_quiz, sign_in

pytestmark = pytest.mark.browser
READY = '.stage[data-ready="1"]'


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
@pytest.mark.parametrize("slices", [1, 12])
def test_a_mimic_is_outlined_after_the_call(
    app, live_server, person, open_tab, width, height, slices
):
    with app.extensions["telltale_database"].transaction() as session:
        mimic_set(session, app.extensions["telltale_blobs"], slices)
        item = add_quiz(session, cases=8, pool=POOL)
    tab = open_tab(width, height)
    page = tab.page
    sign_in(page, live_server, person("ann"))
    begin_quiz(page, live_server, item)
    page.keyboard.press("Enter")
    seen = 0
    for number in range(1, 9):
        page.wait_for_selector(f"text=Case {number} of 8")
        page.wait_for_selector(READY)
        assert page.locator(".v-truth, .mimic-line").count() == 0
        page.keyboard.press("a")
        page.keyboard.press("4")
        page.keyboard.press("Enter")
        page.wait_for_selector("#verdict")
        if page.locator(".mimic-line").count():
            seen += 1
            lies = "here" if slices == 1 else "in slices 4 to 6"
            told = f"the look lies {lies}; the film is authentic"
            page.locator(".v-tl", has_text=told).wait_for()  # keys before are not heard
            page.locator(".v-pane").first.focus()
            page.keyboard.press(".")
            page.wait_for_selector(".v-truth.v-mimic.v-looked")
            assert page.locator(".v-truth:not(.v-mimic)").count() == 0
            if slices > 1:
                page.wait_for_selector(f".v-slice-text:has-text('{SHOWN[1] + 1} of {slices}')")
                assert page.locator(".v-true.v-mimic").count() == 1
        else:
            assert page.locator(".v-mimic").count() == 0
        page.locator("#verdict").focus()
        page.keyboard.press("Enter")
    assert seen
    assert tab.fault_free()
